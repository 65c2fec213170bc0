"""The library as a file: taken out, and brought in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.pages import needs
from accounts.rights import Refused
from intents import files
from intents.access import MANAGE, visible_intents
from intents.forms import FileForm
from intents.views import frame


@require_GET
@needs(MANAGE)
def export_file(request: HttpRequest) -> HttpResponse:
    """Every intent with its examples, as CSV."""
    rows = visible_intents(request.user).select_related("group", "line_of_business").prefetch_related("examples")
    answer = HttpResponse(files.write_file(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="intents.csv"'
    return answer


@never_cache
@needs(MANAGE)
def import_file(request: HttpRequest) -> HttpResponse:
    """Bring a file in: what is new is added, what exists stays."""
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    report = None
    if request.method == "POST" and form.is_valid():
        try:
            content = form.cleaned_data["file"].read(files.MOST_BYTES + 1)
            report = files.import_rows(files.read_rows(content), by=request.user)
        except Refused as refusal:
            form.add_error("file", str(refusal))
    shown = {**frame(_("Import")), "form": form, "report": report}
    return render(request, "intents/import.html", shown, status=422 if form.is_bound and form.errors else 200)
