"""What administrators configure: section settings, ordered rules, and every version of either."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models.levels import Level
from agents.models.lines import LineOfBusiness


class SectionSetting(models.Model):
    """The current settings of one Manage page, for all or for one line of business."""

    section = models.CharField(max_length=80)
    line_of_business = models.ForeignKey(LineOfBusiness, null=True, blank=True, on_delete=models.CASCADE)
    is_on = models.BooleanField(default=False)
    level = models.CharField(max_length=8, choices=Level, default=Level.ASK)
    values = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["section", "line_of_business"], nulls_distinct=False, name="one_setting_per_section_and_line"
            )
        ]

    def __str__(self) -> str:
        return f"{self.section} version {self.version}"


class Rule(models.Model):
    """One rule of a section: the first active one whose conditions hold decides."""

    section = models.CharField(max_length=80)
    name = models.CharField(_("name"), max_length=100)
    order = models.PositiveIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("active"), default=False)
    line_of_business = models.ForeignKey(
        LineOfBusiness, null=True, blank=True, on_delete=models.CASCADE, verbose_name=_("line of business")
    )
    conditions = models.JSONField(_("conditions"), default=dict)
    level = models.CharField(_("level"), max_length=8, choices=Level, default=Level.ASK)
    outcome = models.JSONField(_("outcome"), default=dict)
    matched = models.PositiveIntegerField(default=0)
    last_matched_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["section", "order", "id"]
        constraints = [models.UniqueConstraint(fields=["section", "name"], name="one_rule_per_name_in_a_section")]

    def __str__(self) -> str:
        return self.name


class Version(models.Model):
    """One saved state of anything administrators edit; ``target`` is such as ``section:cases.creation``."""

    target = models.CharField(max_length=120)
    number = models.PositiveIntegerField()
    snapshot = models.JSONField()
    changes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["target", "-number"]
        constraints = [models.UniqueConstraint(fields=["target", "number"], name="one_version_per_number")]

    def __str__(self) -> str:
        return f"{self.target} {self.number}"
