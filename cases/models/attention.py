"""Where the agent stands with a case: what it did, what it waits for, and why it gave the case to people."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models.levels import Level
from cases.models.cases import Case
from conversations.models import Message


class AgentState(models.Model):
    """One row per live case that the agent has looked at. Escalated and paused end its autonomy until given back."""

    class Status(models.TextChoices):
        IN_PROGRESS = "in_progress", _("At work")
        IDLE = "idle", _("Idle")
        ESCALATED = "escalated", _("Escalated")
        PAUSED = "paused", _("Taken over")

    class WaitsFor(models.TextChoices):
        NOBODY = "", ""
        CUSTOMER = "customer", _("the customer")
        PERSON = "person", _("a person")

    class LastAct(models.TextChoices):
        NOTHING = "", ""
        DRAFTED = "drafted", _("Drafted a mail")
        SENT = "sent", _("Sent a mail")
        RESOLVED = "resolved", _("Resolved the case")
        ESCALATED = "escalated", _("Escalated")
        LEFT = "left", _("Left it to people")

    class Outbound(models.TextChoices):
        NONE = "", ""
        QUESTION = "question", _("a question")
        SOLUTION = "solution", _("an answer")

    class Reason(models.TextChoices):
        INTENT_NOT_FOUND = "intent_not_found", _("What the customer wants is not clear")
        SEVERAL_INTENTS = "several_intents", _("The customer may want several things")
        LANGUAGE_UNKNOWN = "language_unknown", _("The mail is in no language the agent answers in")
        SOLUTION_NOT_FOUND = "solution_not_found", _("No article answers it")
        UNABLE_TO_PROCEED = "unable_to_proceed", _("The agent cannot go on")
        OBSERVED_INTENT = "observed_intent", _("The agent only observes what this is about")
        TEMPLATE_UNRESOLVED = "template_unresolved", _("The template that was set is gone")
        ASKS_FOR_PERSON = "asks_for_person", _("The customer asks for a person")
        REJECTS_SOLUTION = "rejects_solution", _("The answer did not help")
        NOT_RESPONDING = "not_responding", _("The customer does not answer")
        OUT_OF_OFFICE = "out_of_office", _("The customer is out of office")
        UNDELIVERABLE = "undeliverable", _("Our mail could not be delivered")
        TAKEN_OVER = "taken_over", _("Somebody took the case over")
        STOPPED = "stopped", _("A supervisor stopped the agent")
        BY_HAND = "by_hand", _("Somebody escalated it")

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="agent")
    mode = models.CharField(max_length=8, choices=Level, default=Level.OFF)
    status = models.CharField(_("status of the agent"), max_length=12, choices=Status, default=Status.IDLE)
    waits_for = models.CharField(max_length=8, choices=WaitsFor, blank=True)
    last_act = models.CharField(max_length=10, choices=LastAct, blank=True)
    why = models.CharField(max_length=300, blank=True)
    last_outbound = models.CharField(max_length=8, choices=Outbound, blank=True)
    # The last mail that came of a suggestion of the agent; a later one of ours was written by hand.
    last_mail = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="+")
    mails_sent = models.PositiveIntegerField(default=0)
    solutions_sent = models.PositiveIntegerField(default=0)
    questions_sent = models.PositiveIntegerField(default=0)
    # Names of attributes asked for: none is asked for twice.
    asked = models.JSONField(default=list)
    # What answers were made of, in order: {"article", "title", "passages"}.
    tried = models.JSONField(default=list)
    reaction = models.CharField(max_length=10, blank=True)
    intent = models.CharField(max_length=120, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    escalated_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, blank=True)
    details = models.CharField(max_length=500, blank=True)
    # The customer's mail up to which reactions are dealt with: what led to an escalation leads to no second one.
    heard = models.BigIntegerField(default=0)
    # The last bounce or absence in the case, and the one up to which they were considered.
    machine_mail = models.BigIntegerField(default=0)
    machine_seen = models.BigIntegerField(default=0)
    # The mail of ours up to which the customer's silence was considered.
    silence_seen = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["case"], name="agent_escalated", condition=Q(status="escalated")),
            models.Index(fields=["case"], name="agent_waits_for_customer", condition=Q(waits_for="customer")),
            models.Index(fields=["case"], name="agent_machine_due", condition=Q(machine_mail__gt=F("machine_seen"))),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.status}"

    @property
    def is_held(self) -> bool:
        """Whether a person has the case: nothing leaves by the agent alone until it is given back."""
        return self.status in (self.Status.ESCALATED, self.Status.PAUSED)
