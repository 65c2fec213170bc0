"""The forms of the page Language models."""

from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from agents.llm import addresses, configuring
from agents.models import LanguageModel, LineOfBusiness, ModelBudget, SkillEngine
from agents.skills import Skill

AS_FOR_ALL, LOCAL = "all", "local"
MOST_DEADLINE = 100


class ModelForm(forms.ModelForm):
    """Where a model is, its key, its limits and prices."""

    key = forms.CharField(
        label=_("Key"),
        required=False,
        max_length=400,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Sealed under the operator's key and never shown again."),
    )
    deadline = forms.IntegerField(
        label=_("Deadline in seconds"), min_value=1, max_value=MOST_DEADLINE, initial=30,
        help_text=_("For one question with all its tries."),
    )  # fmt: skip
    retries = forms.IntegerField(label=_("Tries again"), min_value=0, max_value=5, initial=2)
    concurrency = forms.IntegerField(
        label=_("Calls at once per worker"), min_value=1, max_value=64, initial=20,
        help_text=_("A server of your own often answers one question at a time: then 1 or 2."),
    )  # fmt: skip
    longest_answer = forms.IntegerField(
        label=_("Longest answer in tokens"), min_value=100, max_value=32000, initial=2000
    )
    price_in = forms.DecimalField(
        label=_("Price of a million tokens read"), required=False, min_value=0, max_value=100_000, decimal_places=6,
        help_text=_("Empty: the public price list. A model of your own costs what you enter here."),
    )  # fmt: skip
    price_out = forms.DecimalField(
        label=_("Price of a million tokens written"), required=False, min_value=0, max_value=100_000, decimal_places=6
    )
    expected = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = LanguageModel
        fields = [*configuring.FIELDS]
        help_texts = {
            "name": _("How it is called on these pages."),
            "base_url": _("Such as http://localhost:11434/v1 for Ollama. Empty: the public address of its kind."),
            "model": _("The name by which its server knows it."),
            "api_version": _("Azure only, such as 2024-10-21."),
            "answer_form": _("When the server refuses questions with a schema, choose another form."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.key:
            self.fields["key"].help_text = _("Leave empty to keep the stored one. It is never shown.")

    def clean_base_url(self) -> str:
        """An address that may be called, as far as that can be seen without asking the network."""
        url = self.cleaned_data["base_url"].strip().rstrip("/")
        if url:
            try:
                addresses.check_form(url)
            except addresses.ForbiddenAddressError as error:
                raise forms.ValidationError(str(error)) from None
        return url

    def clean(self) -> dict[str, Any]:
        """Azure has no public address of its own; a stored key never goes to another server than it was entered for."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") == LanguageModel.Kind.AZURE and not cleaned.get("base_url"):
            self.add_error("base_url", _("Enter the address of your Azure resource."))
        stored = LanguageModel.objects.filter(pk=self.instance.pk).first() if self.instance.pk else None
        moved = stored and (stored.base_url, stored.kind) != (cleaned.get("base_url"), cleaned.get("kind"))
        if moved and stored and stored.key and not cleaned.get("key"):
            self.add_error("key", _("The address is another one: enter the key again, so that it goes nowhere unseen."))
        return cleaned


class EnginesForm(forms.Form):
    """For one line of business, or for all: the model and the fallback of each skill, and the budgets."""

    per_day = forms.DecimalField(
        label=_("Budget per day"), required=False, min_value=0, decimal_places=6, help_text=_("Empty: no limit.")
    )
    per_month = forms.DecimalField(label=_("Budget per month"), required=False, min_value=0, decimal_places=6)
    expected = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, line: LineOfBusiness | None, **kwargs: Any) -> None:
        self.line, self.skills = line, configuring.choosable_skills()
        budget = ModelBudget.objects.filter(line_of_business=line).first()
        initial: dict[str, Any] = {name: _short(getattr(budget, name, None)) for name in ("per_day", "per_month")}
        engines = configuring.engines_of(line)
        for number, skill in enumerate(self.skills):
            row = engines.get(skill.name)
            initial[f"model-{number}"] = _code(row, line)
            initial[f"on_failure-{number}"] = row.on_failure if row else SkillEngine.OnFailure.LOCAL
        super().__init__(*args, **{**kwargs, "initial": initial | kwargs.get("initial", {})})
        self._models = {str(one.pk): one for one in LanguageModel.objects.all()}
        for number, skill in enumerate(self.skills):
            self._add(number, skill)

    def _add(self, number: int, skill: Skill) -> None:
        named = [(pk, str(one)) for pk, one in self._models.items()]
        general = [(AS_FOR_ALL, _("As for all lines"))] if self.line else []
        label = _("Model for %(skill)s") % {"skill": skill.name}
        self.fields[f"model-{number}"] = forms.ChoiceField(
            label=label, choices=[*general, (LOCAL, _("Local engine, no model")), *named]
        )
        self.fields[f"on_failure-{number}"] = forms.ChoiceField(
            label=_("When the model fails for %(skill)s") % {"skill": skill.name},
            choices=SkillEngine.OnFailure.choices,
        )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row for each skill, for the page."""
        return [
            {"skill": skill, "about": _first_line(skill), "model": self[f"model-{n}"], "fails": self[f"on_failure-{n}"]}
            for n, skill in enumerate(self.skills)
        ]

    @property
    def chosen(self) -> dict[str, dict[str, Any] | None]:
        """What was chosen for each skill; None where the line does as all do."""
        found: dict[str, dict[str, Any] | None] = {}
        for number, skill in enumerate(self.skills):
            code = self.cleaned_data[f"model-{number}"]
            row = {"model": self._models.get(code), "on_failure": self.cleaned_data[f"on_failure-{number}"]}
            found[skill.name] = None if code == AS_FOR_ALL else row
        return found

    @property
    def budget(self) -> dict[str, Any]:
        """The two limits."""
        return {name: cast(Any, self.cleaned_data[name]) for name in ("per_day", "per_month")}


def _code(row: SkillEngine | None, line: LineOfBusiness | None) -> str:
    if row is None:
        return AS_FOR_ALL if line else LOCAL
    return str(row.model_id) if row.model_id else LOCAL


def _short(amount: Decimal | None) -> str:
    """An amount without the noughts that the database keeps behind it."""
    return "" if amount is None else f"{amount.normalize():f}"


def _first_line(skill: Skill) -> str:
    return (type(skill).__doc__ or "").strip().splitlines()[0]
