"""The mail handler of a crash run: it marks what is on the wire, and reads the sink's copies as a Sent folder."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from agents.models import Effect
from agents.outbox import HANDLERS, Go, Hold, Session, Stop
from bench.crew import Stages
from bench.sink import taken
from conversations.effects import SendMail
from conversations.outgoing import KIND


class Watched(SendMail):
    """Mail as the product sends it, watched."""

    kind = KIND

    def __init__(self, stages: Stages, log: Path) -> None:
        self.stages, self.log = stages, log

    def may_leave(self, effect: Effect, now: dt.datetime) -> Go | Hold | Stop:
        """The product's last look; the outcome of the mail before is on record by now."""
        self.stages.end()
        verdict = super().may_leave(effect, now)
        if isinstance(verdict, Go):
            self.stages.begin(effect.pk)  # from the gate's commit on, a fault leaves the outcome open
        return verdict

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        """The product's lines, marking first bytes."""
        with super().session() as session:
            yield _Marking(session, self.stages)

    def find_evidence(self, effect: Effect) -> bool | None:
        """As in a Sent folder: a copy proves that it left, its absence proves nothing."""
        return True if taken(self.log)[effect.payload["message_id"]] else None


class _Marking:
    def __init__(self, session: Session, stages: Stages) -> None:
        self.session, self.stages = session, stages

    def transmit(self, effect: Effect) -> str:
        self.stages.begin(effect.pk)
        return self.session.transmit(effect)


@contextlib.contextmanager
def watch(stages: Stages, log: Path) -> Iterator[None]:
    """Put the watched handler in place of the product's for the time of the block."""
    before = HANDLERS[KIND]
    HANDLERS[KIND] = Watched(stages, log)
    try:
        yield
    finally:
        HANDLERS[KIND] = before
