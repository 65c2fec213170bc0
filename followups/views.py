"""Pages of follow-ups: the list of plans, what people do with one, and the customer's link."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.pages import needs
from agents.models import Rule
from agents.review.paging import cut
from agents.suggestions import NotAllowed, NotPending
from followups import controls, links, reopening
from followups.access import get_plan, get_step
from followups.forms import MoveForm, StillForm
from followups.listing import DUE, ORDERS, Filters, list_plans
from followups.models import Plan
from followups.plans import SECTION


@require_GET
@needs("cases.work")
def plans(request: HttpRequest) -> HttpResponse:
    """Running and ended plans."""
    filters = Filters.from_query(request.GET)
    rows = list_plans(request.user, filters, timezone.now())
    order = ORDERS[filters.state]
    page = cut(rows, order, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    base = reverse("followups:plans")
    context = {
        "filters": filters,
        "page": page,
        "tabs": [
            {"text": label, "url": f"{base}?state={state}"}
            for state, label in (("running", _("Running")), ("ended", _("Ended")))
        ],
        "tab_url": f"{base}?state={filters.state}",
        "selects": _selects(filters),
        "clear_url": f"{base}?state={filters.state}",
        "next_url": f"{base}?{filters.as_query(after=page.after)}" if page.after else "",
        "previous_url": f"{base}?{filters.as_query(before=page.before)}" if page.before else "",
        "settings_url": reverse("agents:manage_section", args=["case-management", "follow-ups"]),
        "now": timezone.now(),
    }
    return render(request, "followups/plans.html", context)


def _selects(filters: Filters) -> list[dict[str, Any]]:
    rules = Rule.objects.filter(section=SECTION).order_by("order", "id").values_list("pk", "name")
    due = {"now": _("Overdue"), "today": _("Within a day"), "week": _("Within a week")}
    found: list[dict[str, Any]] = [
        {"name": "rule", "label": _("Rule"), "value": filters.rule,
         "choices": [("", _("Any rule")), *((str(pk), name) for pk, name in rules)]},
    ]  # fmt: skip
    if filters.state == Plan.State.RUNNING:
        choices: list[Any] = [
            ("", _("Any date")),
            *((code, due[code]) for code in DUE),
            ("person", _("Waits for a person")),
        ]
        found.append({"name": "due", "label": _("Due"), "value": filters.due, "choices": choices})
    else:
        choices = [("", _("Any end")), *Plan.EndedAs.choices]
        found.append({"name": "ended_as", "label": _("Ended as"), "value": filters.ended_as, "choices": choices})
    return found


@require_POST
@needs("cases.work")
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the next follow-up now, on the word of whoever asks."""
    plan = get_plan(request.user, pk)
    done = _("Follow-up queued\nIt leaves within seconds")
    return _act(request, plan, lambda: controls.send_now(plan, by=request.user), done)


@require_POST
@needs("cases.work")
def skip(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave the next follow-up out."""
    plan = get_plan(request.user, pk)
    return _act(request, plan, lambda: controls.skip_step(plan, by=request.user), _("Step skipped"))


@require_POST
@needs("cases.work")
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """End the plan."""
    plan = get_plan(request.user, pk)
    done = _("Plan stopped\nThe case stays open; nobody is chased")
    return _act(request, plan, lambda: controls.stop_plan(plan, by=request.user), done)


@require_POST
@needs("cases.work")
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the next step another date."""
    plan = get_plan(request.user, pk)
    form = MoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Not moved\nThe date cannot be read."))
        return redirect(plan.case)
    at: dt.datetime = form.cleaned_data["at"]
    return _act(request, plan, lambda: controls.move_step(plan, at, by=request.user), _("Step moved"))


def _act(request: HttpRequest, plan: Plan, act: Callable[[], Any], done: str) -> HttpResponse:
    try:
        act()
    except NotAllowed as refusal:
        messages.error(request, _("Nothing was done") + "\n" + " ".join(map(str, refusal.reasons)))
    except NotPending:
        messages.error(request, _("Nothing was done\nThe case changed in the meantime. Read what is new first."))
    except PermissionDenied:
        messages.error(request, _("Nothing was done\nSomebody who may approve follow-ups decides about it."))
    else:
        messages.success(request, done)
    return redirect(plan.case)


@require_POST
@needs("cases.work")
def rate(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether a step was right."""
    step = get_step(request.user, pk)
    if (given := request.POST.get("rating")) in ("1", "-1"):
        controls.rate_step(step, int(given), by=request.user)
        messages.success(request, _("Noted"))
    return redirect(step.plan.case)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: HttpRequest, token: str) -> HttpResponse:
    """The customer's page: opening it does nothing, because programs open links; the button does."""
    plan = links.read_token(token)
    if plan is None:
        raise Http404
    now, form = timezone.now(), StillForm(request.POST if request.method == "POST" else None)
    is_open = False
    if request.method == "POST" and form.is_valid():
        is_open = reopening.reopen_by_link(plan, form.cleaned_data["text"], now=now)
    state = "done" if is_open else reopening.state_of(plan, now).value
    status = 422 if request.method == "POST" and not form.is_valid() else 200
    context = {"state": state, "form": form, "number": plan.case.number}
    answer = render(request, "followups/still.html", context, status=status)
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
