"""What became of solved cases and conversations: one harvest per closing, and runs over the past."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import LineOfBusiness
from knowledge.models.articles import Article


class HarvestRun(models.Model):
    """A run over what was solved in a window of the past, piece by piece."""

    class State(models.TextChoices):
        READY = "ready", _("Ready")
        RUNNING = "running", _("In progress")
        PAUSED = "paused", _("Paused")
        COMPLETED = "completed", _("Completed")
        FAILED = "failed", _("Failed")
        STOPPED = "stopped", _("Stopped")

    source = models.CharField(max_length=40)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.READY)
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"))
    batch_size = models.PositiveIntegerField(_("batch size"), default=25)
    most_waiting = models.PositiveIntegerField(_("most drafts waiting"), default=20)
    # Hours of the day between which it works, in the zone of the site; equal ones mean always.
    hour_from = models.PositiveSmallIntegerField(_("works from"), default=0)
    hour_until = models.PositiveSmallIntegerField(_("works until"), default=0)
    estimated = models.PositiveIntegerField(default=0)
    estimated_drafts = models.PositiveIntegerField(default=0)
    seen = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    drafted = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    # The last one that was looked at: what comes after it is still to do.
    position = models.PositiveBigIntegerField(default=0)
    # Why it does nothing at this moment, "" while it works.
    waits_for = models.CharField(max_length=200, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["source"], name="one_run_at_a_time", condition=Q(state__in=["running", "paused"])
            )
        ]

    def __str__(self) -> str:
        return _("Run over %(since)s to %(until)s") % {
            "since": timezone.localdate(self.since), "until": timezone.localdate(self.until)
        }  # fmt: skip

    @property
    def is_active(self) -> bool:
        """Whether it was started and is not over."""
        return self.state in (self.State.RUNNING, self.State.PAUSED)


class Harvest(models.Model):
    """What became of one closing. ``source`` and ``object_id`` name it; nothing of its words is kept here."""

    class State(models.TextChoices):
        READY = "ready", _("Ready")
        THINKING = "thinking", _("Thinking")
        DRAFTED = "drafted", _("Draft made")
        NOT_CREATED = "not_created", _("No article")
        CREATED = "created", _("Article created")
        REJECTED = "rejected", _("Rejected")
        FAILED = "failed", _("Failed")

    class Outcome(models.TextChoices):
        NEW = "new", _("New article")
        UPDATE = "update", _("Revision of an article")
        NONE = "none", _("Not worth an article")

    source = models.CharField(max_length=40)
    object_id = models.PositiveBigIntegerField()
    closed_at = models.DateTimeField()
    part = models.PositiveSmallIntegerField(default=1)
    split_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="parts")
    run = models.ForeignKey(HarvestRun, null=True, blank=True, on_delete=models.SET_NULL, related_name="harvests")
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.READY)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    label = models.CharField(max_length=120, blank=True)
    link = models.CharField(max_length=200, blank=True)
    title = models.CharField(_("title"), max_length=200, blank=True)
    line_of_business = models.ForeignKey(LineOfBusiness, null=True, blank=True, on_delete=models.SET_NULL)
    # The article that was nearest, is revised, or was made.
    article = models.ForeignKey(Article, null=True, blank=True, on_delete=models.SET_NULL, related_name="harvests")
    removed = models.JSONField(default=dict)
    near = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "object_id", "closed_at", "part"], name="one_harvest_per_closing")
        ]
        indexes = [models.Index(fields=["-created_at", "-id"], name="harvest_newest")]

    def __str__(self) -> str:
        return self.title or self.label

    def get_absolute_url(self) -> str:
        """Its draft, for whoever may review it."""
        return reverse("knowledge:draft", args=[self.pk])
