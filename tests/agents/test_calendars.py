"""Business time over zones, holidays and changes of the clock."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_bakery import baker

from agents.cadence.calendars import (
    ALWAYS_OPEN,
    Hours,
    NeverOpen,
    add_business,
    business_between,
    check_week,
    hours_of,
    is_open,
    next_open,
)

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"]
WEEK = dict.fromkeys(range(5), (("09:00", "17:00"),))
NIGHT = dict.fromkeys(range(7), (("00:30", "03:30"), ("22:00", "24:00")))
moments = st.datetimes(dt.datetime(2025, 1, 1), dt.datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=dt.UTC))
hours = st.builds(
    Hours,
    zone=st.sampled_from(ZONES),
    week=st.sampled_from([WEEK, NIGHT, {6: (("10:00", "12:00"),)}]),
    holidays=st.frozensets(st.dates(dt.date(2025, 1, 1), dt.date(2027, 12, 31)), max_size=20),
)
lengths = st.integers(0, 3 * 24 * 60).map(lambda minutes: dt.timedelta(minutes=minutes))


@given(start=moments, length=lengths, open_hours=hours)
def test_adding_business_time_and_measuring_it_are_inverse(start: Any, length: Any, open_hours: Hours) -> None:
    end = add_business(start, length, open_hours)
    assert end >= start
    assert business_between(start, end, open_hours) == length


@given(start=moments, length=lengths, more=lengths, open_hours=hours)
def test_a_longer_wait_never_ends_earlier(start: Any, length: Any, more: Any, open_hours: Hours) -> None:
    assert add_business(start, length, open_hours) <= add_business(start, length + more, open_hours)


@given(at=moments, open_hours=hours)
def test_the_next_opening_is_open_and_is_now_when_open(at: Any, open_hours: Hours) -> None:
    opening = next_open(at, open_hours)
    assert is_open(opening, open_hours)
    assert (opening == at) == is_open(at, open_hours)
    assert opening.astimezone(ZoneInfo(open_hours.zone)).date() not in open_hours.holidays


@given(start=moments, length=lengths)
def test_always_open_is_elapsed_time(start: Any, length: Any) -> None:
    assert add_business(start, length, ALWAYS_OPEN) == start + length


@pytest.mark.parametrize(
    ("day", "length"),
    [(dt.date(2026, 3, 29), 2), (dt.date(2026, 10, 25), 4), (dt.date(2026, 6, 9), 3)],
    ids=["the clock skips an hour", "an hour comes twice", "an ordinary night"],
)
def test_a_night_shift_is_as_long_as_the_night(day: dt.date, length: int) -> None:
    shift = Hours("Europe/Berlin", dict.fromkeys(range(7), (("00:30", "03:30"),)))
    begins, ends = shift.spans_of(day)[0]
    assert ends - begins == dt.timedelta(hours=length)


def test_eight_hours_from_friday_noon_end_on_monday_unless_it_is_a_holiday() -> None:
    friday = dt.datetime(2026, 6, 5, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    week = Hours("Europe/Berlin", WEEK)
    assert add_business(friday, dt.timedelta(hours=8), week) == dt.datetime(2026, 6, 8, 10, tzinfo=dt.UTC)
    closed = Hours("Europe/Berlin", WEEK, frozenset({dt.date(2026, 6, 8)}))
    assert add_business(friday, dt.timedelta(hours=8), closed) == dt.datetime(2026, 6, 9, 10, tzinfo=dt.UTC)


def test_a_calendar_without_hours_says_that_it_never_opens() -> None:
    at = dt.datetime(2026, 6, 9, tzinfo=dt.UTC)
    with pytest.raises(NeverOpen):
        next_open(at, Hours())
    assert not is_open(at, Hours())


def test_hours_that_overlap_or_run_backwards_are_named() -> None:
    assert check_week(
        {"0": [["09:00", "12:00"], ["11:00", "17:00"]], "1": [["17:00", "09:00"]], "2": [["x", "y"]]}
    ) == [
        "0",
        "1",
        "2",
    ]
    assert check_week({"0": [["09:00", "12:00"], ["12:00", "24:00"]]}) == []


@pytest.mark.django_db
def test_the_rows_of_a_calendar_become_hours() -> None:
    calendar = baker.make("agents.Calendar", zone="Europe/Berlin", hours={"0": [["09:00", "17:00"]]})
    baker.make("agents.Holiday", calendar=calendar, day=dt.date(2026, 6, 8))
    found = hours_of(calendar)
    assert next_open(dt.datetime(2026, 6, 6, tzinfo=dt.UTC), found) == dt.datetime(2026, 6, 15, 7, tzinfo=dt.UTC)
    assert hours_of(None) is ALWAYS_OPEN
