"""Language models: where they are, which skill asks which, what they may cost, and every call."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models.lines import LineOfBusiness
from agents.models.sealing import SealedField


def _money(**kwargs: Any) -> models.DecimalField:
    return models.DecimalField(max_digits=14, decimal_places=6, **kwargs)


class LanguageModel(models.Model):
    """A language model on a server: address, key, limits; and the circuit breaker that all workers share."""

    class Kind(models.TextChoices):
        OPENAI = "openai", _("OpenAI or compatible (Ollama, vLLM …)")
        AZURE = "azure", _("Azure OpenAI")
        ANTHROPIC = "anthropic", _("Anthropic")

    class Form(models.TextChoices):
        SCHEMA = "schema", _("A JSON schema")
        JSON = "json", _("JSON without a schema")
        TEXT = "text", _("Plain text, the schema in the prompt")

    name = models.CharField(_("name"), max_length=80, unique=True)
    kind = models.CharField(_("kind of server"), max_length=12, choices=Kind, default=Kind.OPENAI)
    base_url = models.CharField(_("address"), max_length=300, blank=True)
    model = models.CharField(_("model"), max_length=120)
    api_version = models.CharField(_("API version"), max_length=40, blank=True)
    key = SealedField(_("key"), blank=True)
    answer_form = models.CharField(_("asks the server for"), max_length=8, choices=Form, default=Form.SCHEMA)
    deadline = models.PositiveSmallIntegerField(_("deadline in seconds"), default=30)
    retries = models.PositiveSmallIntegerField(_("tries again"), default=2)
    concurrency = models.PositiveSmallIntegerField(_("calls at once per worker"), default=20)
    longest_answer = models.PositiveIntegerField(_("longest answer in tokens"), default=2000)
    price_in = _money(verbose_name=_("price of a million tokens read"), null=True, blank=True)
    price_out = _money(verbose_name=_("price of a million tokens written"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    # The breaker: so many calls failed in a row, and until when nobody calls.
    failures = models.PositiveIntegerField(default=0)
    rests_until = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    # The test: when somebody asked for it, and what it found.
    test_asked_at = models.DateTimeField(null=True, blank=True)
    tested_at = models.DateTimeField(null=True, blank=True)
    test_found = models.JSONField(default=list)

    class Meta:
        ordering = ["name"]
        verbose_name = _("language model")

    def __str__(self) -> str:
        return self.name


class SkillEngine(models.Model):
    """Which model a skill asks, for all or for one line of business, and what happens when it does not answer."""

    class OnFailure(models.TextChoices):
        LOCAL = "local", _("Answer with the local engine")
        WAIT = "wait", _("Wait for a person")

    skill = models.CharField(max_length=80)
    line_of_business = models.ForeignKey(LineOfBusiness, null=True, blank=True, on_delete=models.CASCADE)
    model = models.ForeignKey(LanguageModel, null=True, blank=True, on_delete=models.PROTECT, related_name="engines")
    on_failure = models.CharField(max_length=8, choices=OnFailure, default=OnFailure.LOCAL)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["skill", "line_of_business"], nulls_distinct=False, name="one_engine_per_skill_and_line"
            )
        ]

    def __str__(self) -> str:
        return f"{self.skill}: {self.model or 'local'}"


class ModelBudget(models.Model):
    """What models may cost per day and month: of all work together, or of one line of business. None is no limit."""

    line_of_business = models.OneToOneField(LineOfBusiness, null=True, blank=True, on_delete=models.CASCADE)
    per_day = _money(null=True, blank=True)
    per_month = _money(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line_of_business"], nulls_distinct=False, name="one_model_budget_per_line")
        ]

    def __str__(self) -> str:
        return f"{self.line_of_business or 'all'}: {self.per_day} a day, {self.per_month} a month"


class ModelSpending(models.Model):
    """What was spent and is reserved in one day ("2026-11-21") or month ("2026-11"); of all when no line is named."""

    line_of_business = models.ForeignKey(LineOfBusiness, null=True, on_delete=models.CASCADE)
    period = models.CharField(max_length=10)
    spent = _money(default=0)
    reserved = _money(default=0)
    warned = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line_of_business", "period"], nulls_distinct=False, name="one_spending_per_line_and_period"
            )
        ]

    def __str__(self) -> str:
        return f"{self.line_of_business_id or 'all'} {self.period}: {self.spent}"


class ModelCall(models.Model):
    """One question to a language model: what was asked of which, what it cost, and what came of it."""

    class Outcome(models.TextChoices):
        RUNNING = "running", _("Under way")
        ANSWERED = "answered", _("Answered")
        REPAIRED = "repaired", _("Answered at the second try")
        UNAVAILABLE = "unavailable", _("Not available")
        REFUSED = "refused", _("Refused")
        MALFORMED = "malformed", _("Not in the form asked for")
        OVER_BUDGET = "over_budget", _("Over budget")
        LOST = "lost", _("Lost with its worker")

    at = models.DateTimeField(default=timezone.now)
    skill = models.CharField(max_length=80)
    line_of_business = models.ForeignKey(LineOfBusiness, null=True, on_delete=models.SET_NULL)
    model = models.ForeignKey(LanguageModel, null=True, on_delete=models.SET_NULL, related_name="calls")
    asked = models.CharField(max_length=120)
    resolved = models.CharField(max_length=120, blank=True)
    prompt = models.CharField(max_length=80)
    prompt_version = models.CharField(max_length=40)
    tokens_in = models.PositiveIntegerField(default=0)
    tokens_out = models.PositiveIntegerField(default=0)
    cost = _money(default=0)
    reserved = _money(default=0)
    milliseconds = models.PositiveIntegerField(default=0)
    requests = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.RUNNING)
    detail = models.CharField(max_length=300, blank=True)
    # What it wrote, with placeholders in the place of personal data; emptied after MODEL_ANSWER_DAYS.
    answer = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="model_call_newest"),
            models.Index(fields=["at"], name="model_call_running", condition=Q(outcome="running")),
            models.Index(fields=["at"], name="model_call_with_answer", condition=~Q(answer="")),
        ]

    def __str__(self) -> str:
        return f"{self.skill} {self.asked} {self.outcome}"
