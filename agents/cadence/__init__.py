"""The cadence engine: when the next step of a plan is due. Pure; the caller keeps the state and does the step.

A step waits from the moment the one before was really done, so that steps missed while nothing ran never stack: after
an outage one step is due, and the next a full wait later.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from agents.cadence.calendars import Hours, add_business, next_open


class Unit(StrEnum):
    """What a wait is measured in: every hour, or only the open hours of the calendar."""

    ELAPSED = "elapsed"
    BUSINESS = "business"


@dataclass(frozen=True)
class Step:
    """One step: how long to wait after the one before, and the hours in which it may be done (None: any)."""

    wait: dt.timedelta
    unit: Unit = Unit.ELAPSED
    window: Hours | None = None


@dataclass(frozen=True)
class Cadence:
    """A plan's rhythm.

    wait_before_end: after the last step, in the unit of ``end_unit``. cap: at most so many steps, whatever the list.
    gap: the least time between two steps. too_late: a step that could not be done for so long is missed.
    """

    steps: Sequence[Step]
    wait_before_end: dt.timedelta
    end_unit: Unit = Unit.ELAPSED
    cap: int | None = None
    gap: dt.timedelta = dt.timedelta(hours=1)
    too_late: dt.timedelta | None = None

    def __post_init__(self) -> None:
        """A plan without an end, or with a wait that goes back, is refused: ValueError."""
        waits = [step.wait for step in self.steps] + [self.wait_before_end, self.gap]
        if any(wait < dt.timedelta() for wait in waits) or self.wait_before_end <= dt.timedelta():
            raise ValueError("Each wait must be zero or more, and the wait before the end more than zero.")

    @property
    def count(self) -> int:
        """How many steps the plan has."""
        return len(self.steps) if self.cap is None else min(self.cap, len(self.steps))


@dataclass(frozen=True)
class State:
    """How far a plan is: when it started, and when each step was done or given up, in order."""

    started_at: dt.datetime
    done: Sequence[dt.datetime] = ()


class Kind(StrEnum):
    """What comes next."""

    STEP = "step"
    END = "end"


@dataclass(frozen=True)
class Due:
    """What comes next: a step (numbered from 1) or the end, when, whether that is now, and whether it is missed.

    A missed step is not done: the caller puts it before a person or gives it up (adds now to ``done``).
    """

    kind: Kind
    number: int
    at: dt.datetime
    is_due: bool
    is_missed: bool


def next_due(cadence: Cadence, state: State, now: dt.datetime, calendar: Hours) -> Due:
    """The next step or the end of the plan. ``calendar`` measures business waits."""
    number = len(state.done) + 1
    since = state.done[-1] if state.done else state.started_at
    if number > cadence.count:
        at = _wait(since, cadence.wait_before_end, cadence.end_unit, calendar)
        return Due(Kind.END, number, at, is_due=at <= now, is_missed=False)
    at = _step_at(cadence, cadence.steps[number - 1], since, calendar, is_first=not state.done)
    missed = cadence.too_late is not None and now - at > cadence.too_late
    window = cadence.steps[number - 1].window
    if at < now and window is not None and not missed:
        # Late, but not too late: in the next hour that is allowed, not at night.
        at = max(at, next_open(now, window))
    return Due(Kind.STEP, number, at, is_due=at <= now, is_missed=missed)


def list_dates(cadence: Cadence, started_at: dt.datetime, calendar: Hours) -> list[Due]:
    """Every step and the end, if each is done on time: what a form shows beside the waits."""
    dues: list[Due] = []
    while not dues or dues[-1].kind == Kind.STEP:
        dues.append(next_due(cadence, State(started_at, tuple(due.at for due in dues)), started_at, calendar))
    return dues


def _step_at(cadence: Cadence, step: Step, since: dt.datetime, calendar: Hours, *, is_first: bool) -> dt.datetime:
    at = _wait(since, step.wait, step.unit, calendar)
    if not is_first:
        at = max(at, since + cadence.gap)
    return next_open(at, step.window) if step.window is not None else at


def _wait(since: dt.datetime, wait: dt.timedelta, unit: Unit, calendar: Hours) -> dt.datetime:
    return add_business(since, wait, calendar) if unit == Unit.BUSINESS else since + wait
