"""Older versions of lines of business and calendars, made the newest again."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from agents.manage import lines
from agents.models import Calendar, Holiday, LineOfBusiness
from agents.sections.versions import Snapshot, Versioned, register


def restore_line(row: LineOfBusiness, snapshot: Snapshot, *, by: Any, expected: int | None) -> None:
    """Save a line of business as it was. Raises ValueError when its name is taken or its calendar is gone."""
    name = snapshot["name"]
    if LineOfBusiness.objects.exclude(pk=row.pk).filter(name=name).exists():
        raise ValueError(_("Another line of business is called “%(name)s” now.") % {"name": name})
    calendar = Calendar.objects.filter(name=snapshot["calendar"]).first()
    if snapshot["calendar"] and calendar is None:
        raise ValueError(_("There is no calendar “%(name)s” any more.") % {"name": snapshot["calendar"]})
    row.name, row.description, row.calendar = name, snapshot["description"], calendar
    row.is_active = snapshot["is_active"]
    lines.save_line(row, by=by, expected=expected)


def restore_calendar(row: Calendar, snapshot: Snapshot, *, by: Any, expected: int | None) -> None:
    """Save a calendar with its hours and holidays as they were. Raises ValueError when its name is taken."""
    if Calendar.objects.exclude(pk=row.pk).filter(name=snapshot["name"]).exists():
        raise ValueError(_("Another calendar is called “%(name)s” now.") % {"name": snapshot["name"]})
    row.name, row.zone = snapshot["name"], snapshot["zone"]
    row.hours = {day: [span.split("-", 1) for span in spans] for day, spans in snapshot["hours"].items()}
    holidays = [_read_holiday(words) for words in snapshot["holidays"]]
    with transaction.atomic():
        lines.save_calendar(row, holidays, by=by, expected=expected)


def _read_holiday(words: str) -> Holiday:
    day, _space, name = words.partition(" ")
    return Holiday(day=dt.date.fromisoformat(day), name=name)


def _find_line(user: Any, pk: int) -> LineOfBusiness:
    if not user.has_perm("agents.manage"):
        raise Http404
    return get_object_or_404(LineOfBusiness, pk=pk)


def _find_calendar(user: Any, pk: int) -> Calendar:
    if not user.has_perm("agents.manage"):
        raise Http404
    return get_object_or_404(Calendar, pk=pk)


register(Versioned("line", _find_line, lambda row: reverse("agents:line", args=[row.pk]), restore_line))
register(Versioned("calendar", _find_calendar, lambda row: reverse("agents:calendar", args=[row.pk]), restore_calendar))
