"""Suggestions, and the record of everything that was decided."""

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models.levels import ArrivedAs, Level
from agents.models.lines import LineOfBusiness
from agents.models.settings import Rule


class Suggestion(models.Model):
    """One thing an agent wants to do, what it is based on, and what was decided about it."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for a person")
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        OBSERVED = "observed", _("Observed")

    class Rating(models.TextChoices):
        NONE = "", ""
        RIGHT = "right", _("Right")
        WRONG = "wrong", _("Wrong")

    kind = models.CharField(max_length=80)
    agent = models.CharField(max_length=40)
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT)
    object_id = models.BigIntegerField()
    subject = GenericForeignKey()
    label = models.CharField(max_length=200)
    link = models.CharField(max_length=200, blank=True)
    summary = models.CharField(max_length=300, blank=True)
    line_of_business = models.ForeignKey(LineOfBusiness, null=True, blank=True, on_delete=models.SET_NULL)
    channel = models.CharField(max_length=20, blank=True)
    topic = models.CharField(max_length=80, blank=True)
    topic_label = models.CharField(max_length=120, blank=True)
    rule = models.ForeignKey(Rule, null=True, blank=True, on_delete=models.SET_NULL)
    rule_name = models.CharField(max_length=100, blank=True)
    why = models.TextField(blank=True)
    level = models.CharField(max_length=8, choices=Level)
    proposed = models.JSONField()
    final = models.JSONField(null=True)
    evidence = models.JSONField(default=list)
    risks = models.JSONField(default=list)
    confidence = models.FloatField(null=True)
    # Each risk weighs as much as full doubt: the queue shows what is riskiest first.
    risk = models.GeneratedField(
        expression=Func(F("risks"), function="jsonb_array_length", output_field=models.FloatField())
        + Value(1.0)
        - Coalesce(F("confidence"), Value(0.0)),
        output_field=models.FloatField(),
        db_persist=True,
    )
    engine = models.CharField(max_length=80, blank=True)
    engine_version = models.CharField(max_length=40, blank=True)
    settings_version = models.PositiveIntegerField(default=0)
    fingerprint = models.JSONField(default=dict)
    applied_fingerprint = models.JSONField(null=True)
    # Parts a person left out when accepting: each is a rejection that training reads.
    left_out = models.JSONField(default=list)
    soft_fingerprint = models.JSONField(default=dict)
    arrived_as = models.CharField(max_length=8, choices=ArrivedAs, default=ArrivedAs.LIVE)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_by_agent = models.BooleanField(default=False)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    # What a person thought of it afterwards.
    rating = models.CharField(max_length=5, choices=Rating, blank=True)
    # Without an index, which nothing asks for and which would lock a large table while it is built.
    rated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    replaces = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="replaced_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "content_type", "object_id"],
                condition=Q(state="pending"),
                name="one_pending_suggestion_per_kind_and_subject",
            )
        ]
        indexes = [
            models.Index(fields=["created_at", "id"], name="suggestion_waiting", condition=Q(state="pending")),
            models.Index(fields=["-risk", "id"], name="suggestion_riskiest", condition=Q(state="pending")),
            models.Index(fields=["content_type", "object_id", "-id"], name="suggestion_subject"),
            models.Index(fields=["-decided_at", "id"], name="suggestion_decided"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.label}: {self.state}"

    @property
    def payload(self) -> dict:
        """What was taken, or what is proposed while nothing was."""
        return self.proposed if self.final is None else self.final


class Entry(models.Model):
    """One line of the record. Rows are written and never changed: the database refuses it."""

    class Actor(models.TextChoices):
        PERSON = "person", _("Person")
        AGENT = "agent", _("Agent")
        SYSTEM = "system", _("System")

    at = models.DateTimeField(default=timezone.now)
    verb = models.CharField(max_length=80)
    text = models.CharField(max_length=300, blank=True)
    actor = models.CharField(max_length=8, choices=Actor)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    agent = models.CharField(max_length=40, blank=True)
    content_type = models.ForeignKey(ContentType, null=True, on_delete=models.PROTECT)
    object_id = models.BigIntegerField(null=True)
    subject = GenericForeignKey()
    label = models.CharField(max_length=200, blank=True)
    suggestion = models.ForeignKey(Suggestion, null=True, on_delete=models.PROTECT, related_name="entries")
    effect = models.ForeignKey("agents.Effect", null=True, on_delete=models.PROTECT, related_name="entries")
    line_of_business = models.ForeignKey(LineOfBusiness, null=True, on_delete=models.PROTECT)
    why = models.TextField(blank=True)
    changes = models.JSONField(default=list)

    class Meta:
        verbose_name_plural = "entries"
        indexes = [
            models.Index(fields=["-at", "-id"], name="entry_newest"),
            models.Index(fields=["content_type", "object_id", "at"], name="entry_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} {self.label}"
