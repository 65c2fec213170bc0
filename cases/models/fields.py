"""What a case's fields are, and who set each value."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Suggestion
from cases.models.cases import Case


class FieldDefinition(models.Model):
    """A custom field of cases, kept in ``Case.custom`` under its name."""

    class Type(models.TextChoices):
        TEXT = "text", _("Text")
        LONG_TEXT = "long_text", _("Long text")
        CHOICE = "choice", _("Choice")
        INTEGER = "integer", _("Number")
        CURRENCY = "currency", _("Amount")
        BOOLEAN = "boolean", _("Yes or no")
        DATE = "date", _("Date")
        EMAIL = "email", _("E-mail address")

    name = models.SlugField(_("name"), max_length=40, unique=True)
    label = models.CharField(_("label"), max_length=80)
    type = models.CharField(_("type"), max_length=10, choices=Type, default=Type.TEXT)
    description = models.TextField(_("description"), blank=True)
    pattern = models.CharField(_("pattern"), max_length=200, blank=True)
    order = models.PositiveIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["order", "label"]

    def __str__(self) -> str:
        return self.label


class FieldOption(models.Model):
    """One value of a choice field (``type``, ``category`` or a custom one), with words that tell it apart."""

    field = models.CharField(max_length=40)
    value = models.CharField(_("value"), max_length=60)
    label = models.CharField(_("label"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    order = models.PositiveIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["field", "order", "label"]
        constraints = [models.UniqueConstraint(fields=["field", "value"], name="one_option_per_value")]

    def __str__(self) -> str:
        return self.label


class FieldMark(models.Model):
    """Who set the present value of one field of one case, and on what ground."""

    class By(models.TextChoices):
        PERSON = "person", _("A person")
        AGENT = "agent", _("The agent")
        RULE = "rule", _("A rule")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="marks")
    field = models.CharField(max_length=40)
    set_by = models.CharField(max_length=8, choices=By)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    suggestion = models.ForeignKey(Suggestion, null=True, on_delete=models.SET_NULL, related_name="+")
    confidence = models.FloatField(null=True)
    evidence = models.JSONField(default=list)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "field"], name="one_mark_per_field")]

    def __str__(self) -> str:
        return f"{self.field} by {self.set_by}"
