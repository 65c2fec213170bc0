"""The last look: one transaction immediately before the wire, in which everything is asked once more."""

import datetime as dt
import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import policy
from agents.audit import record
from agents.kinds import KINDS
from agents.models import Effect, Suggestion
from agents.models.levels import Level
from agents.outbox import HANDLERS, Go, Hold, State, Stop, epoch
from agents.policy import pausing
from agents.suggestions import reissue

PAUSE_LOOK = dt.timedelta(seconds=30)


def pass_gate(effect: Effect, *, current: uuid.UUID | None = None) -> bool:
    """Set a claimed effect to transmitting if all still holds; else hold or cancel it. True means: transmit now.

    ``current`` is the database's epoch when the batch was claimed: a newer one takes every claimed effect out of that
    state, so it need not be asked again for each.
    """
    now = timezone.now()
    with transaction.atomic():
        # Only the last statement decides whether it is still this worker's: who changed the row before it, wins.
        mine = Effect.objects.filter(pk=effect.pk, token=effect.token, state=State.CLAIMED, lease__gt=now)
        verdict = _judge(effect, now, current or epoch.current())
        if isinstance(verdict, Go):
            return bool(mine.update(state=State.TRANSMITTING, transmitting_at=now))
        if isinstance(verdict, Hold):
            mine.update(state=State.QUEUED, held=verdict.reason[:200], not_before=verdict.until, lease=None)
        elif mine.select_for_update(of=("self",)).exists():
            cancel_locked(effect, verdict.reason, by=None, now=now)
    return False


def _judge(effect: Effect, now: dt.datetime, current: uuid.UUID) -> Go | Hold | Stop:
    """Each check in turn; the first that is not "go" decides."""
    if effect.epoch != current:
        return Stop(_("It was queued before this database was restored."))
    if effect.not_after and now > effect.not_after:
        return Stop(_("It is too late for it now."))
    if pausing.is_paused(effect.agent, now=now):
        return Hold(_("Paused"), now + PAUSE_LOOK)
    if effect.suggestion is not None:
        verdict = _judge_suggestion(effect, effect.suggestion, now)
        if not isinstance(verdict, Go):
            return verdict
    return HANDLERS[effect.kind].may_leave(effect, now)


def _judge_suggestion(effect: Effect, suggestion: Suggestion, now: dt.datetime) -> Go | Hold | Stop:
    kind = KINDS[suggestion.kind]
    subject = suggestion.subject
    if suggestion.undone_at:
        return Stop(_("It was undone."))
    if kind.fingerprint(kind.lock(subject)) != suggestion.applied_fingerprint:
        return Stop(_("Something new happened before it left."))
    if reasons := kind.guard(suggestion):
        return Stop("; ".join(reasons))
    verdict = policy.effective_level(kind, rule=suggestion.rule, line_of_business=suggestion.line_of_business, now=now)
    if effect.authority == Effect.Authority.AGENT and verdict.level != Level.AUTO:
        return Stop(_("The level was lowered: %(why)s") % {"why": "; ".join(verdict.why)})
    return Go()


def cancel_locked(effect: Effect, reason: str, *, by: Any, now: dt.datetime) -> None:
    """Cancel an effect that has not left, in the caller's transaction, and put its content before a person again."""
    Effect.objects.filter(pk=effect.pk).update(
        state=State.CANCELLED, reason=reason, settled_at=now, lease=None, held=""
    )
    effect.state, effect.reason, effect.settled_at = State.CANCELLED, reason, now
    HANDLERS[effect.kind].settled(effect)
    record(f"{effect.kind}.cancelled", by=by, subject=effect.subject, text=effect.label, why=reason, effect=effect)
    if effect.suggestion and by is None:
        reissue(effect.suggestion, reason, now=now)
