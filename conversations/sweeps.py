"""Mail that was stored and not read, messages that nobody was offered, tasks whose time has come."""

import datetime as dt
from typing import Any

from agents.sweeps import Sweep, sweep
from conversations.models import Delivery, Message
from conversations.receive import read_delivery
from conversations.routing import route_message
from conversations.todos import list_due, tell_due


@sweep
class ReadDeliveries(Sweep):
    """Stored bytes become messages."""

    name = "conversations.read"
    bell = "delivery.stored"
    every = dt.timedelta(seconds=10)
    limit = 500

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Deliveries that wait to be read, oldest first."""
        waiting = Delivery.objects.filter(state=Delivery.State.STORED).order_by("id")
        return list(waiting.values_list("pk", flat=True)[:limit])

    def do(self, ident: int, now: dt.datetime) -> Any:
        """Read one."""
        read_delivery(ident, now=now)


@sweep
class OfferMessages(Sweep):
    """Messages are offered to those who take conversations."""

    name = "conversations.route"
    bell = "message.stored"
    every = dt.timedelta(seconds=10)
    limit = 500

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Inbound messages that were not offered yet, oldest first."""
        waiting = Message.objects.filter(direction=Message.Direction.IN, offered_at=None).order_by("id")
        return list(waiting.values_list("pk", flat=True)[:limit])

    def do(self, ident: int, now: dt.datetime) -> Any:
        """Offer one."""
        route_message(ident, now=now)


@sweep
class TellDueTasks(Sweep):
    """Owners are told when a task is due."""

    name = "conversations.tasks_due"
    every = dt.timedelta(minutes=1)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Open tasks whose time has come."""
        return list_due(now, limit)

    def do(self, ident: int, now: dt.datetime) -> Any:
        """Tell one owner."""
        tell_due(ident, now=now)
