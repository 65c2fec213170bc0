"""The search over everything: what the finders of the apps know, in groups; Ctrl K asks the same."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from agents.panes import Finder, Found, list_finders

LEAST, MOST = 2, 200
IN_PALETTE, ON_PAGE = 4, 20


@dataclass(frozen=True)
class Group:
    """The results of one finder."""

    finder: Finder
    results: list[Found]


def find_everything(user: Any, words: str, *, limit: int) -> list[Group]:
    """What each finder has for these words, at most ``limit`` of each; nothing for fewer than two characters."""
    words = " ".join(words.replace("\0", "").split())[:MOST]
    if len(words) < LEAST:
        return []
    groups = [Group(finder, finder.find(user, words, limit)) for finder in list_finders(user)]
    return [group for group in groups if group.results]


@never_cache
@require_GET
@login_required
def show_results(request: HttpRequest) -> HttpResponse:
    """The results as a page, or as items of the palette when htmx asks."""
    q = request.GET.get("q", "")[:MOST]
    in_palette = bool(request.htmx)  # type: ignore[attr-defined]
    groups = find_everything(request.user, q, limit=IN_PALETTE if in_palette else ON_PAGE)
    if not in_palette:
        return render(request, "hub/search.html", {"q": q, "groups": groups})
    items = [
        {"text": one.text, "url": one.url, "icon": group.finder.icon, "more": one.more or group.finder.label}
        for group in groups
        for one in group.results
    ]
    return render(request, "components/palette_items.html", {"items": items, "start": "found"})
