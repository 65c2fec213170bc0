"""What the record says of a lead: what was read, drafted, sent, changed and handed over, by whom, on what grounds."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from agents.fetch import forget_sites
from agents.models import Entry
from agents.outbox.transmission import deliver_due
from agents.suggestions import accept
from bench.web import small_internet
from sales import research, selection
from sales.leads import change_lead
from sales.outreach import enrolments
from tests.conversations.mails import NOON
from tests.sales.desk import answer, outreach, ready, suggestion_of, trade

__all__ = ["answer", "outreach", "ready", "trade"]
HOME = "<html><body><p>We run eleven hotels with 240 employees.</p></body></html>"


@pytest.mark.row("SAL-D-7")
@pytest.mark.django_db(transaction=True)
def test_the_record_tells_every_act_of_a_lead_with_who_when_and_on_what_grounds(
    outreach, ready, answer, switch, settings, mei, ada, client
):
    settings.FETCH_PAUSE_SECONDS = 0
    forget_sites()
    switch("sales.research", "auto", read_website=True, most_pages=1)
    lead = ready(website="http://brightwater.example/", status="researching")
    with small_internet() as net:
        net.add("brightwater.example", lambda request: request.answer(HOME if request.path == "/" else ""))
        selection.take_up(lead, by=mei, now=NOON)
        research.research_lead(lead.pk, now=NOON)
    lead = change_lead(lead, {"title": "Head of food"}, by=mei, now=NOON)
    lead = type(lead).objects.get(pk=lead.pk)
    type(lead).objects.filter(pk=lead.pk).update(status="qualified")
    running = enrolments.consider_lead(lead.pk, now=NOON)
    enrolments.advance(running.pk, now=NOON)
    accept(suggestion_of(lead).pk, by=mei, now=NOON)
    with time_machine.travel(NOON, tick=False):
        deliver_due(now=NOON)
    switch("sales.handover", "auto", sellers=[mei.pk])
    answer(lead, "Let's have a call.", at=NOON + dt.timedelta(hours=1))
    entries = {entry.verb: entry for entry in Entry.objects.filter(object_id=lead.pk).select_related("suggestion")}
    wanted = {
        "lead.researched": ("agent", ""),
        "lead.changed": ("person", ""),
        "sales.send_outreach.suggested": ("agent", "ask"),
        "sales.send_outreach.accepted": ("person", "ask"),
        "lead.written_to": ("person", "ask"),
        "conversations.send_mail.sent": ("system", ""),
        "lead.reply_read": ("system", ""),
        "sales.hand_over.accepted": ("agent", "auto"),
        "lead.assigned": ("agent", ""),
    }
    told = {
        verb: (one.actor, one.suggestion.level if one.suggestion else "")
        for verb, one in entries.items()
        if verb in wanted
    }
    assert told == wanted
    assert all(entry.at for entry in entries.values())
    assert "brightwater.example/ (read)" in entries["lead.researched"].changes[0]["new"]  # what was asked for
    assert entries["lead.changed"].changes[0] | {"label": ""} == {
        "field": "title", "label": "", "old": "", "new": "Head of food",
    }  # fmt: skip
    assert [entries[verb].user for verb in ("lead.changed", "sales.send_outreach.accepted")] == [mei, mei]
    approved, alone = (entries[f"sales.{kind}.accepted"].suggestion for kind in ("send_outreach", "hand_over"))
    assert approved.evidence[0]["kind"] == "quoted"  # the sources
    assert approved.why  # the rule that decided who decides
    assert (alone.decided_by_agent, alone.evidence[0]["text"]) == (True, "Let's have a call.")
    client.force_login(ada)
    page = client.get(reverse("agents:record") + "?agent=sales").content.decode()
    assert str(lead) in page
