"""Dates as pages of a calendar: the weeks in which something happens. Pure."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from agents.cadence.calendars import ALWAYS_OPEN, Hours

MOST_WEEKS = 12


@dataclass(frozen=True)
class Day:
    """One day: its number, what happens on it, and how it looks (start, send, end, shut or "")."""

    date: dt.date
    look: str = ""
    texts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Month:
    """The weeks of one month in which something happens, Monday to Sunday."""

    first: dt.date
    weeks: list[list[Day]]


def draw_months(marks: Mapping[dt.datetime, tuple[str, str]], hours: Hours) -> list[Month]:
    """The weeks from the first mark to the last; of a long plan only those in which something happens."""
    zone = ZoneInfo(hours.zone)
    on: dict[dt.date, list[tuple[str, str]]] = {}
    for at, mark in sorted(marks.items()):
        on.setdefault(at.astimezone(zone).date(), []).append(mark)
    first, last = min(on), max(on)
    monday = first - dt.timedelta(days=first.weekday())
    weeks = [monday + dt.timedelta(weeks=number) for number in range((last - monday).days // 7 + 1)]
    if len(weeks) > MOST_WEEKS:
        weeks = [week for week in weeks if any(week + dt.timedelta(days=day) in on for day in range(7))]
    months: dict[tuple[int, int], Month] = {}
    for week in weeks:
        days = [_day(week + dt.timedelta(days=number), on, hours) for number in range(7)]
        # A week belongs to the month of its first day on which something happens, else of its Monday.
        named = next((day.date for day in days if day.texts), week)
        months.setdefault((named.year, named.month), Month(named.replace(day=1), [])).weeks.append(days)
    return list(months.values())


def _day(day: dt.date, on: Mapping[dt.date, list[tuple[str, str]]], hours: Hours) -> Day:
    if day in on:
        return Day(day, on[day][-1][1], [text for text, _look in on[day]])
    shut = hours != ALWAYS_OPEN and not hours.spans_of(day)
    return Day(day, "shut" if shut else "")
