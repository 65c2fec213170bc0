"""The doorbell: the only module that knows which task queue runs underneath."""

import datetime as dt

from django.utils import timezone
from django_q.models import OrmQ
from django_q.tasks import async_task

from agents.models import Heartbeat

_heard: set[str] = set()
LOOK_BACK = 100  # so many of the newest waiting rings are looked at for one that is the same


def listen(bell: str) -> None:
    """Let a bell be heard: one to which no sweep listens costs nothing."""
    _heard.add(bell)


def ring(bell: str, ident: int | None = None) -> None:
    """Ring a bell about one row, inside the transaction that causes it; lost rings cost only the wait for a sweep."""
    if bell in _heard:
        async_task("agents.tasks.answer", bell, ident, group=bell, save=False)


def ring_sweep(name: str) -> None:
    """Ask for one run of a sweep, unless the same request still waits (the worker may be away for hours)."""
    if not _waits("agents.tasks.run_sweep", name):
        async_task("agents.tasks.run_sweep", name, group="sweep", save=False)


def beat(*, now: dt.datetime) -> None:
    """Send a heartbeat through the queue; a worker cluster that works marks it (``agents.tasks.beat``)."""
    mark_alive("poller", now=now)
    if not _waits("agents.tasks.beat"):
        async_task("agents.tasks.beat", group="beat", save=False)


def mark_alive(name: str, *, now: dt.datetime) -> None:
    """Write down that a named part gave a sign of life."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now})


def seconds_since_beats(*, now: dt.datetime) -> dict[str, float]:
    """Seconds since the last sign of life of the worker and the poller; a part without one is absent."""
    rows = Heartbeat.objects.filter(name__in=["worker", "poller"])
    return {row.name: (now - row.at).total_seconds() for row in rows}


def _waits(function: str, *arguments: str) -> bool:
    waiting = OrmQ.objects.filter(lock__lte=timezone.now()).order_by("-id")[:LOOK_BACK]
    return any(task.get("func") == function and task.get("args") == arguments for task in (q.task for q in waiting))
