"""A toy effect: writes into a list in memory, and fails on demand."""

import contextlib
import datetime as dt
from collections.abc import Iterator

from agents.models import Effect
from agents.outbox import Go, Handler, Hold, NotSent, Refused, Stop, handler
from tests.toy.models import Thing

# What the outside has received, and what it answers next ("" takes it).
RECEIVED: list[str] = []
ANSWERS: list[Exception | None] = []
EVIDENCE: dict[str, bool | None] = {}
VERDICT: list[Go | Hold | Stop] = []


class ToySession:
    """A line to the toy outside."""

    def transmit(self, effect: Effect) -> str:
        """Take it, or raise what the test has scripted; an exception of another type comes after it was taken."""
        answer = ANSWERS.pop(0) if ANSWERS else None
        if isinstance(answer, NotSent | Refused):
            raise answer
        RECEIVED.append(effect.key)
        if answer is not None:
            raise answer
        return f"toy-{effect.pk}"


@handler
class ToySend(Handler):
    """Sends to the list."""

    kind = "toy.send"

    def may_leave(self, effect: Effect, now: dt.datetime) -> Go | Hold | Stop:
        """What the test has scripted."""
        return VERDICT[0] if VERDICT else Go()

    @contextlib.contextmanager
    def session(self) -> Iterator[ToySession]:
        """One session a batch."""
        yield ToySession()

    def find_evidence(self, effect: Effect) -> bool | None:
        """What the test has scripted."""
        return EVIDENCE.get(effect.key)

    def settled(self, effect: Effect) -> None:
        """Mark the thing."""
        Thing.objects.filter(pk=effect.object_id).update(colour="green" if effect.state == "sent" else "red")
