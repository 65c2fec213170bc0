"""The pages of numbers: overview, the rows behind a number, the same as CSV."""

import csv
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from agents.measures import MEASURES, list_courses
from agents.models import LineOfBusiness
from agents.oversight.record import make_safe
from agents.review.paging import cut
from agents.sections import AGENTS
from hub.insights import READERS, Period, read_course, read_lines, read_numbers, rows_of

PERIODS = (("7", "7 days"), ("28", "4 weeks"), ("84", "12 weeks"), ("365", "12 months"))


def _open_to(request: HttpRequest) -> Period:
    if not any(request.user.has_perm(one) for one in READERS):
        raise PermissionDenied
    return Period.from_query(request.GET, today=timezone.localdate())


@never_cache
@require_GET
@login_required
def show_insights(request: HttpRequest) -> HttpResponse:
    """The numbers of a period beside the period before, and how they ran."""
    period = _open_to(request)
    address = reverse("hub:insights")
    lines = list(LineOfBusiness.objects.order_by("name"))
    shown: dict[str, Any] = {
        "period": period,
        "before": period.before(),
        "numbers": read_numbers(request.user, period, base_url=address),
        "courses": [read_course(request.user, period, names) for names in list_courses()],
        "by_line": read_lines(request.user, period, lines),
        "periods": PERIODS,
        "lines": lines,
        "agents": [(agent.name, agent.title) for agent in AGENTS.values()],
        "export_url": f"{reverse('hub:export_insights')}?{period.as_query()}",
    }
    return render(request, "hub/insights.html", shown)


@never_cache
@require_GET
@login_required
def list_rows(request: HttpRequest, name: str) -> HttpResponse:
    """The rows that a number counts, newest first."""
    period = _open_to(request)
    measure = MEASURES.get(name)
    if measure is None:
        raise Http404
    rows = rows_of(measure, request.user, period)
    asked = request.GET
    order = [f"-{measure.at}", "-id"]
    page = cut(rows, order, after=asked.get("after", ""), before=asked.get("before", ""), size=50)
    shown = {
        "measure": measure,
        "period": period,
        "page": page,
        "rows": [(*measure.about(row, request.user), getattr(row, measure.at)) for row in page.rows],
        "crumbs": [(_("Insights"), f"{reverse('hub:insights')}?{period.as_query()}")],
    }
    return render(request, "hub/insight_rows.html", shown)


@never_cache
@require_GET
@login_required
def export_insights(request: HttpRequest) -> HttpResponse:
    """The numbers as CSV; no cell is a formula."""
    period = _open_to(request)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="insights-{period.since}-{period.until}.csv"'
    writer = csv.writer(response)
    writer.writerow(["measure", "unit", "from", "to", "value", "period before", "definition"])
    for number in read_numbers(request.user, period, base_url=""):
        measure = number.measure
        values = [number.value, number.before]
        cells = [
            measure.label, "%" if measure.of else "rows", period.since, period.until,
            *("" if value is None else value for value in values), measure.definition,
        ]  # fmt: skip
        writer.writerow([make_safe(str(cell)) for cell in cells])
    return response
