"""The list of plans: filters in the address, page by page by key."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict

from followups.access import visible_plans
from followups.models import Plan

ORDERS = {"running": ("due_at", "id"), "ended": ("-ended_at", "-id")}
DUE = {"now": dt.timedelta(), "today": dt.timedelta(days=1), "week": dt.timedelta(days=7)}


@dataclass(frozen=True)
class Filters:
    """What the address of the list says; unknown values are ignored."""

    state: str = "running"
    rule: str = ""
    due: str = ""
    ended_as: str = ""

    @classmethod
    def from_query(cls, query: QueryDict) -> "Filters":
        """Read the address."""
        state, rule, due = query.get("state", ""), query.get("rule", ""), query.get("due", "")
        ended_as = query.get("ended_as", "")
        return cls(
            state=state if state in Plan.State.values else "running",
            rule=rule if rule.isdecimal() and rule.isascii() and len(rule) < 15 else "",
            due=due if due in (*DUE, "person") else "",
            ended_as=ended_as if ended_as in Plan.EndedAs.values else "",
        )

    def as_query(self, **changes: str) -> str:
        """The address with some parts changed."""
        values = {name: changes.get(name, getattr(self, name)) for name in self.__dataclass_fields__}
        kept = {name: value for name, value in values.items() if value and (name, value) != ("state", "running")}
        return urlencode(kept | {name: value for name, value in changes.items() if name not in values and value})

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the state is chosen."""
        return bool(self.rule or self.due or self.ended_as)


def list_plans(user: Any, filters: Filters, now: dt.datetime) -> QuerySet[Plan]:
    """The plans of these filters that this user may see."""
    rows = visible_plans(user).filter(state=filters.state).select_related("case__contact", "case__owner", "rule")
    if filters.rule:
        rows = rows.filter(rule=int(filters.rule))
    if filters.due == "person":
        rows = rows.filter(look_at__isnull=True)
    elif filters.due:
        rows = rows.filter(due_at__lte=now + DUE[filters.due])
    if filters.ended_as and filters.state == Plan.State.ENDED:
        rows = rows.filter(ended_as=filters.ended_as)
    return rows
