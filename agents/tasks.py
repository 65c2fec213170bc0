"""What the queue calls: ids in, one call each."""

from django.utils import timezone

from agents import queue, sweeps


def answer(bell: str, ident: int | None = None) -> int:
    """A bell rang."""
    return sweeps.answer(bell, ident)


def run_sweep(name: str) -> int:
    """A sweep's time has come."""
    return sweeps.run(name)


def beat() -> None:
    """A heartbeat reached a worker."""
    queue.mark_alive("worker", now=timezone.now())
