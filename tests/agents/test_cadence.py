"""When the next step of a plan is due."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.cadence import Cadence, Kind, State, Step, Unit, list_dates, next_due
from agents.cadence.calendars import ALWAYS_OPEN, Hours, is_open

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
OFFICE = Hours("Europe/Berlin", dict.fromkeys(range(5), (("09:00", "17:00"),)))
START = dt.datetime(2026, 6, 5, 13, tzinfo=dt.UTC)  # a Friday, 15:00 in Berlin
waits = st.integers(0, 100).map(lambda hours: dt.timedelta(hours=hours))
steps = st.builds(Step, wait=waits, unit=st.sampled_from(Unit), window=st.sampled_from([None, OFFICE]))
cadences = st.builds(
    Cadence,
    steps=st.lists(steps, max_size=5),
    wait_before_end=st.integers(1, 100).map(lambda hours: dt.timedelta(hours=hours)),
    end_unit=st.sampled_from(Unit),
    cap=st.none() | st.integers(0, 5),
    too_late=st.none() | st.just(3 * DAY),
)


def test_waits_are_elapsed_or_business_hours() -> None:
    plan = Cadence([Step(2 * DAY), Step(4 * HOUR, Unit.BUSINESS)], wait_before_end=DAY)
    assert next_due(plan, State(START), START, OFFICE).at == START + 2 * DAY
    second = next_due(plan, State(START, [START]), START, OFFICE)
    assert second.at == dt.datetime(2026, 6, 8, 9, tzinfo=dt.UTC)
    assert next_due(plan, State(START, [START, START]), START, OFFICE).kind == Kind.END


def test_after_an_outage_one_step_is_due_and_the_next_a_full_wait_later() -> None:
    plan = Cadence([Step(DAY), Step(DAY), Step(DAY)], wait_before_end=DAY)
    now = START + 30 * DAY
    first = next_due(plan, State(START), now, ALWAYS_OPEN)
    assert first.is_due
    assert first.number == 1
    second = next_due(plan, State(START, [now]), now, ALWAYS_OPEN)
    assert not second.is_due
    assert second.at == now + DAY


def test_a_step_that_is_too_late_is_missed_and_one_that_is_merely_late_waits_for_its_window() -> None:
    plan = Cadence([Step(HOUR, window=OFFICE)], wait_before_end=DAY, too_late=3 * DAY)
    saturday = dt.datetime(2026, 6, 6, 12, tzinfo=dt.UTC)
    late = next_due(plan, State(START), saturday, OFFICE)
    assert not late.is_due
    assert not late.is_missed
    assert late.at == dt.datetime(2026, 6, 8, 7, tzinfo=dt.UTC)
    assert next_due(plan, State(START), START + 5 * DAY, OFFICE).is_missed


@pytest.mark.parametrize("wrong", [{"wait_before_end": dt.timedelta()}, {"wait_before_end": DAY, "gap": -DAY}])
def test_a_plan_without_an_end_or_with_a_wait_that_goes_back_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="wait"):
        Cadence([Step(DAY)], **wrong)


@given(plan=cadences, delays=st.lists(waits, min_size=6, max_size=6))
def test_a_plan_always_ends_and_never_does_two_steps_within_the_gap(plan: Cadence, delays: list[Any]) -> None:
    done: list[dt.datetime] = []
    now = START
    for delay in delays:
        due = next_due(plan, State(START, done), now, OFFICE)
        assert due.at >= (done[-1] if done else START)
        now = max(now, due.at) + delay
        again = next_due(plan, State(START, done), now, OFFICE)
        if again.kind == Kind.END:
            assert again.is_due
            assert len(done) == plan.count
            return
        now = now if again.is_due or again.is_missed else again.at
        window = plan.steps[len(done)].window
        assert again.is_missed or window is None or is_open(now, window)
        assert not done or now - done[-1] >= plan.gap
        done.append(now)
    assert len(done) <= 5


@given(plan=cadences)
def test_the_dates_shown_beside_the_waits_go_forward_and_end_with_the_end(plan: Cadence) -> None:
    dates = list_dates(plan, START, OFFICE)
    assert [due.at for due in dates] == sorted(due.at for due in dates)
    assert dates[-1].kind == Kind.END
    assert len(dates) == plan.count + 1
