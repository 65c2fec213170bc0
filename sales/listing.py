"""The list of leads: views, filters and search, page by page by key, never by counting all."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.search import SearchQuery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from agents.review.paging import Page, cut
from agents.skills.languages import fold
from conversations.facts import queue_choices
from sales.access import hidden_lead_fields, visible_leads
from sales.models import HandOver, Lead

ORDER = ("-last_activity_at", "-id")
PAGE = 25
COUNT_UP_TO = 1000
RUNNING = (Lead.Status.RESEARCHING, Lead.Status.QUALIFIED, Lead.Status.IN_OUTREACH, Lead.Status.REPLIED)
TO_SELLERS = (HandOver.Target.SELLER, HandOver.Target.PREVIOUS)
VIEWS = ("mine", "open", "review", "unassigned", "handed_over", "running", "disqualified", "all")


@dataclass(frozen=True)
class Filters:
    """What the address of the list says; unknown values are ignored."""

    view: str = "open"
    q: str = ""
    status: str = ""
    fit: str = ""
    queue: str = ""

    @classmethod
    def from_query(cls, query: QueryDict) -> "Filters":
        """Read the address."""
        view, queue = query.get("view", "open"), query.get("queue", "")
        return cls(
            view=view if view in VIEWS else "open",
            q=query.get("q", "").replace("\0", "").strip()[:200],
            status=query.get("status", "") if query.get("status") in Lead.Status.values else "",
            fit=query.get("fit", "") if query.get("fit") in Lead.Fit.values else "",
            queue=queue if queue.isdecimal() and queue.isascii() and len(queue) < 15 else "",
        )

    def as_query(self, **changes: str) -> str:
        """The address with some parts changed; what has its usual value is left out."""
        values = {name: changes.get(name, getattr(self, name)) for name in self.__dataclass_fields__}
        kept = {name: value for name, value in values.items() if value and value != getattr(Filters(), name)}
        return urlencode(kept | {name: value for name, value in changes.items() if name not in values and value})

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the view is chosen."""
        return bool(self.q or self.status or self.fit or self.queue)


def list_leads(user: Any, filters: Filters) -> QuerySet[Lead]:
    """The leads of a view that this user may see, where something happened last first."""
    rows = visible_leads(user).select_related("owner", "queue", "line_of_business").filter(_view(user, filters.view))
    for name, path in (("status", "status"), ("fit", "fit"), ("queue", "queue_id")):
        if value := getattr(filters, name):
            rows = rows.filter(**{path: value})
    if filters.q:
        rows = rows.filter(_search(filters.q, hidden_lead_fields(user)))
    return rows


def _view(user: Any, view: str) -> Q:
    over = Q(status__in=[Lead.Status.CLOSED, Lead.Status.DISQUALIFIED, Lead.Status.HANDED_OVER])
    if view == "mine":
        return Q(owner=user)
    if view == "review":
        return ~Q(waiting_kinds=[])
    if view == "handed_over":
        return _handed_over()
    if view == "running":
        return Q(status__in=RUNNING) & ~_handed_over()
    if view == "disqualified":
        return Q(status=Lead.Status.DISQUALIFIED)
    if view == "unassigned":
        return Q(owner__isnull=True) & ~over
    return Q() if view == "all" else ~over


def _handed_over() -> Q:
    """The agent gave it to a person who has it."""
    given = HandOver.objects.filter(lead=OuterRef("pk"), state=HandOver.State.COMPLETED, target__in=TO_SELLERS)
    return Q(Exists(given))


def _search(words: str, hidden: frozenset[str]) -> Q:
    """Words are sought in company, name, address and what is known; an exact address finds its lead.

    The search text is made of all fields: who has hidden ones is only answered from the open ones.
    """
    found = Q(pk__in=[])
    for name in ("company_name", "name", "email"):
        if name not in hidden:
            found |= Q(**{f"{name}__icontains": words})
    return found if hidden else found | Q(search=SearchQuery(fold(words), search_type="websearch", config="simple"))


def cut_page(rows: QuerySet[Lead], *, after: str = "", before: str = "", size: int = PAGE) -> Page:
    """One page of the list."""
    return cut(rows, ORDER, after=after, before=before, size=size)


def count_leads(rows: QuerySet[Lead]) -> str:
    """How many there are, up to "1,000+": counting stops there."""
    count = rows.order_by().values("pk")[: COUNT_UP_TO + 1].count()
    return f"{COUNT_UP_TO:,}+" if count > COUNT_UP_TO else str(count)


def view_names() -> dict[str, str]:
    """The views of the list by code."""
    return {
        "open": _("Open"),
        "mine": _("Mine"),
        "review": _("Needs review"),
        "unassigned": _("Unassigned"),
        "handed_over": _("Handed over by the agent"),
        "running": _("The agent works on them"),
        "disqualified": _("Disqualified"),
        "all": _("All"),
    }


def selects_of(filters: Filters) -> list[dict[str, Any]]:
    """The selects over the list, with what is chosen."""
    queues = [(str(pk), name) for pk, name in queue_choices()]
    fits = [(value, label) for value, label in Lead.Fit.choices if value]
    rows = (
        ("status", _("Any status"), list(Lead.Status.choices)),
        ("fit", _("Any fit"), fits),
        ("queue", _("Any queue"), queues),
    )
    return [
        {"name": name, "label": every, "value": getattr(filters, name), "choices": [("", every), *choices]}
        for name, every, choices in rows
    ]
