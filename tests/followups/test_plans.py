"""A quiet customer is chased step by step, and the case is closed when nobody answers."""

import datetime as dt
import threading

import pytest
from django.db import connection

from agents.models import Effect, Entry, Rule, Suggestion
from agents.policy import pausing
from agents.sections import SECTIONS, configuring
from agents.suggestions import NotAllowed, NotPending, accept, reject, undo
from cases import lifecycle, replies
from cases.models import Case
from conversations.models import Contact, Message, MessageTemplate
from followups import plans, starting
from followups.models import Plan, Step
from followups.plans import claim_due
from tests.followups.conftest import DAY, NOW, leave, look

HOUR = dt.timedelta(hours=1)


def pending(case):
    return Suggestion.objects.filter(state="pending", object_id=case.pk, kind__startswith="followups.").first()


@pytest.mark.row("CMA-D-10", "CMA-D-11", "CMA-D-13", "CMA-D-14", "CMA-D-16", "CMA-D-25")
def test_each_step_waits_for_its_silence_and_a_person_and_the_last_closes_the_case(begin, ann, smtp_sink):
    plan = begin("ask")
    case = plan.case
    assert (plan.trigger, plan.next_action, plan.due_at) == ("status", "send", NOW + 2 * DAY)
    assert look(plan, NOW + 2 * DAY - HOUR).look_at == NOW + 2 * DAY
    assert pending(case) is None

    plan = look(plan, NOW + 2 * DAY)
    assert plan.look_at is None
    accept(pending(case).pk, by=ann, now=NOW + 2 * DAY + HOUR)
    leave(NOW + 2 * DAY + HOUR)
    plan.refresh_from_db()
    # Measured from the mail that left, not from the date it was due.
    assert (plan.step, plan.due_at) == (1, NOW + 5 * DAY + HOUR)

    plan = look(plan, NOW + 5 * DAY + HOUR)
    accept(pending(case).pk, by=ann, now=NOW + 5 * DAY + HOUR)
    leave(NOW + 5 * DAY + HOUR)
    plan.refresh_from_db()
    assert (plan.step, plan.next_action) == (2, "close")
    assert look(plan, NOW + 9 * DAY).is_running

    plan = look(plan, NOW + 9 * DAY + 2 * HOUR)
    closing = pending(case)
    assert closing.kind == "followups.close_case"
    accept(closing.pk, by=ann, now=NOW + 9 * DAY + 2 * HOUR)
    leave()
    case.refresh_from_db()
    plan.refresh_from_db()
    assert (case.status, case.status_reason, case.resolution_type) == ("resolved", "no_answer", "no_answer")
    assert case.resolution == f"Nobody answered {case.number}."
    assert (plan.state, plan.ended_as) == ("ended", "closed")
    texts = [mail.message.get_body(("plain",)).get_content() for mail in smtp_sink.messages]
    assert len(texts) == 3
    assert "/still-not-solved/" in texts[2].replace("=\n", "")
    assert {step.number: step.state for step in plan.steps.filter(what="follow_up")} == {1: "done", 2: "done"}


@pytest.mark.row("CMA-D-19", "CMA-D-12")
def test_full_automation_sends_marks_and_closes_by_itself(begin, smtp_sink):
    plan = begin("auto", ago=2 * DAY)
    plan = look(plan, NOW)
    first = Message.objects.get(effect_key=f"followup:{plan.pk}:1")
    assert first.is_automatic
    assert first.text.rstrip().endswith("Written by a computer.")
    leave(NOW)
    assert smtp_sink.messages[0].message["Auto-Submitted"]
    plan = look(plan, NOW + 3 * DAY)
    leave(NOW + 3 * DAY)
    plan = look(plan, NOW + 7 * DAY)
    plan.case.refresh_from_db()
    assert (plan.ended_as, plan.case.status) == ("closed", "resolved")
    step = plan.steps.get(what="follow_up", number=1)
    assert (step.message, step.source.pk, step.attempts) == (first, plan.steps.first().source_id, 1)
    assert Entry.objects.filter(verb="followups.close_case.accepted", actor="agent").exists()
    look(plan, NOW + 8 * DAY)
    assert Effect.objects.filter(key__startswith="followup:").count() == 2


@pytest.mark.row("CMA-D-17")
@pytest.mark.parametrize(
    ("words", "ended_as", "next_action", "confirmed"),
    [
        ("Thanks, works.", "solved", "none", True),
        ("Thank you very much!", "replied", "none", False),
        ("No, it still leaks.", "replied", "reply", False),
        ("Does it work with beans?", "replied", "reply", False),
    ],
)
def test_a_reply_ends_the_plan_and_says_what_it_means(
    begin, come_in, smtp_sink, words, ended_as, next_action, confirmed
):
    plan = look(begin("ask", ago=2 * DAY), NOW)
    assert pending(plan.case)
    reply_to = Message.objects.filter(direction="out").latest("pk").message_id
    come_in(body=words, in_reply_to=reply_to, at=NOW + HOUR, date=NOW + HOUR)
    starting.consider_case(plan.case_id, now=NOW + HOUR)
    plan.refresh_from_db()
    assert (plan.ended_as, plan.next_action, plan.is_confirmed) == (ended_as, next_action, confirmed)
    assert (plan.has_replied, pending(plan.case)) == (True, None)
    assert plan.steps.filter(what="read").count() == 1


@pytest.mark.row("DESK-145")
@pytest.mark.parametrize("reached", [HOUR, -HOUR])
def test_a_reply_in_the_gate_stops_the_mail_for_good(begin, come_in, smtp_sink, reached):
    """Also one that had reached the server before the follow-up was written, and is read after it."""
    plan = look(begin("auto", ago=2 * DAY), NOW)
    effect = Effect.objects.get(key=f"followup:{plan.pk}:1")
    asked = Message.objects.filter(direction="out").earliest("pk").message_id
    come_in(body="Here is the photo.", in_reply_to=asked, at=NOW + reached, date=NOW + reached)
    leave()
    effect.refresh_from_db()
    assert (effect.state, smtp_sink.messages) == ("cancelled", [])
    # Nothing is left to decide about a follow-up that the customer overtook.
    assert pending(plan.case) is None
    assert look(plan, NOW + HOUR).ended_as == "replied"


def test_stopping_a_plan_stops_its_mail_in_the_outbox_and_the_silence_starts_no_other(begin, ann, smtp_sink):
    from followups import controls

    plan = look(begin("auto", ago=2 * DAY), NOW)
    controls.stop_plan(plan, by=ann, now=NOW)
    leave()
    assert (Effect.objects.get(key=f"followup:{plan.pk}:1").state, smtp_sink.messages) == ("cancelled", [])
    assert starting.consider_case(plan.case_id, now=NOW) is None
    with pytest.raises(controls.PlanEnded):
        controls.stop_plan(plan, by=ann)


def test_lowering_the_level_puts_the_queued_step_before_a_person_who_can_still_send_it_once(begin, ann, smtp_sink):
    plan = look(begin("auto", ago=2 * DAY), NOW)
    plan.rule.level = "ask"
    plan.rule.save()
    leave()
    again = pending(plan.case)
    assert (smtp_sink.messages, again.kind) == ([], "followups.send_follow_up")
    accept(again.pk, by=ann)
    leave()
    assert len(smtp_sink.messages) == 1
    assert list(Effect.objects.filter(key__startswith="followup:").values_list("state", flat=True).order_by("pk")) == [
        "cancelled",
        "sent",
    ]


def test_a_dismissed_step_is_passed_over_and_a_dismissed_closing_keeps_the_case_open(begin, ann):
    plan = look(begin("ask", ago=2 * DAY, steps=[{"wait": 1, "unit": "days", "template": None}]), NOW)
    reject(pending(plan.case).pk, by=ann, now=NOW)
    plan = look(plan, NOW)
    assert (plan.step, plan.due_at) == (1, NOW + 4 * DAY)
    plan = look(plan, NOW + 4 * DAY)
    reject(pending(plan.case).pk, by=ann, now=NOW + 4 * DAY)
    plan = look(plan, NOW + 4 * DAY)
    assert (plan.ended_as, plan.case.status) == ("kept_open", "open")
    assert starting.consider_case(plan.case_id, now=NOW + 5 * DAY) is None


@pytest.mark.row("CMA-D-7")
def test_a_rule_begins_plans_from_the_moment_it_is_active_and_the_first_that_fits_decides(chase, quiet, ann):
    later, first = chase("ask", name="Later"), chase("observe", name="First")
    section, case = SECTIONS[plans.SECTION], quiet()
    Rule.objects.update(is_active=False)
    assert (Rule._meta.get_field("is_active").default, starting.find_cases(NOW, 9)) == (False, [])
    assert starting.consider_case(case.pk, now=NOW) is None
    for rule in (later, first):
        configuring.switch_rule(section, rule.pk, is_active=True, by=ann)
    configuring.move_rule(section, first.pk, -1, by=ann)
    assert starting.find_cases(NOW, 9) == [case.pk]
    plan = starting.consider_case(case.pk, now=NOW)
    assert plan.rule_name == "First"
    configuring.switch_rule(section, first.pk, is_active=False, by=ann)
    assert look(plan, NOW).ended_as == "changed"


@pytest.mark.row("CMA-D-7")
def test_observing_notes_every_step_and_sends_and_closes_nothing(begin, ann):
    plan = begin("observe", ago=2 * DAY)
    before = Effect.objects.count()
    plan = look(look(look(plan, NOW), NOW + 3 * DAY), NOW + 7 * DAY)
    assert (plan.ended_as, plan.case.status) == ("observed", "open")
    assert Suggestion.objects.filter(state="observed", kind__startswith="followups.").count() == 3
    assert (Effect.objects.count(), pending(plan.case)) == (before, None)


def test_a_pause_and_a_switch_off_hold_plans_and_missed_steps_never_stack(begin, ann, switch, smtp_sink):
    plan = begin("auto", ago=2 * DAY)
    pause = pausing.pause("case-management", by=ann, reason="Holiday", now=NOW)
    plan = look(plan, NOW)
    assert (plan.step, "paused" in plan.held) == (0, True)
    pausing.resume(pause.agent, by=ann, now=NOW + 20 * DAY)
    switch("followups.follow_ups", "off")
    assert "switched off" in look(plan, NOW + 20 * DAY).held
    switch("followups.follow_ups", "auto")
    plan = look(look(plan, NOW + 20 * DAY), NOW + 20 * DAY)
    assert (plan.step, plan.due_at) == (1, NOW + 23 * DAY)


@pytest.mark.parametrize("way", ["resolved", "cancelled", "rule", "conditions", "status"])
def test_what_takes_away_its_ground_ends_a_plan(begin, ann, way):
    plan = begin("ask", ago=DAY)
    case = plan.case
    if way == "resolved":
        lifecycle.resolve_case(case, by=ann, resolution_type="solved")
    elif way == "cancelled":
        lifecycle.cancel_case(case, by=ann, reason="duplicate")
    elif way == "rule":
        plan.rule.delete()
    elif way == "conditions":
        plan.rule.conditions = {"join": "all", "items": [{"fact": "priority", "op": "is", "value": "urgent"}]}
        plan.rule.save()
    else:
        lifecycle.set_status_reason(case, reason="on_hold", by=ann)
    plan = look(plan, NOW)
    assert plan.ended_as == ("case_ended" if way in ("resolved", "cancelled") else "changed")


def test_a_bounce_ends_the_plan_and_tells_the_people(begin, ann):
    plan = begin("auto", ago=2 * DAY)
    Contact.objects.update(bounced_at=NOW, bounce_status="5.1.1")
    plan = look(plan, NOW)
    assert plan.ended_as == "bounced"
    assert not Effect.objects.filter(key__startswith="followup:").exists()
    from conversations.models import Note

    assert "5.1.1" in Note.objects.get(object_id=plan.case_id).text


def test_somebody_out_of_office_is_not_silent(begin, come_in, smtp_sink):
    plan = begin("auto", ago=2 * DAY)
    back = (NOW + 6 * DAY).date()
    asked = Message.objects.filter(direction="out").latest("pk").message_id
    message = come_in(
        body=f"I am out of the office until {back.isoformat()}.", subject="Automatic reply: Out of office",
        in_reply_to=asked, at=NOW, date=NOW, auto_submitted="auto-replied",
    )  # fmt: skip
    Message.objects.filter(pk=message.pk).update(nature="out_of_office", returns_on=back)
    plan = look(plan, NOW + HOUR)
    assert plan.is_running
    assert plan.due_at.date() == back + DAY
    # A machine wrote last: what goes out after the absence waits for a person.
    plan = look(plan, NOW + 8 * DAY)
    assert pending(plan.case).state == "pending"


def test_our_own_mail_begins_the_silence_anew(begin, ann, smtp_sink):
    plan = look(begin("ask", ago=2 * DAY), NOW)
    waiting = pending(plan.case)
    replies.send_reply(plan.case, body="One more thing.", by=ann, key="second", now=NOW)
    waiting.refresh_from_db()
    assert waiting.state == "withdrawn"
    assert "has not left" in look(look(plan, NOW), NOW).held
    leave(NOW)
    plan = look(plan, NOW)
    assert (plan.step, plan.due_at) == (0, NOW + 2 * DAY)


@pytest.mark.row("CMA-D-4")
def test_our_own_unanswered_mail_may_count_as_the_first_follow_up(begin):
    plan = begin("ask", ago=DAY, own_mail_counts=True)
    assert (plan.step, plan.due_at) == (1, NOW + 2 * DAY)
    assert plan.steps.get().state == "own_mail"


@pytest.mark.row("CMA-D-3", "CMA-D-24")
def test_words_and_the_agents_own_answer_start_plans_as_the_status_does(chase, come_in, quiet, ann):
    chase("ask", triggers=["words", "answer"], status_reason="on_hold")
    promised = Case.objects.get(
        message_links__message=come_in(body="Thanks. I will try it tomorrow and let you know.", at=NOW, date=NOW)
    )
    plan = starting.consider_case(promised.pk, now=NOW)
    assert (plan.trigger, "I will try" in plan.why) == ("words", True)
    asking = Case.objects.get(message_links__message=come_in(body="How do I clean it?", sender="a@x.example", at=NOW))
    assert starting.consider_case(asking.pk, now=NOW) is None
    answered = quiet(sender="Ivo <ivo@customer.example>")
    assert starting.consider_case(answered.pk, now=NOW) is None
    Message.objects.filter(pk=answered.last_message_id).update(agent="case-management")
    Case.objects.update(silence_seen=0)
    assert starting.consider_case(answered.pk, now=NOW).trigger == "answer"


@pytest.mark.row("CMA-D-6", "CMA-D-5")
def test_each_step_has_its_own_template_and_a_gap_in_it_waits_for_a_person(begin, smtp_sink):
    first = MessageTemplate.objects.create(
        name="First",
        language="en",
        subject="About {{ case.title }}",
        body="Dear {{ contact.first_name }},\n\nany news?",
    )
    second = MessageTemplate.objects.create(
        name="Second", language="en", body="Hello,\n\nyour order {{ case.order_number }} waits for you."
    )
    steps = [{"wait": 5, "unit": "hours", "template": first.pk}, {"wait": 24, "unit": "hours", "template": second.pk}]
    plan = look(begin("auto", ago=2 * DAY, steps=steps, references=["number"]), NOW)
    leave(NOW)
    mail = smtp_sink.messages[0].message
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert (mail["Subject"], text.startswith("Dear Ellen,\n\nany news?")) == ("About Broken pump", True)
    assert f"#{plan.case.number}" in text
    plan = look(plan, NOW + DAY)
    waiting = pending(plan.case)
    assert "case.order_number" in waiting.risks[0]
    assert "order" not in waiting.payload["body"]


def test_undoing_a_closing_opens_the_case_and_keeps_its_mail_here(begin, ann, smtp_sink):
    steps = [{"wait": 1, "unit": "days", "template": None}]
    plan = look(begin("auto", ago=2 * DAY, steps=steps), NOW)
    leave(NOW)
    plan = look(plan, NOW + 5 * DAY)
    closing = Suggestion.objects.get(kind="followups.close_case")
    undo(closing.pk, by=ann)
    leave()
    plan.case.refresh_from_db()
    assert (plan.case.status, len(smtp_sink.messages)) == ("open", 1)
    assert Effect.objects.get(key=f"closing:{plan.pk}").state == "cancelled"


def test_a_case_is_never_closed_over_a_mail_that_nobody_read_yet(begin, arrive, ann, smtp_sink):
    steps = [{"wait": 1, "unit": "days", "template": None}]
    plan = look(begin("auto", ago=2 * DAY, steps=steps), NOW)
    leave(NOW)
    asked = Message.objects.filter(direction="out").latest("pk").message_id
    arrive(body="Wait!", in_reply_to=asked, at=NOW + DAY, date=NOW + DAY)  # stored, not offered
    plan = look(plan, NOW + 5 * DAY)
    assert (plan.is_running, "read first" in plan.held) == (True, True)


def test_history_never_begins_a_plan(chase, arrive, come_in, mailbox):
    chase("auto")
    mailbox.history_before = NOW + DAY
    mailbox.save()
    for number in range(20):
        come_in(sender=f"c{number}@past.example", at=NOW - 40 * DAY, date=NOW - 40 * DAY)
    Case.objects.update(status="open", last_direction="out", status_reason="waiting")
    assert (Case.objects.filter(arrived_as="history").count(), starting.find_cases(NOW, 100)) == (20, [])
    for pk in Case.objects.values_list("pk", flat=True):
        assert starting.consider_case(pk, now=NOW) is None
    assert (Plan.objects.count(), Effect.objects.count()) == (0, 0)


def test_quiet_cases_are_found_by_key_round_and_round_and_long_forgotten_ones_left_alone(chase, quiet, monkeypatch):
    chase("ask", ("priority", "is", "high"))
    monkeypatch.setattr(starting, "WINDOW", 2)
    found = [quiet(sender=f"c{number}@x.example") for number in range(3)]
    Case.objects.filter(pk=found[2].pk).update(priority="high")
    assert (starting.find_cases(NOW, 10), starting.find_cases(NOW, 10)) == ([], [found[2].pk])
    assert starting.find_cases(NOW, 10) == []
    assert starting.consider_case(found[2].pk, now=NOW + 70 * DAY) is None
    assert starting.consider_case(found[2].pk, now=NOW) is None, "what was left alone stays so until a new message"


def test_a_claim_is_one_workers_and_comes_back_when_the_worker_dies(begin):
    plan = begin("ask", ago=2 * DAY)
    assert claim_due(NOW, 10) == [plan.pk]
    assert claim_due(NOW, 10) == []
    assert claim_due(NOW + plans.CLAIM, 10) == [plan.pk]


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_on_the_same_step_send_it_once(begin, smtp_sink):
    plan = begin("auto", ago=2 * DAY)
    barrier = threading.Barrier(2)
    failed = []

    def run():
        try:
            barrier.wait()
            plans.advance(plan.pk, now=NOW)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=run) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    leave(NOW)
    assert (failed, len(smtp_sink.messages)) == ([], 1)
    assert Effect.objects.filter(key__startswith="followup:").count() == 1
    assert Plan.objects.get(pk=plan.pk).step == 1


def test_a_decision_on_a_case_that_moved_on_changes_nothing(begin, ann, come_in):
    plan = look(begin("ask", ago=9 * DAY, steps=[{"wait": 1, "unit": "days", "template": None}]), NOW)
    waiting = pending(plan.case)
    asked = Message.objects.filter(direction="out").latest("pk").message_id
    come_in(body="Sorry, I was ill.", in_reply_to=asked, at=NOW, date=NOW)
    with pytest.raises((NotPending, NotAllowed)):
        accept(waiting.pk, by=ann)
    assert not Effect.objects.filter(key__startswith="followup:").exists()
    assert Step.objects.get(plan=plan, what="follow_up").state == "suggested"
