"""Times, waits and shares in the words people say."""

import datetime as dt

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MINUTE, HOUR, DAY = 60, 3600, 86400


def say_moment(at: dt.datetime | dt.date, *, short: bool = False) -> str:
    """A moment in the current time zone: "Today, 08:02", "Thu 11 June, 08:00"; short for lists: "08:02", "Yesterday".

    A date without a time is said without one. The year appears only when it is not this year.
    """
    now = timezone.localtime()
    if not isinstance(at, dt.datetime):
        return _say_day(at, now.date())
    at = timezone.localtime(at) if timezone.is_aware(at) else at
    clock, days = f"{at:%H:%M}", (now.date() - at.date()).days
    if short:
        return clock if days == 0 else _("Yesterday") if days == 1 else _say_short_day(at.date(), now.date())
    return _("%(day)s, %(time)s") % {"day": _say_day(at.date(), now.date()), "time": clock}


def _say_day(day: dt.date, today: dt.date) -> str:
    named = {0: _("Today"), 1: _("Yesterday"), -1: _("Tomorrow")}.get((today - day).days)
    return named or date_format(day, "D j F" if day.year == today.year else "D j F Y")


def _say_short_day(day: dt.date, today: dt.date) -> str:
    if 0 < (today - day).days < 7:
        return date_format(day, "D")
    return date_format(day, "j F" if day.year == today.year else "j F Y")


def say_duration(length: dt.timedelta | float) -> str:
    """A wait (timedelta or seconds) in its two largest units: "2 h 22 min", "38 min", "3 days", "12 s"."""
    seconds = int(abs(length.total_seconds() if isinstance(length, dt.timedelta) else length))
    days, hours, minutes = seconds // DAY, seconds % DAY // HOUR, seconds % HOUR // MINUTE
    if days:
        said = ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
        return f"{said} {hours} h" if hours and days < 4 else said
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"


def say_percent(share: float) -> str:
    """A share from 0 to 1 in whole percent, never rounded up to 100: "97 %"."""
    return f"{to_percent(share)} %"


def to_percent(share: float) -> int:
    """A share from 0 to 1 as 0 to 100; 99 for everything that is nearly, but not, all."""
    bounded = min(max(float(share), 0.0), 1.0)
    return 100 if bounded == 1.0 else min(99, round(100 * bounded))
