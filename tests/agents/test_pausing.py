"""Pausing one agent, or all."""

import datetime as dt

import pytest
from django.utils import timezone

from agents.models import Entry
from agents.policy import pausing

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 6, 9, 8, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.mark.row("DESK-18")
def test_a_pause_of_one_holds_one_and_a_pause_of_all_holds_all(ann):
    pausing.pause("toy", reason="New prices", by=ann, now=NOW)
    assert pausing.is_paused("toy", now=NOW)
    assert not pausing.is_paused("case-management", now=NOW)
    pausing.pause(pausing.ALL, reason="", by=ann, now=NOW)
    assert pausing.is_paused("case-management", now=NOW)
    assert pausing.resume(pausing.ALL, by=ann, now=NOW + HOUR)
    assert pausing.is_paused("toy", now=NOW + HOUR)
    assert Entry.objects.filter(verb__in=["agents.paused", "agents.resumed"]).count() == 3


def test_a_pause_ends_by_itself_and_can_then_be_set_again(ann):
    pausing.pause("toy", reason="", by=ann, until=NOW + HOUR, now=NOW)
    assert pausing.is_paused("toy", now=NOW + HOUR - dt.timedelta(seconds=1))
    assert not pausing.is_paused("toy", now=NOW + HOUR)
    pausing.pause("toy", reason="", by=ann, now=NOW + 2 * HOUR)
    assert pausing.is_paused("toy", now=NOW + 2 * HOUR)


def test_who_pauses_second_is_told_who_was_first_and_who_resumes_second_that_nothing_ran(ann, bob):
    pausing.pause("toy", reason="", by=ann, now=NOW)
    with pytest.raises(pausing.AlreadyPaused, match="Ann Weber"):
        pausing.pause("toy", reason="", by=bob, now=NOW)
    assert pausing.resume("toy", by=bob, now=NOW)
    assert not pausing.resume("toy", by=ann, now=NOW)


def test_a_pause_that_is_over_already_is_refused(ann):
    with pytest.raises(ValueError, match="later"):
        pausing.pause("toy", reason="", by=ann, until=timezone.now() - HOUR)
