"""Plans that chase a quiet customer and end in a closed case, and every step of them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Rule, Suggestion
from cases.models import Case
from conversations.models import Message


class Plan(models.Model):
    """One silence of one customer: which rule chases it, how far, what comes next and when."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        ENDED = "ended", _("Ended")

    class Trigger(models.TextChoices):
        STATUS = "status", _("The status of the case")
        WORDS = "words", _("The customer's words")
        ANSWER = "answer", _("The agent's answer")

    class Action(models.TextChoices):
        SEND = "send", _("Send a follow-up")
        CLOSE = "close", _("Close the case")
        REPLY = "reply", _("Reply to the customer")
        NONE = "none", _("Nothing")

    class EndedAs(models.TextChoices):
        SOLVED = "solved", _("The customer says that it is solved")
        REPLIED = "replied", _("The customer replied")
        CLOSED = "closed", _("Case closed, no answer")
        CASE_ENDED = "case_ended", _("The case ended otherwise")
        STOPPED = "stopped", _("Stopped by a person")
        KEPT_OPEN = "kept_open", _("A person keeps the case open")
        BOUNCED = "bounced", _("Mail cannot be delivered")
        CHANGED = "changed", _("The rule holds no more")
        OBSERVED = "observed", _("Observed to its end")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="plans")
    rule = models.ForeignKey(Rule, null=True, on_delete=models.SET_NULL, related_name="plans")
    rule_name = models.CharField(max_length=100)
    settings_version = models.PositiveIntegerField(default=0)
    # Steps, waits, templates and the end as they were when the plan began: a running plan keeps them.
    shape = models.JSONField()
    trigger = models.CharField(max_length=8, choices=Trigger)
    why = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField(default=timezone.now)
    # What silence is measured against: our last mail, and the customer's last one before it.
    last_message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="+")
    seen_inbound = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="+")
    quiet_since = models.DateTimeField()
    since = models.DateTimeField()
    step = models.PositiveSmallIntegerField(default=0)
    next_action = models.CharField(max_length=8, choices=Action, default=Action.SEND)
    due_at = models.DateTimeField()
    moved_to = models.DateTimeField(null=True)
    # When the sweep looks at it next; empty while it waits for a person's decision.
    look_at = models.DateTimeField(null=True)
    held = models.CharField(max_length=200, blank=True)
    has_replied = models.BooleanField(default=False)
    is_confirmed = models.BooleanField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_as = models.CharField(max_length=10, choices=EndedAs, blank=True)
    ended_why = models.TextField(blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    # The unguessable half of the link in the closing mail, and when it was used.
    reopen_key = models.CharField(max_length=64, blank=True)
    reopened_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(state="running"), name="one_running_plan_per_case")
        ]
        indexes = [
            models.Index(
                fields=["look_at", "id"], name="plan_to_look_at", condition=Q(state="running", look_at__isnull=False)
            ),
            models.Index(fields=["due_at", "id"], name="plan_running", condition=Q(state="running")),
            models.Index(fields=["-ended_at", "id"], name="plan_ended", condition=Q(state="ended")),
            models.Index(fields=["case", "-id"], name="plan_of_case"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_name}: {self.case}"

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.state == self.State.RUNNING

    @property
    def count(self) -> int:
        """How many follow-ups it has."""
        return len(self.shape["steps"])


class Step(models.Model):
    """One thing a plan did, or left undone: a follow-up, the closing, the reading of a reply."""

    class What(models.TextChoices):
        FOLLOW_UP = "follow_up", _("Follow-up")
        CLOSE = "close", _("Closing")
        READ = "read", _("Reply read")

    class State(models.TextChoices):
        SUGGESTED = "suggested", _("Waits for a person")
        DONE = "done", _("Done")
        OWN_MAIL = "own_mail", _("Our own mail counts")
        SKIPPED = "skipped", _("Skipped")
        REJECTED = "rejected", _("Dismissed")
        OBSERVED = "observed", _("Observed")

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="steps")
    what = models.CharField(max_length=10, choices=What)
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State)
    due_at = models.DateTimeField(null=True)
    at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=1)
    why = models.TextField(blank=True)
    suggestion = models.ForeignKey(Suggestion, null=True, on_delete=models.SET_NULL, related_name="+")
    # What was chased or read, and the mail that came of it.
    source = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="+")
    message = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="+")
    # What a person thought of it: 1 or -1.
    rating = models.SmallIntegerField(default=0)
    rated_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["plan", "id"]
        constraints = [models.UniqueConstraint(fields=["plan", "what", "number"], name="one_step_per_number")]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.number}: {self.get_state_display()}"


class Round(models.Model):
    """How far the search for quiet cases has come; it goes round and round by key."""

    name = models.CharField(max_length=20, primary_key=True)
    after = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} after {self.after}"
