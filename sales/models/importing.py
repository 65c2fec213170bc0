"""Files of leads: what was uploaded, how its columns are read, and what became of each row."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import LineOfBusiness
from agents.models.levels import ArrivedAs
from conversations.models import Queue


def import_path(instance: "LeadImport", filename: str) -> str:
    """A generated name by digest; the name the file had stays in the row."""
    return f"leads/{instance.digest[:2]}/{instance.digest}"


class LeadImport(models.Model):
    """A file of leads: mapped by a person, checked as a dry run, then imported in pieces by a sweep."""

    class State(models.TextChoices):
        MAPPING = "mapping", _("Waits for its columns")
        CHECKING = "checking", _("Being checked")
        READY = "ready", _("Checked")
        RUNNING = "running", _("Being imported")
        DONE = "done", _("Imported")
        FAILED = "failed", _("Could not be read")
        CANCELLED = "cancelled", _("Cancelled")

    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    file = models.FileField(upload_to=import_path, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    encoding = models.CharField(max_length=20, blank=True)
    delimiter = models.CharField(max_length=2, blank=True)
    header = models.JSONField(default=list)
    # Column number (as text) to the field's name; columns left out are not read.
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.MAPPING)
    state_why = models.CharField(max_length=300, blank=True)
    total = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    updates_existing = models.BooleanField(default=False)
    # Fields that every row must have, besides its address.
    needs = models.JSONField(default=list, blank=True)
    source = models.CharField(max_length=80, blank=True)
    consent_note = models.CharField(max_length=300, blank=True)
    queue = models.ForeignKey(Queue, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    line_of_business = models.ForeignKey(
        LineOfBusiness, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    arrived_as = models.CharField(max_length=8, choices=ArrivedAs, default=ArrivedAs.LIVE)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["id"], name="lead_import_due", condition=Q(state__in=["checking", "running"])),
        ]

    def __str__(self) -> str:
        return self.name


class ImportRow(models.Model):
    """What becomes, or became, of one row of a file. ``values`` are emptied once the row is imported."""

    class Outcome(models.TextChoices):
        NEW = "new", _("New lead")
        UPDATED = "updated", _("Updates a lead")
        KNOWN = "known", _("Already a lead")
        COPY = "copy", _("Twice in the file")
        REFUSED = "refused", _("Refused")

    batch = models.ForeignKey(LeadImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome)
    label = models.CharField(max_length=200, blank=True)
    why = models.CharField(max_length=300, blank=True)
    values = models.JSONField(default=dict)
    email = models.CharField(max_length=254, blank=True)
    lead = models.ForeignKey("sales.Lead", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="one_report_per_row")]
        indexes = [
            models.Index(fields=["batch", "outcome", "number"], name="lead_import_outcome"),
            models.Index(fields=["batch", "email"], name="lead_import_address", condition=~Q(email="")),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.outcome}"
