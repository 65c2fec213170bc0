"""The pages on which articles are imported: upload, check, start, watch."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import needs
from knowledge import importing
from knowledge.access import PUBLISH, WRITE, get_import
from knowledge.forms import ImportForm
from knowledge.models import ArticleImport
from knowledge.reading import MOST_BYTES, MOST_ROWS, UnreadableFile, read_upload

PER_PAGE = 100


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Knowledge"), reverse("knowledge:articles")), (_("Import"), reverse("knowledge:import"))]


@never_cache
@needs(WRITE)
def choose_file(request: HttpRequest) -> HttpResponse:
    """Take a file and check it; nothing is imported yet."""
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            kept = importing.prepare_import(file.name, read_upload(file.name, file.read()), by=request.user)
            return redirect("knowledge:import_report", kept.pk)
        except UnreadableFile as problem:
            form.add_error("file", str(problem))
    shown = {
        "form": form,
        "crumbs": _crumbs()[:1],
        "recent": ArticleImport.objects.filter(created_by=request.user.pk).defer("rows")[:10],
        "most_megabytes": MOST_BYTES // 1024 // 1024,
        "most_rows": f"{MOST_ROWS:,}",
    }
    return render(request, "knowledge/import.html", shown, status=422 if form.is_bound else 200)


@never_cache
@require_GET
@needs(WRITE)
def show_report(request: HttpRequest, pk: int) -> HttpResponse:
    """What would become of each row, or what became of them."""
    kept = get_import(request.user, pk)
    rows = [importing.Row.model_validate(row) for row in kept.rows]
    planned = importing.count_outcomes(rows)
    outcome = request.GET.get("outcome", "")
    shown_rows = [row for row in rows if row.outcome == outcome] if outcome in importing.OUTCOMES else rows
    shown = {
        "kept": kept,
        "page": Paginator(shown_rows, PER_PAGE).get_page(request.GET.get("page", "")),
        "planned": planned,
        "done": kept.counts,
        "outcome": outcome,
        "outcomes": importing.OUTCOMES,
        "writes": planned["new"] + planned["changed"],
        "may_publish": request.user.has_perm(PUBLISH),
        "crumbs": _crumbs(),
        "is_running": kept.started_at and not kept.finished_at,
    }
    template = "knowledge/_import_progress.html" if getattr(request, "htmx", False) else "knowledge/import_report.html"
    return render(request, template, shown)


@require_POST
@needs(WRITE)
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Import the checked rows: a few at once, the rest by a worker."""
    kept = get_import(request.user, pk)
    publish = request.POST.get("publish") == "on" and request.user.has_perm(PUBLISH)
    if importing.start_import(kept.pk, by=request.user, publish=publish):
        importing.advance_import(kept.pk, most=importing.AT_ONCE)
    else:
        messages.error(request, _("This file was imported already\nNothing was imported twice."))
    return redirect("knowledge:import_report", kept.pk)
