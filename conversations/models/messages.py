"""Conversations, their messages, attachments and internal notes."""

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models.levels import ArrivedAs
from conversations.models.contacts import Contact
from conversations.models.mailboxes import Mailbox
from conversations.models.routed import Routed


class Conversation(Routed):
    """A thread of messages with one outside person."""

    class Channel(models.TextChoices):
        MAIL = "mail", _("Mail")
        CHAT = "chat", _("Chat")
        CALL = "call", _("Call")
        API = "api", _("API")

    channel = models.CharField(max_length=8, choices=Channel, default=Channel.MAIL)
    subject = models.CharField(max_length=300, blank=True)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="conversations")
    mailbox = models.ForeignKey(Mailbox, null=True, blank=True, on_delete=models.PROTECT, related_name="conversations")
    reply_token = models.CharField(max_length=40, unique=True)
    # Who took it ("cases"): a taken conversation stays with its taker.
    taker = models.CharField(max_length=40, blank=True)
    arrived_as = models.CharField(max_length=8, choices=ArrivedAs, default=ArrivedAs.LIVE)
    created_at = models.DateTimeField(default=timezone.now)
    last_message_at = models.DateTimeField(default=timezone.now)
    message_count = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["-last_message_at", "-id"], name="conversation_newest")]

    def __str__(self) -> str:
        return self.subject or f"Conversation {self.pk}"


class Message(models.Model):
    """One message in or out; what a person reads, apart from the raw bytes."""

    class Direction(models.TextChoices):
        IN = "in", _("From the customer")
        OUT = "out", _("From us")

    class Nature(models.TextChoices):
        PERSON = "person", _("Written by a person")
        BOUNCE = "bounce", _("Could not be delivered")
        COMPLAINT = "complaint", _("Complaint")
        AUTO_REPLY = "auto_reply", _("Automatic reply")
        OUT_OF_OFFICE = "out_of_office", _("Out of office")
        LIST = "list", _("Mailing list")
        ROBOT = "robot", _("Written by a robot")
        OWN_LOOP = "own_loop", _("Our own mail came back")

    class SendState(models.TextChoices):
        NONE = "", ""
        QUEUED = "queued", _("Waiting to leave")
        SENT = "sent", _("Sent")
        REFUSED = "refused", _("Refused by the server")
        UNKNOWN = "unknown", _("Not known whether it left")
        NOT_SENT = "not_sent", _("Not sent")

    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="messages")
    direction = models.CharField(max_length=4, choices=Direction)
    nature = models.CharField(max_length=16, choices=Nature, default=Nature.PERSON)
    nature_reason = models.CharField(max_length=300, blank=True)
    arrived_as = models.CharField(max_length=8, choices=ArrivedAs, default=ArrivedAs.LIVE)
    mailbox = models.ForeignKey(Mailbox, null=True, on_delete=models.PROTECT, related_name="messages")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="messages")
    message_id = models.CharField(max_length=998, blank=True)
    identity = models.CharField(max_length=64, unique=True)
    in_reply_to = ArrayField(models.TextField(), default=list, blank=True)
    # Includes ``in_reply_to``, so that one index finds what names a message.
    references = ArrayField(models.TextField(), default=list, blank=True)
    from_name = models.CharField(max_length=200, blank=True)
    from_address = models.CharField(max_length=320, blank=True)
    # [{"name": ..., "address": ...}]
    to = models.JSONField(default=list)
    cc = models.JSONField(default=list)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    newest_text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    language = models.CharField(max_length=8, blank=True)
    sent_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    # When the message was offered to the takers of conversations; only inbound ones are.
    offered_at = models.DateTimeField(null=True, blank=True)
    returns_on = models.DateField(null=True, blank=True)
    auth_results = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)
    failed_recipient = models.CharField(max_length=320, blank=True)
    bounce_status = models.CharField(max_length=12, blank=True)
    # Ours: who wrote it, which effect carries it, what became of it.
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    agent = models.CharField(max_length=40, blank=True)
    is_automatic = models.BooleanField(default=False)
    citations = models.JSONField(default=list)
    effect_key = models.CharField(max_length=200, blank=True)
    send_state = models.CharField(max_length=10, choices=SendState, default=SendState.NONE, blank=True)
    send_reason = models.TextField(blank=True)
    search = SearchVectorField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["conversation", "received_at", "id"], name="message_in_thread"),
            models.Index(fields=["message_id"], name="message_by_id"),
            models.Index(fields=["contact", "created_at"], name="message_automatic", condition=Q(is_automatic=True)),
            models.Index(fields=["effect_key"], name="message_effect", condition=~Q(effect_key="")),
            models.Index(fields=["id"], name="message_to_offer", condition=Q(direction="in", offered_at=None)),
            GinIndex(fields=["references"], name="message_references"),
            GinIndex(fields=["search"], name="message_search"),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.subject}"


def attachment_path(instance: "Attachment", filename: str) -> str:
    """A generated name by digest; the name the sender gave stays in the row."""
    return f"attachments/{instance.digest[:2]}/{instance.digest}"


class Attachment(models.Model):
    """A file that came with a message; stored under a generated name, never trusted."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=200)
    claimed_type = models.CharField(max_length=120, blank=True)
    sniffed_type = models.CharField(max_length=120, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64)
    content_id = models.CharField(max_length=300, blank=True)
    is_inline = models.BooleanField(default=False)
    file = models.FileField(upload_to=attachment_path)

    def __str__(self) -> str:
        return self.name


class Note(models.Model):
    """An internal note on anything; customers never see it."""

    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT)
    object_id = models.BigIntegerField()
    subject = GenericForeignKey()
    text = models.TextField(_("note"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    agent = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["content_type", "object_id", "created_at"], name="note_subject")]

    def __str__(self) -> str:
        return self.text[:60]
