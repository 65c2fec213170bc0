"""What waits for one person, as the list of the queue shows it."""

import datetime as dt
from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.access import hides_parts, keep_parts, visible_suggestions
from agents.kinds import KINDS
from agents.models import Suggestion
from agents.review import paging

ORDERS = {
    "risk": (_("Riskiest first"), ("-risk", "id")),
    "oldest": (_("Oldest first"), ("created_at", "id")),
    "newest": (_("Newest first"), ("-created_at", "-id")),
}
# Counts stop here: nobody compares 1,000 with 1,200, and the database need not count on.
MOST = 1000
DUE_SOON = dt.timedelta(hours=2)
LATE = dt.timedelta(days=1)
State = Suggestion.State


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to, as it stands in the address."""

    q: str = ""
    kind: str = ""
    agent: str = ""
    line: str = ""
    order: str = ""
    after: str = ""
    before: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "Filters":
        """The filters of an address; what cannot be is left out."""
        found = cls(**{name: query.get(name, "").replace("\0", "")[:200].strip() for name in cls.__dataclass_fields__})
        return replace(
            found,
            order=found.order if found.order in ORDERS and found.order != "risk" else "",
            line=found.line if found.line.isdecimal() and len(found.line) < 10 else "",
        )

    @property
    def keys(self) -> tuple[str, ...]:
        """The fields the list is in order of."""
        return ORDERS[self.order or "risk"][1]

    @property
    def narrowed(self) -> bool:
        """Whether a filter, beyond the order, is set."""
        return bool(self.q or self.kind or self.agent or self.line)

    @property
    def query(self) -> str:
        """The filters as the query of an address, "" when none is set."""
        return self.with_()

    def with_(self, **changes: str) -> str:
        """The query of an address with some filters changed."""
        kept = {name: value for name, value in {**asdict(self), **changes}.items() if value}
        return f"?{urlencode(kept)}" if kept else ""

    def first_page(self, **changes: str) -> str:
        """The same, from the first page on."""
        return self.with_(after="", before="", **changes)


def waiting(user: Any) -> QuerySet[Suggestion]:
    """Pending suggestions that ``user`` may decide."""
    return visible_suggestions(user).filter(state=State.PENDING)


def narrow(suggestions: QuerySet[Suggestion], filters: Filters, user: Any) -> QuerySet[Suggestion]:
    """Those that match the filters."""
    found = suggestions
    if filters.kind:
        found = found.filter(kind=filters.kind)
    if filters.agent:
        found = found.filter(agent=filters.agent)
    if filters.line:
        found = found.filter(line_of_business=int(filters.line))
    words = filters.q.split()[:6]
    in_summary = bool(words) and not hides_parts(user)
    for word in words:
        asked = Q(label__icontains=word) | Q(topic_label__icontains=word)
        found = found.filter(asked | Q(summary__icontains=word) if in_summary else asked)
    return found


def list_page(user: Any, filters: Filters, now: dt.datetime | None = None) -> paging.Page:
    """One page of what waits, each row with how long it has (``waited``) and whether that is late (``is_late``)."""
    now = now or timezone.now()
    found = narrow(waiting(user), filters, user).select_related("line_of_business")
    page = paging.cut(found, filters.keys, after=filters.after, before=filters.before)
    for row in page.rows:
        row.waited = now - row.created_at
        row.is_late = row.waited > LATE or bool(row.expires_at and row.expires_at - now < DUE_SOON)
    return name_kinds(page, user)


def name_kinds(page: paging.Page, user: Any) -> paging.Page:
    """The same page as ``user`` may see it, each row with the title of its kind."""
    for row in page.rows:
        keep_parts(row, user)
        row.kind_title = KINDS[row.kind].title
    return page


def count_kinds(user: Any) -> Counter[str]:
    """How many of each kind wait; the sum stops just over MOST."""
    return Counter(waiting(user).order_by().values_list("kind", flat=True)[: MOST + 1])


def next_after(user: Any, filters: Filters, decided: Suggestion) -> Suggestion | None:
    """The row to open once ``decided`` is gone: the one after it, else the first."""
    found = narrow(waiting(user), filters, user).exclude(pk=decided.pk).order_by(*filters.keys)
    here = paging.place(decided, filters.keys)
    return found.filter(paging.beyond(filters.keys, here)).first() or found.first()


def decided_today(user: Any, now: dt.datetime | None = None) -> QuerySet[Suggestion]:
    """What was accepted or rejected since midnight, the person's own time, among what ``user`` may decide about."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    found = visible_suggestions(user).filter(decided_at__gte=midnight, state__in=[State.ACCEPTED, State.REJECTED])
    return found.select_related("line_of_business", "decided_by")


def newest_id() -> int:
    """The number of the newest suggestion: what has a higher one came later."""
    return Suggestion.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def count_newer(user: Any, filters: Filters, since: int) -> int:
    """How many that match have come since; 100 means that many or more."""
    return narrow(waiting(user), filters, user).filter(pk__gt=since).order_by().values("pk")[:100].count()
