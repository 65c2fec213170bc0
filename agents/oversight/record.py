"""The record page: every entry, newest first, narrowed by the address; and the same as a file."""

import csv
import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from agents.access import hides_parts, keep_entries, keep_parts, visible_entries
from agents.kinds import KINDS
from agents.models import Entry, LineOfBusiness
from agents.oversight.wording import VERBS, say_entries, say_verb, say_who
from agents.review import paging
from agents.review.drawer import show
from agents.sections import AGENTS

ORDER = ("-at", "-id")
PAGE = 50
# A file stops here and says so: narrow it by date for more.
MOST_ROWS = 50_000
# A spreadsheet takes a cell that begins with one of these for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class RecordFilters:
    """What the record is narrowed to, as it stands in the address."""

    q: str = ""
    actor: str = ""
    agent: str = ""
    verb: str = ""
    line: str = ""
    since: str = ""
    until: str = ""
    after: str = ""
    before: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> "RecordFilters":
        """The filters of an address; what cannot be is left out."""
        given = {name: query.get(name, "").replace("\0", "")[:200].strip() for name in cls.__dataclass_fields__}
        given["line"] = given["line"] if given["line"].isdecimal() and len(given["line"]) < 10 else ""
        given["actor"] = given["actor"] if given["actor"] in Entry.Actor.values else ""
        for name in ("since", "until"):
            given[name] = given[name] if _day(given[name]) else ""
        return cls(**given)

    def with_(self, **changes: str) -> str:
        """The query of an address with some filters changed."""
        kept = {name: value for name, value in {**asdict(self), **changes}.items() if value}
        return f"?{urlencode(kept)}" if kept else ""

    @property
    def query(self) -> str:
        """The query of this address."""
        return self.with_()

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.q or self.actor or self.agent or self.verb or self.line or self.since or self.until)


def narrow_entries(entries: QuerySet[Entry], filters: RecordFilters, user: Any) -> QuerySet[Entry]:
    """Those that match; days are those of the reader's time zone, the last one included."""
    found = entries
    for name in ("actor", "agent"):
        if value := getattr(filters, name):
            found = found.filter(**{name: value})
    if filters.verb:
        found = found.filter(verb__endswith=f".{filters.verb}")
    if filters.line:
        found = found.filter(line_of_business=int(filters.line))
    if since := _day(filters.since):
        found = found.filter(at__gte=_midnight(since))
    if until := _day(filters.until):
        found = found.filter(at__lt=_midnight(until + dt.timedelta(days=1)))
    words = filters.q.split()[:6]
    in_text = bool(words) and not hides_parts(user)
    for word in words:
        asked = Q(label__icontains=word) | Q(user__name__icontains=word)
        found = found.filter(asked | Q(text__icontains=word) if in_text else asked)
    return found


def _day(text: str) -> dt.date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found and 1900 < found.year < 9000 else None


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


@require_GET
@login_required
@permission_required("agents.record", raise_exception=True)
def list_entries(request: HttpRequest) -> HttpResponse:
    """The record, newest first."""
    return _render_record(request, RecordFilters.read(request.GET), None)


@require_GET
@login_required
@permission_required("agents.record", raise_exception=True)
def show_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry beside the list; alone when htmx asks."""
    filters = RecordFilters.read(request.GET)
    entry = get_object_or_404(visible_entries(request.user).select_related("effect"), pk=pk)
    if request.htmx:
        return render(request, "agents/record_drawer.html", _entry_context(request, filters, entry))
    return _render_record(request, filters, entry)


def _render_record(request: HttpRequest, filters: RecordFilters, entry: Entry | None) -> HttpResponse:
    found = narrow_entries(visible_entries(request.user), filters, request.user)
    page = paging.cut(found, ORDER, after=filters.after, before=filters.before, size=PAGE)
    say_entries(keep_entries(page.rows, request.user))
    context = {
        "page": page,
        "filters": filters,
        "current": entry,
        "actors": Entry.Actor.choices,
        "agents": [(name, agent.title) for name, agent in AGENTS.items()],
        "verbs": list(VERBS.items()),
        "lines": list(LineOfBusiness.objects.all()),
        "previous_url": filters.with_(before=page.before, after="") if page.before else "",
        "next_url": filters.with_(after=page.after, before="") if page.after else "",
        "record_url": reverse("agents:record"),
        **(_entry_context(request, filters, entry) if entry else {}),
    }
    return render(request, "agents/record.html", context)


def _entry_context(request: HttpRequest, filters: RecordFilters, entry: Entry) -> dict[str, Any]:
    say_entries(keep_entries([entry], request.user))
    subject = entry.subject
    known = entry.suggestion is not None and entry.suggestion.kind in KINDS
    shown = show(keep_parts(entry.suggestion, request.user), request.user) if known else None
    return {
        **(shown.context if shown else {}),
        "entry": entry,
        "filters": filters,
        "subject_url": subject.get_absolute_url() if hasattr(subject, "get_absolute_url") else "",
        "shown": shown,
        "changes": [
            {"label": row.get("label") or row.get("field"), "before": row.get("old"), "after": row.get("new")}
            for row in entry.changes
        ],
    }


@require_GET
@login_required
@permission_required("agents.record", raise_exception=True)
def export_entries(request: HttpRequest) -> StreamingHttpResponse:
    """What the filters show, as CSV; no cell is a formula."""
    filters = RecordFilters.read(request.GET)
    found = narrow_entries(visible_entries(request.user), filters, request.user).order_by(*ORDER)
    response = StreamingHttpResponse(_write_csv(found, request.user), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="record-{timezone.localdate():%Y-%m-%d}.csv"'
    return response


class _Echo:
    """A file that hands back what is written, for streaming."""

    def write(self, text: str) -> str:
        """The text itself."""
        return text


def _write_csv(entries: QuerySet[Entry], user: Any) -> Iterator[str]:
    writer = csv.writer(_Echo())
    head = ["at", "who", "actor", "agent", "verb", "what", "text", "about", "line of business", "why", "changes"]
    yield "\ufeff" + writer.writerow(head)
    written = 0
    for entry in entries[:MOST_ROWS].iterator(chunk_size=500):
        written += 1
        yield writer.writerow([make_safe(cell) for cell in _cells(*keep_entries([entry], user))])
    if written == MOST_ROWS:
        yield writer.writerow([_("Only the newest %(n)s entries. Narrow the dates for older ones.") % {"n": MOST_ROWS}])


def _cells(entry: Entry) -> list[str]:
    line = entry.line_of_business.name if entry.line_of_business else ""
    changes = json.dumps(entry.changes, ensure_ascii=False) if entry.changes else ""
    said = [entry.at.isoformat(), say_who(entry), entry.actor, entry.agent, entry.verb, say_verb(entry.verb)]
    return [*said, entry.text, entry.label, line, entry.why, changes]


def make_safe(cell: str) -> str:
    """The cell so that no spreadsheet runs it."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
