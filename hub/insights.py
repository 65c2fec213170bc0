"""The numbers of a period beside the period before, and how they ran; every number opens its rows."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDay, TruncMonth, TruncWeek
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date

from agents.measures import MEASURES, Measure, list_measures

READERS = ("cases.work", "knowledge.author", "sales.work", "agents.manage")
USUAL, LONGEST = 28, 731
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """What the address asks for: days from ``since`` up to and with ``until``, one line of business, one agent."""

    since: dt.date
    until: dt.date
    line: str = ""
    agent: str = ""

    @classmethod
    def from_query(cls, query: QueryDict, *, today: dt.date) -> "Period":
        """Read the address; what cannot be read, is the wrong way round or too long gives the last four weeks."""
        days = query.get("days", "")
        since, until = _day(query.get("since", "")), _day(query.get("until", "")) or today
        if days in ("7", "28", "84", "365"):
            since, until = today - (int(days) - 1) * DAY, today
        if since is None or since > until or (until - since).days > LONGEST:
            since, until = today - (USUAL - 1) * DAY, today
        line, agent = query.get("line", ""), query.get("agent", "")
        is_number = line.isascii() and line.isdigit() and len(line) < 10
        return cls(
            since,
            until,
            line if is_number else "",
            agent if agent.replace("-", "").isalpha() and len(agent) < 40 else "",
        )

    def as_query(self) -> str:
        """The address again."""
        values = {"since": str(self.since), "until": str(self.until), "line": self.line, "agent": self.agent}
        return urlencode({name: value for name, value in values.items() if value})

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days + 1

    def before(self) -> "Period":
        """As many days before it."""
        return Period(self.since - self.days * DAY, self.since - DAY, self.line, self.agent)


def _day(text: str) -> dt.date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found and 2000 < found.year < 9000 else None


def rows_of(measure: Measure, user: Any, period: Period) -> QuerySet[Any]:
    """The rows that a measure counts in a period, within the user's sight."""
    start, end = _midnight(period.since), _midnight(period.until + DAY)
    rows = measure.rows(user).filter(**{f"{measure.at}__gte": start, f"{measure.at}__lt": end})
    if period.line:
        rows = rows.filter(**{measure.line: int(period.line)})
    if period.agent and not measure.agent:
        rows = rows.filter(agent=period.agent)
    return rows


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


@dataclass(frozen=True)
class Number:
    """A measure as the page shows it: now and before, shares in percent, None where there is nothing to share."""

    measure: Measure
    value: float | None
    before: float | None
    count: int
    url: str

    @property
    def change(self) -> float | None:
        """By how much it changed: points for shares, a number for counts."""
        return None if self.value is None or self.before is None else self.value - self.before

    @property
    def is_better(self) -> str:
        """yes, no, or "" where neither."""
        if not self.measure.better or not self.change:
            return ""
        return "yes" if (self.change > 0) == (self.measure.better == "up") else "no"


def read_numbers(user: Any, period: Period, *, base_url: str) -> list[Number]:
    """Every measure that fits the agent asked for; one count for each and period."""
    wanted = [one for one in list_measures() if not period.agent or one.agent in ("", period.agent)]
    needed = {one.name for one in wanted} | {one.of for one in wanted if one.of}
    counts = {
        (name, at): rows_of(MEASURES[name], user, when).count()
        for name in sorted(needed)
        for at, when in (("now", period), ("before", period.before()))
    }
    return [
        Number(
            measure=one,
            value=_value(one, counts, "now"),
            before=_value(one, counts, "before"),
            count=counts[one.name, "now"],
            url=f"{base_url}{one.name}/?{period.as_query()}",
        )
        for one in wanted
    ]


def _value(measure: Measure, counts: dict[tuple[str, str], int], at: str) -> float | None:
    if not measure.of:
        return counts[measure.name, at]
    whole = counts[measure.of, at]
    return round(100 * counts[measure.name, at] / whole, 1) if whole else None


def read_course(user: Any, period: Period, names: tuple[str, ...]) -> dict[str, Any]:
    """How measures ran over the period, by day, week or month: labels and one series of counts for each."""
    truncate = TruncDay if period.days <= 31 else TruncWeek if period.days <= 190 else TruncMonth
    found: dict[str, dict[Any, int]] = {}
    for name in names:
        measure = MEASURES[name]
        rows = rows_of(measure, user, period).order_by().annotate(bucket=truncate(measure.at)).values("bucket")
        found[name] = {row["bucket"].date(): row["n"] for row in rows.annotate(n=Count("pk"))}
    buckets = _buckets(period, truncate)
    return {
        "labels": [f"{day.day} {day:%b}" for day in buckets],
        "series": [(str(MEASURES[name].label), [found[name].get(day, 0) for day in buckets]) for name in names],
    }


def _buckets(period: Period, truncate: Any) -> list[dt.date]:
    days = [period.since + number * DAY for number in range(period.days)]
    if truncate is TruncWeek:
        days = [day - day.weekday() * DAY for day in days]
    if truncate is TruncMonth:
        days = [day.replace(day=1) for day in days]
    return sorted(set(days))


def read_lines(user: Any, period: Period, lines: list[Any]) -> list[dict[str, Any]]:
    """The decisions of the period by line of business, the largest first: decided and accepted."""
    measure = MEASURES["decided"]
    rows = rows_of(measure, user, period).order_by().values("line_of_business")
    names = {line.pk: line.name for line in lines}
    counted = rows.annotate(n=Count("pk"), taken=Count("pk", filter=Q(state="accepted"))).order_by("-n")
    return [
        {
            "name": names.get(row["line_of_business"], ""),
            "decided": row["n"],
            "accepted": round(100 * row["taken"] / row["n"]),
            "line": row["line_of_business"],
        }
        for row in counted[:20]
    ]
