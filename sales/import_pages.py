"""The pages on which leads are imported: upload, columns, dry run, import, report."""

import csv
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import needs
from agents.review.paging import cut
from sales import importing
from sales.access import WORK, get_import, visible_imports
from sales.fields import neutral_cell
from sales.forms import MappingForm, UploadForm
from sales.models import ImportRow, LeadImport
from sales.reading import MOST_BYTES, MOST_ROWS, UnreadableFile

PER_PAGE = 50
SETTINGS = ("needs", "updates_existing", "source", "consent_note", "queue", "line_of_business")


def _crumbs(*, inside: bool = True) -> list[tuple[str, str]]:
    way = [(_("Leads"), reverse("sales:leads")), (_("Import"), reverse("sales:import"))]
    return way if inside else way[:1]


@never_cache
@needs(WORK)
def choose_file(request: HttpRequest) -> HttpResponse:
    """Take a file; its columns are asked next, nothing is imported yet."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            return redirect("sales:import_one", importing.keep_file(file.name, file.file, by=request.user).pk)
        except UnreadableFile as problem:
            form.add_error("file", str(problem))
    shown = {
        "form": form,
        "crumbs": _crumbs(inside=False),
        "recent": visible_imports(request.user)[:10],
        "most_megabytes": MOST_BYTES // 1024**2,
        "most_rows": f"{MOST_ROWS:,}",
    }
    return render(request, "sales/import.html", shown, status=422 if form.is_bound else 200)


@never_cache
@needs(WORK)
def import_one(request: HttpRequest, pk: int) -> HttpResponse:
    """The columns of a file at first, then its dry run, its progress, its report."""
    batch = get_import(request.user, pk)
    if request.method == "POST":
        return _map(request, batch)
    if batch.state in (LeadImport.State.MAPPING, LeadImport.State.FAILED) or "columns" in request.GET:
        return _show_mapping(request, batch, MappingForm(batch=batch, initial=_initial(batch)))
    template = "sales/parts/import_progress.html" if getattr(request, "htmx", False) else "sales/import_report.html"
    return render(request, template, _report(request, batch))


def _initial(batch: LeadImport) -> dict[str, Any]:
    return {name: getattr(batch, name) for name in SETTINGS}


def _map(request: HttpRequest, batch: LeadImport) -> HttpResponse:
    form = MappingForm(request.POST, batch=batch)
    if form.is_valid():
        problems = importing.check_mapping(batch, form.cleaned_data["mapping"], form.cleaned_data["needs"])
        for problem in problems:
            form.add_error(None, problem)
        if not problems:
            settings = {name: form.cleaned_data[name] for name in SETTINGS}
            mapping = form.cleaned_data["mapping"]
            if not importing.start_check(batch, mapping=mapping, by=request.user, **settings):
                messages.error(request, _("This file was imported already\nNothing was imported twice."))
            elif batch.total <= importing.PIECE:
                importing.advance_import(batch.pk)
            return redirect("sales:import_one", batch.pk)
    return _show_mapping(request, batch, form, status=422)


def _show_mapping(request: HttpRequest, batch: LeadImport, form: MappingForm, *, status: int = 200) -> HttpResponse:
    try:
        sample = importing.look_again(batch).sample
    except (UnreadableFile, OSError):
        sample = []
    columns = [
        {"field": field, "examples": [row[at][:80] for row in sample if at < len(row) and row[at].strip()][:3]}
        for at, field in enumerate(form.columns())
    ]
    shown = {
        "batch": batch,
        "form": form,
        "columns": columns,
        "settings": [form[name] for name in SETTINGS],
        "earlier": importing.earlier_import(batch),
        "crumbs": _crumbs(),
    }
    return render(request, "sales/import_columns.html", shown, status=status)


def _report(request: HttpRequest, batch: LeadImport) -> dict[str, Any]:
    outcome = request.GET.get("outcome", "")
    rows = batch.rows.select_related("lead")
    if outcome in ImportRow.Outcome.values:
        rows = rows.filter(outcome=outcome)
    page = cut(
        rows, ("number", "id"), after=request.GET.get("after", ""), before=request.GET.get("before", ""), size=PER_PAGE
    )
    counts = [(code, label, batch.counts.get(code, 0)) for code, label in ImportRow.Outcome.choices]
    return {
        "batch": batch,
        "page": page,
        "outcome": outcome,
        "counts": counts,
        "writes": batch.counts.get("new", 0) + batch.counts.get("updated", 0),
        "is_going": batch.state in (LeadImport.State.CHECKING, LeadImport.State.RUNNING),
        "crumbs": _crumbs(),
    }


@require_POST
@needs(WORK)
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Import the checked rows: a small file at once, a large one by a worker."""
    batch = get_import(request.user, pk)
    if not importing.start_import(batch, by=request.user):
        messages.error(request, _("This file was imported already\nNothing was imported twice."))
    elif batch.total <= importing.PIECE:
        importing.advance_import(batch.pk)
    return redirect("sales:import_one", batch.pk)


@require_POST
@needs(WORK)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a file; leads that are there stay."""
    batch = get_import(request.user, pk)
    if importing.cancel_import(batch, by=request.user):
        messages.success(request, _("Import cancelled\nLeads that were imported stay"))
    return redirect("sales:import_one", batch.pk)


@require_GET
@needs(WORK)
def download_report(request: HttpRequest, pk: int) -> Any:
    """What became of each row, as CSV; no cell is a formula."""
    batch = get_import(request.user, pk)
    rows = importing.report_rows(batch, request.GET.get("outcome", ""))
    response = StreamingHttpResponse(_write(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="leads-{batch.pk}-report.csv"'
    return response


class _Echo:
    """A file that hands back what is written, for streaming."""

    def write(self, text: str) -> str:
        return text


def _write(rows: Iterator[list[str]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([neutral_cell(cell) for cell in row])
