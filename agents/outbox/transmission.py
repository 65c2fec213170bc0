"""The way out: claim a batch, pass the gate one by one, transmit, write down what happened."""

import datetime as dt
import random
import time
import uuid

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.models import Effect
from agents.outbox import HANDLERS, NotSent, Refused, Session, State, epoch, lease, put_back, settle
from agents.outbox.gate import pass_gate

log = structlog.get_logger(__name__)
GIVE_UP_AFTER = dt.timedelta(hours=48)


def deliver_due(*, now: dt.datetime | None = None, limit: int = 50) -> int:
    """Let what is due leave, in batches; returns how many effects were claimed."""
    if not epoch.is_confirmed():
        return 0
    current, batch = epoch.current(), _claim(now or timezone.now(), limit)
    started = time.monotonic()
    for kind in sorted({effect.kind for effect in batch}):
        with HANDLERS[kind].session() as session:
            for effect in batch:
                if effect.kind == kind:
                    _let_leave(effect, session, started, current)
    return len(batch)


@transaction.atomic
def _claim(now: dt.datetime, limit: int) -> list[Effect]:
    batch = list(
        Effect.objects.select_for_update(skip_locked=True)
        .filter(state=State.QUEUED, not_before__lte=now, kind__in=HANDLERS)
        .order_by("not_before", "id")[:limit]
    )
    until = timezone.now() + lease()
    Effect.objects.filter(pk__in=[effect.pk for effect in batch]).update(
        state=State.CLAIMED, token=F("token") + 1, attempts=F("attempts") + 1, lease=until, held=""
    )
    for effect in batch:
        effect.state, effect.lease = State.CLAIMED, until
        effect.token, effect.attempts = effect.token + 1, effect.attempts + 1
    prefetch_related_objects(batch, "subject")
    return batch


def _let_leave(effect: Effect, session: Session, started: float, current: uuid.UUID) -> None:
    if not pass_gate(effect, current=current):
        return
    epoch.mark(effect.pk)
    # A process that slept since the claim may not transmit: another may hold the effect by now.
    if time.monotonic() - started > settings.OUTBOX_LEASE_SECONDS / 2:
        put_back(effect, _("The worker was asleep."), wait=dt.timedelta(0))
        return
    try:
        provider_id = session.transmit(effect)
    except NotSent as error:
        _not_sent(effect, error)
    except Refused as error:
        settle(effect, State.REFUSED, str(error))
    except Exception:
        # Whatever else happened on the wire, whether it left is not known: it is listed, never sent again on a guess.
        log.exception("effect.unknown", effect=effect.pk)
        settle(effect, State.UNKNOWN, _("The connection broke while it was leaving."))
    else:
        settle(effect, State.SENT, provider_id=provider_id)


def _not_sent(effect: Effect, error: NotSent) -> None:
    if not error.retry or timezone.now() - effect.created_at > GIVE_UP_AFTER:
        settle(effect, State.REFUSED, error.reason)
        return
    wait = min(dt.timedelta(seconds=15 * 2**effect.attempts), dt.timedelta(hours=4))
    put_back(effect, error.reason, wait=wait * random.uniform(0.8, 1.2))
