"""Bytes as they arrived, stored before anything else."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models.levels import ArrivedAs
from conversations.models.mailboxes import Mailbox
from conversations.models.messages import Message


class Raw(models.Model):
    """The bytes of a mail, kept once per digest."""

    digest = models.CharField(max_length=64, primary_key=True)
    content = models.BinaryField()
    size = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return self.digest[:12]


class Delivery(models.Model):
    """One arrival of one mail; a second copy is a second delivery of the same message."""

    class State(models.TextChoices):
        STORED = "stored", _("Stored")
        PARSED = "parsed", _("Read")
        COPY = "copy", _("Second copy")
        PARKED = "parked", _("Could not be read")
        DISCARDED = "discarded", _("Discarded by a person")

    mailbox = models.ForeignKey(Mailbox, null=True, on_delete=models.PROTECT, related_name="deliveries")
    source = models.CharField(max_length=12, default="imap")
    origin = models.CharField(max_length=300, blank=True)
    uidvalidity = models.BigIntegerField(null=True)
    uid = models.BigIntegerField(null=True)
    raw = models.ForeignKey(Raw, on_delete=models.PROTECT, related_name="deliveries")
    received_at = models.DateTimeField()
    stored_at = models.DateTimeField(default=timezone.now)
    arrived_as = models.CharField(max_length=8, choices=ArrivedAs, default=ArrivedAs.LIVE)
    state = models.CharField(max_length=10, choices=State, default=State.STORED)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    message = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="deliveries")

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["mailbox", "uidvalidity", "uid"], condition=Q(uid__isnull=False), name="one_delivery_per_uid"
            )
        ]
        indexes = [
            models.Index(fields=["id"], name="delivery_unread", condition=Q(state="stored")),
            models.Index(fields=["-stored_at"], name="delivery_parked", condition=Q(state="parked")),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.pk}: {self.state}"
