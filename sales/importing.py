"""Leads from files: uploaded, mapped, checked as a dry run, imported in pieces; every row has its report."""

import contextlib
import datetime as dt
import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from io import SEEK_END
from itertools import islice
from typing import Any, BinaryIO

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.audit import record
from agents.queue import ring
from sales.access import visible_leads
from sales.fields import CUSTOM, FIELDS, GIVES, BadValue, as_values, guess_mapping, label_of
from sales.models import ImportRow, Lead, LeadImport
from sales.reading import CHUNK, MOST_ROWS, Sniffed, UnreadableFile, as_csv, as_file, iter_rows, sniff
from sales.writing import make_lead, write_changes

State, Outcome = LeadImport.State, ImportRow.Outcome
BELL = "leads.import"
# Rows of one piece; pieces of one turn of the worker, and the seconds after which no further piece is begun.
PIECE, TURN, SECONDS = 1000, 20, 15.0
KEPT = dt.timedelta(days=30)


def keep_file(name: str, content: bytes | BinaryIO, *, by: Any, now: dt.datetime | None = None) -> LeadImport:
    """Keep an uploaded file with a first guess of its columns; of a spreadsheet the first sheet.

    Raises UnreadableFile. Outside a transaction.
    """
    file = as_csv(as_file(content))
    found = sniff(file)
    batch = LeadImport(
        name=name[:200],
        digest=_digest(file),
        size=file.seek(0, SEEK_END),
        encoding=found.encoding,
        delimiter=found.delimiter,
        header=found.header,
        mapping=guess_mapping(found.header),
        total=found.lines,
        created_by=by,
        created_at=now or timezone.now(),
    )
    batch.file.save("leads", File(as_file(file)), save=False)
    batch.save()
    return batch


def _digest(file: BinaryIO) -> str:
    found = hashlib.sha256()
    for chunk in iter(partial(as_file(file).read, CHUNK), b""):
        found.update(chunk)
    return found.hexdigest()


def earlier_import(batch: LeadImport) -> LeadImport | None:
    """The import of the same file that was finished before, if there is one."""
    same = LeadImport.objects.filter(digest=batch.digest, state=State.DONE, created_by=batch.created_by)
    return same.exclude(pk=batch.pk).first()


@contextlib.contextmanager
def open_file(batch: LeadImport) -> Iterator[BinaryIO]:
    """The kept file; UnreadableFile when it is gone. Outside a transaction."""
    if not batch.file:
        raise UnreadableFile(_("The file is gone. Choose it again."))
    with batch.file.open("rb") as file:
        yield file.file


def look_again(batch: LeadImport) -> Sniffed:
    """Header and first rows for the mapping page."""
    with open_file(batch) as file:
        return sniff(file)


def check_mapping(batch: LeadImport, mapping: Mapping[str, str], needs: Iterable[str] = ()) -> list[str]:
    """What is wrong with a mapping, in words; empty when it can be used. ``needs``: fields every row must have."""
    names = [name for name in mapping.values() if name]
    twice = sorted({label_of(name) for name in names if names.count(name) > 1})
    known = all(name in FIELDS or name.startswith(CUSTOM) for name in names)
    problems = [] if known else [_("Choose from what is offered.")]
    if "email" not in names:
        problems.append(_("No column gives the e-mail address. Choose the one that does."))
    if not {"company_name", "name", "first_name", "last_name"} & set(names):
        problems.append(_("No column names the company or the person. Choose at least one."))
    for name in needs:
        if not _gives(name) & set(names):
            problems.append(_("No column gives %(field)s, which every row needs.") % {"field": label_of(name)})
    if twice:
        problems.append(_("Two columns fill %(fields)s. Choose one of them.") % {"fields": ", ".join(twice)})
    return problems


@transaction.atomic
def start_check(
    batch: LeadImport, *, mapping: Mapping[str, str], by: Any, now: dt.datetime | None = None, **settings: Any
) -> bool:
    """Let the rows be checked with this mapping, writing no lead; False when the file is beyond that.

    ``settings`` are updates_existing, needs, source, consent_note, queue, line_of_business.
    """
    batch = LeadImport.objects.select_for_update().get(pk=batch.pk)
    if batch.state not in (State.MAPPING, State.READY, State.FAILED):
        return False
    batch.rows.all().delete()
    batch.mapping = {number: name for number, name in mapping.items() if name}
    batch.state, batch.state_why, batch.position, batch.counts = State.CHECKING, "", 0, {}
    for name, value in settings.items():
        setattr(batch, name, value)
    batch.save()
    ring(BELL, batch.pk)
    return True


@transaction.atomic
def start_import(batch: LeadImport, *, by: Any, now: dt.datetime | None = None) -> bool:
    """Let the checked rows be imported; False when that was said before."""
    now = now or timezone.now()
    ready = LeadImport.objects.filter(pk=batch.pk, state=State.READY)
    if not ready.update(state=State.RUNNING, started_at=now, position=0):
        return False
    record("lead.import_started", by=by, text=_("imports leads from %(name)s") % {"name": batch.name}, now=now)
    ring(BELL, batch.pk)
    return True


@transaction.atomic
def cancel_import(batch: LeadImport, *, by: Any, now: dt.datetime | None = None) -> bool:
    """Stop a file before its end; leads that are there stay. False when it was over."""
    now = now or timezone.now()
    going = LeadImport.objects.filter(pk=batch.pk).exclude(state__in=[State.DONE, State.CANCELLED])
    if not going.update(state=State.CANCELLED, finished_at=now):
        return False
    _empty_rows(batch.pk)
    record("lead.import_cancelled", by=by, text=batch.name, now=now)
    return True


def due_imports(limit: int) -> list[int]:
    """Files that are being checked or imported."""
    rows = LeadImport.objects.filter(state__in=[State.CHECKING, State.RUNNING]).order_by("id")
    return list(rows.values_list("pk", flat=True)[:limit])


def advance_import(pk: int, *, now: dt.datetime | None = None, turn: int = TURN) -> None:
    """Go on with one file for some pieces, each in its own transaction with its place; rings when there is more."""
    now = now or timezone.now()
    batch = LeadImport.objects.get(pk=pk)
    if batch.state == State.CHECKING:
        more = _check_pieces(batch, turn)
    elif batch.state == State.RUNNING:
        more = _import_pieces(pk, turn, now)
    else:
        return
    if more:
        with transaction.atomic():
            ring(BELL, pk)


# ── the dry run ───────────────────────────────────────────────────────────────────────────────────────────────────


def _check_pieces(batch: LeadImport, turn: int) -> bool:
    try:
        with open_file(batch) as file:
            rows = iter_rows(file, batch.encoding, batch.delimiter)
            next(rows, None)
            rows, at = islice(rows, batch.position, None), batch.position
            ends = time.monotonic() + SECONDS
            for _piece in range(turn):
                if time.monotonic() > ends:
                    break
                piece = list(islice(rows, PIECE))
                if not _check_piece(batch.pk, at, piece):
                    return False
                at += len(piece)
            return True
    except (UnreadableFile, OSError) as problem:
        why = str(problem) if isinstance(problem, UnreadableFile) else _("The file is gone. Choose it again.")
        LeadImport.objects.filter(pk=batch.pk, state=State.CHECKING).update(state=State.FAILED, state_why=why[:300])
        return False


@transaction.atomic
def _check_piece(pk: int, at: int, piece: list[list[str]]) -> bool:
    """Report on the rows after ``at``; False when that was the end, or when somebody else is at it."""
    batch = LeadImport.objects.select_for_update().get(pk=pk)
    if batch.state != State.CHECKING or batch.position != at:
        return False
    if not piece or batch.position >= MOST_ROWS:
        if batch.position >= MOST_ROWS and piece:
            batch.state_why = _("Only the first %(count)s rows are read.") % {"count": f"{MOST_ROWS:,}"}
        batch.state, batch.total = State.READY, batch.position
        batch.counts = count_outcomes(batch)
        batch.save(update_fields=["state", "state_why", "total", "counts"])
        return False
    rows = [_check_row(batch, batch.position + at + 1, cells) for at, cells in enumerate(piece)]
    _compare(batch, rows)
    ImportRow.objects.bulk_create(rows)
    batch.position += len(piece)
    batch.save(update_fields=["position"])
    return True


def _check_row(batch: LeadImport, number: int, cells: list[str]) -> ImportRow:
    """One row by itself: its values, or why it cannot be imported."""
    row = ImportRow(batch=batch, number=number, outcome=Outcome.NEW)
    given = {name: cells[int(at)] for at, name in batch.mapping.items() if int(at) < len(cells)}
    try:
        values, notes = as_values(given)
    except BadValue as problem:
        row.outcome, row.why = Outcome.REFUSED, str(problem)[:300]
        return row
    row.label = " · ".join(filter(None, (values.get("company_name", ""), values.get("name", ""))))[:200]
    row.email = values.get("email", "")
    if "�" in "".join(given.values()):
        notes.append(_("Some letters could not be read; is the file in another encoding?"))
    if len(cells) > len(batch.header):
        notes.append(_("It has more cells than the header; the rest is left out."))
    if not row.email:
        row.outcome, row.why = Outcome.REFUSED, _("It has no e-mail address.")
    elif missing := [name for name in batch.needs if not any(given.get(one, "").strip() for one in _gives(name))]:
        row.outcome = Outcome.REFUSED
        row.why = _("It has no %(fields)s.") % {"fields": ", ".join(map(label_of, missing))}
    elif not row.label:
        row.outcome, row.why = Outcome.REFUSED, _("It names neither a company nor a person.")
    else:
        row.why, row.values = " ".join(notes)[:300], values
    return row


def _gives(name: str) -> set[str]:
    """The columns of which one gives a field that every row needs."""
    return GIVES.get(name, {name})


def _compare(batch: LeadImport, rows: list[ImportRow]) -> None:
    """Mark what stands in the file twice, and what is a lead already."""
    emails = {row.email for row in rows if row.email and row.outcome == Outcome.NEW}
    before = ImportRow.objects.filter(batch=batch, email__in=emails).exclude(outcome=Outcome.REFUSED)
    seen = dict(before.values_list("email", "number"))
    known = set(Lead.objects.filter(email__in=emails).values_list("email", flat=True))
    mine = {}
    if batch.updates_existing and batch.created_by:
        mine = dict(visible_leads(batch.created_by).filter(email__in=emails).values_list("email", "pk"))
    for row in rows:
        if row.outcome != Outcome.NEW:
            continue
        if row.email in seen:
            row.outcome, row.values = Outcome.COPY, {}
            row.why = _("The address stands in row %(number)s already.") % {"number": seen[row.email]}
        elif row.email in mine:
            row.outcome, row.lead_id = Outcome.UPDATED, mine[row.email]
        elif row.email in known:
            row.outcome, row.values, row.why = Outcome.KNOWN, {}, _("There is a lead with this address already.")
        seen.setdefault(row.email, row.number)


# ── the import ────────────────────────────────────────────────────────────────────────────────────────────────────


def _import_pieces(pk: int, turn: int, now: dt.datetime) -> bool:
    ends = time.monotonic() + SECONDS
    return all(time.monotonic() > ends or _import_piece(pk, now) for _piece in range(turn))


@transaction.atomic
def _import_piece(pk: int, now: dt.datetime) -> bool:
    """Write the leads of the next rows; False when that was the end, or when somebody else is at it."""
    batch = LeadImport.objects.select_for_update().get(pk=pk)
    if batch.state != State.RUNNING:
        return False
    wanted = batch.rows.filter(number__gt=batch.position, outcome__in=[Outcome.NEW, Outcome.UPDATED])
    rows = list(wanted.order_by("number")[:PIECE])
    if not rows:
        _finish(batch, now)
        return False
    products: dict[str, Any] = {}
    _write_new(batch, [row for row in rows if row.outcome == Outcome.NEW], products, now)
    write_changes([row for row in rows if row.outcome == Outcome.UPDATED], products)
    # One statement: an update of many rows by their keys costs Django a second for each thousand.
    changed = ["outcome", "why", "lead", "values", "email"]
    for row in rows:
        row.email = ""
    ImportRow.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=changed)
    batch.position = rows[-1].number
    batch.save(update_fields=["position"])
    ring("lead.created")
    return True


def _write_new(batch: LeadImport, rows: list[ImportRow], products: dict[str, Any], now: dt.datetime) -> None:
    """New leads at once; when somebody made one of them meanwhile, the rest all the same."""
    emails = [row.email for row in rows]
    taken = set(Lead.objects.filter(email__in=emails).values_list("email", flat=True))
    fresh = [row for row in rows if row.email not in taken]
    leads = [make_lead(batch, row.values, products, now) for row in fresh]
    try:
        with transaction.atomic():
            Lead.objects.bulk_create(leads, batch_size=500)
    except IntegrityError:
        for at, lead in enumerate(leads):
            try:
                with transaction.atomic():
                    lead.save(force_insert=True)
            except IntegrityError:
                taken.add(fresh[at].email)
    for row, lead in zip(fresh, leads, strict=True):
        row.lead = lead if row.email not in taken else None
    for row in rows:
        row.values = {}
        if row.email in taken:
            row.outcome, row.why = Outcome.KNOWN, _("There is a lead with this address already.")


def _finish(batch: LeadImport, now: dt.datetime) -> None:
    batch.state, batch.finished_at, batch.counts = State.DONE, now, count_outcomes(batch)
    batch.save(update_fields=["state", "finished_at", "counts"])
    _empty_rows(batch.pk)
    text = _("imported %(count)s leads from %(name)s") % {"count": batch.counts[Outcome.NEW], "name": batch.name}
    record("lead.imported", by=batch.created_by, text=text, now=now)


def _empty_rows(pk: int) -> None:
    """The report keeps who and why; the values stand in the leads now."""
    kept = ~Q(values={}) | ~Q(email="")
    ImportRow.objects.filter(kept, batch=pk).update(values={}, email="")


def count_outcomes(batch: LeadImport) -> dict[str, int]:
    """How many rows came to what."""
    counted = dict(batch.rows.order_by().values_list("outcome").annotate(count=Count("pk")))
    return {outcome: counted.get(outcome, 0) for outcome in Outcome.values}


def report_rows(batch: LeadImport, outcome: str = "") -> Iterator[list[str]]:
    """The report as cells, header first."""
    yield [_("row"), _("outcome"), _("lead"), _("why")]
    rows = batch.rows.filter(outcome=outcome) if outcome in Outcome.values else batch.rows.all()
    for row in rows.order_by("number").iterator(chunk_size=2000):
        yield [str(row.number), str(row.get_outcome_display()), row.label, row.why]


def forget_imports(now: dt.datetime) -> int:
    """Delete the files and reports of a month ago; the leads stay. Returns how many."""
    old = LeadImport.objects.filter(created_at__lt=now - KEPT).exclude(state__in=[State.CHECKING, State.RUNNING])
    gone = list(old)
    for batch in gone:
        batch.file.delete(save=False)
        batch.delete()
    return len(gone)
