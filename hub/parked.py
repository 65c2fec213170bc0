"""Work that failed three times and was set aside: what it is, another try, or leaving it."""

import re

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import needs
from agents import sweeps
from agents.audit import record
from agents.models import Attempt
from agents.queue import ring_sweep
from agents.review.paging import cut

MANAGE = "agents.manage"
CLASS = re.compile(r"^[A-Za-z_][A-Za-z0-9_.]*(?=:|$)")


def parked_work() -> QuerySet[Attempt]:
    """What was set aside and nobody gave up."""
    return Attempt.objects.filter(parked_at__isnull=False, given_up_at=None)


def say_error(attempt: Attempt) -> str:
    """The class of the error alone: its text may hold what a customer wrote, and stays in the log's reach."""
    found = CLASS.match(attempt.error)
    return found.group() if found else _("The worker ended")


def say_sweep(name: str) -> str:
    """What the sweep does, in its own words."""
    known = sweeps.SWEEPS.get(name)
    return (type(known).__doc__ or name).strip().splitlines()[0] if known else name


@never_cache
@require_GET
@needs(MANAGE)
def list_parked(request: HttpRequest) -> HttpResponse:
    """Everything that was set aside, newest first."""
    asked = request.GET
    page = cut(parked_work(), ["-parked_at", "-id"], after=asked.get("after", ""), before=asked.get("before", ""))
    rows = [(row, say_sweep(row.sweep), say_error(row)) for row in page.rows]
    return render(request, "hub/parked_work.html", {"rows": rows, "page": page})


@require_POST
@needs(MANAGE)
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one piece up again, from its first attempt."""
    row = get_object_or_404(parked_work(), pk=pk)
    with transaction.atomic():
        sweeps.retry(row.sweep, row.object_id)
        if row.sweep in sweeps.SWEEPS:
            ring_sweep(row.sweep)
        record("work.retried", by=request.user, text=f"{row.sweep} {row.object_id}")
    messages.success(request, _("It is tried again\nIf it fails three times more, it comes back here"))
    return redirect("hub:parked_work")


@require_POST
@needs(MANAGE)
def give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave one piece undone for good."""
    row = get_object_or_404(parked_work(), pk=pk)
    with transaction.atomic():
        if sweeps.give_up(row.sweep, row.object_id, now=timezone.now()):
            record("work.given_up", by=request.user, text=f"{row.sweep} {row.object_id}")
    messages.success(request, _("Given up\nIt is not tried again"))
    return redirect("hub:parked_work")
