"""Where a case stands with the rules of assignment, and whose turn it was."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Rule
from cases.models.cases import Case


class Assignment(models.Model):
    """One row per case that the rules looked at, or that a person put somewhere by hand."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits until somebody is free")
        ASKED = "asked", _("Waits for a person's decision")
        GIVEN = "given", _("Given to somebody by the agent")
        LEFT = "left", _("No rule gives it to anybody")
        KEPT = "kept", _("People decided")

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="assignment")
    state = models.CharField(max_length=8, choices=State, default=State.LEFT)
    is_due = models.BooleanField(default=True)
    rule = models.ForeignKey(Rule, null=True, on_delete=models.SET_NULL, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    why = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)
    # A person chose the queue: rules may choose who works it there, and move it nowhere.
    keeps_queue = models.BooleanField(default=False)
    # People who gave it back: it does not come to them again by rule.
    returned_by = models.JSONField(default=list)
    # The version of the section that was looked at; a newer one is asked about what nobody owns.
    version = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["case"], name="assignment_due", condition=Q(is_due=True)),
            models.Index(fields=["case"], name="assignment_waiting", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.state}"


class Turn(models.Model):
    """When somebody was last chosen by a rule that goes round: the smallest number is next."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    number = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "person"], name="one_turn_per_rule_and_person")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.person_id} {self.number}"
