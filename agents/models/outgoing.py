"""Effects that leave the database, and the epoch that keeps a restored copy silent."""

import uuid

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Effect(models.Model):
    """One thing to do outside the database; the key makes it happen once."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        CLAIMED = "claimed", _("Claimed")
        TRANSMITTING = "transmitting", _("Leaving")
        SENT = "sent", _("Sent")
        REFUSED = "refused", _("Refused")
        UNKNOWN = "unknown", _("Outcome unknown")
        CANCELLED = "cancelled", _("Not sent")

    class Authority(models.TextChoices):
        PERSON = "person", _("By a person")
        AGENT = "agent", _("By the agent")

    kind = models.CharField(max_length=80)
    key = models.CharField(max_length=200, unique=True)
    payload = models.JSONField()
    suggestion = models.ForeignKey("agents.Suggestion", null=True, on_delete=models.PROTECT, related_name="effects")
    content_type = models.ForeignKey(ContentType, null=True, on_delete=models.PROTECT)
    object_id = models.BigIntegerField(null=True)
    subject = GenericForeignKey()
    label = models.CharField(max_length=200, blank=True)
    agent = models.CharField(max_length=40, blank=True)
    authority = models.CharField(max_length=8, choices=Authority, default=Authority.PERSON)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=14, choices=State, default=State.QUEUED)
    reason = models.TextField(blank=True)
    held = models.CharField(max_length=200, blank=True)
    token = models.PositiveIntegerField(default=0)
    lease = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(default=timezone.now)
    not_after = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    transmitting_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=200, blank=True)
    epoch = models.UUIDField()

    class Meta:
        indexes = [
            models.Index(fields=["not_before", "id"], name="effect_due", condition=Q(state="queued")),
            models.Index(fields=["lease"], name="effect_busy", condition=Q(state__in=["claimed", "transmitting"])),
            models.Index(fields=["-created_at", "id"], name="effect_newest"),
            models.Index(fields=["content_type", "object_id"], name="effect_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.state}"


class Epoch(models.Model):
    """Which database this is: compared with a file outside it, so that a restored copy sends nothing."""

    uid = models.UUIDField(default=uuid.uuid4)
    confirmed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.uid)
