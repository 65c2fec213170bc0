"""Whom nothing more is sent to: added by an opt-out, a link, a complaint, a bounce or a person; lifted with a reason.

It is asked when a mail is drafted, when it is approved and at the gate, immediately before it leaves.
"""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.audit import record
from agents.queue import ring
from conversations import blinding
from conversations.models import Message, Suppression

Scope, Reason = Suppression.Scope, Suppression.Reason
BELL = "address.suppressed"
MOST_BYTES, MOST_ROWS = 5 * 1024 * 1024, 100_000
COLUMNS = frozenset({"email", "e-mail", "e-mail address", "email address", "address", "domain", "mail"})
BATCH = 2000


class NoTarget(ValueError):  # noqa: N818
    """What was given is neither an address nor a domain."""


def suppress(
    address: str,
    *,
    reason: str,
    by: Any,
    scope: str = Scope.ALL,
    note: str = "",
    message: Message | None = None,
    now: dt.datetime,
) -> Suppression:
    """Send nothing more to an address, or to a whole domain; a known reason is only ever widened. Raises NoTarget."""
    target = blinding.read_target(address)
    if target is None:
        raise NoTarget(address)
    digest = blinding.digest_of(target[0], blinding.make_key())
    return _suppress(
        digest, is_domain=target[1], reason=reason, by=by, scope=scope, note=note, message=message, now=now
    )


@transaction.atomic
def _suppress(
    digest: str,
    *,
    reason: str,
    by: Any,
    scope: str,
    now: dt.datetime,
    is_domain: bool = False,
    note: str = "",
    message: Message | None = None,
) -> Suppression:
    values = {"is_domain": is_domain, "scope": scope, "note": note[:200], "message": message, "by": by}
    row, created = Suppression.objects.get_or_create(
        digest=digest, reason=reason, defaults=values | {"created_at": now}
    )
    widened = False
    if not created and scope == Scope.ALL:
        widened = bool(Suppression.objects.filter(pk=row.pk, scope=Scope.OUTREACH).update(scope=scope))
    if created or widened:
        row.refresh_from_db()
        record("suppression.added", by=by, subject=row, text=row.get_reason_display(), why=note, now=now)
        ring(BELL, row.pk)
    return row


def unsubscribe(token: str, *, now: dt.datetime) -> Suppression | None:
    """The reader of a mail says no more of it, by its link; None when the link is not one of ours."""
    digest = blinding.read_token(token)
    if digest is None:
        return None
    return _suppress(digest, reason=Reason.UNSUBSCRIBED, by=None, scope=Scope.OUTREACH, now=now)


@transaction.atomic
def lift(pk: int, *, reason: str, by: Any, now: dt.datetime) -> bool:
    """A person says that an address may be written to again, and why. False when it is not on the list any more."""
    row = Suppression.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        return False
    record("suppression.lifted", by=by, subject=row, text=row.get_reason_display(), why=reason, now=now)
    row.delete()
    return True


def find_suppressed(addresses: Iterable[str], *, outreach: bool = False) -> dict[str, Suppression]:
    """Which of the addresses are not written to, each with the row that says so, in at most two queries.

    ``outreach`` asks for sales mail, which more people have refused than mail in general. Raises
    ``credentials.Unsealable`` when the list cannot be read: then nothing may be sent.
    """
    key = blinding.find_key()
    if key is None:
        return {}
    wanted = {
        address: [blinding.digest_of(each, key) for each in blinding.targets_of(address)] for address in addresses
    }
    rows = Suppression.objects.filter(digest__in={digest for digests in wanted.values() for digest in digests})
    if not outreach:
        rows = rows.filter(scope=Scope.ALL)
    # What stops everything is named before what stops sales mail only.
    known = {row.digest: row for row in rows.order_by("-scope", "-id")}
    found = {address: next(filter(None, map(known.get, digests)), None) for address, digests in wanted.items()}
    return {address: row for address, row in found.items() if row is not None}


def is_suppressed(address: str, *, outreach: bool = False) -> Suppression | None:
    """The row that keeps mail from an address, if there is one."""
    return find_suppressed([address], outreach=outreach).get(address)


def find_rows(text: str) -> QuerySet[Suppression]:
    """Everything that keeps mail from an address (its domain too) or from a domain, for people who look it up."""
    target, key = blinding.read_target(text), blinding.find_key()
    if target is None or key is None:
        return Suppression.objects.none()
    names = blinding.targets_of(f"x@{target[0]}")[1:] if target[1] else blinding.targets_of(target[0])
    return Suppression.objects.filter(digest__in=[blinding.digest_of(each, key) for each in names])


def explain(address: str, row: Suppression) -> str:
    """Why nothing is sent to an address, for people."""
    values = {"address": address, "why": row.get_reason_display()}
    if row.scope == Scope.OUTREACH:
        return _("%(address)s gets no sales mail: %(why)s.") % values
    return _("%(address)s is not written to: %(why)s.") % values


def list_refusals(addresses: Sequence[str], *, outreach: bool = False) -> list[str]:
    """Why nothing is sent to some of these addresses; empty when all may be written to."""
    return [explain(address, row) for address, row in find_suppressed(addresses, outreach=outreach).items()]


def count_reasons() -> dict[str, int]:
    """How many rows there are of each reason."""
    return dict(Suppression.objects.order_by().values_list("reason").annotate(n=Count("pk")))


@dataclass
class ImportReport:
    """What became of the rows of a list; the numbers add up to the rows read."""

    read: int = 0
    added: int = 0
    known: int = 0
    unreadable: list[tuple[int, str]] = field(default_factory=list)


class Unreadable(ValueError):  # noqa: N818
    """A file that is no list of addresses; the text says why, for people."""


def import_list(content: bytes, *, scope: str, by: Any, note: str = "", now: dt.datetime | None = None) -> ImportReport:
    """Suppress every address and domain of a CSV file; all or nothing, twice is harmless. Raises Unreadable."""
    now = now or timezone.now()
    report, targets = _read_list(content)
    key = blinding.make_key()
    digests = {blinding.digest_of(target, key): is_domain for target, is_domain in targets}
    report.known = report.read - len(report.unreadable)
    with transaction.atomic():
        for start in range(0, len(digests), BATCH):
            part = dict(list(digests.items())[start : start + BATCH])
            report.added += _add_digests(part, scope=scope, by=by, note=note, now=now)
        report.known -= report.added
        text = _("%(added)d added, %(known)d known already") % {"added": report.added, "known": report.known}
        record("suppression.imported", by=by, text=text, why=note, now=now)
    return report


def _add_digests(part: dict[str, bool], *, scope: str, by: Any, note: str, now: dt.datetime) -> int:
    imported = Suppression.objects.filter(digest__in=part, reason=Reason.IMPORTED)
    known = set(imported.values_list("digest", flat=True))
    Suppression.objects.bulk_create(
        [
            Suppression(
                digest=digest, is_domain=is_domain, scope=scope, reason=Reason.IMPORTED, note=note[:200], by=by,
                created_at=now,
            )
            for digest, is_domain in part.items()
            if digest not in known
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    if scope == Scope.ALL:
        imported.filter(scope=Scope.OUTREACH).update(scope=scope)
    return len(part) - len(known)


def _read_list(content: bytes) -> tuple[ImportReport, list[tuple[str, bool]]]:
    """Rows of the column that holds addresses (by its heading, else the first)."""
    if len(content) > MOST_BYTES:
        raise Unreadable(_("The file is larger than 5 MB. Split it."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if "\0" in text:
        raise Unreadable(_("This is no CSV file. Save the list as CSV and choose it again."))
    first = text.partition("\n")[0]
    delimiter = next((mark for mark in (";", "\t", ",") if mark in first), ",")
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as error:
        raise Unreadable(_("The file cannot be read as CSV: %(why)s") % {"why": error}) from error
    if len(rows) > MOST_ROWS:
        raise Unreadable(_("The file has more than 100,000 rows. Split it."))
    heading = [cell.strip().lower() for cell in rows[0]] if rows else []
    column = next((place for place, name in enumerate(heading) if name in COLUMNS), None)
    return _read_rows(rows, column)


def _read_rows(rows: list[list[str]], column: int | None) -> tuple[ImportReport, list[tuple[str, bool]]]:
    report, found = ImportReport(), []
    for place, row in enumerate(rows[0 if column is None else 1 :], start=1 if column is None else 2):
        if not any(cell.strip() for cell in row):
            continue
        report.read += 1
        cell = row[column or 0] if len(row) > (column or 0) else ""
        target = blinding.read_target(cell)
        if target is None:
            report.unreadable.append((place, cell[:60]))
        else:
            found.append(target)
    return report, found
