"""A conversation goes to the first that takes it, and stays there until it is released."""

from collections.abc import Callable

import pytest

from conversations.models import Delivery, Mailbox
from conversations.routing import adopt, release, route_message
from conversations.sweeps import OfferMessages
from tests.conversations.conftest import message_of
from tests.conversations.mails import NOON

Arrive = Callable[..., Delivery]
pytestmark = pytest.mark.django_db


class Taker:
    """A taker of a test: says what it was offered, takes what it wants."""

    name = ""
    purposes = frozenset({"support", "both"})
    wants = True
    offered: list[str] = []

    def take(self, message, *, now) -> bool:
        self.offered.append(message.subject)
        return self.wants


class Picky(Taker):
    name, wants, offered = "picky", False, []


class Eager(Taker):
    name, offered = "eager", []


class Sales(Taker):
    name, purposes, offered = "sales", frozenset({"sales", "both"}), []


@pytest.fixture(autouse=True)
def routes(settings) -> None:
    settings.MESSAGE_ROUTES = [f"{__name__}.{each.__name__}" for each in (Picky, Eager, Sales)]
    for each in (Picky, Eager, Sales):
        each.offered.clear()


def test_a_message_is_offered_once_in_order_and_its_thread_stays_with_its_taker(arrive: Arrive) -> None:
    first = message_of(arrive(message_id="<a@x.example>", subject="One"))
    assert route_message(first.pk, now=NOON) == "eager"
    assert route_message(first.pk, now=NOON) == ""
    second = message_of(arrive(in_reply_to="<a@x.example>", subject="Two"))
    assert OfferMessages().find(NOON, 10) == [second.pk]
    assert route_message(second.pk, now=NOON) == "eager"
    assert (Picky.offered, Eager.offered, Sales.offered) == (["One"], ["One", "Two"], [])
    first.conversation.refresh_from_db()
    assert (first.conversation.taker, first.conversation.routed_at) == ("eager", NOON)


def test_the_purpose_of_the_mailbox_decides_who_is_asked(arrive: Arrive, mailbox: Mailbox) -> None:
    Mailbox.objects.update(purpose="sales")
    mailbox.refresh_from_db()
    assert route_message(message_of(arrive(subject="Offer")).pk, now=NOON) == "sales"
    assert not Eager.offered


def test_a_released_conversation_is_offered_to_those_behind(arrive: Arrive, mailbox: Mailbox) -> None:
    Mailbox.objects.update(purpose="both")
    mailbox.refresh_from_db()
    message = message_of(arrive(subject="Both"))
    route_message(message.pk, now=NOON)
    assert release(message.conversation, by=None, reason="Wants an offer", now=NOON) == "sales"
    assert release(message.conversation, by=None, reason="No lead", now=NOON) == ""
    message.conversation.refresh_from_db()
    assert (message.conversation.taker, message.conversation.routed_why) == ("", "No lead")


@pytest.mark.row("DESK-2")
def test_history_turns_live_when_adopted_or_when_somebody_goes_on_with_it(arrive: Arrive) -> None:
    old = message_of(arrive(mailbox=None, message_id="<old@x.example>"))
    other = message_of(arrive(mailbox=None))
    arrive(in_reply_to="<old@x.example>")
    adopt(other.conversation, by=None, now=NOON)
    for message in (old, other):
        message.refresh_from_db()
        message.conversation.refresh_from_db()
        assert (message.arrived_as, message.conversation.arrived_as) == ("history", "live")
