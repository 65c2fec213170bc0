"""A conversation that begins on our side: a case opened by a person or a program has one to write into."""

import datetime as dt

from agents.models import LineOfBusiness
from conversations.addresses import new_token
from conversations.models import Contact, Conversation, Mailbox, Queue


def start_conversation(
    contact: Contact,
    *,
    subject: str,
    channel: str = Conversation.Channel.API,
    queue: Queue | None = None,
    line_of_business: LineOfBusiness | None = None,
    taker: str = "",
    mailbox: Mailbox | None = None,
    now: dt.datetime,
) -> Conversation:
    """An empty conversation with ``contact``, in the caller's transaction; our mails in it leave from ``mailbox``,
    else from the one that fits queue and line of business best, if there is one."""
    return Conversation.objects.create(
        channel=channel,
        subject=subject[:300],
        contact=contact,
        mailbox=mailbox or choose_mailbox(queue, line_of_business),
        queue=queue,
        line_of_business=line_of_business,
        reply_token=new_token(),
        taker=taker,
        created_at=now,
        last_message_at=now,
    )


def choose_mailbox(queue: Queue | None, line_of_business: LineOfBusiness | None) -> Mailbox | None:
    """The support mailbox of the queue, else of the line of business, else one of no line; None when there is none."""
    purposes = [Mailbox.Purpose.SUPPORT, Mailbox.Purpose.BOTH]
    able = Mailbox.objects.filter(is_active=True, purpose__in=purposes).order_by("pk")
    of_queue = able.filter(queue=queue).first() if queue else None
    return (
        of_queue or able.filter(line_of_business=line_of_business).first() or able.filter(line_of_business=None).first()
    )
