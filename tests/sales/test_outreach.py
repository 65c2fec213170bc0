"""Mails to leads: every claim quoted, every word allowed, one by one, and not one after somebody said stop."""

import datetime as dt

import pytest
import time_machine
from model_bakery import baker

from agents.models import Effect, Entry, SectionSetting, Suggestion
from agents.outbox.transmission import deliver_due
from agents.suggestions import NotAllowed, NotPending, accept, reject
from agents.sweeps import run
from conversations import suppression
from conversations.blinding import write_token
from conversations.models import Message, MessageTemplate
from conversations.suppression import unsubscribe
from sales.models import Enrolment, Finding, Lead
from sales.outreach import enrolments, mails
from sales.outreach.asking import DraftOutreach, KnownFact, Offer
from sales.outreach.drafting import check_written, draft_mail
from sales.outreach.plan import plan_of, read_offers, read_waits
from sales.outreach.rhythm import cadence_of, find_zone, freeze, window_of
from tests.conversations.mails import NOON
from tests.sales.desk import DISCLOSURE, OFFER, REQUEST, answer, begin, outreach, ready, suggestion_of, trade

__all__ = ["answer", "begin", "outreach", "ready", "trade"]
pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.timedelta(days=1)


def leave(at=NOON):
    with time_machine.travel(at, tick=False):
        deliver_due(now=at)


def go_on(running, at):
    running.refresh_from_db()
    return enrolments.advance(running.pk, now=at)


@pytest.mark.row("SAL-B-10")
@pytest.mark.row("SAL-A-15")
def test_a_mail_quotes_what_was_found_says_what_we_offer_and_waits_for_a_person(begin, mei, smtp_sink):
    lead, _running, draft = begin()
    assert (draft.state, draft.level, draft.proposed["to"]) == ("pending", "ask", lead.email)
    assert draft.proposed["subject"] == "Your request: Duo 58 Pro"
    body = draft.proposed["body"]
    assert body.startswith("Dear Rosalind Achebe,")
    for said in (f"“{REQUEST.rstrip('.')}”", OFFER, "15 minutes", "Mei Tanaka", DISCLOSURE):
        assert said in body
    (evidence,) = draft.evidence
    assert (evidence["kind"], evidence["text"], evidence["row"]) == ("quoted", REQUEST[:-1], Finding.objects.get().pk)
    leave()
    assert smtp_sink.messages == []
    accept(draft.pk, by=mei, now=NOON)
    leave()
    (sent,) = smtp_sink.messages
    assert sent.recipients == [lead.email]
    assert "One-Click" in sent.message["List-Unsubscribe-Post"]
    assert sent.message["Auto-Submitted"] is None
    lead.refresh_from_db()
    assert (lead.status, lead.touches.get().suggestion) == ("in_outreach", Suggestion.objects.get())


@pytest.mark.row("SAL-B-12")
@pytest.mark.row("SAL-D-17")
def test_follow_ups_wait_from_the_moment_the_last_mail_left_and_end_after_the_last(begin, mei, smtp_sink):
    lead, running, draft = begin()
    accept(draft.pk, by=mei, now=NOON)
    late = NOON + DAY
    assert go_on(running, NOON + dt.timedelta(minutes=5)) == "waits to leave"
    leave(late)
    assert go_on(running, late + 3 * DAY - dt.timedelta(minutes=1)) == "waits"
    assert go_on(running, late + 3 * DAY + dt.timedelta(minutes=1)) == "drafted"
    second = suggestion_of(lead)
    assert second.proposed["step"] == 2
    assert second.proposed["subject"] == f"Re: {draft.proposed['subject']}"
    assert second.confidence > 0.85
    assert REQUEST[:20] not in second.proposed["body"]  # said once
    accept(second.pk, by=mei, now=late + 4 * DAY)
    leave(late + 4 * DAY)
    assert go_on(running, late + 10 * DAY) == "drafted"
    third = suggestion_of(lead)
    assert "last mail" in third.proposed["body"]
    accept(third.pk, by=mei, now=late + 10 * DAY)
    leave(late + 10 * DAY)
    assert go_on(running, late + 16 * DAY) == "waits"
    assert go_on(running, late + 18 * DAY) == "finished"
    lead.refresh_from_db()
    assert (lead.status, Enrolment.objects.get().ended_reason) == ("closed", "finished")
    threads = {sent.message["In-Reply-To"] for sent in smtp_sink.messages}
    assert len(smtp_sink.messages) == 3
    assert len(threads) == 3  # the first answers nothing, each other its predecessor
    assert smtp_sink.messages[1].message["Subject"].startswith("Re: ")


def test_a_mail_is_made_once_however_often_it_is_looked_at(begin, mei):
    _lead, running, draft = begin()
    for minute in range(5):
        go_on(running, NOON + dt.timedelta(minutes=minute))
        run("sales.touch", now=NOON + dt.timedelta(hours=minute))
        run("sales.enrol", now=NOON)
    assert Suggestion.objects.filter(kind="sales.send_outreach").count() == 1
    accept(draft.pk, by=mei, now=NOON)
    with pytest.raises(NotPending):
        accept(draft.pk, by=mei, now=NOON)
    assert Effect.objects.count() == Message.objects.count() == 1


@pytest.mark.row("DESK-200")
def test_whoever_is_suppressed_gets_nothing_drafted_nothing_approved_nothing_sent(begin, ready, mei, smtp_sink):
    first = ready(email="a@x.example")
    suppression.suppress("x.example", reason="person", by=mei, scope="outreach", now=NOON)
    assert enrolments.consider_lead(first.pk, now=NOON) is None
    lead, _running, draft = begin(email="b@y.example")
    row = suppression.suppress("b@y.example", reason="person", by=mei, scope="outreach", now=NOON)
    with pytest.raises(NotAllowed, match="no sales mail"):
        accept(draft.pk, by=mei, now=NOON)
    run("sales.suppressed", now=NOON)
    lead.refresh_from_db()
    assert (lead.status, Enrolment.objects.get(lead=lead).ended_reason) == ("closed", "opted_out")
    assert suppression.lift(row.pk, reason="test", by=mei, now=NOON)
    third, running, draft = begin(email="c@z.example")
    accept(draft.pk, by=mei, now=NOON)
    assert unsubscribe(write_token("c@z.example"), now=NOON)
    leave()
    assert smtp_sink.messages == []
    effect = Effect.objects.get()
    assert (effect.state, "no sales mail" in effect.reason) == ("cancelled", True)
    assert not Suggestion.objects.filter(state="pending", object_id=third.pk).exists()
    assert go_on(running, NOON + dt.timedelta(hours=1)) in ("ended", "not running")


@pytest.mark.row("DESK-203")
def test_words_that_must_not_be_used_and_lines_that_must_stand_there_hold_for_everybody(begin, outreach, mei):
    _lead, _running, draft = begin()
    outreach("ask", prohibited="guarantee\nrisk-free")
    with pytest.raises(NotAllowed, match="guarantee"):
        accept(draft.pk, by=mei, edits={"body": draft.proposed["body"] + "\nWe GUARANTEE it."}, now=NOON)
    without = draft.proposed["body"].replace(DISCLOSURE, "")
    with pytest.raises(NotAllowed, match="has to stand"):
        accept(draft.pk, by=mei, edits={"body": without}, now=NOON)
    with pytest.raises(NotAllowed, match="another one"):
        accept(draft.pk, by=mei, edits={"to": "victim@else.example"}, now=NOON)
    assert accept(draft.pk, by=mei, edits={"subject": "Guaranteed quiet"}, now=NOON).state == "accepted"


@pytest.mark.row("DESK-204")
def test_nobody_is_written_to_without_a_reason_noted(begin, mei):
    lead, _running, draft = begin(consent_note="")
    with pytest.raises(NotAllowed, match="why we may write"):
        accept(draft.pk, by=mei, now=NOON)
    Lead.objects.filter(pk=lead.pk).update(consent_note="Met at the fair")
    assert accept(draft.pk, by=mei, now=NOON).state == "accepted"


@pytest.mark.row("SAL-D-2")
def test_on_full_automation_a_founded_mail_leaves_alone_and_an_unfounded_one_waits(outreach, begin, smtp_sink):
    outreach("auto")
    lead, _running, draft = begin()
    assert (draft.state, draft.decided_by_agent) == ("accepted", True)
    leave(NOON + dt.timedelta(minutes=1))
    assert smtp_sink.messages[0].message["Auto-Submitted"] == "auto-generated"
    Finding.objects.filter(lead=lead).update(retired_at=NOON)
    other, _running, gone = begin(email="d@x.example")
    Suggestion.objects.filter(pk=gone.pk).update(state="pending", level="auto", applied_fingerprint=None)
    Finding.objects.filter(lead=other).update(retired_at=NOON)
    gone.refresh_from_db()
    assert any("finding that is gone" in why for why in mails.list_refusals(gone))
    gone.decided_by_agent = False
    assert mails.list_refusals(gone) == []


@pytest.mark.row("SAL-B-10")
def test_an_agent_that_only_drafts_sends_nothing_on_full_automation(outreach, begin):
    outreach("auto")
    SectionSetting.objects.filter(section="sales.general").update(values={"mode": "research"})
    _lead, _running, draft = begin()
    assert (draft.state, Effect.objects.count()) == ("pending", 0)


def test_a_figure_that_no_source_has_keeps_a_mail_from_leaving_alone(outreach, begin):
    outreach("auto", call_to_action="Reply today for 30 % off: https://haldenroe.example/offer")
    _lead, _running, draft = begin()
    assert draft.state == "accepted"  # the figures stand in the settings
    question = DraftOutreach(
        company="Brightwater",
        facts=[KnownFact(id=7, topic="news", claim="", quote="two houses in Leeds")],
        offers=[Offer(sentence=OFFER)],
    )
    assert check_written(question, "Hello", [("You open two houses in Leeds.", 1), ("120 cups an hour.", 2)]) == []
    wrong = check_written(
        question,
        "Save 40 %",
        [("You save 30 %", 2), ("See https://evil.example", 0), ("Brightwater is losing money", 0), ("Truly", 9)],
    )
    assert len(wrong) == 5


@pytest.mark.row("SAL-D-19")
def test_mails_leave_in_the_hours_and_zone_allowed_not_on_holidays_and_not_over_the_daily_cap(begin, outreach, mei):
    saturday = dt.datetime(2026, 6, 13, 12, tzinfo=dt.UTC)
    outreach("ask", days=["0", "1", "2", "3", "4"], begins="09:00", ends="17:00", lead_zone=True, daily_cap=1)
    _lead, _running, _none = begin(now=saturday, country="Germany", email="a@x.example")
    assert _none is None  # nothing is drafted outside the hours either
    monday = dt.datetime(2026, 6, 15, 7, 30, tzinfo=dt.UTC)  # 09:30 in Berlin
    run("sales.touch", now=monday)
    draft = Suggestion.objects.get(kind="sales.send_outreach")
    accept(draft.pk, by=mei, now=monday + dt.timedelta(hours=8))  # 17:30 in Berlin
    assert Effect.objects.get().not_before == dt.datetime(2026, 6, 16, 7, 0, tzinfo=dt.UTC)
    _second, _running, other = begin(now=monday, country="Deutschland", email="b@x.example")
    accept(other.pk, by=mei, now=dt.datetime(2026, 6, 16, 8, 0, tzinfo=dt.UTC))
    later = Effect.objects.order_by("-id").first()
    assert later.not_before == dt.datetime(2026, 6, 17, 7, 0, tzinfo=dt.UTC)
    frozen = freeze(
        [3], days=[0, 1], begins="09:00", ends="10:00", zone="Europe/Berlin", holidays=[dt.date(2026, 6, 15)]
    )
    assert not window_of(frozen).spans_of(dt.date(2026, 6, 15))
    assert [find_zone(name, "UTC") for name in ("España", "United Kingdom", "USA", "")] == [
        "Europe/Madrid",
        "Europe/London",
        "UTC",
        "UTC",
    ]
    assert cadence_of(frozen).count == 2


def test_a_rejected_draft_ends_the_cadence_and_a_pause_stops_what_is_queued(begin, mei, smtp_sink):
    _lead, running, draft = begin()
    reject(draft.pk, by=mei, reason="Not them", now=NOON)
    assert go_on(running, NOON + dt.timedelta(minutes=1)) == "ended"
    assert Enrolment.objects.get().ended_reason == "stopped"
    _other, running, draft = begin(email="b@x.example")
    accept(draft.pk, by=mei, now=NOON)
    running.refresh_from_db()
    assert enrolments.hold(running, why="Mei is on it", by=mei, now=NOON)
    leave()
    assert smtp_sink.messages == []
    assert enrolments.resume(running, by=mei, now=NOON + DAY)
    assert go_on(running, NOON + DAY) == "held"  # its mail did not leave: a person looks


def test_a_reply_before_the_gate_stops_the_mail(begin, answer, mei, smtp_sink):
    lead, running, draft = begin()
    accept(draft.pk, by=mei, now=NOON)
    answer(lead, "Thank you, not interested.", at=NOON + dt.timedelta(minutes=1))
    leave(NOON + dt.timedelta(minutes=2))
    assert smtp_sink.messages == []
    running.refresh_from_db()
    assert (running.state, lead.status) == ("ended", "disqualified")
    assert not Suggestion.objects.filter(kind="sales.send_outreach", state="pending").exists()


def test_history_and_observation_draft_and_send_nothing(outreach, ready, smtp_sink, mei):
    old = ready(arrived_as="history", email="old@x.example")
    assert enrolments.consider_lead(old.pk, now=NOON) is None
    assert suggestion_of(old).state == "observed"
    assert enrolments.find_leads(NOON, 10) == []
    outreach("observe")
    seen = ready(email="seen@x.example")
    assert enrolments.consider_lead(seen.pk, now=NOON) is None
    assert (suggestion_of(seen).state, Enrolment.objects.count(), Effect.objects.count()) == ("observed", 0, 0)
    outreach("off")
    never = ready(email="never@x.example")
    assert enrolments.consider_lead(never.pk, now=NOON) is None
    assert suggestion_of(never) is None
    assert Entry.objects.filter(verb="sales.send_outreach.observed").count() == 2


def test_bad_names_make_no_headers_and_no_greetings(begin, mei, smtp_sink):
    lead, _running, draft = begin(
        name="Win €1000 at http://evil.example\r\nBcc: all@x.example", company_name="X\r\nBcc: b@x.example"
    )
    assert draft.proposed["body"].startswith("Hello,")
    accept(draft.pk, by=mei, now=NOON)
    leave()
    (sent,) = smtp_sink.messages
    assert (sent.recipients, sent.message["Bcc"]) == ([lead.email], None)
    assert "evil.example" not in sent.message["Subject"]


def test_a_lead_without_an_address_is_not_begun_and_one_that_loses_it_is_not_sent(ready, begin, mei):
    bare = ready(email="")
    assert enrolments.consider_lead(bare.pk, now=NOON) is None or not Enrolment.objects.exists()
    lead, _running, draft = begin(email="b@x.example")
    Lead.objects.filter(pk=lead.pk).update(email="other@x.example")
    with pytest.raises(NotPending):
        accept(draft.pk, by=mei, now=NOON)


def test_texts_of_the_settings_are_read_as_people_write_them():
    assert [read_waits(text) for text in ("3, 5", "[1,3,5]", "", " 2 ")] == [[3, 5], [1, 3, 5], [], [2]]
    for wrong in ("0", "3, x", "91", "1 " * 10):
        with pytest.raises(ValueError):
            read_waits(wrong)
    first, second = read_offers("Duo 58 Pro: Makes 120 cups an hour.\n\nWe repair on site within two days: always.")
    assert (first.product, second.product) == ("Duo 58 Pro", "")


def test_every_language_writes_whole_mails_and_nothing_is_made_up():
    fact = KnownFact(
        id=3, topic="news", claim="", quote="Wir eröffnen zwei Häuser in Leeds", where="hafen.example", confidence=0.9
    )
    for language, greeting in (("de", "Guten Tag"), ("fr", "Bonjour"), ("es", "Buenos días"), ("ja", "Dear")):
        question = DraftOutreach(
            lead_name="Ada Li",
            company="Hafen",
            language=language,
            facts=[fact],
            offers=[Offer(sentence=OFFER)],
            our_name="H&R",
            sender="Mei",
        )
        mail, sure = draft_mail(question)
        assert mail.body.startswith(greeting)
        assert (fact.quote in mail.body, mail.unsourced, sure >= 0.85) == (True, [], True)
    assert draft_mail(DraftOutreach(lead_name="Ada")) == (draft_mail(DraftOutreach(lead_name="Ada"))[0], 0.0)
    assert draft_mail(DraftOutreach(lead_name="Ada"))[0].parts == []


def test_news_are_left_out_when_switched_off_and_a_fixed_template_is_used_word_for_word(outreach, ready, mei):
    lead = ready()
    Finding.objects.update(topic="news")
    outreach("ask", use_news=False)
    answer, _question = mails.draft(lead, plan_of(lead), step=1, steps=1)
    assert REQUEST[:-1] not in answer.output.body
    template = baker.make(
        MessageTemplate, name="First", purpose="outreach", language="en", subject="For {{ contact.company }}",
        body="Dear {{ contact.name }},\n\nlook at our machines: 30 days on trial.",
    )  # fmt: skip
    outreach("ask", mode="fixed", template=template.pk)
    answer, _question = mails.draft(lead, plan_of(lead), step=1, steps=1)
    assert answer.engine == "template"
    assert answer.output.subject == "For Brightwater Hotels"
    assert answer.output.body == f"Dear Rosalind Achebe,\n\nlook at our machines: 30 days on trial.\n\n{DISCLOSURE}"
    lead.name = ""
    answer, _question = mails.draft(lead, plan_of(lead), step=1, steps=1)
    assert answer.output.unsourced
    assert answer.confidence == 0


@pytest.mark.row("DESK-205")
def test_each_act_is_on_record_with_who_decided_and_what_it_rests_on(outreach, begin, mei):
    _lead, _running, draft = begin()
    accept(draft.pk, by=mei, now=NOON)
    outreach("auto")
    other, _running, _draft = begin(email="auto@x.example")
    entries = Entry.objects.filter(verb="sales.send_outreach.accepted").order_by("id")
    assert [(entry.actor, entry.user == mei) for entry in entries] == [("person", True), ("agent", False)]
    assert all(entry.suggestion.evidence for entry in entries)
    assert Entry.objects.filter(verb="lead.written_to", object_id=other.pk).get().actor == "agent"
