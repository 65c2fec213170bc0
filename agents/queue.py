"""The doorbell: the only module that knows which task queue runs underneath."""

from django_q.tasks import async_task


def ring(bell: str, ident: int | None = None) -> None:
    """Ring a bell about one row, inside the transaction that causes it; lost rings cost only the wait for a sweep."""
    async_task("agents.tasks.answer", bell, ident, group=bell)


def ring_sweep(name: str) -> None:
    """Ask for one run of a sweep."""
    async_task("agents.tasks.run_sweep", name, group="sweep")
