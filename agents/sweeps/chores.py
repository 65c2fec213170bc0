"""Housekeeping of the outbox and the queue of suggestions, as sweeps."""

import datetime as dt
from typing import ClassVar

from django.db.models import Q

from agents.llm import records, trial
from agents.models import Attempt, Suggestion
from agents.outbox import settling, transmission
from agents.suggestions import withdraw
from agents.sweeps import Chore, Sweep, sweep


@sweep
class DeliverDue(Chore):
    """Lets what is due leave."""

    name = "agents.deliver"
    bell = "effect.queued"
    every = dt.timedelta(seconds=5)

    def run(self, now: dt.datetime) -> int:
        """Batch after batch, until nothing is due."""
        total = 0
        while claimed := transmission.deliver_due():
            total += claimed
        return total


@sweep
class RequeueExpired(Chore):
    """Queues again what a dead worker had claimed."""

    name = "agents.requeue"
    every = dt.timedelta(seconds=30)

    def run(self, now: dt.datetime) -> int:
        """All of it in one statement."""
        return settling.requeue_expired(now=now)


@sweep
class SettleOverdue(Sweep):
    """Finds out what became of effects whose outcome nobody reported; after three looks a person decides."""

    name = "agents.settle"
    every = dt.timedelta(minutes=1)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Those past lease and grace."""
        return settling.find_overdue(now=now, limit=limit)

    def do(self, ident: int, now: dt.datetime) -> str:
        """Ask for evidence once."""
        return settling.settle_overdue(ident, now=now)


@sweep
class ExpireSuggestions(Sweep):
    """Withdraws what waited past its date."""

    name = "agents.expire"
    every = dt.timedelta(minutes=5)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Pending suggestions past their date."""
        due = Suggestion.objects.filter(Q(expires_at__lte=now), state=Suggestion.State.PENDING)
        return list(due.order_by("expires_at").values_list("pk", flat=True)[:limit])

    def do(self, ident: int, now: dt.datetime) -> bool:
        """Withdraw one."""
        return withdraw(ident, "It waited too long.", now=now)


@sweep
class RetryParked(Chore):
    """Takes up again, four times a day, what was parked after three failures: its cause may be gone by now."""

    name = "agents.retry_parked"
    every = dt.timedelta(hours=1)
    rest: ClassVar[dt.timedelta] = dt.timedelta(hours=6)

    def run(self, now: dt.datetime) -> int:
        """Forget the attempts of what has rested; the log names it each time it fails."""
        return Attempt.objects.filter(parked_at__lte=now - self.rest).delete()[0]


@sweep
class TidyModelCalls(Chore):
    """Settles calls that died with their worker, and forgets what models wrote long ago."""

    name = "agents.tidy_model_calls"
    every = dt.timedelta(minutes=5)

    def run(self, now: dt.datetime) -> int:
        """All of it."""
        return records.tidy(now=now)


@sweep
class TryModels(Sweep):
    """Asks a language model one small question when somebody presses Test."""

    name = "agents.try_models"
    bell = "model.test"
    every = dt.timedelta(seconds=30)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Those asked for and not tried."""
        return trial.find_asked(limit)

    def do(self, ident: int, now: dt.datetime) -> list[list[str]]:
        """Try one."""
        return trial.try_model(ident, now=now)
