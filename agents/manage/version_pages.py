"""The versions of what has a page of its own to edit: look, compare, restore."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from agents.models import Version
from agents.sections import versions
from agents.sections.versions import VERSIONED, Versioned

SHOWN = 100


def _find(user: Any, what: str, pk: int) -> tuple[Versioned, Any]:
    if what not in VERSIONED:
        raise Http404
    return VERSIONED[what], VERSIONED[what].find(user, pk)


@login_required
@require_GET
def list_versions(request: HttpRequest, what: str, pk: int) -> HttpResponse:
    """Who saved what and when, newest first."""
    kept, row = _find(request.user, what, pk)
    rows = Version.objects.filter(target=f"{what}:{pk}").select_related("created_by").order_by("-number")
    history = [
        {"version": version, "url": reverse("agents:version", args=[what, pk, version.number])}
        for version in rows[:SHOWN]
    ]
    return render(
        request, "agents/manage/versions.html", {"title": str(row), "back": kept.url(row), "history": history}
    )


@login_required
@require_http_methods(["GET", "POST"])
def show_version(request: HttpRequest, what: str, pk: int, number: int) -> HttpResponse:
    """Compare an older version with what holds now; a post restores it."""
    kept, row = _find(request.user, what, pk)
    target = f"{what}:{pk}"
    version = get_object_or_404(Version.objects.select_related("created_by"), target=target, number=number)
    if request.method == "POST":
        return _restore(request, kept, row, version)
    newest = versions.latest(target) or version
    context = {
        "title": str(row),
        "version": version,
        "changes": as_rows(version.changes),
        "difference": as_rows(versions.diff(newest.snapshot, version.snapshot)),
        "current": newest.number,
        "up": kept.url(row),
        "back": reverse("agents:versions", args=[what, pk]),
    }
    return render(request, "agents/manage/version.html", context)


def _restore(request: HttpRequest, kept: Versioned, row: Any, version: Version) -> HttpResponse:
    given = request.POST.get("expected", "")
    try:
        kept.restore(row, version.snapshot, by=request.user, expected=int(given) if given.isdecimal() else None)
    except versions.Conflict as conflict:
        messages.error(request, _("%(who)s saved meanwhile. Compare again.") % {"who": conflict.who})
        return redirect(request.path)
    except ValueError as wrong:
        messages.error(request, _("Nothing was changed. %(why)s") % {"why": wrong})
        return redirect(request.path)
    made = versions.latest(version.target)
    values = {"old": version.number, "new": made.number if made else version.number}
    messages.success(request, _("Version %(old)s restored as version %(new)s") % values)
    return redirect("agents:versions", kept.name, row.pk)


def as_rows(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Changes as the ``diff`` component shows them."""
    return [{"label": row["label"], "before": row["old"], "after": row["new"]} for row in changes]
