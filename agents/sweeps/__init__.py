"""Sweeps find what is undone and due, and do it; bells only save the wait."""

import datetime as dt
from typing import Any, ClassVar, TypeVar

import structlog
from django.db.models import F, Q
from django.utils import timezone

from agents.models import Attempt, Heartbeat
from agents.queue import listen, ring_sweep

log = structlog.get_logger(__name__)
MAX_ATTEMPTS = 3
SWEEPS: dict[str, "Sweep"] = {}
S = TypeVar("S", bound="type[Sweep]")


class Sweep:
    """Work of one kind: how it is found, and how one piece is done.

    ``do`` must be safe to call twice, and finds out itself whether there is still something to do.
    """

    name: ClassVar[str]
    bell: ClassVar[str] = ""
    every: ClassVar[dt.timedelta] = dt.timedelta(seconds=15)
    limit: ClassVar[int] = 100

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Ids of rows that are undone and due, oldest first, at most ``limit``; parked ones may be among them."""
        raise NotImplementedError

    def do(self, ident: int, now: dt.datetime) -> Any:
        """Do one piece."""
        raise NotImplementedError


class Chore(Sweep):
    """A sweep whose work is not counted by rows: it does everything that is due in one go."""

    def run(self, now: dt.datetime) -> Any:
        """Do what is due."""
        raise NotImplementedError

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """A chore is always one piece of work."""
        return [0]

    def do(self, ident: int, now: dt.datetime) -> Any:
        """Run it, whatever rang."""
        return self.run(now)


def sweep(cls: S) -> S:
    """Register a sweep."""
    SWEEPS[cls.name] = cls()
    if cls.bell:
        listen(cls.bell)
    return cls


def ring_due(now: dt.datetime) -> list[str]:
    """Ring every sweep whose time has come; several clocks at once ring it once. Returns the names rung."""
    due = [name for name, each in SWEEPS.items() if _claim_turn(name, each.every, now)]
    for name in due:
        ring_sweep(name)
    return due


def _claim_turn(name: str, every: dt.timedelta, now: dt.datetime) -> bool:
    row, created = Heartbeat.objects.get_or_create(name=f"sweep:{name}", defaults={"at": now})
    if created:
        return True
    return bool(Heartbeat.objects.filter(name=row.name, at__lte=now - every).update(at=now))


def run(name: str, *, now: dt.datetime | None = None) -> int:
    """Do everything one sweep finds; returns how many pieces were tried."""
    each, now = SWEEPS[name], now or timezone.now()
    # What rests or is parked is found again and again: however much of it there is, it takes nobody's place.
    passed_over = Attempt.objects.filter(Q(next_at__gt=now) | Q(parked_at__isnull=False), sweep=name)
    resting = set(passed_over.values_list("object_id", flat=True))
    found = each.find(now, each.limit + len(resting))
    idents = [ident for ident in found if ident not in resting][: each.limit]
    done = sum(attempt(name, ident, now=now) for ident in idents)
    if done and len(idents) >= each.limit:
        ring_sweep(name)  # there is more: no need to wait for the next turn
    return done


def answer(bell: str, ident: int | None, *, now: dt.datetime | None = None) -> int:
    """Do the one piece a bell named, in every sweep that listens to it; returns how many sweeps did."""
    now = now or timezone.now()
    listening = [each for each in SWEEPS.values() if each.bell == bell]
    if ident is None:
        return sum(run(each.name, now=now) for each in listening)
    return sum(attempt(each.name, ident, now=now) for each in listening)


def attempt(name: str, ident: int, *, now: dt.datetime) -> bool:
    """Try one piece: counted before the work, parked after three failures, forgotten when it succeeds."""
    each = SWEEPS[name]
    if isinstance(each, Chore):
        each.do(ident, now)
        return True
    row, _created = Attempt.objects.get_or_create(sweep=name, object_id=ident, defaults={"next_at": now})
    if row.parked_at:
        return False
    wait = dt.timedelta(seconds=30 * 4**row.attempts)
    Attempt.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1, next_at=now + wait)
    if row.attempts >= MAX_ATTEMPTS:
        Attempt.objects.filter(pk=row.pk).update(parked_at=now, error=row.error or "The worker died three times.")
        return False
    try:
        each.do(ident, now)
    except Exception as error:
        log.exception("sweep.failed", sweep=name, ident=ident)
        parked = now if row.attempts + 1 >= MAX_ATTEMPTS else None
        Attempt.objects.filter(pk=row.pk).update(error=f"{type(error).__name__}: {error}"[:2000], parked_at=parked)
        return False
    Attempt.objects.filter(pk=row.pk).delete()
    return True


def retry(name: str, ident: int) -> None:
    """Take a parked piece up again, from its first attempt."""
    Attempt.objects.filter(sweep=name, object_id=ident).delete()
