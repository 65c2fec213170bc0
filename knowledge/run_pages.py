"""The pages of runs over the past: plan with an estimate, start, watch, pause, stop."""

import datetime as dt

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import needs
from knowledge import harvest, runs
from knowledge.access import MANAGE, get_run
from knowledge.draft_forms import RunForm
from knowledge.models import HarvestRun
from knowledge.transcripts import CASE

ACTS = {"start": HarvestRun.State.RUNNING, "pause": HarvestRun.State.PAUSED, "stop": HarvestRun.State.STOPPED}


@never_cache
@needs(MANAGE)
def list_runs(request: HttpRequest) -> HttpResponse:
    """Every run, and the form that plans one."""
    form = RunForm(request.POST if request.method == "POST" else None, initial=_window())
    if request.method == "POST" and form.is_valid():
        wishes = dict(form.cleaned_data)
        since, until = _midnight(wishes.pop("since")), _midnight(wishes.pop("until")) + dt.timedelta(days=1)
        try:
            run = runs.plan_run(by=request.user, now=timezone.now(), source=CASE, since=since, until=until, **wishes)
        except runs.NotNow as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("knowledge:run", run.pk)
    section = reverse("agents:manage_section", args=[harvest.AGENT, "historical"])
    shown = {
        "form": form,
        "runs": HarvestRun.objects.select_related("created_by")[:50],
        "section_url": section,
        "crumbs": [(_("Creation from past cases"), section)],
    }
    return render(request, "knowledge/runs.html", shown, status=422 if form.is_bound else 200)


def _window() -> dict[str, dt.date]:
    today = timezone.localdate()
    return {"since": today - dt.timedelta(days=30), "until": today}


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


@never_cache
@require_GET
@needs(MANAGE)
def show_run(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: the estimate before it starts, then how far it is. The progress alone when htmx asks for it."""
    run = get_run(request.user, pk)
    shown = {
        "run": run,
        "left": runs.say_duration(run),
        "waiting": harvest.count_waiting(),
        "crumbs": [(_("Runs over past cases"), reverse("knowledge:runs"))],
    }
    htmx = getattr(request, "htmx", False)
    return render(request, "knowledge/_run_progress.html" if htmx else "knowledge/run.html", shown)


@require_POST
@needs(MANAGE)
def change_run(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Start or resume, pause, or stop it."""
    run = get_run(request.user, pk)
    if act not in ACTS:
        raise Http404
    try:
        runs.set_run_state(run, state=ACTS[act], by=request.user, now=timezone.now())
    except runs.NotNow as refusal:
        messages.error(request, _("Nothing was changed\n%(why)s") % {"why": refusal})
    return redirect("knowledge:run", pk)
