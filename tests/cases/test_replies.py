"""An answer leaves once: by hand, or drafted from knowledge with its sources and decided by somebody."""

import datetime as dt
import re

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from agents import sections, suggestions
from agents.models import Effect, LineOfBusiness, Suggestion
from agents.outbox import transmission
from agents.sections import configuring
from agents.suggestions import NotAllowed, NotPending, accept, reject
from cases import drafts, redrafting, replies, resolving
from cases.models import Case
from cases.setting_forms import ResolutionForm
from conversations.models import Mailbox, Message, MessageTemplate
from tests.conversations.mails import NOON

ARTICLE = """## Pump

If the pump is loud, descale the machine. Run one litre of citric solution through it.

## Leaks

If water leaks under the machine, press the hose onto the clip behind the tank. The clip costs €4 and arrives within
two days.
"""


@pytest.fixture
def asking(come_in, publish):
    publish("Water leaks under the machine", ARTICLE)
    return Case.objects.get(
        message_links__message=come_in(subject="Leak", body="Water leaks under my machine. What do I do?")
    )


def think(case):
    made = resolving.suggest_next(Case.objects.get(pk=case.pk), now=NOON)
    return made[0] if made else None


def leave():
    Effect.objects.filter(state="queued").update(not_before=timezone.now())
    transmission.deliver_due()


@pytest.mark.row("CMA-C-8")
def test_a_draft_cites_the_article_and_one_accept_sends_it_once(asking, ann, smtp_sink):
    draft = think(asking)
    assert draft.state == "pending"
    assert {item["title"] for item in draft.evidence if item["kind"] == "passage"} == {"Water leaks under the machine"}
    accept(draft.pk, by=ann)
    leave()
    leave()
    (kept,) = smtp_sink.messages
    assert kept.recipients == ["ellen@customer.example"]
    assert "clip" in kept.message.get_body(("plain",)).get_content()
    asking.refresh_from_db()
    assert (asking.status_reason, asking.last_direction, asking.waiting_since) == ("waiting", "out", None)
    assert asking.first_response_at


@pytest.mark.row("CMA-C-13")
def test_a_person_sees_what_the_agent_wrote_and_puts_it_into_another_template(asking, ann, client, trade, person):
    def template(name, **more):
        body = more.pop("body", f"{name}, hello {{{{ contact.first_name }}}},\n\n{{{{ body }}}}\n\nYours, {name}")
        return MessageTemplate.objects.create(name=name, body=body, **more)

    made = [template(name) for name in ("Five", "Four", "One", "Six", "Three", "Two")]
    german = template("Deutsch", language="de")
    other, away = template("Other line"), template("Gone", is_active=False)
    other.lines_of_business.add(trade)
    care = LineOfBusiness.objects.create(name="Care")
    Case.objects.update(line_of_business=care)
    made[3].lines_of_business.add(care)
    ann.lines_of_business.add(care)
    draft = think(asking)
    client.force_login(ann)
    page, choose = asking.get_absolute_url(), reverse("cases:draft_template", args=[asking.number])
    shown = client.get(page).content.decode()
    composer = shown[shown.index('id="draft"') :]
    assert ("Template: Six" in composer, choose in composer, 'name="body"' in composer) == (True, True, True)
    written = re.findall(r'<span class="written">(.*?)</span>', composer.split('class="composer__text"')[1])
    assert any("press the hose onto the clip" in each for each in written)
    assert not any("Yours" in each or "hello" in each for each in written)
    # Five that fit, those of the line first; any other by its name.
    listed = client.get(choose).content.decode()
    assert re.findall(r'row__title">([^<]+)', listed) == ["Six", "Five", "Four", "One", "Three"]
    assert re.findall(r'row__title">([^<]+)', client.get(choose, {"q": "deut"}).content.decode()) == ["Deutsch"]
    for wrong in (other, away):
        assert client.post(choose, {"template": wrong.pk}).status_code == 404
    client.post(choose, {"template": made[0].pk})
    draft.refresh_from_db()
    new = Suggestion.objects.get(state="pending")
    assert (draft.state, new.proposed["template"], new.evidence) == ("withdrawn", "Five", draft.evidence)
    assert new.proposed["body"].startswith("Five, hello ")
    assert new.proposed["body"].endswith("Yours, Five")
    middle = [part for part in draft.proposed["sentences"] if part["source"] == "passage"]
    assert [part for part in new.proposed["sentences"] if part["source"] == "passage"] == middle
    assert "Template: Five" in client.get(page).content.decode()
    # Kept or changed, it is edited and sent as before; what is decided, edited or not theirs is not changed.
    with pytest.raises(NotPending):
        redrafting.change_template(draft, german, by=ann)
    with pytest.raises(PermissionDenied):
        redrafting.change_template(new, german, by=person("Noor Haddad", "author"))
    plain = redrafting.change_template(new, None, by=ann)
    assert (plain.proposed["template"], plain.proposed["body"][:12]) == ("", "Hello Ellen,")
    assert "No template" in client.get(page).content.decode()
    clean = redrafting.change_template(plain, made[3], by=ann)
    assert clean.proposed == draft.proposed
    accept(clean.pk, by=ann, edits={"body": "Hello Ellen,\n\nPress the clip.\n\nAnn"})
    effect = Effect.objects.get()
    again = suggestions.reissue(Suggestion.objects.get(pk=clean.pk), "It was stopped.", now=NOON)
    with pytest.raises(NotAllowed, match="lose the edits"):
        redrafting.change_template(again, german, by=ann)
    assert effect.suggestion_id == clean.pk


@pytest.mark.row("CMA-A-8")
def test_the_customers_answer_comes_back_into_the_case(asking, ann, smtp_sink, come_in):
    accept(think(asking).pk, by=ann)
    leave()
    sent = Message.objects.get(direction="out")
    answers = str(smtp_sink.messages[0].message["Reply-To"])
    come_in(in_reply_to=sent.message_id, body="Thanks, works.", to=answers, at=timezone.now())
    asking.refresh_from_db()
    assert (asking.message_count, asking.last_direction) == (3, "in")


def test_no_draft_is_made_when_no_article_answers_or_the_last_word_is_ours(come_in, publish, ann):
    publish("Water leaks under the machine", ARTICLE)
    stranger = Case.objects.get(
        message_links__message=come_in(subject="Jobs", body="Do you hire accountants in Lisbon?")
    )
    assert think(stranger) is None
    Case.objects.update(last_direction="out")
    assert think(stranger) is None


def test_internal_articles_never_answer_a_customer(come_in, publish, ann):
    from knowledge.models import Article

    publish("Water leaks under the machine", ARTICLE)
    Article.objects.update(audience="internal")
    case = Case.objects.get(message_links__message=come_in(subject="Leak", body="Water leaks under my machine."))
    assert think(case) is None


@pytest.mark.row("DESK-11")
def test_a_customer_who_writes_again_withdraws_the_draft_and_gets_a_new_one(asking, come_in):
    draft = think(asking)
    first = Message.objects.get()
    come_in(in_reply_to=first.message_id, body="Water leaks more now. What do I do?", date=NOON + dt.timedelta(hours=1),
            at=NOON + dt.timedelta(hours=1))  # fmt: skip
    draft.refresh_from_db()
    assert (draft.state, draft.reason) == ("withdrawn", "The customer wrote again.")
    again = think(asking)
    assert again.state == "pending"
    assert again.pk != draft.pk


@pytest.mark.row("DESK-12")
def test_impossible_to_send_is_refused_and_still_pending(asking, ann):
    draft = think(asking)
    Mailbox.objects.update(is_active=False)
    with pytest.raises(NotAllowed) as refusal:
        accept(draft.pk, by=ann)
    draft.refresh_from_db()
    assert (draft.state, Effect.objects.count()) == ("pending", 0)
    assert "switched off" in refusal.value.reasons[0]


@pytest.mark.row("DESK-13")
def test_a_server_that_is_down_queues_it_and_shows_it_held(asking, ann):
    Mailbox.objects.update(smtp_port=1)
    accept(think(asking).pk, by=ann)
    leave()
    effect = Effect.objects.get()
    assert (effect.state, bool(effect.held)) == ("queued", True)
    assert Message.objects.get(direction="out").send_state == "queued"


def test_an_edited_draft_keeps_what_was_proposed_beside_what_was_sent(asking, ann, smtp_sink):
    draft = think(asking)
    accept(draft.pk, by=ann, edits={"body": "Dear Ellen, press the hose."})
    leave()
    draft.refresh_from_db()
    assert draft.final["body"] == "Dear Ellen, press the hose."
    assert draft.proposed["body"] != draft.final["body"]
    assert Message.objects.get(direction="out").citations == []


@pytest.mark.row("DESK-30")
def test_full_automation_sends_above_the_bar_only_and_never_a_figure_without_source(asking, switch, ann, monkeypatch):
    switch("cases.resolution", "auto", auto_from=1.01)
    draft = think(asking)
    assert draft.state == "pending"
    reject(draft.pk, by=ann)
    Case.objects.update(reply_seen=0)
    original = replies.draft_reply

    def with_risk(case, **given):
        from dataclasses import replace

        return replace(original(case, **given), body="We owe you €999.", risks=["Figure without a source: €999"])

    monkeypatch.setattr(replies, "draft_reply", with_risk)
    switch("cases.resolution", "auto", auto_from=0.0)
    risky = think(asking)
    risky.refresh_from_db()
    assert (risky.state, risky.decided_by_agent, Effect.objects.count()) == ("pending", False, 0)
    monkeypatch.setattr(replies, "draft_reply", original)
    Case.objects.update(reply_seen=0)
    sure = think(asking)
    sure.refresh_from_db()
    assert (sure.state, sure.decided_by_agent, Effect.objects.get().authority) == ("accepted", True, "agent")


@pytest.mark.row("DESK-3")
def test_history_is_drafted_for_comparison_only(come_in, publish, mailbox, switch):
    publish("Water leaks under the machine", ARTICLE)
    switch("cases.resolution", "auto", auto_from=0.0)
    before = mailbox.history_before - dt.timedelta(days=2)
    message = come_in(subject="Leak", body="Water leaks under my machine. What do I do?", at=before)
    case = Case.objects.get(message_links__message=message)
    observed = think(case)
    assert (observed.state, Effect.objects.count()) == ("observed", 0)


def test_a_reply_by_hand_is_one_mail_however_often_it_is_pressed(case, ann, smtp_sink):
    for _ in range(3):
        replies.send_reply(case, body="On its way.", by=ann, key="hand:1:a")
    leave()
    assert len(smtp_sink.messages) == 1
    assert Message.objects.filter(direction="out").count() == 1


@pytest.mark.row("DESK-10")
def test_two_people_who_decide_the_same_draft_the_second_reads_who(asking, ann, person):
    draft = think(asking)
    accept(draft.pk, by=ann)
    with pytest.raises(NotPending) as late:
        reject(draft.pk, by=person("Bob Adeyemi"))
    assert late.value.suggestion.decided_by == ann


def test_a_draft_is_shown_with_marks_on_the_sentences_that_have_a_source(asking, ann):
    think(asking)
    shown = drafts.pending_reply(asking, ann)
    marked = [piece for paragraph in shown.paragraphs for piece in paragraph if piece.mark]
    assert marked
    assert {piece.mark for piece in marked} <= {source["mark"] for source in shown.sources}
    assert "".join(p.text for par in shown.paragraphs for p in par).replace(" ", "").replace(
        "\n", ""
    ) == shown.payload.body.replace(" ", "").replace("\n", "")


@pytest.mark.parametrize("came", ["after our answer", "before it, read later"])
def test_an_accepted_reply_waits_in_the_queue_again_when_the_customer_was_faster(asking, ann, come_in, smtp_sink, came):
    draft = think(asking)
    accept(draft.pk, by=ann)
    first = Message.objects.get(direction="in")
    at = timezone.now() if came == "after our answer" else first.received_at + dt.timedelta(minutes=1)
    come_in(in_reply_to=first.message_id, body="Never mind.", at=at, date=at)
    leave()
    assert smtp_sink.messages == []
    assert Message.objects.get(direction="out").send_state == "not_sent"
    again = Suggestion.objects.get(state="pending", replaces=draft)
    assert again.proposed["body"] == draft.proposed["body"]


@pytest.fixture
def words(db):
    """A template whose greeting names it."""

    def make(name, *lines, language="en", **fields):
        made = MessageTemplate.objects.create(
            name=name, body=f"{name} says hello,\n\n{{{{ body }}}}\n\nBye", language=language, **fields
        )
        made.lines_of_business.set(lines)
        return made

    return make


@pytest.mark.row("CMA-C-15")
@pytest.mark.row("CMA-C-16")
def test_the_template_of_the_rule_then_of_the_line_then_the_default_then_none(asking, words, switch, rule, trade):
    other = LineOfBusiness.objects.create(name="Care")
    default, ruled = words("Default"), words("Ruled")
    mine, _theirs = words("Mine", trade, other), words("Theirs", other)

    def opening(**values):
        switch("cases.resolution", "ask", **values)
        Suggestion.objects.filter(state="pending").update(state="withdrawn")
        return think(asking).proposed["body"].split(" says")[0]

    assert opening().startswith("Hello")
    assert opening(template=default.pk) == "Default"
    assert opening(template=_theirs.pk).startswith("Hello")
    Case.objects.update(line_of_business=trade)
    assert opening(template=default.pk) == "Mine"
    assert opening(template=default.pk, recommend=False) == "Default"
    mine.is_active = False
    mine.save()
    assert opening(template=default.pk) == "Default"
    rule("cases.resolution", "Leaks", ("title", "contains", "Leak"), template=ruled.pk)
    assert opening(template=default.pk) == "Ruled"


@pytest.mark.row("CMA-C-1")
def test_all_of_resolution_is_set_on_one_page_and_reads_its_settings(client, person, switch, words, mailbox):
    client.force_login(person("Adam", "administrator"))
    page = reverse("agents:manage_section", args=["case-management", "resolution"])
    shown = client.get(page).content.decode()
    template = words("Default")
    for name in ("template", "recommend", "mark_mail", "asks", "unknown", "attempts", "accept_from", "thanks_closes",
                 "escalation_queue", "agent_queue", "channel_mail"):  # fmt: skip
        assert f'name="settings-{name}"' in shown
    values = {"template": template.pk, "recommend": False, "attempts": 9, "channel_chat": "observe"}
    form = ResolutionForm({**form_values(), **values})
    assert (form.is_valid(), set(form.errors)) == (False, {"attempts"})
    form = ResolutionForm({**form_values(), **values, "attempts": 3})
    assert form.is_valid(), form.errors
    saved = configuring.to_json(form.cleaned_data)
    assert (saved["template"], saved["recommend"], saved["accept_from"]) == (template.pk, False, 0.85)
    switch("cases.resolution", "ask", **saved)
    loaded = sections.load("cases.resolution")
    assert resolving.manners_of(loaded).attempts == 3
    assert resolving.channel_level(Case(origin="chat"), loaded) == "observe"


def form_values():
    """What a browser sends of the form as it is shown."""
    return {each.name: each.value() for each in ResolutionForm() if each.value() is not None}
