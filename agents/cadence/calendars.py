"""Business time: hours of a week in one IANA zone, without holidays, right over changes of the clock.

Pure: everything works on ``Hours``; ``hours_of`` makes them of a calendar's rows.
"""

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from agents.models import Calendar

UTC = dt.UTC
MIDNIGHT = "24:00"
# How far ahead an opening is looked for: longer than any run of holidays.
FARTHEST = dt.timedelta(days=800)
Span = tuple[dt.datetime, dt.datetime]
DayHours = Sequence[tuple[str, str]]


class NeverOpen(ValueError):  # noqa: N818
    """The calendar has no open hour within two years."""


@dataclass(frozen=True)
class Hours:
    """When business is done: weekday (0 is Monday) to [("09:00", "17:00"), …] of wall time; "24:00" ends a day."""

    zone: str = "UTC"
    week: Mapping[int, DayHours] = field(default_factory=dict)
    holidays: frozenset[dt.date] = frozenset()

    def spans_of(self, day: dt.date) -> list[Span]:
        """The open spans of one local day in UTC, in order; what the clock skips is not there."""
        if day in self.holidays:
            return []
        spans = [
            (_to_utc(day, begins, self.zone, fold=0), _to_utc(day, ends, self.zone, fold=1))
            for begins, ends in self.week.get(day.weekday(), ())
        ]
        return sorted((begins, ends) for begins, ends in spans if begins < ends)

    def spans_from(self, at: dt.datetime) -> Iterator[Span]:
        """The open spans that are not over at ``at``, in order, none overlapping; two years ahead."""
        day = at.astimezone(ZoneInfo(self.zone)).date() - dt.timedelta(days=1)
        done = at.astimezone(UTC)
        for _number in range(FARTHEST.days):
            for begins, ends in self.spans_of(day):
                if ends > done:
                    yield max(begins, done), ends
                    done = ends
            day += dt.timedelta(days=1)


ALWAYS_OPEN = Hours(week=dict.fromkeys(range(7), (("00:00", MIDNIGHT),)))


def hours_of(calendar: Calendar | None) -> Hours:
    """The hours of a calendar with its holidays (one query); no calendar is always open."""
    if calendar is None:
        return ALWAYS_OPEN
    week = {int(day): tuple((begins, ends) for begins, ends in spans) for day, spans in calendar.hours.items()}
    return Hours(calendar.zone, week, frozenset(calendar.holidays.values_list("day", flat=True)))


def is_open(at: dt.datetime, hours: Hours) -> bool:
    """Whether business is done at that moment; the end of a span is closed."""
    day = at.astimezone(ZoneInfo(hours.zone)).date()
    around = (day - dt.timedelta(days=1), day, day + dt.timedelta(days=1))
    return any(begins <= at < ends for near in around for begins, ends in hours.spans_of(near))


def next_open(at: dt.datetime, hours: Hours) -> dt.datetime:
    """The first moment from ``at`` on at which business is done, in UTC. Raises NeverOpen."""
    for begins, _ends in hours.spans_from(at):
        return begins
    raise NeverOpen(hours.zone)


def add_business(start: dt.datetime, duration: dt.timedelta, hours: Hours) -> dt.datetime:
    """The moment at which ``duration`` of open time has passed since ``start``, in UTC. Raises NeverOpen.

    Nothing to wait for gives the next open moment.
    """
    left = duration
    for begins, ends in hours.spans_from(start):
        if left <= ends - begins and (left or begins < ends):
            return begins + left
        left -= ends - begins
    raise NeverOpen(hours.zone)


def business_between(start: dt.datetime, end: dt.datetime, hours: Hours) -> dt.timedelta:
    """How much open time lies between two moments."""
    passed = dt.timedelta()
    for begins, ends in hours.spans_from(start):
        if begins >= end:
            break
        passed += min(ends, end) - begins
    return passed


def check_week(week: Mapping[str, Sequence[Sequence[str]]]) -> list[str]:
    """What is wrong with hours as they are stored, by weekday number: unreadable, backwards or overlapping."""
    wrong = []
    for day, spans in week.items():
        try:
            minutes = sorted((_minutes(begins), _minutes(ends)) for begins, ends in spans)
        except ValueError:
            wrong.append(day)
            continue
        backwards = any(begins >= ends for begins, ends in minutes)
        if backwards or any(later[0] < earlier[1] for earlier, later in itertools.pairwise(minutes)):
            wrong.append(day)
    return wrong


def _minutes(text: str) -> int:
    if text == MIDNIGHT:
        return 24 * 60
    at = dt.time.fromisoformat(text)
    return at.hour * 60 + at.minute


def _to_utc(day: dt.date, text: str, zone: str, *, fold: int) -> dt.datetime:
    """Wall time to UTC. A span begins with the first and ends with the second of an hour that comes twice."""
    if text == MIDNIGHT:
        day, text = day + dt.timedelta(days=1), "00:00"
        fold = 0
    wall = dt.datetime.combine(day, dt.time.fromisoformat(text), ZoneInfo(zone))
    return wall.replace(fold=fold).astimezone(UTC)
