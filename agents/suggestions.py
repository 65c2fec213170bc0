"""Decide and carry out: every act of every agent goes through here (``proposals.py`` is where it begins)."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import policy
from agents.audit import record
from agents.kinds import KINDS, Kind, get_kind
from agents.models import Suggestion
from agents.models.levels import Level
from agents.queue import ring

State = Suggestion.State


class NotPending(Exception):  # noqa: N818 - reads as the state it names
    """Somebody was faster; the suggestion carries who, when and what became of it."""

    def __init__(self, suggestion: Suggestion) -> None:
        super().__init__(f"suggestion {suggestion.pk} is {suggestion.state}")
        self.suggestion = suggestion


class NotAllowed(Exception):  # noqa: N818
    """The guard refused; the suggestion is still pending."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


def accept(
    pk: int,
    *,
    by: Any,
    edits: dict[str, Any] | None = None,
    parts: Iterable[str] | None = None,
    now: dt.datetime | None = None,
) -> Suggestion:
    """Decide yes and carry it out, or do neither.

    ``edits`` replaces fields of the payload; ``parts`` names the parts to take, and each one left out is on record as
    rejected. Raises NotPending, NotAllowed, PermissionDenied, or pydantic's ValidationError for impossible edits.
    """
    now = now or timezone.now()
    with transaction.atomic():
        suggestion, kind = _lock(pk)
        _require_access(kind, suggestion, by, now)
        fresh = kind.fingerprint(suggestion.subject) == suggestion.fingerprint
        if fresh:
            _carry_out(kind, suggestion, by, edits, parts, now)
        else:
            take_back(suggestion, _("Something new happened before it was accepted."), now)
            if kind.bell:
                ring(kind.bell, suggestion.object_id)
    if not fresh:
        raise NotPending(suggestion)
    return suggestion


def _lock(pk: int) -> tuple[Suggestion, Kind]:
    """The pending suggestion and its subject, both locked, the subject first (as everybody else locks)."""
    suggestion = Suggestion.objects.get(pk=pk)
    kind = get_kind(suggestion.kind)
    if suggestion.subject is not None:
        subject = kind.lock(suggestion.subject)
    suggestion = Suggestion.objects.select_for_update(of=("self",)).get(pk=pk)
    if suggestion.state != State.PENDING:
        raise NotPending(suggestion)
    suggestion.subject = subject
    return suggestion, kind


def _require_access(kind: Kind, suggestion: Suggestion, by: Any, now: dt.datetime) -> None:
    if by.is_agent:
        verdict = policy.effective_level(
            kind, rule=suggestion.rule, line_of_business=suggestion.line_of_business, now=now
        )
        if suggestion.level != Level.AUTO or verdict.level != Level.AUTO:
            raise PermissionDenied(_("The agent may not decide this by itself."))
    elif not kind.access(suggestion.subject, by):
        raise PermissionDenied(_("You may not decide this."))


def _carry_out(
    kind: Kind,
    suggestion: Suggestion,
    by: Any,
    edits: dict[str, Any] | None,
    parts: Iterable[str] | None,
    now: dt.datetime,
) -> None:
    final = kind.Payload.model_validate({**suggestion.proposed, **(edits or {})})
    every = set(kind.parts(final))
    taken = every if parts is None else every & set(parts)
    if every and not taken:
        raise NotAllowed([_("Nothing was chosen.")])
    final = kind.take_parts(final, taken) if every else final
    suggestion.final = final.model_dump(mode="json")
    suggestion.left_out = sorted(every - taken)
    suggestion.state, suggestion.decided_at = State.ACCEPTED, now
    suggestion.decided_by, suggestion.decided_by_agent = by, by.is_agent
    if reasons := kind.guard(suggestion):
        raise NotAllowed(reasons)
    suggestion.save()
    kind.apply(suggestion, by)
    note_pending(kind, suggestion.subject)
    suggestion.applied_fingerprint = kind.fingerprint(kind.lock(suggestion.subject))
    suggestion.save(update_fields=["applied_fingerprint"])
    edited = suggestion.final != suggestion.proposed
    record(
        f"{kind.name}.accepted",
        by=by,
        subject=suggestion.subject,
        text=suggestion.summary,
        why=_("Edited before accepting") if edited else suggestion.why,
        suggestion=suggestion,
        line_of_business=suggestion.line_of_business,
        now=now,
    )


def reject(pk: int, *, by: Any, reason: str = "", now: dt.datetime | None = None) -> Suggestion:
    """Decide no. Raises NotPending or PermissionDenied."""
    now = now or timezone.now()
    with transaction.atomic():
        suggestion, kind = _lock(pk)
        if by.is_agent or not kind.access(suggestion.subject, by):
            raise PermissionDenied(_("You may not decide this."))
        suggestion.state, suggestion.reason = State.REJECTED, reason
        suggestion.decided_by, suggestion.decided_at = by, now
        suggestion.save()
        note_pending(kind, suggestion.subject)
        record(
            f"{kind.name}.rejected",
            by=by,
            subject=suggestion.subject,
            text=suggestion.summary,
            why=reason,
            suggestion=suggestion,
            line_of_business=suggestion.line_of_business,
            now=now,
        )
    return suggestion


def undo(pk: int, *, by: Any, now: dt.datetime | None = None) -> Suggestion:
    """Apply the inverse of an accepted suggestion, once. Raises NotAllowed where there is none, or it was undone."""
    now = now or timezone.now()
    with transaction.atomic():
        suggestion = Suggestion.objects.get(pk=pk)
        kind = get_kind(suggestion.kind)
        if suggestion.subject is not None:
            kind.lock(suggestion.subject)
        suggestion = Suggestion.objects.select_for_update(of=("self",)).get(pk=pk)
        if not kind.access(suggestion.subject, by):
            raise PermissionDenied(_("You may not decide this."))
        if not kind.can_undo or suggestion.state != State.ACCEPTED:
            raise NotAllowed([_("This cannot be undone.")])
        if suggestion.undone_at:
            raise NotAllowed([_("It was undone already.")])
        kind.undo(suggestion, by)
        suggestion.undone_at, suggestion.undone_by = now, by
        suggestion.save(update_fields=["undone_at", "undone_by"])
        record(
            f"{kind.name}.undone",
            by=by,
            subject=suggestion.subject,
            text=suggestion.summary,
            suggestion=suggestion,
            line_of_business=suggestion.line_of_business,
            now=now,
        )
    return suggestion


def rate(pk: int, rating: str, *, by: Any, now: dt.datetime | None = None) -> Suggestion:
    """Keep what a person thinks of what was done, "right" or "wrong"; the same again takes it back.

    Raises PermissionDenied, and NotAllowed for what was not done.
    """
    with transaction.atomic():
        suggestion = Suggestion.objects.select_for_update(of=("self",)).get(pk=pk)
        kind = get_kind(suggestion.kind)
        if by.is_agent or not kind.access(suggestion.subject, by):
            raise PermissionDenied(_("You may not decide this."))
        if suggestion.state != State.ACCEPTED:
            raise NotAllowed([_("Only what was done is rated.")])
        suggestion.rating = "" if suggestion.rating == rating else Suggestion.Rating(rating)
        suggestion.rated_by = by if suggestion.rating else None
        suggestion.save(update_fields=["rating", "rated_by"])
        said = str(suggestion.get_rating_display() or _("Taken back"))
        line = suggestion.line_of_business
        record(f"{kind.name}.rated", by=by, subject=suggestion.subject, text=said, suggestion=suggestion,
               line_of_business=line, now=now)  # fmt: skip
    return suggestion


def withdraw(pk: int, reason: str, *, now: dt.datetime | None = None) -> bool:
    """Take a pending suggestion back; False when it was decided already."""
    with transaction.atomic():
        try:
            suggestion, _kind = _lock(pk)
        except NotPending:
            return False
        take_back(suggestion, reason, now or timezone.now())
    return True


def withdraw_for(subject: Model, reason: str, *, now: dt.datetime | None = None) -> int:
    """Take back every pending suggestion about ``subject``; returns how many."""
    pending = of_subject(subject).filter(state=State.PENDING).values_list("pk", flat=True)
    return sum(withdraw(pk, reason, now=now) for pk in list(pending))


def withdraw_stale(subject: Model, reason: str, *, now: dt.datetime | None = None) -> int:
    """Take back the pending suggestions whose subject has changed since, and ring for new ones; returns how many."""
    count = 0
    pending = list(of_subject(subject).filter(state=State.PENDING).values_list("pk", flat=True))
    for suggestion in Suggestion.objects.filter(pk__in=pending) if pending else ():
        kind = KINDS.get(suggestion.kind)
        if kind is None or kind.fingerprint(subject) == suggestion.fingerprint:
            continue
        if withdraw(suggestion.pk, reason, now=now):
            count += 1
            if kind.bell:
                ring(kind.bell, suggestion.object_id)
    return count


def reissue(suggestion: Suggestion, reason: str, *, now: dt.datetime) -> Suggestion | None:
    """Put the content of an accepted suggestion whose effect was cancelled before a person again.

    Inside the transaction that cancels. None when a newer suggestion already waits, or the kind says that nothing is
    left to decide.
    """
    kind = get_kind(suggestion.kind)
    subject = kind.lock(suggestion.subject)
    waits = of_subject(subject).filter(kind=suggestion.kind, state=State.PENDING).exists()
    if waits or not kind.outlives(suggestion, subject):
        return None
    fields = {
        name: getattr(suggestion, name)
        for name in ("kind", "agent", "label", "link", "summary", "line_of_business", "channel", "topic", "topic_label",
                     "rule", "rule_name", "evidence", "risks", "confidence", "engine", "engine_version",
                     "settings_version", "soft_fingerprint", "arrived_as")
    }  # fmt: skip
    again = Suggestion.objects.create(
        **fields,
        subject=subject,
        proposed=suggestion.payload,
        why=reason,
        level=Level.ASK,
        fingerprint=kind.fingerprint(subject),
        created_at=now,
        replaces=suggestion,
    )
    note_pending(kind, subject)
    return again


def take_back(suggestion: Suggestion, reason: str, now: dt.datetime) -> None:
    """Set a locked pending suggestion to withdrawn and record it, in the caller's transaction."""
    suggestion.state, suggestion.reason, suggestion.decided_at = State.WITHDRAWN, reason, now
    suggestion.save(update_fields=["state", "reason", "decided_at"])
    if suggestion.subject is not None:
        note_pending(get_kind(suggestion.kind), suggestion.subject)
    record(
        f"{suggestion.kind}.withdrawn",
        by=None,
        subject=suggestion.subject,
        text=suggestion.summary,
        why=reason,
        suggestion=suggestion,
        line_of_business=suggestion.line_of_business,
        now=now,
    )


def note_pending(kind: Kind, subject: Any) -> None:
    """Tell the subject's app which kinds wait about it now, in the caller's transaction."""
    waiting = of_subject(subject).filter(state=State.PENDING).order_by("kind").values_list("kind", flat=True)
    kind.note_pending(subject, list(waiting))


def of_subject(subject: Model) -> Any:
    """Every suggestion about ``subject``, as a queryset."""
    return Suggestion.objects.filter(
        content_type=ContentType.objects.get_for_model(subject), object_id=subject.pk
    ).select_related("line_of_business", "rule")
