"""The shape of a plan: its steps, waits and end as a rule says them, read as a cadence. Pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from agents.cadence import Cadence, Due, Kind, State, Step, Unit, next_due
from agents.cadence.calendars import ALWAYS_OPEN, Hours, next_open

UNITS = [
    ("minutes", _("minutes")),
    ("hours", _("hours")),
    ("days", _("days")),
    ("business_hours", _("business hours")),
    ("business_days", _("business days")),
]
COUNTED = {
    "minutes": ("%(number)d minute", "%(number)d minutes"),
    "hours": ("%(number)d hour", "%(number)d hours"),
    "days": ("%(number)d day", "%(number)d days"),
    "business_hours": ("%(number)d business hour", "%(number)d business hours"),
    "business_days": ("%(number)d business day", "%(number)d business days"),
}
MOST_STEPS = 5
LEAST_GAP = dt.timedelta(hours=1)
Shape = Mapping[str, Any]
_SUNDAY_TO_SUNDAY = dt.date(2023, 1, 1)


def read_wait(wait: Mapping[str, Any], hours: Hours) -> tuple[dt.timedelta, Unit]:
    """A number and a unit as time that passes; a business day is the longest day of the calendar."""
    number, unit = int(wait["wait"]), wait["unit"]
    if unit == "business_days":
        return number * business_day(hours), Unit.BUSINESS
    if unit == "business_hours":
        return dt.timedelta(hours=number), Unit.BUSINESS
    return dt.timedelta(**{unit: number}), Unit.ELAPSED


def business_day(hours: Hours) -> dt.timedelta:
    """How much open time the longest day of a week has."""
    days = (_SUNDAY_TO_SUNDAY + dt.timedelta(days=number) for number in range(8))
    plain = Hours(hours.zone, hours.week)
    lengths = [sum((ends - begins for begins, ends in plain.spans_of(day)), dt.timedelta()) for day in days]
    return min(max(lengths), dt.timedelta(hours=24)) or dt.timedelta(hours=24)


def read_cadence(shape: Shape, hours: Hours) -> Cadence:
    """The rhythm of a plan. Raises ValueError for one without an end."""
    window = hours if shape.get("in_hours") and hours != ALWAYS_OPEN else None
    waits = [read_wait(step, hours) for step in shape["steps"]]
    end, end_unit = read_wait(shape["end"], hours)
    gap = min([LEAST_GAP, *(wait for wait, _unit in waits)])
    return Cadence([Step(wait, unit, window) for wait, unit in waits], end, end_unit, cap=MOST_STEPS, gap=gap)


def find_due(shape: Shape, *, step: int, since: dt.datetime, hours: Hours, now: dt.datetime) -> Due:
    """What comes next when ``step`` steps are done and the last mail left at ``since``.

    Measured from what really happened: steps that were missed while nothing ran never stack.
    """
    due = next_due(read_cadence(shape, hours), State(since, (since,) * step), now, hours)
    if due.kind == Kind.END and shape.get("in_hours") and hours != ALWAYS_OPEN:
        # The closing is told by a mail, which keeps to the hours as well.
        at = next_open(max(due.at, now), hours)
        due = replace(due, at=at, is_due=at <= now)
    return due


def list_shape_dates(shape: Shape, *, since: dt.datetime, hours: Hours) -> list[Due]:
    """Every date of a plan whose first silence begins at ``since``, each step done on time."""
    done = first_step(shape)
    dues: list[Due] = []
    while not dues or dues[-1].kind == "step":
        last = dues[-1].at if dues else since
        dues.append(find_due(shape, step=done, since=last, hours=hours, now=last))
        done += 1
    return dues


def first_step(shape: Shape) -> int:
    """How many steps are done when a plan begins: one, where our own unanswered mail counts as the first."""
    return 1 if shape.get("own_mail_counts") else 0


def template_of(shape: Shape, number: int) -> int | None:
    """The template of a step, numbered from 1."""
    chosen = shape["steps"][number - 1].get("template")
    return int(chosen) if chosen else None


def words_of_wait(wait: Mapping[str, Any]) -> str:
    """ "2 days"."""
    number = int(wait["wait"])
    one, many = COUNTED[wait["unit"]]
    return ngettext(one, many, number) % {"number": number}
