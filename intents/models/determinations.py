"""What was recognised in one message, and what is known about it by now."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models import Conversation, Message
from intents.models.library import Intent


class Determination(models.Model):
    """The intent of one message by one version of the library, or that none was recognised.

    ``is_current`` marks what its conversation is about now; earlier ones stay as its history. ``values`` are the
    attributes: {name: {state, value, shown, source, evidence, asked_at}}, state being open or fulfilled.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Recognised")
        ACTIVE = "active", _("Attributes missing")
        FILLED = "filled", _("Attributes filled")
        FULFILLED = "fulfilled", _("Answered")
        IN_PROGRESS = "in_progress", _("Work in progress")
        ITEM = "item", _("Waits in a queue")
        COMPLETED = "completed", _("Completed")
        CLOSED = "closed", _("Closed")
        DISCARDED = "discarded", _("Discarded")

    class Harvest(models.TextChoices):
        NOT_REQUIRED = "not_required", _("Not required")
        SOLUTION = "solution", _("Solution harvesting")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="determinations")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="determinations")
    intent = models.ForeignKey(Intent, null=True, on_delete=models.SET_NULL, related_name="determinations")
    # As it was when it was recognised.
    topic = models.CharField(max_length=80, blank=True)
    topic_label = models.CharField(max_length=120, blank=True)
    confidence = models.FloatField(default=0.0)
    evidence = models.JSONField(default=list)
    # [{"topic": ..., "label": ..., "confidence": ...}], best first; those with "also" are in the message as well.
    alternatives = models.JSONField(default=list)
    reason = models.CharField(max_length=200, blank=True)
    engine = models.CharField(max_length=60, blank=True)
    engine_version = models.CharField(max_length=120, blank=True)
    library_version = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    harvest = models.CharField(max_length=12, choices=Harvest, default=Harvest.NOT_REQUIRED)
    values = models.JSONField(default=dict)
    is_current = models.BooleanField(default=False)
    # A person chose it, or took it away.
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message", "library_version"],
                condition=Q(decided_by=None),
                name="one_determination_per_message_and_library",
            ),
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(is_current=True), name="one_current_determination"
            ),
        ]
        indexes = [
            models.Index(fields=["intent", "-created_at"], name="determination_by_intent"),
            models.Index(fields=["conversation", "-id"], name="determination_in_thread"),
        ]

    def __str__(self) -> str:
        return self.topic_label or str(_("Not recognised"))

    @property
    def is_over(self) -> bool:
        """Whether nothing more is asked or answered for it."""
        return self.state in (self.State.COMPLETED, self.State.CLOSED, self.State.DISCARDED)
