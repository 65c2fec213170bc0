"""What partitions the work: lines of business, business calendars, pauses."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def default_hours() -> dict[str, list[list[str]]]:
    """Monday to Friday, nine to five: weekday number (0 is Monday) to a list of [from, to]."""
    return {str(day): [["09:00", "17:00"]] for day in range(5)}


class Calendar(models.Model):
    """Business hours in one IANA zone."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    hours = models.JSONField(_("hours"), default=default_hours)

    def __str__(self) -> str:
        return self.name


class Holiday(models.Model):
    """A day on which nobody works."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="holidays")
    day = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["calendar", "day"], name="one_holiday_per_day")]
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class LineOfBusiness(models.Model):
    """A hard partition of the work: its own settings, intents, knowledge and people."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=80, unique=True)
    description = models.TextField(_("description"), blank=True)
    calendar = models.ForeignKey(Calendar, null=True, blank=True, on_delete=models.SET_NULL, related_name="lines")
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("line of business")
        verbose_name_plural = _("lines of business")

    def __str__(self) -> str:
        return self.name


class AgentPause(models.Model):
    """One pause of one agent, or of all when ``agent`` is empty; it holds until ``ended_at`` or ``until``."""

    agent = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=models.Q(ended_at__isnull=True), name="one_running_pause_per_agent"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent or 'all'} since {self.started_at:%Y-%m-%d %H:%M}"
