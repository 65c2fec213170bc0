"""Who takes a conversation: a taken one stays with its taker, a new one is offered in the order of MESSAGE_ROUTES."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from agents.audit import record
from agents.models.levels import ArrivedAs
from conversations.models import Conversation, Mailbox, Message

log = structlog.get_logger(__name__)


# A message with what everybody looks at to whom it is offered; it and its conversation stay locked. To plan more joins
# takes the database longer than to answer the few further questions.
_OFFERED = (
    Message.objects.select_related("contact", "mailbox", "conversation")
    .select_for_update(of=("self", "conversation"))
    .defer("html", "search")
)


class Route(Protocol):
    """A taker of conversations, written by the app that takes them."""

    name: ClassVar[str]
    # The purposes of mailboxes whose conversations are offered to it.
    purposes: ClassVar[frozenset[str]]

    def take(self, message: Message, *, now: dt.datetime) -> bool:
        """Take an inbound message, in the caller's transaction; False leaves a new conversation to the next taker.

        It is called for each inbound message of a conversation that is new or already this taker's, once.
        """
        ...


def load_routes() -> list[Route]:
    """The takers, in the order in which conversations are offered."""
    return [import_string(path)() for path in settings.MESSAGE_ROUTES]


def read_first(pk: int, *, now: dt.datetime) -> None:
    """Let the readers of ``MESSAGE_READERS`` look at a message before it is offered, so that rules know what they saw.

    Outside any transaction, because readers think; one that fails costs its own result, never the mail.
    """
    for path in settings.MESSAGE_READERS:
        try:
            import_string(path)(pk, now=now)
        except Exception:
            log.exception("reader.failed", reader=path, message=pk)


def route_message(pk: int, *, now: dt.datetime | None = None) -> str:
    """Offer one inbound message, once; returns the name of its taker, "" for nobody."""
    now = now or timezone.now()
    read_first(pk, now=now)
    with transaction.atomic():
        try:
            message = _OFFERED.get(pk=pk, direction=Message.Direction.IN, offered_at=None)
        except Message.DoesNotExist:
            return ""
        message.offered_at = now
        Message.objects.filter(pk=pk).update(offered_at=now)
        return offer(message.conversation, message, now=now)


def offer(conversation: Conversation, message: Message, *, now: dt.datetime, after: str = "") -> str:
    """Give a message to its conversation's taker, or to the first that takes a new one; the taker's name or "".

    ``after`` names a taker that gave it up: only those behind it are asked.
    """
    if conversation.taker:
        taker = next((route for route in load_routes() if route.name == conversation.taker), None)
        if taker:
            taker.take(message, now=now)
        return conversation.taker
    for route in _takers(message.mailbox, after=after):
        if _claim(conversation, route.name, now) and route.take(message, now=now):
            return route.name
        _unclaim(conversation)
    return ""


def _takers(mailbox: Mailbox | None, *, after: str) -> Sequence[Route]:
    """Those that the mailbox's purpose allows; all of them for mail without a mailbox."""
    routes = load_routes()
    names = [route.name for route in routes]
    start = names.index(after) + 1 if after in names else 0
    return [route for route in routes[start:] if mailbox is None or mailbox.purpose in route.purposes]


def _claim(conversation: Conversation, name: str, now: dt.datetime) -> bool:
    free = Conversation.objects.filter(pk=conversation.pk, taker="")
    if not free.update(taker=name, routed_at=now):
        return False
    conversation.taker, conversation.routed_at = name, now
    return True


def _unclaim(conversation: Conversation) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(taker="", routed_at=None)
    conversation.taker, conversation.routed_at = "", None


def release(conversation: Conversation, *, by: Any, reason: str, now: dt.datetime | None = None) -> str:
    """A taker gives a conversation up; it is offered to those behind it. Returns the new taker's name or ""."""
    now = now or timezone.now()
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update(of=("self",)).get(pk=conversation.pk)
        given_up = conversation.taker
        _unclaim(conversation)
        Conversation.objects.filter(pk=conversation.pk).update(routed_why=reason[:300])
        record("conversation.released", by=by, subject=conversation, why=reason, text=given_up, now=now)
        inbound = conversation.messages.filter(direction=Message.Direction.IN).select_related("mailbox", "contact")
        message = inbound.order_by("-received_at", "-id").first()
        if message is None or not given_up:
            return ""
        message.conversation = conversation
        return offer(conversation, message, now=now, after=given_up)


def adopt(conversation: Conversation, *, by: Any, now: dt.datetime | None = None) -> None:
    """A person turns a conversation out of history into one that is worked; its old messages stay history."""
    with transaction.atomic():
        history = Conversation.objects.filter(pk=conversation.pk, arrived_as=ArrivedAs.HISTORY)
        if history.update(arrived_as=ArrivedAs.LIVE):
            conversation.arrived_as = ArrivedAs.LIVE
            record("conversation.adopted", by=by, subject=conversation, now=now)
