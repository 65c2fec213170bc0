"""Times, waits and shares as people say them."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from config import wording

NOW = dt.datetime(2026, 6, 11, 10, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("at", "said", "short"),
    [
        (dt.datetime(2026, 6, 11, 8, 2, tzinfo=dt.UTC), "Today, 08:02", "08:02"),
        (dt.datetime(2026, 6, 10, 23, 59, tzinfo=dt.UTC), "Yesterday, 23:59", "Yesterday"),
        (dt.datetime(2026, 6, 12, 8, 0, tzinfo=dt.UTC), "Tomorrow, 08:00", "12 June"),
        (dt.datetime(2026, 6, 8, 9, 0, tzinfo=dt.UTC), "Mon 8 June, 09:00", "Mon"),
        (dt.datetime(2026, 6, 4, 9, 0, tzinfo=dt.UTC), "Thu 4 June, 09:00", "4 June"),
        (dt.datetime(2024, 2, 29, 9, 0, tzinfo=dt.UTC), "Thu 29 February 2024, 09:00", "29 February 2024"),
    ],
)
def test_a_moment_is_said_by_how_far_it_is(at: dt.datetime, said: str, short: str) -> None:
    with time_machine.travel(NOW, tick=False):
        assert wording.say_moment(at) == said
        assert wording.say_moment(at, short=True) == short


def test_a_moment_is_said_in_the_readers_time_zone_and_a_date_without_a_time() -> None:
    with time_machine.travel(NOW, tick=False), timezone.override("America/Los_Angeles"):
        assert wording.say_moment(NOW) == "Today, 03:00"
        assert wording.say_moment(dt.date(2026, 6, 10)) == "Yesterday"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (2280, "38 min"),
        (8520, "2 h 22 min"),
        (7200, "2 h"),
        (86400, "1 day"),
        (3 * 86400 + 7200, "3 days 2 h"),
        (30 * 86400 + 7200, "30 days"),
        (-120, "2 min"),
    ],
)
def test_a_wait_is_said_in_its_two_largest_units(seconds: int, said: str) -> None:
    assert wording.say_duration(seconds) == said
    assert wording.say_duration(dt.timedelta(seconds=seconds)) == said


def test_nearly_all_is_never_called_all() -> None:
    assert [wording.say_percent(share) for share in (0, 0.414, 0.999, 1, 1.2, -1)] == [
        "0 %",
        "41 %",
        "99 %",
        "100 %",
        "100 %",
        "0 %",
    ]
