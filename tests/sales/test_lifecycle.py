"""Where a lead stands, and who sees it."""

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404

from accounts.models import Role, Team
from agents.models import Entry, LineOfBusiness
from conversations.models import Queue
from sales.access import get_lead, visible_leads
from sales.lifecycle import MOVES, WrongMove, assign_lead, move_lead
from sales.models import Enrolment, Finding, Lead


def test_a_lead_moves_only_along_its_states_and_each_move_is_on_record(lead, mei):
    one = move_lead(lead(), "researching", by=mei, why="Rule “Trade”")
    assert (one.status, one.status_why) == ("researching", "Rule “Trade”")
    entry = Entry.objects.get(verb="lead.moved")
    assert entry.changes[0]["old"] == "New"
    assert entry.changes[0]["new"] == "Researching"
    assert entry.user == mei
    with pytest.raises(WrongMove, match="researching cannot become replied"):
        move_lead(one, "replied", by=mei)
    assert move_lead(one, "researching", by=mei).status == "researching"
    assert Entry.objects.filter(verb="lead.moved").count() == 1
    for status in ("qualified", "in_outreach", "replied", "handed_over", "closed", "new"):
        one = move_lead(one, status, by=mei)
    assert one.status == "new"
    assert set(MOVES) == set(Lead.Status.values)


def test_two_leads_cannot_have_one_address_but_several_can_have_none(lead):
    lead(email="a@b.example")
    lead(email=""), lead(email="")
    with pytest.raises(IntegrityError), transaction.atomic():
        lead(email="a@b.example")


def test_a_finding_quotes_one_source_and_a_lead_runs_through_one_cadence_at_a_time(lead):
    one = lead()
    Finding.objects.create(lead=one, topic="size", claim="11 hotels", quote="eleven hotels", field="note")
    for wrong in ({"quote": "x"}, {"quote": "", "field": "note"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Finding.objects.create(lead=one, topic="size", claim="11 hotels", **wrong)
    first = Enrolment.objects.create(lead=one)
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrolment.objects.create(lead=one)
    Enrolment.objects.filter(pk=first.pk).update(state="ended", ended_reason="replied")
    Enrolment.objects.create(lead=one)


def test_visibility_own_team_line_and_all(lead, person):
    team, line = Team.objects.create(name="Trade"), LineOfBusiness.objects.create(name="Trade")
    queue = Queue.objects.create(name="Trade", team=team)
    mei, stranger, author = person("Mei T"), person("Sam Else"), person("Otto Writer", "author")
    mei.teams.add(team), mei.lines_of_business.add(line)
    own = lead(owner=mei)
    teams = lead(queue=queue, owner=stranger)
    lines = lead(line_of_business=line, queue=Queue.objects.create(name="Other", team=Team.objects.create(name="O")))
    nobodys = lead(owner=stranger)
    seen = {"team": {own, teams}, "own": {own}, "line": {own, teams, lines}, "all": {own, teams, lines, nobodys}}
    for visibility, wanted in seen.items():
        Role.objects.filter(code="seller").update(visibility=visibility)
        fresh = type(mei).objects.get(pk=mei.pk)
        assert set(visible_leads(fresh)) == wanted, visibility
    assert not visible_leads(author).exists()
    with pytest.raises(Http404):
        get_lead(author, own.pk)
    assert get_lead(fresh, own.pk) == own


def test_a_lead_is_given_to_somebody_with_a_reason(lead, mei, queue):
    one = assign_lead(lead(), by=None, owner=mei, queue=queue, why="Round robin")
    assert (one.owner, one.queue, one.routed_why) == (mei, queue, "Round robin")
    assert one.routed_at
    assert [row["field"] for row in Entry.objects.get(verb="lead.assigned").changes] == ["owner", "queue"]
