"""Every hand-over: why, to whom, and whether it came about."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Suggestion
from sales.models.leads import Lead


class HandOver(models.Model):
    """One lead on its way to somebody, from the moment it was suggested until somebody has it or nobody takes it."""

    class Intent(models.TextChoices):
        POSITIVE = "positive", _("Wants to talk")
        NEGATIVE = "negative", _("Does not want to")
        UNDETECTED = "undetected", _("Not known")
        ERROR = "error", _("Cannot be written to")

    class Target(models.TextChoices):
        SELLER = "seller", _("A seller")
        SUPERVISOR = "supervisor", _("The supervisor")
        PREVIOUS = "previous", _("Who had it before")
        AGENT = "agent", _("Stays with the agent")

    class State(models.TextChoices):
        ACTIVE = "active", _("Waits for a decision")
        COMPLETED = "completed", _("Handed over")
        FAILED = "failed", _("Failed")

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="handovers")
    suggestion = models.OneToOneField(Suggestion, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    intent = models.CharField(max_length=10, choices=Intent, default=Intent.UNDETECTED)
    target = models.CharField(max_length=10, choices=Target, default=Target.SELLER)
    state = models.CharField(max_length=9, choices=State, default=State.ACTIVE)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=300, blank=True)
    # Why it failed.
    why = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["lead", "-id"], name="handover_of_lead")]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.intent} {self.state}"
