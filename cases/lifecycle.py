"""What people and rules do to a case: assign, note, resolve, reopen, adopt, cancel."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.notifications import notify
from accounts.presence import READY_BELL
from agents.audit import record
from agents.models import SectionSetting, Suggestion
from agents.models.levels import ArrivedAs
from agents.queue import ring
from agents.suggestions import withdraw_for, withdraw_stale
from cases.access import say_case
from cases.models import AgentState, Case
from cases.reassigning import look_again, note_hand
from conversations.models import Conversation, Note, Queue

Status, Reason = Case.Status, Case.StatusReason


class CaseChanged(Exception):  # noqa: N818
    """The case moved on between the look and the act; nothing was done."""


def lock_case(pk: int) -> Case:
    """The case, locked until the transaction ends."""
    return Case.objects.select_for_update(of=("self",)).get(pk=pk)


@transaction.atomic
def assign_case(
    case: Case,
    *,
    by: Any,
    owner: Any = None,
    queue: Queue | None = None,
    why: str = "",
    suggestion: Suggestion | None = None,
    by_rule: bool = False,
    now: dt.datetime | None = None,
) -> Case:
    """Give the case to a person, a queue, or both; an owner of None takes it away from everybody.

    The new owner is told. What came ``by_rule`` may be moved by rules again; an owner whom a person chose stays.
    """
    case, now = lock_case(case.pk), now or timezone.now()
    old_owner, changes = case.owner, []
    for field, new in (("owner", owner), ("queue", queue or case.queue)):
        old = getattr(case, field)
        if old != new:
            changes.append({"field": field, "label": _(field), "old": str(old or ""), "new": str(new or "")})
            setattr(case, field, new)
    if not changes:
        return case
    case.routed_at, case.routed_why = now, why[:300]
    case.save(update_fields=["owner", "queue", "routed_at", "routed_why"])
    # Who may read the mails and files is asked of the conversation.
    Conversation.objects.filter(case_links__case=case, case_links__is_current=True).update(
        owner=case.owner, queue=case.queue
    )
    record("case.assigned", by=by, subject=case, why=why, changes=changes, suggestion=suggestion, now=now)
    ring("case.assigned", case.pk)
    if not by_rule:
        note_hand(case, by=by, old_owner=old_owner.pk if old_owner and old_owner != owner else None)
        withdraw_stale(case, _("The case was assigned in the meantime."), now=now)
    if owner is not None and owner != old_owner and (by is None or owner.pk != by.pk):
        title = _("Assigned to you: %(case)s") % {"case": say_case(case, owner)}
        notify(owner, title, link=case.get_absolute_url(), kind="assigned", now=now)
    if old_owner is not None and owner != old_owner:
        ring(READY_BELL)
    return case


@transaction.atomic
def add_note(case: Case, *, text: str, by: Any, now: dt.datetime | None = None) -> Note:
    """An internal note; customers never see it."""
    agent = by.agent if by.is_agent else ""
    note = Note.objects.create(subject=case, text=text, author=by, agent=agent, created_at=now or timezone.now())
    record("case.noted", by=by, subject=case, now=now)
    return note


@transaction.atomic
def resolve_case(
    case: Case,
    *,
    by: Any,
    resolution_type: str,
    resolution: str = "",
    seen_message: int | None = None,
    suggestion: Suggestion | None = None,
    now: dt.datetime | None = None,
) -> Case:
    """Resolve an open case because its matter is settled; rings "case.resolved" and "case.closed".

    ``seen_message`` is the last message the decider saw: when another has arrived since, CaseChanged is raised.
    """
    case = _lock_open(case, seen_message)
    reason = Reason.NO_ANSWER if resolution_type == Reason.NO_ANSWER else Reason.SOLVED
    _end_case(case, by, reason, resolution_type, resolution, suggestion, now or timezone.now())
    if reason == Reason.SOLVED:
        ring("case.resolved", case.pk)
    return case


@transaction.atomic
def close_case(
    case: Case,
    *,
    by: Any,
    reason: str = Reason.NO_ANSWER,
    resolution_type: str = "no_answer",
    resolution: str = "",
    seen_message: int | None = None,
    suggestion: Suggestion | None = None,
    now: dt.datetime | None = None,
) -> Case:
    """Close an open case whose matter nobody pursues any more; rings "case.closed" alone.

    ``seen_message`` is compared as in ``resolve_case``.
    """
    case = _lock_open(case, seen_message)
    _end_case(case, by, reason, resolution_type, resolution, suggestion, now or timezone.now())
    return case


def _lock_open(case: Case, seen_message: int | None) -> Case:
    """The case, locked, while it is open and no message came behind the one seen; else CaseChanged."""
    case = lock_case(case.pk)
    if not case.is_open or (seen_message is not None and case.last_message_id != seen_message):
        raise CaseChanged
    return case


def _end_case(
    case: Case,
    by: Any,
    reason: str,
    resolution_type: str,
    resolution: str,
    suggestion: Suggestion | None,
    now: dt.datetime,
) -> None:
    """Set the locked case to resolved with its fields; what waits for people is withdrawn."""
    change_status(case, Status.RESOLVED, reason)
    case.resolved_at, case.resolution_type, case.resolution = now, resolution_type, resolution
    case.save(update_fields=["status", "status_reason", "resolved_at", "resolution_type", "resolution"])
    withdraw_for(case, _("The case was resolved."), now=now)
    _rest_agent(case)
    record("case.resolved", by=by, subject=case, text=resolution_type, why=resolution, suggestion=suggestion, now=now)
    _ring_closed(case)


@transaction.atomic
def cancel_case(case: Case, *, by: Any, reason: str, now: dt.datetime | None = None) -> Case:
    """Set aside what is no case, or one twice; nothing is answered. Rings "case.closed"."""
    now = now or timezone.now()
    case = _lock_open(case, None)
    change_status(case, Status.CANCELLED, reason)
    case.resolved_at = now
    case.save(update_fields=["status", "status_reason", "resolved_at"])
    withdraw_for(case, _("The case was cancelled."), now=now)
    _rest_agent(case)
    record("case.cancelled", by=by, subject=case, why=str(Reason(reason).label), now=now)
    _ring_closed(case)
    return case


@transaction.atomic
def reopen_case(case: Case, *, by: Any, why: str, now: dt.datetime | None = None) -> Case:
    """Open a resolved or cancelled case again; rings "case.reopened"."""
    case = lock_case(case.pk)
    if case.is_open:
        raise CaseChanged
    change_status(case, Status.OPEN, Reason.IN_PROGRESS)
    case.resolved_at, case.reopened_count = None, case.reopened_count + 1
    case.save(update_fields=["status", "status_reason", "resolved_at", "reopened_count"])
    record("case.reopened", by=by, subject=case, why=why, now=now)
    ring("case.reopened", case.pk)
    look_again(case)
    return case


def _ring_closed(case: Case) -> None:
    """The case is closed; and whoever had it has room for another."""
    ring("case.closed", case.pk)
    if case.owner_id:
        ring(READY_BELL)


def _rest_agent(case: Case) -> None:
    """The agent has nothing left to do or to wait for, whoever had the case."""
    AgentState.objects.filter(case=case).update(status=AgentState.Status.IDLE, waits_for="", why="")


def change_status(case: Case, status: str, reason: str) -> None:
    """Set status and reason on the row in hand; the caller saves and records."""
    case.status, case.status_reason = status, reason


@transaction.atomic
def set_status_reason(case: Case, *, reason: str, by: Any) -> Case:
    """Say why an open case is where it is: new, in progress, waiting, on hold."""
    case = lock_case(case.pk)
    if not case.is_open:
        raise CaseChanged
    old, case.status_reason = case.status_reason, reason
    case.save(update_fields=["status_reason"])
    record("case.status_changed", by=by, subject=case, changes=[
        {"field": "status_reason", "label": _("status reason"), "old": str(Reason(old).label),
         "new": str(Reason(reason).label)}
    ])  # fmt: skip
    return case


@transaction.atomic
def adopt_case(case: Case, *, by: Any, why: str = "", now: dt.datetime | None = None) -> Case:
    """Turn an open case out of history into a live one: from now on agents may act on it."""
    now = now or timezone.now()
    case = lock_case(case.pk)
    if not case.is_history:
        raise CaseChanged
    case.arrived_as, case.adopted_at = ArrivedAs.LIVE, now
    case.fields_seen = case.reply_seen = 0
    case.save(update_fields=["arrived_as", "adopted_at", "fields_seen", "reply_seen"])
    case.conversations.update(arrived_as=ArrivedAs.LIVE)
    record("case.adopted", by=by, subject=case, why=why, now=now)
    ring("case.message", case.pk)
    look_again(case)
    return case


def adopt_open_cases(rows: QuerySet[Case], *, by: Any, now: dt.datetime | None = None) -> int:
    """Adopt the open cases out of history among ``rows``; returns how many."""
    count = 0
    for case in rows.filter(arrived_as=ArrivedAs.HISTORY, status=Status.OPEN).iterator(chunk_size=200):
        try:
            adopt_case(case, by=by, now=now)
            count += 1
        except CaseChanged:
            continue
    return count


def withdraw_after_message(case: Case, *, inbound: bool, now: dt.datetime) -> int:
    """A message arrived or left: what was drafted for the state before is taken back with that reason."""
    reason = _("The customer wrote again.") if inbound else _("A reply has left in the meantime.")
    return withdraw_stale(case, reason, now=now)


def reopening_window() -> dt.timedelta:
    """How long after its resolution a customer's mail reopens a case."""
    row = SectionSetting.objects.filter(section="cases.resolution", line_of_business__isnull=True).first()
    return dt.timedelta(days=int((row.values if row else {}).get("reopen_days", 14)))
