"""How far the agent goes: what it may do by itself in either mode, and how leads come to people."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notification
from agents.kinds import KINDS
from agents.models import Effect, LineOfBusiness, SectionSetting, Suggestion
from agents.outbox.transmission import deliver_due
from agents.proposals import Proposal, propose
from agents.sections import SECTIONS
from agents.suggestions import accept, reject
from agents.sweeps import run
from conversations import authenticity, suppression
from conversations.models import Message, Note, Task
from conversations.receive import read_delivery, receive
from sales import mode
from sales.models import HandOver, Lead
from sales.outreach import enrolments
from sales.outreach.kinds import OutreachKind
from sales.payloads import Verdict
from sales.qualifying import KIND, fingerprint
from tests.api_clients import client_of
from tests.cases.conftest import publish
from tests.conversations.mails import NOON
from tests.sales.desk import answer, begin, outreach, ready, suggestion_of, trade

__all__ = ["answer", "begin", "outreach", "publish", "ready", "trade"]
live = pytest.mark.django_db(transaction=True)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def leave(at):
    with time_machine.travel(at, tick=False):
        deliver_due(now=at)


@pytest.fixture
def choose(switch):
    """Choose the mode, with everything else on full automation."""

    def set_mode(name, line=None):
        SectionSetting.objects.update_or_create(
            section="sales.general", line_of_business=line, defaults={"is_on": True, "values": {"mode": name}}
        )

    return set_mode


@pytest.fixture
def alone(outreach, switch, choose, mei, ann):
    """Everything of sales on full automation in a mode: ``alone("research")``."""

    def set_up(name):
        outreach("auto")
        switch("sales.replies", "auto", auto_from=0.5)
        switch("sales.handover", "auto", sellers=[mei.pk], supervisor=ann.pk)
        choose(name)

    return set_up


@pytest.mark.row("SAL-A-1")
@live
def test_in_research_only_nothing_goes_to_a_lead_without_a_person_and_in_engage_the_agent_goes_the_whole_way(
    alone, begin, answer, publish, choose, mei, smtp_sink
):
    publish("Training", "We train the staff of trade customers for one day at your place. Training is free.")
    alone("research")
    lead, _running, draft = begin()
    alone("research")
    assert (draft.state, Effect.objects.count()) == ("pending", 0)  # drafted; a person sends
    accept(draft.pk, by=mei, now=NOON)
    leave(NOON)
    assert answer(lead, "Thank you. Do you also train the staff?") == "question"
    reply = suggestion_of(lead, "sales.answer_question")
    assert (reply.state, len(smtp_sink.messages)) == ("pending", 1)
    accept(reply.pk, by=mei, now=NOON + 4 * HOUR)
    leave(NOON + 4 * HOUR)
    assert len(smtp_sink.messages) == 2
    assert not Suggestion.objects.filter(decided_by_agent=True, kind__in=["sales.send_outreach"]).exists()
    alone("engage")
    other, _running, sent = begin(email="b@x.example")
    alone("engage")
    assert (sent.state, sent.decided_by_agent) == ("accepted", True)
    choose("research")  # also what is queued stays
    leave(NOON + 5 * HOUR)
    assert len(smtp_sink.messages) == 2
    assert "people send" in Effect.objects.get(object_id=other.pk).reason
    choose("engage")
    third, _running, _sent = begin(email="c@x.example")
    alone("engage")
    leave(NOON + 6 * HOUR)
    answer(third, "Do you also train the staff?", at=NOON + 7 * HOUR)
    assert suggestion_of(third, "sales.answer_question").decided_by_agent
    leave(NOON + 8 * HOUR)
    assert len(smtp_sink.messages) == 4
    answer(third, "Let's have a call.", at=NOON + 9 * HOUR)
    assert (third.status, third.owner) == ("handed_over", mei)


@pytest.mark.django_db
def test_every_kind_that_writes_to_leads_asks_for_the_mode_of_the_leads_line(choose):
    writing = {name for name, kind in KINDS.items() if isinstance(kind, OutreachKind) and kind.writes}
    assert writing == {"sales.send_outreach", "sales.answer_question"}
    line = LineOfBusiness.objects.create(name="Trade")
    assert mode.only_drafts(None)  # until somebody says otherwise
    choose("engage")
    choose("research", line)
    theirs = Suggestion(decided_by_agent=True, line_of_business=line)
    assert mode.list_refusals(theirs) == ["The agent only drafts: people send (General)."]
    assert mode.list_refusals(Suggestion(decided_by_agent=True)) == []
    assert mode.list_refusals(Suggestion(line_of_business=line)) == []
    for own, wanted in (("engage", [line]), ("research", [line, None])):
        choose(own)
        rows = [Lead.objects.create(email=f"{own}{at}@x.example", line_of_business=one) for at, one in
                enumerate((line, None))]  # fmt: skip
        found = Lead.objects.filter(mode.of_drafting_lines(), pk__in=[row.pk for row in rows])
        assert {row.line_of_business for row in found} == set(wanted)


@pytest.mark.row("SAL-B-13")
@live
def test_while_people_send_a_fitting_lead_goes_to_a_seller_and_a_low_one_is_told_to_the_supervisor(
    alone, ready, switch, mei, ann
):
    alone("research")
    high, moderate = ready(fit="high", status_why="High fit, 90"), ready(fit="moderate", email="m@x.example")
    unjudged = ready(email="u@x.example")
    for _again in range(2):
        run("sales.pass_on", now=NOON)
    for lead in (high, moderate):
        lead.refresh_from_db()
        assert (lead.owner, lead.status) == (mei, "qualified")  # the draft goes on and is the seller's
    unjudged.refresh_from_db()
    assert (unjudged.owner, Task.objects.count(), Note.objects.count()) == (None, 2, 2)
    assert "High fit" in Note.objects.earliest("id").text
    running = enrolments.consider_lead(high.pk, now=NOON)
    enrolments.advance(running.pk, now=NOON)
    assert suggestion_of(high).state == "pending"
    switch("sales.qualification", "auto")
    low = ready(email="low@x.example", status="researching", owner=None)
    verdict = Verdict(verdict="disqualified", rank="low", score=20)
    propose(KIND, low, Proposal(payload=verdict, fingerprint=fingerprint(low), confidence=0.9), now=NOON)
    low.refresh_from_db()
    assert (low.status, low.owner, low.handovers.get().target) == ("disqualified", None, "supervisor")
    assert Notification.objects.get(user=ann).title.endswith("is disqualified")
    alone("engage")
    later = ready(email="e@x.example", fit="high")
    run("sales.pass_on", now=NOON)
    later.refresh_from_db()
    assert later.owner is None  # written to first


@pytest.mark.row("SAL-B-14")
@live
def test_in_engage_leads_come_to_a_seller_by_what_they_answer_and_to_who_had_them_when_mail_does_not_reach_them(
    alone, begin, answer, ready, person, mei
):
    tom = person("Tom Before", "seller")
    alone("engage")
    told = {
        "That sounds good. Please send me the price list.": ("positive", "They are interested."),
        "Hm.": ("undetected", "It is not clear"),
        "Is it compatible with our lunar base?": ("undetected", "no published article answers"),
    }
    for number, (words, (intent, reason)) in enumerate(told.items()):
        lead, _running, _draft = begin(email=f"b{number}@x.example", fit="high")
        alone("engage")
        leave(NOON + HOUR)
        answer(lead, words, at=NOON + 2 * HOUR)
        row = lead.handovers.get()
        assert (row.intent, row.target, row.state, row.person) == (intent, "seller", "completed", mei)
        assert (reason in row.reason, lead.owner) == (True, mei)
    none = ready(email="", owner=tom)
    gone, running, _draft = begin(email="gone@y.example", created_by=tom)
    alone("engage")
    running.refresh_from_db()
    enrolments.end(running, "bounced", why="550", by=None, now=NOON + 2 * HOUR)
    nobodys = ready(email="", company_name="Nobody's")
    run("sales.pass_on", now=NOON + 3 * HOUR)
    for lead, owner in ((none, tom), (gone, tom), (nobodys, mei)):
        row = HandOver.objects.get(lead=lead)
        assert (row.intent, row.target, row.person, row.state) == ("error", "previous", owner, "completed")
    assert Task.objects.filter(owner=tom).count() == 2


@pytest.mark.row("SAL-B-15")
@live
def test_every_hand_over_keeps_its_intent_its_target_and_how_it_ended(
    begin, answer, outreach, switch, mei, ann, client, smtp_sink
):
    lead, _running, draft = begin()
    accept(draft.pk, by=mei, now=NOON)
    leave(NOON)
    answer(lead, "Let's have a call.")
    row = lead.handovers.get()
    assert (row.intent, row.target, row.state, row.person) == ("positive", "seller", "active", mei)
    reject(row.suggestion_id, by=mei, reason="A competitor", now=NOON + DAY)
    row.refresh_from_db()
    assert (row.state, row.why, row.settled_at) == ("failed", "A competitor", NOON + DAY)
    switch("sales.handover", "ask", sellers=[])
    answer(lead, "Please call me, I mean it.", at=NOON + 2 * DAY)
    newest = lead.handovers.first()
    assert (newest.state, newest.why, newest.person) == ("failed", "Nobody takes leads.", None)
    accept(newest.suggestion_id, by=mei, edits={"seller": mei.pk}, now=NOON + 3 * DAY)
    switch("sales.handover", "ask", sellers=[mei.pk], supervisor=ann.pk)
    newest.refresh_from_db()
    assert (newest.state, newest.person, newest.why) == ("completed", mei, "")
    other, _running, draft = begin(email="n@x.example")
    accept(draft.pk, by=mei, now=NOON)
    answer(other, "Not interested, thank you.")
    negative = other.handovers.get()
    assert (negative.intent, negative.target, negative.person) == ("negative", "supervisor", ann)
    client.force_login(mei)
    page = client.get(lead.get_absolute_url()).content.decode()
    for words in ("A competitor", "Wants to talk", "Handed over", "A seller: Mei Tanaka"):
        assert words in page
    listed = client_of(mei).get(reverse("api:leads-handovers", args=[lead.pk])).json()
    assert [(one["intent"], one["state"]) for one in listed] == [("positive", "completed"), ("positive", "failed")]


@pytest.mark.row("SAL-D-8")
@live
def test_the_agent_writes_alone_only_from_a_proven_sender_to_a_clean_record_and_never_to_who_is_suppressed(
    alone, begin, ready, trade, mei, smtp_sink
):
    section = SECTIONS["sales.outreach"]
    values = {"mailbox": trade.pk, "offers": "O", "disclosures": "D", "sender_checked": False}
    assert set(section.check(values, "auto", True)) == {"sender_checked"}
    assert section.check({**values, "sender_checked": True}, "auto", True) == section.check(values, "ask", True) == {}
    alone("engage")
    assert begin()[2].state == "accepted"
    leave(NOON)
    (sent,) = smtp_sink.messages

    def come_back(said):
        raw = f"Authentication-Results: mx.haldenroe.example; {said}\r\n".encode() + sent.raw
        read_delivery(receive(raw, mailbox=trade, source="imap", received_at=NOON).pk, now=timezone.now())
        trade.refresh_from_db()

    come_back("spf=fail smtp.mailfrom=x; dkim=none")
    assert (trade.verdicts, Message.objects.filter(direction="in").count()) == ({"spf": "fail", "dkim": "none"}, 0)
    assert "SPF" in section.check({**values, "sender_checked": True}, "auto", True)["mailbox"][0]
    alone("engage")
    _lead, _running, draft = begin(email="b@x.example")
    assert (draft.state, "does not prove where it comes from" in draft.why) == ("pending", True)
    accept(draft.pk, by=mei, now=NOON)  # a person may
    come_back("spf=pass smtp.mailfrom=x; dkim=pass header.d=haldenroe.example; dmarc=pass")
    come_back("spf=fail; dkim=fail")  # a forwarded copy
    assert authenticity.proves_itself(trade, now=timezone.now())
    assert section.check(values, "auto", True) == {}
    alone("engage")
    assert begin(email="c@x.example")[2].state == "accepted"
    alone("engage")
    _lead, _running, bare = begin(email="d@x.example", company_name="")
    assert (bare.state, "names no company" in bare.why) == ("pending", True)
    suppression.suppress("z.example", reason="opt_out", by=None, scope="outreach", now=NOON)
    assert enrolments.consider_lead(ready(email="q@z.example").pk, now=NOON) is None
    for odd, told in (({"spf": "pass"}, None), ({"dmarc": "fail", "spf": "pass", "dkim": "pass"}, False), ({}, None)):
        assert authenticity.judge(odd) is told
