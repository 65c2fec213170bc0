"""What became of effects: leases that ran out, outcomes nobody saw, and what people decide about them."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.audit import record
from agents.models import Effect
from agents.outbox import HANDLERS, State, epoch, grace, settle
from agents.outbox.gate import cancel_locked
from agents.queue import ring


class TooLate(Exception):  # noqa: N818
    """It left, or was settled, in the meantime; the effect says how."""

    def __init__(self, effect: Effect) -> None:
        super().__init__(f"effect {effect.pk} is {effect.state}")
        self.effect = effect


def requeue_expired(*, now: dt.datetime) -> int:
    """Queue again what was claimed and never transmitted: a crash there is harmless.

    A row that a sleeping worker holds locked in its gate is left to the next sweep, and keeps nothing else waiting.
    """
    expired = Effect.objects.filter(state=State.CLAIMED, lease__lt=now)
    with transaction.atomic():
        free = list(expired.select_for_update(skip_locked=True).values_list("pk", flat=True))
        return expired.filter(pk__in=free).update(state=State.QUEUED, lease=None)


def find_overdue(*, now: dt.datetime, limit: int = 100) -> list[int]:
    """Effects whose outcome nobody reported within lease and grace, then those already unknown, in turn by chance.

    Unknown ones may stay for ever when there is no evidence: as many as ``limit`` of them must keep no other waiting.
    """
    late = Effect.objects.filter(state=State.TRANSMITTING, lease__lt=now - grace()).order_by("transmitting_at", "pk")
    unknown = Effect.objects.filter(state=State.UNKNOWN, transmitting_at__lt=now - grace()).order_by("?")
    found = list(late.values_list("pk", flat=True)[:limit])
    return found + list(unknown.values_list("pk", flat=True)[: limit - len(found)])


def settle_overdue(pk: int, *, now: dt.datetime) -> str:
    """Ask for evidence and settle: sent, queued again on evidence of absence, or unknown. Returns the state."""
    effect = Effect.objects.get(pk=pk)
    if effect.state not in (State.TRANSMITTING, State.UNKNOWN):
        return effect.state
    found = HANDLERS[effect.kind].find_evidence(effect)
    if found is True:
        settle(effect, State.SENT, _("Found by evidence."), only=effect.state)
    elif found is False:
        Effect.objects.filter(pk=pk, token=effect.token, state=effect.state).update(
            state=State.QUEUED, lease=None, not_before=now, held=_("It did not leave; tried again.")
        )
    elif effect.state == State.TRANSMITTING:
        settle(effect, State.UNKNOWN, _("The worker stopped while it was leaving."))
    effect.refresh_from_db()
    return effect.state


def mark_sent(pk: int, *, by: Any) -> Effect:
    """A person says an effect of unknown outcome did leave. Raises TooLate."""
    effect = Effect.objects.get(pk=pk)
    if not settle(effect, State.SENT, _("Said by a person."), by=by, only=State.UNKNOWN):
        effect.refresh_from_db()
        raise TooLate(effect)
    return effect


def send_again(pk: int, *, by: Any, now: dt.datetime | None = None) -> Effect:
    """A person says an effect of unknown outcome did not leave: the same bytes go again. Raises TooLate."""
    with transaction.atomic():
        effect = Effect.objects.select_for_update(of=("self",)).get(pk=pk)
        if effect.state != State.UNKNOWN:
            raise TooLate(effect)
        effect.state, effect.reason, effect.lease = State.QUEUED, "", None
        effect.not_before, effect.approved_by = now or timezone.now(), by
        effect.save()
        HANDLERS[effect.kind].settled(effect)
        record(f"{effect.kind}.sent_again", by=by, subject=effect.subject, text=effect.label, effect=effect, now=now)
        ring("effect.queued", effect.pk)
    return effect


def cancel(pk: int, *, by: Any, reason: str = "", now: dt.datetime | None = None) -> Effect:
    """Stop an effect that has not left yet. Raises TooLate."""
    with transaction.atomic():
        effect = Effect.objects.select_for_update(of=("self",)).get(pk=pk)
        if effect.state not in (State.QUEUED, State.CLAIMED, State.UNKNOWN):
            raise TooLate(effect)
        cancel_locked(effect, reason or _("Stopped by a person."), by=by, now=now or timezone.now())
    return effect


def confirm_database(*, by: Any) -> None:
    """A person says that this database may send; what was on its way becomes unknown. ``by`` None is the operator."""
    epoch.confirm()
    record("agents.database_confirmed", by=by, text=_("This database may send"))
