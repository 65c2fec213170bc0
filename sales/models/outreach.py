"""A lead's way through a cadence, and every touch on it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Suggestion
from conversations.models import Message
from sales.models.leads import Lead


class Enrolment(models.Model):
    """A lead in a cadence, as the settings stood when it began."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Running")
        HELD = "held", _("Held")
        ENDED = "ended", _("Ended")

    class Ended(models.TextChoices):
        FINISHED = "finished", _("All mails sent, no answer")
        REPLIED = "replied", _("They answered")
        OPTED_OUT = "opted_out", _("They asked us to stop")
        BOUNCED = "bounced", _("Their address does not accept mail")
        COMPLAINED = "complained", _("They complained")
        HANDED_OVER = "handed_over", _("Handed over")
        DISQUALIFIED = "disqualified", _("Disqualified")
        STOPPED = "stopped", _("Stopped by a person")
        MISSED = "missed", _("A step came too late")

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="enrolments")
    section_version = models.PositiveIntegerField(default=0)
    # The frozen rhythm: days between mails, window, zone, whatever the settings said when it began.
    cadence = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    state_why = models.CharField(max_length=300, blank=True)
    # Steps done so far, and the next one's time.
    step = models.PositiveSmallIntegerField(default=0)
    next_due_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_reason = models.CharField(max_length=12, choices=Ended, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["lead"], condition=~Q(state="ended"), name="one_running_enrolment_per_lead")
        ]
        indexes = [models.Index(fields=["next_due_at", "id"], name="enrolment_due", condition=Q(state="active"))]

    def __str__(self) -> str:
        return f"{self.lead_id} {self.state} {self.step}"


class Touch(models.Model):
    """One mail to or from a lead, and what came of it."""

    class Direction(models.TextChoices):
        OUT = "out", _("From us")
        IN = "in", _("From them")

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="touches")
    enrolment = models.ForeignKey(Enrolment, null=True, blank=True, on_delete=models.CASCADE, related_name="touches")
    step = models.PositiveSmallIntegerField(default=0)
    direction = models.CharField(max_length=4, choices=Direction, default=Direction.OUT)
    message = models.OneToOneField(Message, null=True, blank=True, on_delete=models.PROTECT, related_name="touch")
    suggestion = models.ForeignKey(Suggestion, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    outcome = models.CharField(max_length=24, blank=True)
    outcome_why = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "step"],
                condition=Q(direction="out", enrolment__isnull=False),
                name="one_mail_per_step",
            )
        ]
        indexes = [models.Index(fields=["lead", "at", "id"], name="touch_of_lead")]

    def __str__(self) -> str:
        return f"{self.direction} {self.step}"
