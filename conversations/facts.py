"""What rules may look at on a message that came in, and on a conversation."""

from django.db.models import CharField, Exists, F, OuterRef, Value
from django.db.models.functions import StrIndex, Substr
from django.utils.translation import gettext_lazy as _

from agents.facts import Fact, Type, register
from conversations.models import Attachment, Conversation, Mailbox, Message, Queue


def mailbox_choices() -> list[tuple[int, str]]:
    """The mailboxes by name."""
    return list(Mailbox.objects.values_list("pk", "name"))


def queue_choices() -> list[tuple[int, str]]:
    """The queues by name."""
    return list(Queue.objects.values_list("pk", "name"))


register(
    Fact(
        name="mailbox",
        label=_("Mailbox"),
        type=Type.CHOICE,
        model=Message,
        path="mailbox_id",
        choices=mailbox_choices,
    ),
    Fact(name="subject", label=_("Subject line"), type=Type.TEXT, model=Message, path="subject"),
    Fact(name="text", label=_("Text"), type=Type.TEXT, model=Message, path="newest_text"),
    Fact(name="from_address", label=_("Sender's address"), type=Type.TEXT, model=Message, path="from_address"),
    Fact(
        name="from_domain",
        label=_("Sender's domain"),
        type=Type.TEXT,
        model=Message,
        compute=lambda message, now: message.from_address[message.from_address.find("@") + 1 :],
        expression=lambda now: Substr(
            F("from_address"), StrIndex(F("from_address"), Value("@")) + 1, output_field=CharField()
        ),
    ),
    Fact(name="company", label=_("Company"), type=Type.TEXT, model=Message, path="contact__company__name"),
    Fact(name="language", label=_("Language"), type=Type.TEXT, model=Message, path="language"),
    Fact(
        name="nature",
        label=_("Kind of mail"),
        type=Type.CHOICE,
        model=Message,
        path="nature",
        choices=Message.Nature.choices,
    ),
    Fact(
        name="has_attachment",
        label=_("Has an attachment"),
        type=Type.BOOLEAN,
        model=Message,
        compute=lambda message, now: message.attachments.filter(is_inline=False).exists(),
        expression=lambda now: Exists(Attachment.objects.filter(message=OuterRef("pk"), is_inline=False)),
    ),
    Fact(name="received", label=_("Received"), type=Type.TIME, model=Message, path="received_at"),
)


register(
    Fact(
        name="channel",
        label=_("Channel"),
        type=Type.CHOICE,
        model=Conversation,
        path="channel",
        choices=Conversation.Channel.choices,
    ),
    Fact(
        name="mailbox",
        label=_("Mailbox"),
        type=Type.CHOICE,
        model=Conversation,
        path="mailbox_id",
        choices=mailbox_choices,
    ),
    Fact(name="queue", label=_("Queue"), type=Type.CHOICE, model=Conversation, path="queue_id", choices=queue_choices),
    Fact(name="subject", label=_("Subject line"), type=Type.TEXT, model=Conversation, path="subject"),
    Fact(
        name="contact_address",
        label=_("Customer's address"),
        type=Type.TEXT,
        model=Conversation,
        path="contact__address",
    ),
    Fact(name="company", label=_("Company"), type=Type.TEXT, model=Conversation, path="contact__company__name"),
    Fact(name="language", label=_("Customer's language"), type=Type.TEXT, model=Conversation, path="contact__language"),
    Fact(name="messages", label=_("Number of messages"), type=Type.NUMBER, model=Conversation, path="message_count"),
)
