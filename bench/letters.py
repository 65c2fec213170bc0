"""Replies that wait to leave: made through the product's own door, one conversation and one effect each."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from agents.models import Effect
from conversations.addresses import new_token
from conversations.models import Contact, Conversation, Mailbox
from conversations.outgoing import compose_reply

BODY = (
    "Hello,\n\nthank you for your message. Please clean the tray with warm water and dry it well before you put it "
    "back. When it clicks, the lamp goes out.\n\nIf it does not help, write to us again and tell us the serial number "
    "that stands under the machine.\n"
)


def queue_letters(count: int) -> list[Effect]:
    """Queue ``count`` replies approved by a person, each to another customer; oldest first."""
    mailbox, _created = Mailbox.objects.get_or_create(
        address="support@harbour.example", defaults={"name": "Harbour support", "smtp_host": "127.0.0.1"}
    )
    start, now = Effect.objects.count(), timezone.now()
    for begin in range(start, start + count, 100):
        with transaction.atomic():
            for number in range(begin, min(begin + 100, start + count)):
                _queue_one(mailbox, number, now)
    return list(Effect.objects.order_by("id")[start:])


def _queue_one(mailbox: Mailbox, number: int, now: dt.datetime) -> None:
    contact = Contact.objects.create(address=f"customer{number}@post.example", name=f"Customer {number}")
    conversation = Conversation.objects.create(
        subject=f"The lamp blinks, machine {number}",
        contact=contact,
        mailbox=mailbox,
        reply_token=new_token(),
    )
    compose_reply(
        conversation,
        body=BODY,
        author=None,
        authority=Effect.Authority.PERSON,
        key=f"bench:{number}",
        now=now,
    )
