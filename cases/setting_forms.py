"""Forms of the Case Management Agent's Manage pages and of their rules' outcomes."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.models import LineOfBusiness
from cases.facts import option_choices
from cases.fields import CaseField, case_fields
from cases.models import Case
from cases.statistics import confidence_counts, share_right
from conversations.models import MessageTemplate, Queue

# Sure enough to show, sure enough to write: where a field starts that an administrator switches on.
SUGGEST_FROM, FILL_FROM = 55, 90


class CreationForm(forms.Form):
    """When a mail opens a case."""

    open_without_rule = forms.BooleanField(
        label=gettext_lazy("Open a case when no rule matches"),
        required=False,
        help_text=gettext_lazy("Off: such a mail stays in the activity monitor, and opens nothing."),
    )


class CreationRuleForm(forms.Form):
    """What a creation rule does."""

    open = forms.TypedChoiceField(
        label=gettext_lazy("A matching mail"),
        choices=[("yes", gettext_lazy("Opens a case")), ("no", gettext_lazy("Opens no case"))],
        coerce=lambda value: value == "yes",
        initial="yes",
    )
    queue = forms.TypedChoiceField(label=gettext_lazy("Queue"), required=False, coerce=int, empty_value=None)
    line_of_business = forms.TypedChoiceField(
        label=gettext_lazy("Line of business"), required=False, coerce=int, empty_value=None
    )
    priority = forms.ChoiceField(label=gettext_lazy("Priority"), required=False)
    type = forms.ChoiceField(label=gettext_lazy("Type"), required=False)
    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        initial = dict(kwargs.get("initial") or {})
        initial |= initial.pop("defaults", None) or {}
        if isinstance(initial.get("open"), bool):
            initial["open"] = "yes" if initial["open"] else "no"
        super().__init__(*args, **{**kwargs, "initial": initial})
        as_mailbox = [("", _("As the mailbox says"))]
        self.fields["queue"].choices = as_mailbox + list(Queue.objects.values_list("pk", "name"))
        self.fields["line_of_business"].choices = as_mailbox + list(LineOfBusiness.objects.values_list("pk", "name"))
        nothing = [("", _("Not set"))]
        self.fields["priority"].choices = nothing + list(Case.Priority.choices)
        self.fields["type"].choices = nothing + option_choices("type")
        self.fields["category"].choices = nothing + option_choices("category")

    def clean(self) -> dict[str, Any]:
        """The outcome as it is kept: open, queue, line_of_business, and the defaults that are set."""
        cleaned = super().clean() or {}
        defaults = {name: cleaned.pop(name, "") for name in ("priority", "type", "category")}
        return {**cleaned, "defaults": {name: value for name, value in defaults.items() if value}}


class FieldsForm(forms.Form):
    """Which fields the agent fills, and how sure it must be to suggest and to write each.

    One group of inputs for each field: ``use-<name>``, ``suggest-<name>``, ``fill-<name>`` in percent, and
    ``pattern-<name>`` for built-in texts. What is kept is a list of rows.
    """

    overwrite_people = forms.TypedChoiceField(
        label=gettext_lazy("What people entered"),
        widget=forms.RadioSelect,
        choices=[
            ("no", gettext_lazy("Is never overwritten")),
            ("yes", gettext_lazy("May be overwritten; the old value stays on record")),
        ],
        coerce=lambda value: value == "yes",
        initial="no",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        initial = dict(kwargs.get("initial") or {})
        if isinstance(initial.get("overwrite_people"), bool):
            initial["overwrite_people"] = "yes" if initial["overwrite_people"] else "no"
        rows = {row["field"]: row for row in initial.pop("fields", [])}
        for name, row in rows.items():
            initial |= {f"use-{name}": True, f"pattern-{name}": row.get("pattern", "")}
            initial |= {f"suggest-{name}": round(row["suggest"] * 100), f"fill-{name}": round(row["fill"] * 100)}
        super().__init__(*args, **{**kwargs, "initial": initial})
        self.case_fields = case_fields()
        for each in self.case_fields.values():
            self._add_inputs(each)

    def _add_inputs(self, each: CaseField) -> None:
        percent = {"min_value": 0, "max_value": 100, "required": False}
        self.fields[f"use-{each.name}"] = forms.BooleanField(label=each.label, required=False)
        self.fields[f"suggest-{each.name}"] = forms.IntegerField(
            label=_("Suggest %(field)s from") % {"field": each.label}, initial=SUGGEST_FROM, **percent
        )
        self.fields[f"fill-{each.name}"] = forms.IntegerField(
            label=_("Fill in %(field)s from") % {"field": each.label}, initial=FILL_FROM, **percent
        )
        if each.type == "text" and not each.custom and each.name != "title":
            self.fields[f"pattern-{each.name}"] = forms.CharField(
                label=_("Pattern of %(field)s") % {"field": each.label}, required=False, max_length=200
            )

    def clean(self) -> dict[str, Any]:
        """The rows that are switched on; the lower bar may not stand above the upper."""
        cleaned = super().clean() or {}
        rows = [row for name in self.case_fields if (row := self._row(name, cleaned))]
        return {"overwrite_people": cleaned.get("overwrite_people", False), "fields": rows}

    def _row(self, name: str, cleaned: dict[str, Any]) -> dict[str, Any] | None:
        if not cleaned.get(f"use-{name}"):
            return None
        suggest = cleaned.get(f"suggest-{name}")
        fill = cleaned.get(f"fill-{name}")
        suggest, fill = SUGGEST_FROM if suggest is None else suggest, FILL_FROM if fill is None else fill
        if suggest > fill:
            self.add_error(f"suggest-{name}", _("Suggesting starts at or below filling in."))
        pattern = cleaned.get(f"pattern-{name}", "")
        try:
            re.compile(pattern)
        except re.error:
            self.add_error(f"pattern-{name}", _("This is not a regular expression."))
        return {"field": name, "suggest": suggest / 100, "fill": fill / 100, "pattern": pattern}

    def rows(self) -> list[dict[str, Any]]:
        """What the template shows: for each field its inputs, both bars in percent, and what the past says."""
        counts, right = confidence_counts(), share_right()
        return [
            {
                "field": each,
                "use": self[f"use-{name}"],
                "suggest": self[f"suggest-{name}"],
                "fill": self[f"fill-{name}"],
                "low": self[f"suggest-{name}"].value() or 0,
                "high": self[f"fill-{name}"].value() or 0,
                "pattern": self[f"pattern-{name}"] if f"pattern-{name}" in self.fields else None,
                "counts": counts.get(name, []),
                "right": right.get(name),
            }
            for name, each in self.case_fields.items()
        ]


class UpdateRuleForm(forms.Form):
    """Which fields an update rule lets the agent change."""

    fields_ = forms.MultipleChoiceField(
        label=gettext_lazy("Fields to update"), widget=forms.CheckboxSelectMultiple, required=True
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        initial = dict(kwargs.get("initial") or {})
        initial["fields_"] = initial.pop("fields", [])
        super().__init__(*args, **{**kwargs, "initial": initial})
        self.fields["fields_"].choices = [(each.name, each.label) for each in case_fields().values()]

    def clean(self) -> dict[str, Any]:
        """The names of the fields."""
        cleaned = super().clean() or {}
        return {"fields": cleaned.get("fields_", [])}


class ResolutionForm(forms.Form):
    """How the agent answers, and when a case opens again."""

    auto_from = forms.IntegerField(
        label=gettext_lazy("Send without a person from (percent sure)"),
        min_value=50,
        max_value=100,
        initial=90,
        help_text=gettext_lazy("Below it, and whenever a figure has no source, the draft waits for a person."),
    )
    reopen_days = forms.IntegerField(
        label=gettext_lazy("Reopen a resolved case for (days)"),
        min_value=0,
        max_value=365,
        initial=14,
        help_text=gettext_lazy("A customer's mail after that opens a new case."),
    )

    template = forms.TypedChoiceField(
        label=gettext_lazy("Template"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=gettext_lazy("Greeting and closing around the answer. Rules may name another one."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        initial = dict(kwargs.get("initial") or {})
        if isinstance(initial.get("auto_from"), float):
            initial["auto_from"] = round(initial["auto_from"] * 100)
        super().__init__(*args, **{**kwargs, "initial": initial})
        self.fields["template"].choices = [("", _("None")), *reply_templates()]

    def clean(self) -> dict[str, Any]:
        """The bar as a share of one."""
        cleaned = super().clean() or {}
        if cleaned.get("auto_from") is not None:
            cleaned["auto_from"] = cleaned["auto_from"] / 100
        return cleaned


def reply_templates() -> list[tuple[int, str]]:
    """The active templates that have a place for the answer."""
    active = MessageTemplate.objects.filter(is_active=True, body__regex=r"\{\{\s*body\s*\}\}")
    return list(active.values_list("pk", "name"))


class ReplyRuleForm(forms.Form):
    """With which template a matching case is answered."""

    template = forms.TypedChoiceField(label=gettext_lazy("Template"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].choices = [("", _("The one set above")), *reply_templates()]
