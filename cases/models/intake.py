"""The activity monitor: what became of every inbound message, and why."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Rule
from cases.models.cases import Case
from conversations.models import Message


class IntakeOutcome(models.Model):
    """What happened to one inbound message, also when nothing happened."""

    class What(models.TextChoices):
        OPENED = "opened", _("Opened a case")
        JOINED = "joined", _("Joined a case")
        REOPENED = "reopened", _("Reopened a case")
        NOTED = "noted", _("Noted on a case")
        NOTHING = "nothing", _("No case")

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="intake")
    what = models.CharField(max_length=10, choices=What)
    why = models.CharField(max_length=300)
    rule = models.ForeignKey(Rule, null=True, on_delete=models.SET_NULL, related_name="+")
    rule_name = models.CharField(max_length=100, blank=True)
    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE, related_name="intake")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="intake_newest")]

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"
