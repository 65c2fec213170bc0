"""What the queue calls: ids in, one call each."""

from agents import sweeps


def answer(bell: str, ident: int | None = None) -> int:
    """A bell rang."""
    return sweeps.answer(bell, ident)


def run_sweep(name: str) -> int:
    """A sweep's time has come."""
    return sweeps.run(name)
