"""Lines of business and business calendars."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from agents.cadence import calendars
from agents.manage import lines
from agents.manage.forms import DAYS, CalendarForm, LineForm
from agents.models import Calendar, LineOfBusiness


@login_required
@permission_required("agents.manage", raise_exception=True)
@require_GET
def list_lines(request: HttpRequest) -> HttpResponse:
    """Every line of business and every calendar."""
    now = timezone.now()
    context = {
        "lines": LineOfBusiness.objects.select_related("calendar"),
        "calendars": [_shown(row, now) for row in Calendar.objects.prefetch_related("holidays").order_by("name")],
    }
    return render(request, "agents/manage/lines.html", context)


@login_required
@permission_required("agents.manage", raise_exception=True)
@require_http_methods(["GET", "POST"])
def edit_line(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add or change a line of business."""
    line = get_object_or_404(LineOfBusiness, pk=pk) if pk else LineOfBusiness()
    form = LineForm(request.POST or None, instance=line)
    if request.method == "POST" and form.is_valid():
        lines.save_line(form.instance, by=request.user)
        messages.success(request, _("Line of business saved"))
        return redirect("agents:lines")
    return _form(request, form, title=line.name if pk else _("Add a line of business"))


@login_required
@permission_required("agents.manage", raise_exception=True)
@require_http_methods(["GET", "POST"])
def edit_calendar(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add or change a business calendar with its hours and holidays."""
    calendar = get_object_or_404(Calendar, pk=pk) if pk else Calendar()
    form = CalendarForm(request.POST or None, instance=calendar)
    if request.method == "POST" and form.is_valid():
        form.instance.hours = form.cleaned_data["hours"]
        lines.save_calendar(form.instance, form.cleaned_data["holidays"], by=request.user)
        messages.success(request, _("Calendar saved"))
        return redirect("agents:lines")
    return _form(request, form, title=calendar.name if pk else _("Add a business calendar"), is_calendar=True)


def _form(request: HttpRequest, form: Any, **context: Any) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "agents/manage/line.html", {"form": form, **context}, status=status)


def _shown(calendar: Calendar, now: Any) -> dict[str, Any]:
    week = [
        (DAYS[int(day)], ", ".join("–".join(span) for span in spans)) for day, spans in sorted(calendar.hours.items())
    ]
    hours = calendars.hours_of(calendar)
    return {
        "calendar": calendar,
        "week": week,
        "holidays": len(hours.holidays),
        "is_open": calendars.is_open(now, hours),
    }
