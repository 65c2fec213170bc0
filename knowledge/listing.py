"""The list of articles: what is wanted, and one page of it with the passage that matched."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.timezone import is_aware

from agents.panes import Found
from knowledge.access import of_line, visible_articles
from knowledge.models import Article
from knowledge.search import Hit, search_articles

PER_PAGE = 30
FILTERS = ("q", "state", "audience", "language", "line", "product", "subject")


@dataclass
class Page:
    """One page of articles, newest change first, or the best of a search; cursors are "" where there is no more."""

    articles: list[Article]
    hits: dict[int, Hit]
    after: str = ""
    before: str = ""


def read_wanted(asked: Mapping[str, str]) -> dict[str, str]:
    """The filters of an address, without what is empty."""
    said = {name: asked.get(name, "").replace("\x00", "").strip()[:300] for name in FILTERS}
    return {name: value for name, value in said.items() if value}


def filter_articles(user: Any, wanted: Mapping[str, str]) -> QuerySet[Article]:
    """The articles ``user`` may see that fit every filter; a filter that makes no sense fits nothing."""
    rows = visible_articles(user)
    for name in ("state", "audience", "language"):
        if name in wanted:
            rows = rows.filter(**{name: wanted[name]})
    for name in ("line", "product", "subject"):
        if name in wanted:
            rows = rows.filter(_filed(name, wanted[name]))
    return rows


def _filed(name: str, value: str) -> Q:
    if not value.isdecimal() or int(value) >= 2**31:
        return Q(pk__in=[])
    if name == "line":
        return of_line(int(value))
    field = {"product": "products", "subject": "subjects"}[name]
    through = getattr(Article, field).through
    return Q(pk__in=through.objects.filter(**{name: int(value)}).values("article"))


def list_page(user: Any, wanted: Mapping[str, str], *, after: str = "", before: str = "") -> Page:
    """One page. With a question the best matches, by how well they answer; titles count where search is behind."""
    rows = filter_articles(user, wanted)
    shown = rows.select_related("author").defer("body").prefetch_related("lines_of_business", "products")
    if "q" in wanted:
        hits = {hit.article: hit for hit in search_articles(wanted["q"], rows, limit=PER_PAGE)}
        found = shown.filter(Q(pk__in=hits) | Q(title__icontains=wanted["q"]))[: 2 * PER_PAGE]
        order = {pk: place for place, pk in enumerate(hits)}
        return Page(sorted(found, key=lambda row: (order.get(row.pk, PER_PAGE), row.title))[:PER_PAGE], hits)
    return _keyset(shown, after, before)


def _keyset(rows: QuerySet[Article], after: str, before: str) -> Page:
    """Pages by the last row seen: no page is counted, and a row that moves up is not shown twice."""
    place, is_back = (_read_cursor(before), True) if before else (_read_cursor(after), False)
    if place:
        at, pk = place
        beyond = Q(updated_at__gt=at) | Q(updated_at=at, pk__gt=pk)
        within = Q(updated_at__lt=at) | Q(updated_at=at, pk__lt=pk)
        rows = rows.filter(beyond if is_back else within)
    order = ("updated_at", "pk") if is_back and place else ("-updated_at", "-pk")
    found = list(rows.order_by(*order)[: PER_PAGE + 1])
    has_more, found = len(found) > PER_PAGE, found[:PER_PAGE]
    if is_back and place:
        found.reverse()
        return Page(found, {}, _cursor(found[-1:]), _cursor(found[:1]) if has_more else "")
    return Page(found, {}, _cursor(found[-1:]) if has_more else "", _cursor(found[:1]) if place else "")


def _cursor(rows: list[Article]) -> str:
    return f"{rows[0].updated_at.isoformat()}_{rows[0].pk}" if rows else ""


def _read_cursor(text: str) -> tuple[dt.datetime, int] | None:
    at, _underscore, pk = text.rpartition("_")
    try:
        moment = dt.datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, int(pk)) if is_aware(moment) and pk.isdecimal() and int(pk) < 2**63 else None


def find_articles(user: Any, words: str, limit: int) -> list[Found]:
    """Articles this person may read, by words and by meaning, best first."""
    hits = search_articles(words, visible_articles(user), limit=limit)
    return [
        Found(
            text=hit.title,
            url=reverse("knowledge:article", args=[hit.article]),
            more=hit.heading.rpartition("›")[2].strip(),
        )
        for hit in hits
    ]
