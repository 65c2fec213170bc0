"""The pages of a discovery run: its progress, what it found, and what is moved to the library."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import needs
from accounts.rights import Refused
from agents.models import Rule
from intents import discovery
from intents.access import MANAGE, get_candidate, get_run
from intents.files import write_line
from intents.models import Candidate, DiscoveryRun
from intents.views import frame


@require_GET
@needs(MANAGE)
def show_run(request: HttpRequest, pk: int) -> HttpResponse:
    """What a run found, the largest first; while it works, how far it is."""
    run = get_run(request.user, pk)
    return render(request, "intents/run.html", {**frame(str(run)), **_shown(run)})


def _shown(run: DiscoveryRun) -> dict[str, Any]:
    rows = list(run.candidates.select_related("intent"))
    counts = {state: sum(row.state == state for row in rows) for state in Candidate.State.values}
    return {"run": run, "candidates": rows, "counts": counts}


@require_GET
@never_cache
@needs(MANAGE)
def show_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a run is; once it is over the page is loaded anew."""
    run = get_run(request.user, pk)
    answer = render(request, "intents/_run_progress.html", {"run": run})
    if run.is_over:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
@needs(MANAGE)
def start_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Test a discovery on the newest thousand messages that it looks at."""
    rule = get_object_or_404(Rule, pk=pk, section=discovery.SECTION)
    try:
        run = discovery.ask_run(rule, kind=DiscoveryRun.Kind.TEST, by=request.user)
    except Refused as why:
        messages.error(request, str(why))
        return redirect("/manage/customer-intent/discovery/")
    return redirect("intents:run", run.pk)


@require_POST
@needs(MANAGE)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move the chosen ones to the library."""
    run = get_run(request.user, pk)
    chosen = [int(key) for key in request.POST.getlist("pk")[:500] if key.isdecimal()]
    try:
        moved = discovery.move_to_library(run, chosen, by=request.user)
    except Refused as why:
        messages.error(request, _("Nothing was moved. %(why)s") % {"why": why})
    else:
        text = ngettext("%(count)d intent moved to the library", "%(count)d intents moved to the library", moved)
        messages.success(request, text % {"count": moved})
    return redirect("intents:run", run.pk)


@require_POST
@needs(MANAGE)
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Give what was found the name it is to have."""
    candidate = get_candidate(request.user, pk)
    try:
        discovery.rename_candidate(candidate, request.POST.get("name", ""))
    except Refused as why:
        messages.error(request, str(why))
    return redirect("intents:run", candidate.run_id)


@require_POST
@needs(MANAGE)
def mark_reviewed(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that this run was looked through."""
    run = get_run(request.user, pk)
    if discovery.mark_reviewed(run, by=request.user):
        messages.success(request, _("Marked as reviewed"))
    return redirect("intents:run", run.pk)


@require_GET
@needs(MANAGE)
def export_run(request: HttpRequest, pk: int) -> HttpResponse:
    """What a run found as a CSV file; one that failed gives an empty file."""
    run = get_run(request.user, pk)
    lines = [write_line(["name", "group", "messages", "state", "example"])]
    for row in run.candidates.all():
        lines += [
            write_line([row.name, row.group_name, str(row.volume), row.state, each["text"]]) for each in row.examples
        ]
    answer = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="discovery-{run.pk}.csv"'
    return answer
