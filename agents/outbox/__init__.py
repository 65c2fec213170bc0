"""Effects that leave the database, each once: what they are, how they are queued, how they are settled.

What is promised, and what cannot be, stands in docs/operating.md.
"""

import contextlib
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from agents.audit import record
from agents.models import Effect, Suggestion
from agents.outbox import epoch
from agents.queue import ring

State = Effect.State


def lease() -> dt.timedelta:
    """How long a claim holds."""
    return dt.timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)


def grace() -> dt.timedelta:
    """How long after its lease a transmitting effect may still report; longer than any freeze to be survived."""
    return dt.timedelta(seconds=settings.OUTBOX_GRACE_SECONDS)


class NotSent(Exception):  # noqa: N818
    """It provably did not leave. ``retry`` says whether trying again makes sense."""

    def __init__(self, reason: str, *, retry: bool = True) -> None:
        super().__init__(reason)
        self.reason, self.retry = reason, retry


class Refused(Exception):  # noqa: N818
    """The other side said no, for good."""


@dataclass(frozen=True)
class Go:
    """It may leave now."""


@dataclass(frozen=True)
class Hold:
    """Not now; asked again at ``until``. Shown on the outbox page."""

    reason: str
    until: dt.datetime


@dataclass(frozen=True)
class Stop:
    """Never: the effect is cancelled with this reason."""

    reason: str


class Session(Protocol):
    """A line to the outside, kept for one batch."""

    def transmit(self, effect: Effect) -> str:
        """Let it leave; returns the provider's id. Raises NotSent or Refused; anything else means "not known"."""
        ...


class Handler:
    """What one kind of effect is: whether it may leave, how it leaves, how its outcome is found out."""

    kind: ClassVar[str]

    def may_leave(self, effect: Effect, now: dt.datetime) -> Go | Hold | Stop:
        """Asked in the gate's transaction, immediately before the wire."""
        return Go()

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        """A line to the outside for a batch of effects."""
        raise NotImplementedError
        yield

    def find_evidence(self, effect: Effect) -> bool | None:
        """Whether an effect of unknown outcome left: True, False, or None when nothing tells."""
        return None

    def settled(self, effect: Effect) -> None:
        """Called in the transaction that settles it, to mark the app's own rows by ``effect.state``."""


HANDLERS: dict[str, Handler] = {}
H = TypeVar("H", bound="type[Handler]")


def handler(cls: H) -> H:
    """Register a handler."""
    HANDLERS[cls.kind] = cls()
    return cls


def queue(
    kind: str,
    *,
    key: str,
    payload: dict[str, Any],
    subject: Model | None = None,
    label: str = "",
    authority: str,
    approved_by: Any = None,
    agent: str = "",
    suggestion: Suggestion | None = None,
    not_before: dt.datetime | None = None,
    not_after: dt.datetime | None = None,
    now: dt.datetime | None = None,
) -> Effect:
    """Add an effect inside the transaction that decides on it. The same key twice is one effect.

    What the agent does by itself waits for the hold time, in which anybody may cancel it.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an effect is queued in the transaction that decides on it")
    now = now or timezone.now()
    if not_before is None:
        held = authority == Effect.Authority.AGENT
        not_before = now + dt.timedelta(seconds=settings.AUTOMATIC_HOLD_SECONDS if held else 0)
    effect, created = Effect.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "payload": payload,
            "subject": subject,
            "label": label[:200],
            "authority": authority,
            "approved_by": approved_by,
            "agent": agent,
            "suggestion": suggestion,
            "not_before": not_before,
            "not_after": not_after,
            "created_at": now,
            "epoch": epoch.current(),
        },
    )
    if created and not_before <= now:
        ring("effect.queued", effect.pk)
    return effect


def put_back(effect: Effect, reason: str, *, wait: dt.timedelta) -> None:
    """Queue a claimed effect again, if it is still this worker's."""
    Effect.objects.filter(pk=effect.pk, token=effect.token, state__in=[State.CLAIMED, State.TRANSMITTING]).update(
        state=State.QUEUED, held=reason[:200], not_before=timezone.now() + wait, lease=None
    )


def settle(
    effect: Effect, state: str, reason: str = "", *, provider_id: str = "", by: Any = None, only: str | None = None
) -> bool:
    """Write the outcome, the entry and the app's own rows; the token keeps a late report of an old claim out.

    ``only`` names the state it must still have when that is not "transmitting".
    """
    now = timezone.now()
    with transaction.atomic():
        mine = Effect.objects.filter(pk=effect.pk, token=effect.token, state=only or State.TRANSMITTING)
        if not mine.update(
            state=state, reason=reason, provider_id=provider_id[:200], settled_at=now, lease=None, held=""
        ):
            return False
        effect.state, effect.reason, effect.settled_at = state, reason, now
        HANDLERS[effect.kind].settled(effect)
        record(f"{effect.kind}.{state}", by=by, subject=effect.subject, text=effect.label, why=reason, effect=effect)
    return True
