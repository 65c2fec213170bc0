"""Sweeps find what is undone and due, and do it; bells only save the wait."""

import datetime as dt
from typing import Any, ClassVar, TypeVar

import structlog
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from agents.models import Attempt, Heartbeat
from agents.queue import listen, ring_sweep
from agents.skills import WaitsForPerson
from agents.sweeps.pool import Feed, work_off

log = structlog.get_logger(__name__)
MAX_ATTEMPTS = 3
# A piece that waits for a language model belongs to one worker for so long.
MODEL_LEASE = dt.timedelta(minutes=3)
SWEEPS: dict[str, "Sweep"] = {}
S = TypeVar("S", bound="type[Sweep]")


class Sweep:
    """Work of one kind: how it is found, and how one piece is done.

    ``do`` must be safe to call twice, and finds out itself whether there is still something to do. ``skill`` names
    the skill that ``do`` asks: where a language model answers it, pieces are done side by side.
    """

    name: ClassVar[str]
    bell: ClassVar[str] = ""
    skill: ClassVar[str] = ""
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
    at_once = _calls_at_once(each)
    if at_once > 1:
        feed = Feed(lambda at: _claim_due(each, at, at_once), now)
        done = work_off(feed, lambda row, at: _carry_out(each, row, at), at_once)
        is_more = feed.was_cut
    else:
        idents = _find_due(each, now, each.limit)
        done = sum(attempt(name, ident, now=now) for ident in idents)
        is_more = bool(done) and len(idents) >= each.limit
    if is_more:
        ring_sweep(name)  # no need to wait for the next turn
    return done


def _find_due(each: Sweep, now: dt.datetime, limit: int) -> list[int]:
    """What is found and neither rests nor is parked: however much of that there is, it takes nobody's place."""
    passed_over = Attempt.objects.filter(Q(next_at__gt=now) | Q(parked_at__isnull=False), sweep=each.name)
    resting = set(passed_over.values_list("object_id", flat=True))
    found = each.find(now, limit + len(resting))
    return [ident for ident in found if ident not in resting][:limit]


def _claim_due(each: Sweep, now: dt.datetime, limit: int) -> list[Attempt]:
    """Pieces that are due, counted and this worker's alone for the lease; one worker at a time looks for them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"sweep:{each.name}"])
        idents = _find_due(each, now, limit)
        missing = [Attempt(sweep=each.name, object_id=ident, next_at=now) for ident in idents]
        Attempt.objects.bulk_create(missing, ignore_conflicts=True)
        rows = Attempt.objects.filter(sweep=each.name, object_id__in=idents)
        rows.update(attempts=F("attempts") + 1, next_at=now + MODEL_LEASE)
        return sorted(rows, key=lambda row: idents.index(row.object_id))


def _calls_at_once(each: Sweep) -> int:
    """How many pieces are done side by side: more than one where a language model is waited for."""
    if not each.skill:
        return 1
    from agents.llm import calls_at_once  # it stands on skills and models

    return calls_at_once(each.skill)


def answer(bell: str, ident: int | None, *, now: dt.datetime | None = None) -> int:
    """Do the one piece a bell named, in every sweep that listens to it; returns how many sweeps did."""
    now = now or timezone.now()
    listening = [each for each in SWEEPS.values() if each.bell == bell]
    if ident is None:
        return sum(run(each.name, now=now) for each in listening)
    return sum(_answer_one(each, ident, now) for each in listening)


def _answer_one(each: Sweep, ident: int, now: dt.datetime) -> bool:
    """One piece now; where a model is waited for, the sweep is asked instead, which does many side by side."""
    if _calls_at_once(each) == 1:
        return attempt(each.name, ident, now=now)
    ring_sweep(each.name)
    return True


def attempt(name: str, ident: int, *, now: dt.datetime) -> bool:
    """Try one piece: counted before the work, parked after three failures, forgotten when it succeeds."""
    each = SWEEPS[name]
    if isinstance(each, Chore):
        each.do(ident, now)
        return True
    row, _created = Attempt.objects.get_or_create(sweep=name, object_id=ident, defaults={"next_at": now})
    if row.parked_at:
        return False
    Attempt.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1, next_at=now + _wait(row.attempts))
    row.attempts += 1
    return _carry_out(each, row, now)


def _wait(failures: int) -> dt.timedelta:
    return dt.timedelta(seconds=30 * 4**failures)


def _carry_out(each: Sweep, row: Attempt, now: dt.datetime) -> bool:
    """Do a piece whose attempt is counted already."""
    rows = Attempt.objects.filter(pk=row.pk)
    if row.attempts > MAX_ATTEMPTS:
        rows.update(parked_at=now, error=row.error or "The worker died three times.")
        return False
    try:
        each.do(row.object_id, now)
    except Exception as error:
        if isinstance(error, WaitsForPerson):
            log.warning("sweep.waits_for_person", sweep=each.name, ident=row.object_id)
        else:
            log.exception("sweep.failed", sweep=each.name, ident=row.object_id)
        parked = now if row.attempts >= MAX_ATTEMPTS else None
        said = f"{type(error).__name__}: {error}"[:2000]
        rows.update(error=said, parked_at=parked, next_at=now + _wait(row.attempts - 1))
        return False
    rows.delete()
    return True


def retry(name: str, ident: int) -> None:
    """Take a parked piece up again, from its first attempt."""
    Attempt.objects.filter(sweep=name, object_id=ident).delete()


def give_up(name: str, ident: int, *, now: dt.datetime) -> bool:
    """Leave a parked piece undone for good; False when it is not parked any more."""
    parked = Attempt.objects.filter(sweep=name, object_id=ident, parked_at__isnull=False, given_up_at=None)
    return bool(parked.update(given_up_at=now))
