"""A case and the messages in it."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models.levels import ArrivedAs
from conversations.models import Company, Contact, Conversation, Message, Routed
from knowledge.models import Product, Subject


class Case(Routed):
    """One matter of one customer. What a list shows stands on this row."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        RESOLVED = "resolved", _("Resolved")
        CANCELLED = "cancelled", _("Cancelled")

    class StatusReason(models.TextChoices):
        NEW = "new", _("New")
        IN_PROGRESS = "in_progress", _("In progress")
        WAITING = "waiting", _("Waiting for the customer")
        ON_HOLD = "on_hold", _("On hold")
        SOLVED = "solved", _("Solved")
        NO_ANSWER = "no_answer", _("Customer did not answer")
        DUPLICATE = "duplicate", _("Duplicate")
        NOT_A_CASE = "not_a_case", _("Not a case")

    class Priority(models.TextChoices):
        LOW = "low", _("Low")
        NORMAL = "normal", _("Normal")
        HIGH = "high", _("High")
        URGENT = "urgent", _("Urgent")

    number = models.PositiveBigIntegerField(_("number"), unique=True)
    title = models.CharField(_("title"), max_length=300)
    description = models.TextField(_("description"), blank=True)
    type = models.CharField(_("type"), max_length=40, blank=True)
    priority = models.CharField(_("priority"), max_length=8, choices=Priority, default=Priority.NORMAL)
    origin = models.CharField(
        _("origin"), max_length=8, choices=Conversation.Channel, default=Conversation.Channel.MAIL
    )
    category = models.CharField(_("category"), max_length=60, blank=True)
    subject = models.ForeignKey(
        Subject, null=True, blank=True, on_delete=models.SET_NULL, related_name="cases", verbose_name=_("subject")
    )
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="cases", verbose_name=_("product")
    )
    serial_number = models.CharField(_("serial number"), max_length=80, blank=True)
    order_number = models.CharField(_("order number"), max_length=80, blank=True)
    custom = models.JSONField(_("custom fields"), default=dict, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    status_reason = models.CharField(_("status reason"), max_length=20, choices=StatusReason, default=StatusReason.NEW)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="cases")
    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.SET_NULL, related_name="cases")
    conversations = models.ManyToManyField(Conversation, through="CaseConversation", related_name="cases")
    arrived_as = models.CharField(max_length=8, choices=ArrivedAs, default=ArrivedAs.LIVE)
    adopted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    first_response_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolution_type = models.CharField(_("resolution type"), max_length=40, blank=True)
    resolution = models.TextField(_("resolution"), blank=True)
    reopened_count = models.PositiveSmallIntegerField(default=0)
    # Kept by the transaction that writes the message.
    last_message = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="+")
    last_inbound = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="+")
    last_message_at = models.DateTimeField(default=timezone.now)
    last_direction = models.CharField(max_length=4, blank=True)
    message_count = models.PositiveIntegerField(default=0)
    preview = models.CharField(max_length=200, blank=True)
    # What the inbox shows without counting: kinds of pending suggestions.
    waiting_kinds = models.JSONField(default=list)
    is_unread = models.BooleanField(default=True)
    # The inbound message up to which the agent has considered fields and reply; behind last_inbound means "due".
    fields_seen = models.BigIntegerField(default=0)
    reply_seen = models.BigIntegerField(default=0)
    # The message up to which the silence after it has a plan, had one, or needs none.
    silence_seen = models.BigIntegerField(default=0)
    search = SearchVectorField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-last_message_at", "-id"], name="case_newest"),
            models.Index(fields=["-last_message_at", "-id"], name="case_open_newest", condition=Q(status="open")),
            models.Index(fields=["queue", "-last_message_at", "-id"], name="case_queue", condition=Q(status="open")),
            models.Index(fields=["owner", "-last_message_at", "-id"], name="case_owner", condition=Q(status="open")),
            models.Index(fields=["contact", "-created_at"], name="case_contact"),
            models.Index(fields=["id"], name="case_fields_due", condition=Q(last_inbound__gt=F("fields_seen"))),
            models.Index(fields=["id"], name="case_reply_due", condition=Q(last_inbound__gt=F("reply_seen"))),
            models.Index(
                fields=["id"],
                name="case_silence_due",
                condition=Q(status="open", arrived_as="live", last_message__gt=F("silence_seen")),
            ),
            GinIndex(fields=["search"], name="case_search"),
            # These are searched by any part of them.
            GinIndex(
                OpClass(Upper("title"), name="gin_trgm_ops"),
                OpClass(Upper("order_number"), name="gin_trgm_ops"),
                OpClass(Upper("serial_number"), name="gin_trgm_ops"),
                name="case_parts",
            ),
            models.Index(fields=["-last_message_at", "-id"], name="case_history", condition=Q(arrived_as="history")),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        """The case page."""
        return reverse("cases:case", args=[self.number])

    @property
    def is_open(self) -> bool:
        """Whether it is neither resolved nor cancelled."""
        return self.status == self.Status.OPEN

    @property
    def is_history(self) -> bool:
        """Whether agents may only observe it: it came from history and nobody adopted it."""
        return self.arrived_as == ArrivedAs.HISTORY


class CaseConversation(models.Model):
    """A conversation belongs to one case at a time; after the reopening window a later mail starts the next one."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="links")
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="case_links")
    is_current = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(is_current=True), name="one_current_case_per_conversation"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.conversation_id}"


class CaseMessage(models.Model):
    """A message stands in one case: one link per message."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="message_links")
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="case_link")

    def __str__(self) -> str:
        return f"{self.case_id} {self.message_id}"
