"""Runs over the past: estimated, done in pieces, never over the cap, and whole after a crash."""

import datetime as dt

import pytest

from agents import suggestions
from agents.models import Suggestion
from knowledge import harvest, runs
from knowledge.models import Article, Harvest, HarvestRun
from knowledge.runs import NotNow
from tests.knowledge.solved import ANSWERED, ASKED, NOON, Desk, switch_on, take_over

DAY = dt.timedelta(days=1)
MATTERS = {
    "The lever is stuck": "Turn the lever to the left until it clicks, then lift the cover and clean the spring.",
    "Invoice for the company": "Open the account page, choose Invoices and enter the company's tax number there.",
    "Beans taste sour": "Grind two steps finer and brew at ninety four degrees for thirty seconds each time.",
    "Parcel was damaged": "Keep the carton, take three pictures of it and show them to the carrier within a week.",
    "Pause the subscription": "Choose Pause under Subscriptions before Sunday evening and pick the week to resume.",
    "Scale shows an error": "Take the battery out for a minute, then calibrate the dry plate with the brass weight.",
}


@pytest.fixture
def desk(db, monkeypatch):
    desk = Desk()
    for ident, (title, answer) in enumerate(MATTERS.items(), 1):
        desk.add(ident, asked=f"Hello,\n\n{title}, what do I do about that?\n\nMarta Lindqvist", title=title,
                 answered=f"Hi Marta,\n\n{answer}\n\nKind regards,\nPriya Raman")  # fmt: skip
    take_over(monkeypatch, desk)
    switch_on("auto", compliance="compliant", auto_from=0.0, real_time=False, covered_from=0.97, near_from=0.97)
    return desk


@pytest.fixture
def boss(make_person):
    return make_person("administrator")


def plan(boss, **limits):
    wanted = {"batch_size": 2, "most_waiting": 50, "hour_from": 0, "hour_until": 0} | limits
    return runs.plan_run(by=boss, now=NOON, source="case", since=NOON - DAY, until=NOON + DAY, **wanted)


def start(boss, **limits):
    run = plan(boss, **limits)
    return runs.set_run_state(run, state="running", by=boss, now=NOON)


@pytest.mark.row("KM-A-11")
@pytest.mark.row("KM-A-13")
@pytest.mark.row("KM-A-14")
def test_a_run_is_estimated_first_and_goes_through_the_window_in_batches(desk, boss):
    run = plan(boss)
    assert (run.state, run.estimated, run.seen) == ("ready", 6, 0)
    assert runs.advance_run(run.pk, now=NOON) == 0
    assert not Harvest.objects.exists()
    runs.set_run_state(run, state="running", by=boss, now=NOON)
    assert runs.due_runs(10) == [run.pk]
    assert runs.advance_run(run.pk, now=NOON) == 2
    run.refresh_from_db()
    assert (run.state, run.seen, run.drafted) == ("running", 2, 2)
    while runs.advance_run(run.pk, now=NOON):
        pass
    run.refresh_from_db()
    assert (run.state, run.seen, run.drafted, run.failed) == ("completed", 6, 6, 0)
    # Whatever the level: what a run drafts waits for a person.
    assert set(Suggestion.objects.values_list("state", flat=True)) == {"pending"}
    assert not Article.objects.exists()
    again = start(boss)
    while runs.advance_run(again.pk, now=NOON):
        pass
    again.refresh_from_db()
    assert (again.seen, again.drafted, Harvest.objects.count()) == (6, 0, 6)


@pytest.mark.row("KM-A-12")
@pytest.mark.row("KM-A-16")
def test_a_run_is_paused_resumed_stopped_and_keeps_to_its_hours(desk, boss, monkeypatch):
    monkeypatch.setattr(runs, "MOST", 5)
    with pytest.raises(NotNow, match="more than 5 cases"):
        plan(boss)
    monkeypatch.setattr(runs, "MOST", 6)
    run = start(boss, hour_from=22, hour_until=6)
    assert runs.advance_run(run.pk, now=NOON) == 0
    run.refresh_from_db()
    assert "between 22:00 and 6:00" in run.waits_for
    night = NOON.replace(hour=23)
    assert runs.advance_run(run.pk, now=night) == 2
    runs.set_run_state(run, state="paused", by=boss, now=night)
    assert runs.due_runs(10) == []
    assert runs.advance_run(run.pk, now=night) == 0
    with pytest.raises(NotNow, match="Another run"):
        start(boss)
    runs.set_run_state(run, state="running", by=boss, now=night)
    assert runs.advance_run(run.pk, now=night) == 2
    stopped = runs.set_run_state(run, state="stopped", by=boss, now=night)
    assert runs.advance_run(run.pk, now=night) == 0
    assert (stopped.seen, Harvest.objects.count()) == (4, 4)
    with pytest.raises(NotNow):
        runs.set_run_state(stopped, state="running", by=boss, now=night)


@pytest.mark.row("DESK-163")
def test_never_more_drafts_wait_than_the_cap_and_the_run_goes_on_when_some_are_decided(desk, boss):
    run = start(boss, most_waiting=2, batch_size=10)
    for _turn in range(4):
        runs.advance_run(run.pk, now=NOON)
        assert harvest.count_waiting() <= 2
    run.refresh_from_db()
    assert (run.state, run.drafted) == ("running", 2)
    assert "2 drafts wait" in run.waits_for
    suggestions.reject(Suggestion.objects.filter(state="pending").first().pk, by=boss, reason="No")
    runs.advance_run(run.pk, now=NOON)
    run.refresh_from_db()
    assert (run.drafted, harvest.count_waiting()) == (3, 2)


@pytest.mark.row("DESK-164")
def test_a_worker_that_dies_in_the_middle_loses_nothing_and_doubles_nothing(desk, boss, monkeypatch):
    run = start(boss, batch_size=10)
    real = harvest.think

    class Killed(BaseException):
        pass

    def die_at_third(transcript, values):
        if transcript.ident == 3:
            raise Killed
        return real(transcript, values)

    monkeypatch.setattr(harvest, "think", die_at_third)
    with pytest.raises(Killed):
        runs.advance_run(run.pk, now=NOON)
    assert Harvest.objects.get(object_id=3).state == "thinking"
    monkeypatch.setattr(harvest, "think", real)
    assert runs.advance_run(run.pk, now=NOON) == 0
    later = NOON + runs.LEASE + dt.timedelta(seconds=1)
    while runs.advance_run(run.pk, now=later):
        pass
    run.refresh_from_db()
    assert (run.state, run.seen, run.drafted) == ("completed", 6, 6)
    assert Harvest.objects.count() == Suggestion.objects.count() == 6


def test_one_matter_that_cannot_be_thought_about_is_counted_and_the_rest_goes_on(desk, boss, monkeypatch):
    run = start(boss, batch_size=10)
    real = harvest.think

    def fail_at_second(transcript, values):
        if transcript.ident == 2:
            raise ValueError("broken")
        return real(transcript, values)

    monkeypatch.setattr(harvest, "think", fail_at_second)
    runs.advance_run(run.pk, now=NOON)
    run.refresh_from_db()
    assert (run.state, run.failed, run.drafted) == ("completed", 1, 5)
    assert Harvest.objects.get(object_id=2).state == "failed"


@pytest.mark.row("KM-A-27")
def test_what_two_runs_would_draft_twice_is_drafted_once_by_similarity(desk, boss):
    for ident in (7, 8):
        desk.add(ident, asked=ASKED, answered=ANSWERED)
    switch_on("ask", real_time=False, covered_from=0.85)
    run = start(boss, batch_size=20)
    runs.advance_run(run.pk, now=NOON)
    alike = Harvest.objects.filter(object_id__in=[7, 8]).order_by("object_id").values_list("state", flat=True)
    assert list(alike) == ["drafted", "not_created"]


def test_the_pages_of_a_run_plan_start_and_stop_it(client, desk, boss):
    client.force_login(boss)
    wrong = {"since": "2026-06-11", "until": "2026-06-01", "batch_size": 25, "most_waiting": 25, "hour_from": 0,
             "hour_until": 0}  # fmt: skip
    refused = client.post("/manage/runs/", wrong)
    assert refused.status_code == 422
    assert "before the first day" in refused.content.decode()
    made = client.post("/manage/runs/", wrong | {"since": "2026-06-01", "until": "2026-06-11"})
    run = HarvestRun.objects.get()
    assert made.url == f"/manage/runs/{run.pk}/"
    assert "6 solved cases" in client.get(made.url).content.decode()
    client.post(f"{made.url}start/")
    runs.advance_run(run.pk, now=NOON)
    assert "6 drafts made" in client.get(made.url, headers={"HX-Request": "true"}).content.decode()
    assert client.post(f"{made.url}stop/").status_code == 302
