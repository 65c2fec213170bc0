"""The cases out of history, page by page, each with what the agents would have done and what was really answered."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from agents.models import Suggestion
from agents.models.levels import ArrivedAs
from agents.review import paging
from cases.access import visible_cases
from cases.models import Case
from cases.observing import REPLY, compare_cases

PAGE = 10
SHOWN = ("all", "drafted", "answered", "undrafted", "open")
NEWEST = ["-last_message_at", "-id"]
COUNT_UP_TO = 1000


@dataclass(frozen=True)
class Filters:
    """What the address of the page says; unknown values are ignored."""

    show: str = "all"
    after: str = ""
    before: str = ""

    @classmethod
    def from_query(cls, query: QueryDict) -> "Filters":
        """Read the address."""
        show = query.get("show", "all")
        return cls(show if show in SHOWN else "all", query.get("after", "")[:200], query.get("before", "")[:200])

    def as_query(self) -> dict[str, str]:
        """What the address says of the filter; nothing when all are shown."""
        return {"show": self.show} if self.show != "all" else {}


def list_tabs(filters: Filters, url: str) -> list[dict[str, str]]:
    """The filters as tabs."""
    texts = {
        "all": _("All cases"),
        "drafted": _("With a draft"),
        "answered": _("Draft beside your answer"),
        "undrafted": _("Without a draft"),
        "open": _("Still open"),
    }
    return [
        {"text": texts[name], "url": url if name == "all" else f"{url}?{urlencode({'show': name})}"} for name in SHOWN
    ]


def list_observed(user: Any, filters: Filters) -> paging.Page:
    """One page of comparisons (``cases.observing.Comparison``), newest mail first, with its neighbours' cursors."""
    rows = _history(user).select_related("contact", "line_of_business")
    page = paging.cut(_filtered(rows, filters.show), NEWEST, after=filters.after, before=filters.before, size=PAGE)
    return paging.Page(compare_cases(page.rows), after=page.after, before=page.before)


def _history(user: Any) -> QuerySet[Case]:
    """Cases out of history that the user may see, adopted ones among them."""
    return visible_cases(user).filter(Q(arrived_as=ArrivedAs.HISTORY) | Q(adopted_at__isnull=False))


def _filtered(rows: QuerySet[Case], show: str) -> QuerySet[Case]:
    drafts = Suggestion.objects.filter(
        content_type=ContentType.objects.get_for_model(Case),
        object_id=OuterRef("pk"),
        kind=REPLY,
        state=Suggestion.State.OBSERVED,
    )
    if show == "drafted":
        return rows.filter(Exists(drafts))
    if show == "answered":
        return rows.filter(Exists(drafts), first_response_at__isnull=False)
    if show == "undrafted":
        return rows.filter(~Exists(drafts), reply_seen__gt=0)
    if show == "open":
        return rows.filter(status=Case.Status.OPEN)
    return rows


def count_open(user: Any) -> int:
    """How many open cases out of history wait to be adopted; counting stops at a thousand."""
    rows = visible_cases(user).filter(arrived_as=ArrivedAs.HISTORY, status=Case.Status.OPEN)
    return rows.values("pk")[:COUNT_UP_TO].count()
