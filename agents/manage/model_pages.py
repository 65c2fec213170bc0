"""Language models: which there are, which skill asks which, what they may cost, and how they do today."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import Avg, Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents import sweeps
from agents.llm import budgets, configuring
from agents.manage.model_forms import EnginesForm, ModelForm
from agents.models import Attempt, LanguageModel, LineOfBusiness, ModelCall, SkillEngine
from agents.sections import versions

PATIENCE = dt.timedelta(seconds=30)


@login_required
@permission_required("agents.manage", raise_exception=True)
@require_GET
def list_models(request: HttpRequest) -> HttpResponse:
    """Every model with its state, the skills, the budgets, and the calls of today."""
    now = timezone.now()
    waiting = _waiting().count()
    context = {
        "crumbs": _crumbs(),
        "models": [(one, *_state(one, now)) for one in LanguageModel.objects.all()],
        "engines": _engines(),
        "usage": budgets.usage(now),
        "today": _today(now),
        "waiting": waiting,
        "waiting_text": ngettext("%(n)d piece waits for a person", "%(n)d pieces wait for a person", waiting)
        % {"n": waiting},
        "allows_private": settings.MODEL_PRIVATE_ADDRESSES,
    }
    return render(request, "agents/manage/models.html", context)


def _engines() -> list[dict[str, Any]]:
    """Each skill with what all lines do, and the lines that differ."""
    rows: dict[str, list[SkillEngine]] = {}
    for row in SkillEngine.objects.select_related("model", "line_of_business").order_by("line_of_business__name"):
        rows.setdefault(row.skill, []).append(row)
    return [
        {
            "skill": one.name,
            "general": next((row for row in rows.get(one.name, []) if row.line_of_business_id is None), None),
            "own": [row for row in rows.get(one.name, []) if row.line_of_business_id],
        }
        for one in configuring.choosable_skills()
    ]


def _today(now: dt.datetime) -> list[dict[str, Any]]:
    """Calls, cost and failures since midnight, by model and skill."""
    start = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    good = Q(outcome__in=[ModelCall.Outcome.ANSWERED, ModelCall.Outcome.REPAIRED])
    rows = ModelCall.objects.filter(at__gte=start).values("asked", "skill")
    counted = rows.annotate(
        calls=Count("pk"),
        failed=Count("pk", filter=~good & ~Q(outcome=ModelCall.Outcome.RUNNING)),
        cost=Sum("cost"),
        tokens=Sum("tokens_in") + Sum("tokens_out"),
        took=Avg("milliseconds", filter=good),
    )
    return [dict(row) for row in counted.order_by("-cost", "skill")]


def _state(model: LanguageModel, now: dt.datetime) -> tuple[str, str]:
    """The look of a pill, and its words."""
    if not model.is_active:
        return "plain", _("Switched off")
    if model.rests_until and model.rests_until > now:
        return "bad", _("Rests after failures")
    if model.failures:
        return "caution", _("Failed last time")
    if model.tested_at is None:
        return "plain", _("Not tested")
    return ("bad", _("Test failed")) if _has_failed(model) else ("good", _("Ready"))


def _has_failed(model: LanguageModel) -> bool:
    return any(state == "no" for state, _text in model.test_found)


@login_required
@permission_required("agents.manage", raise_exception=True)
@require_http_methods(["GET", "POST"])
def edit_model(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Connect or change a language model."""
    model = get_object_or_404(LanguageModel, pk=pk) if pk else LanguageModel()
    current = versions.latest(f"model:{pk}") if pk else None
    form = ModelForm(request.POST or None, instance=model, initial={"expected": current.number if current else 0})
    if request.method == "POST" and form.is_valid():
        row = LanguageModel.objects.get(pk=pk) if pk else LanguageModel()
        try:
            saved = configuring.save_model(row, form.cleaned_data, by=request.user, expected=_expected(form))
        except versions.Conflict as conflict:
            _tell_conflict(form, conflict)
        else:
            messages.success(request, _("%(name)s is saved\nPress Test to see whether it answers") % {"name": saved})
            return redirect("agents:model", saved.pk)
    stored = LanguageModel.objects.get(pk=pk) if pk else None
    context = {"crumbs": _crumbs(_("Language models")), "form": form, "model": stored, **_tested(stored)}
    return render(request, "agents/manage/model.html", context, status=422 if form.is_bound else 200)


@login_required
@permission_required("agents.manage", raise_exception=True)
@require_POST
def delete_model(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a model and its key."""
    model = get_object_or_404(LanguageModel, pk=pk)
    try:
        configuring.delete_model(model, by=request.user)
    except configuring.InUse as error:
        messages.error(request, str(error))
        return redirect("agents:model", pk)
    messages.success(request, _("%(name)s is deleted\nIts calls stay on record") % {"name": model})
    return redirect("agents:models")


@login_required
@permission_required("agents.manage", raise_exception=True)
@require_http_methods(["GET", "POST"])
def try_model(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a worker try the stored model (POST), and look at what it found (GET, again and again)."""
    model = get_object_or_404(LanguageModel, pk=pk)
    if request.method == "POST":
        configuring.ask_for_test(model, by=request.user, now=timezone.now())
        model.refresh_from_db()
    if "HX-Request" not in request.headers:
        return redirect("agents:model", pk)
    return render(request, "agents/manage/model_test.html", {"model": model, **_tested(model)})


def _tested(model: LanguageModel | None) -> dict[str, Any]:
    """What a test found, or that it is under way; after half a minute, that no worker took it."""
    if model is None or model.test_asked_at is None:
        return {"test_state": "none"}
    if model.tested_at is None:
        is_late = timezone.now() - model.test_asked_at > PATIENCE + dt.timedelta(seconds=model.deadline)
        return {"test_state": "late" if is_late else "running"}
    return {"test_state": "failed" if _has_failed(model) else "well"}


@login_required
@permission_required("agents.manage", raise_exception=True)
@require_http_methods(["GET", "POST"])
def edit_engines(request: HttpRequest) -> HttpResponse:
    """Which skill asks which model, and the budgets: of all lines, or of ``?line=``."""
    asked = request.GET.get("line", "")
    line = get_object_or_404(LineOfBusiness, pk=asked) if asked.isdecimal() and len(asked) < 10 else None
    current = versions.latest(configuring.target_of(line))
    form = EnginesForm(request.POST or None, line=line, initial={"expected": current.number if current else 0})
    if request.method == "POST" and form.is_valid():
        try:
            configuring.save_engines(line, form.chosen, form.budget, by=request.user, expected=_expected(form))
        except versions.Conflict as conflict:
            _tell_conflict(form, conflict)
        else:
            messages.success(request, _("Saved\nApplies to the next question"))
            return redirect("agents:models")
    address = reverse("agents:engines")
    tabs = [{"text": _("All lines of business"), "url": address}]
    tabs += [{"text": str(one), "url": f"{address}?line={one.pk}"} for one in LineOfBusiness.objects.all()]
    context = {
        "crumbs": _crumbs(_("Language models")),
        "form": form,
        "tabs": tabs if len(tabs) > 1 else [],
        "current_tab": f"{address}?line={line.pk}" if line else address,
        "has_models": LanguageModel.objects.exists(),
    }
    return render(request, "agents/manage/engines.html", context, status=422 if form.is_bound else 200)


@login_required
@permission_required("agents.manage", raise_exception=True)
@require_POST
def retry_waiting(request: HttpRequest) -> HttpResponse:
    """Take up again what waits for a person because a model did not answer."""
    rows = list(_waiting().values_list("sweep", "object_id"))
    for name, ident in rows:
        sweeps.retry(name, ident)
    for name in sorted({name for name, _ident in rows if name in sweeps.SWEEPS}):
        sweeps.ring_sweep(name)
    messages.success(request, _("%(n)d pieces are tried again") % {"n": len(rows)})
    return redirect("agents:models")


def _waiting() -> Any:
    return Attempt.objects.filter(parked_at__isnull=False, error__startswith="WaitsForPerson")


def _expected(form: Any) -> int | None:
    found: int | None = form.cleaned_data.get("expected")
    return found


def _tell_conflict(form: Any, conflict: versions.Conflict) -> None:
    said = _("%(who)s saved this meanwhile. Open the page again to see what they changed.")
    form.add_error(None, said % {"who": conflict.who})


def _crumbs(*above: str) -> list[tuple[str, str]]:
    return [(_("Admin center"), reverse("agents:manage")), *((text, reverse("agents:models")) for text in above)]
