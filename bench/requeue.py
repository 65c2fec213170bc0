"""The policy most task queues have, for comparison: claim with a lease, send, mark; a lease that ran out is redone."""

import datetime as dt

from django.utils import timezone

from agents.models import Effect
from agents.outbox import HANDLERS, NotSent, State, put_back
from agents.outbox.transmission import _claim
from conversations.outgoing import KIND


def deliver_due(limit: int) -> int:
    """Send one batch: claim, connection and bytes of the real outbox, but no gate and no state between."""
    batch = _claim(timezone.now(), limit)
    with HANDLERS[KIND].session() as session:
        for effect in batch:
            try:
                session.transmit(effect)
            except NotSent as error:
                put_back(effect, error.reason, wait=dt.timedelta(0))
                continue
            mine = Effect.objects.filter(pk=effect.pk, token=effect.token, state=State.CLAIMED)
            mine.update(state=State.SENT, lease=None, settled_at=timezone.now())
    return len(batch)


def look_after() -> None:
    """What ran out goes back into the queue, whether it had left or not."""
    Effect.objects.filter(state=State.CLAIMED, lease__lt=timezone.now()).update(state=State.QUEUED, lease=None)
