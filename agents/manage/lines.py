"""Saving lines of business and business calendars."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.audit import record
from agents.models import Calendar, Holiday, LineOfBusiness
from agents.sections import versions


def save_line(line: LineOfBusiness, *, by: Any, expected: int | None = None) -> LineOfBusiness:
    """Add or change a line of business, with a version and an entry. Raises ``versions.Conflict``."""
    with transaction.atomic():
        line.save()
        state = {
            "name": line.name,
            "description": line.description,
            "calendar": str(line.calendar or ""),
            "is_active": line.is_active,
        }
        version = versions.save_version(f"line:{line.pk}", state, by=by, expected=expected)
        record(
            "agents.line_saved",
            by=by,
            subject=line,
            text=_("Line of business %(name)s saved") % {"name": line.name},
            changes=version.changes,
        )
    return line


def save_calendar(calendar: Calendar, holidays: Sequence[Holiday], *, by: Any, expected: int | None = None) -> Calendar:
    """Add or change a business calendar and replace its holidays, with a version and an entry.

    Raises ``versions.Conflict``.
    """
    with transaction.atomic():
        calendar.save()
        calendar.holidays.all().delete()
        for holiday in holidays:
            holiday.calendar = calendar
        Holiday.objects.bulk_create(holidays)
        state = {
            "name": calendar.name,
            "zone": calendar.zone,
            "hours": {day: ["-".join(span) for span in spans] for day, spans in calendar.hours.items()},
            "holidays": [f"{holiday.day} {holiday.name}".strip() for holiday in holidays],
        }
        version = versions.save_version(f"calendar:{calendar.pk}", state, by=by, expected=expected)
        record(
            "agents.calendar_saved",
            by=by,
            subject=calendar,
            text=_("Calendar %(name)s saved") % {"name": calendar.name},
            changes=version.changes,
        )
    return calendar
