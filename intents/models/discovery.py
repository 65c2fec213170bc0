"""Runs that look for intents in what customers wrote, and what they found."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import LineOfBusiness
from intents.models.library import Intent


class DiscoveryRun(models.Model):
    """One look for intents, under the settings as they were when it was asked for.

    A test looks at the newest thousand messages and changes nothing; a scheduled run looks at two months.
    """

    class Kind(models.TextChoices):
        TEST = "test", _("Test")
        SCHEDULED = "scheduled", _("Scheduled")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("In progress")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    # The key of the rule that holds its settings; the rule may be gone.
    rule = models.BigIntegerField()
    name = models.CharField(max_length=120)
    line_of_business = models.ForeignKey(LineOfBusiness, null=True, on_delete=models.CASCADE, related_name="+")
    conditions = models.JSONField()
    granularity = models.CharField(max_length=8)
    default_status = models.CharField(max_length=10)
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=300, blank=True)
    processed = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    lease = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule"], condition=Q(state__in=["waiting", "running"]), name="one_discovery_under_way_per_rule"
            )
        ]
        indexes = [models.Index(fields=["rule", "-id"], name="discovery_of_rule")]

    def __str__(self) -> str:
        return f"{self.name}, {self.get_kind_display()} {self.pk}"

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.state in (self.State.DONE, self.State.FAILED)


class Candidate(models.Model):
    """A reason for writing that a run found: new, one that the library knows, or one that was discarded before."""

    class State(models.TextChoices):
        NEW = "new", _("New")
        KNOWN = "known", _("In the library")
        DISCARDED = "discarded", _("Discarded before")
        MOVED = "moved", _("Moved to the library")

    run = models.ForeignKey(DiscoveryRun, on_delete=models.CASCADE, related_name="candidates")
    place = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    group_name = models.CharField(max_length=120, blank=True)
    # [{"message": key, "text": words}]
    examples = models.JSONField()
    volume = models.PositiveIntegerField()
    # The keys of its messages, so that the next run can go on from here.
    members = models.JSONField(default=list)
    language = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    intent = models.ForeignKey(Intent, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["run", "place"], name="one_candidate_per_place")]

    def __str__(self) -> str:
        return self.name
