"""What keeps the work going: attempts, heartbeats, training runs."""

from django.db import models
from django.utils import timezone


class Attempt(models.Model):
    """How often a sweep has tried one row; counted before the work, so that what kills a worker parks itself."""

    sweep = models.CharField(max_length=80)
    object_id = models.BigIntegerField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    parked_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    # Somebody decided that it is not worth another try; it stays parked and is listed no more.
    given_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sweep", "object_id"], name="one_attempt_row_per_sweep_and_row")]
        indexes = [
            models.Index(fields=["parked_at"], name="attempt_parked", condition=models.Q(parked_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.sweep} {self.object_id}: {self.attempts}"


class Heartbeat(models.Model):
    """The last sign of life of a named part, or the last run of a named sweep."""

    name = models.CharField(max_length=80, primary_key=True)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.name} {self.at:%H:%M:%S}"


class TrainingRun(models.Model):
    """One explicit training of one skill from confirmed rows; switched on only when it is no worse."""

    skill = models.CharField(max_length=80)
    scope = models.CharField(max_length=120, blank=True)
    version = models.PositiveIntegerField()
    artefact = models.BinaryField()
    accuracy = models.FloatField(null=True)
    examples = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64)
    active = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["skill", "scope", "version"], name="one_training_run_per_version"),
            models.UniqueConstraint(
                fields=["skill", "scope"], condition=models.Q(active=True), name="one_active_training_run"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.skill} {self.scope} {self.version}"
