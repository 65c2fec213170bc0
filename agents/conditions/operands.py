"""What a person wrote beside a comparison, read into what the comparison needs.

Every reader takes the fact and the raw JSON value and raises ``Unreadable`` with words for that person.
"""

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import get_default_timezone, is_naive
from django.utils.translation import gettext as _

from agents.conditions.folding import fold
from agents.facts import Fact

LONGEST_TEXT = 500
LARGEST = 2**63
SPAN = re.compile(r"^\s*(\d{1,6}(?:\.\d{1,4})?)\s*(minute|hour|day|week)s?\s*$", re.ASCII)
SECONDS = {"minute": 60, "hour": 3600, "day": 86400, "week": 604800}
Moments = tuple[dt.datetime, dt.datetime]


class Unreadable(ValueError):  # noqa: N818
    """The value cannot be compared with; the message says what is expected."""


def read_nothing(fact: Fact, raw: Any) -> None:
    """For comparisons without a value."""


def read_text(fact: Fact, raw: Any) -> str:
    """A text, folded."""
    if not isinstance(raw, str) or not raw.strip() or not fold(raw.strip()):
        raise Unreadable(_("Enter a text to compare with."))
    if len(raw) > LONGEST_TEXT or "\x00" in raw or any("\ud800" <= char <= "\udfff" for char in raw):
        raise Unreadable(_("The text is too long or has characters that cannot be compared."))
    return fold(raw.strip())


def read_texts(fact: Fact, raw: Any) -> list[str]:
    """Several texts: a list, or one text with commas."""
    parts = raw.split(",") if isinstance(raw, str) else raw
    texts = [part for part in parts if not isinstance(part, str) or part.strip()] if isinstance(parts, list) else []
    if not texts:
        raise Unreadable(_("Enter one or more texts, with commas between them."))
    return [read_text(fact, part) for part in texts]


def read_key(fact: Fact, raw: Any) -> Any:
    """The key of one choice."""
    if isinstance(raw, bool) or raw is None or str(raw).strip() == "":
        raise Unreadable(_("Choose a value."))
    if fact.key_type is str:
        return str(raw)
    try:
        key = int(str(raw))
    except ValueError:
        raise Unreadable(_("Choose a value.")) from None
    if abs(key) >= LARGEST:
        raise Unreadable(_("Choose a value."))
    return key


def read_keys(fact: Fact, raw: Any) -> list[Any]:
    """The keys of several choices."""
    parts = raw if isinstance(raw, list) else [] if raw in (None, "") else [raw]
    if not parts:
        raise Unreadable(_("Choose one or more values."))
    return [read_key(fact, part) for part in parts]


def read_number(fact: Fact, raw: Any) -> Decimal:
    """A number."""
    try:
        number = Decimal(str(raw).strip().replace(",", "."))
    except InvalidOperation:
        raise Unreadable(_("Enter a number.")) from None
    if isinstance(raw, bool) or not number.is_finite() or abs(number) >= LARGEST or abs(number.adjusted()) > 30:
        raise Unreadable(_("Enter a number."))
    return number


def read_numbers(fact: Fact, raw: Any) -> tuple[Decimal, Decimal]:
    """Two numbers, the smaller first."""
    low, high = (read_number(fact, part) for part in _pair(raw))
    if low > high:
        raise Unreadable(_("The first number is larger than the second."))
    return low, high


def read_moments(fact: Fact, raw: Any) -> Moments:
    """A day or a moment, as the time at which it begins and the one at which it is over."""
    try:
        return _read_moments(str(raw).strip())
    except (ValueError, OverflowError):
        raise Unreadable(_("Enter a date, such as 2026-06-09, or a date and time.")) from None


def read_two_moments(fact: Fact, raw: Any) -> Moments:
    """From the beginning of the first day or moment to the end of the second."""
    first, second = (read_moments(fact, part) for part in _pair(raw))
    if first[0] >= second[1]:
        raise Unreadable(_("The first date is later than the second."))
    return first[0], second[1]


def read_span(fact: Fact, raw: Any) -> dt.timedelta:
    """A length of time such as "2 days"."""
    found = SPAN.match(str(raw))
    if not found:
        raise Unreadable(_("Enter a time such as 30 minutes, 12 hours, 2 days or 3 weeks."))
    span = dt.timedelta(seconds=float(found[1]) * SECONDS[found[2]])
    if not dt.timedelta() < span < dt.timedelta(days=36500):
        raise Unreadable(_("Enter a time between a minute and a hundred years."))
    return span


def _pair(raw: Any) -> list[Any]:
    if not isinstance(raw, list) or len(raw) != 2:
        raise Unreadable(_("Enter both values."))
    return raw


def _read_moments(text: str) -> Moments:
    zone = get_default_timezone()
    day = parse_date(text) if len(text) == 10 else None
    if day:
        _check_year(day.year)
        begins = dt.datetime.combine(day, dt.time(), zone)
        return begins, dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone)
    moment = parse_datetime(text)
    if moment is None:
        raise ValueError(text)
    _check_year(moment.year)
    moment = moment.replace(tzinfo=zone) if is_naive(moment) else moment
    return moment, moment + dt.timedelta(microseconds=1)


def _check_year(year: int) -> None:
    if not 1900 <= year <= 2200:
        raise ValueError(year)
