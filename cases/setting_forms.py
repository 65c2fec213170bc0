"""Forms of the Case Management Agent's Manage pages and of their rules' outcomes."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.choices import LineField, PercentField
from agents.models.levels import Level
from cases.facts import option_choices
from cases.fields import CaseField, case_fields
from cases.models import Case
from cases.statistics import confidence_counts, share_right
from conversations.choices import AROUND_AN_ANSWER, QueueField, TemplateField

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
    queue = QueueField(label=gettext_lazy("Queue"), empty=gettext_lazy("As the mailbox says"))
    line_of_business = LineField(label=gettext_lazy("Line of business"), empty=gettext_lazy("As the mailbox says"))
    priority = forms.ChoiceField(label=gettext_lazy("Priority"), required=False)
    type = forms.ChoiceField(label=gettext_lazy("Type"), required=False)
    category = forms.ChoiceField(label=gettext_lazy("Category"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        initial = dict(kwargs.get("initial") or {})
        initial |= initial.pop("defaults", None) or {}
        if isinstance(initial.get("open"), bool):
            initial["open"] = "yes" if initial["open"] else "no"
        super().__init__(*args, **{**kwargs, "initial": initial})
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


def _channel_field(label: Any) -> forms.ChoiceField:
    choices = [("", gettext_lazy("the level of this page")), *Level.choices]
    return forms.ChoiceField(label=label, choices=choices, required=False)


class ResolutionForm(forms.Form):
    """How the agent asks, answers, ends and gives up, and when a case opens again."""

    auto_from = PercentField(
        label=gettext_lazy("Send an answer without a person from (percent sure)"),
        min_value=50,
        max_value=100,
        initial=0.9,
        help_text=gettext_lazy("Below it, and whenever a figure has no source, the draft waits for a person."),
    )
    channel_mail = _channel_field(gettext_lazy("At most, by mail"))
    channel_chat = _channel_field(gettext_lazy("At most, by chat"))
    channel_call = _channel_field(gettext_lazy("At most, by call"))
    channel_api = _channel_field(gettext_lazy("At most, by program"))
    asks = forms.ChoiceField(
        label=gettext_lazy("What is missing is asked for"),
        choices=[("before", gettext_lazy("before the answer")), ("with", gettext_lazy("together with the answer"))],
        initial="before",
        help_text=gettext_lazy("Nothing is asked for twice."),
    )
    unknown = forms.ChoiceField(
        label=gettext_lazy("When it is not known what the customer wants"),
        choices=[
            ("answer", gettext_lazy("Answer if an article does, else ask")),
            ("ask", gettext_lazy("Ask")),
            ("escalate", gettext_lazy("Give it to people")),
        ],
        initial="answer",
    )
    clarify = forms.IntegerField(
        label=gettext_lazy("Ask so many times what is meant"), min_value=0, max_value=5, initial=1
    )
    attempts = forms.IntegerField(
        label=gettext_lazy("Answers before people take over"),
        min_value=1,
        max_value=5,
        initial=2,
        help_text=gettext_lazy("When the customer rejects this many, the case is escalated."),
    )
    accept_from = PercentField(
        label=gettext_lazy("Take it for settled from (percent sure)"),
        min_value=70,
        max_value=100,
        initial=0.85,
        help_text=gettext_lazy("How sure the agent must be that the customer accepts the answer."),
    )
    thanks_closes = forms.BooleanField(
        label=gettext_lazy("Thanks alone closes the case"),
        required=False,
        initial=True,
        help_text=gettext_lazy("A mail that only thanks for an answer. A later mail opens the case again."),
    )
    out_of_office = forms.BooleanField(
        label=gettext_lazy("Escalate when the customer is out of office"),
        required=False,
        help_text=gettext_lazy("Otherwise the agent waits. Mail that cannot be delivered is always escalated."),
    )
    silent_days = forms.IntegerField(
        label=gettext_lazy("Escalate when the customer does not answer the agent for (days)"),
        min_value=0,
        max_value=365,
        initial=0,
        help_text=gettext_lazy("0: never. Follow-up rules write again, and close, by themselves."),
    )
    escalation_queue = QueueField(
        label=gettext_lazy("Escalated cases go to"), empty=gettext_lazy("The queue they are in")
    )
    agent_queue = QueueField(
        label=gettext_lazy("Cases the agent works alone stand in"),
        empty=gettext_lazy("The queue they are in"),
        help_text=gettext_lazy("At full automation, so that supervisors see them in one place."),
    )
    template = TemplateField(
        label=gettext_lazy("Default template"),
        empty=gettext_lazy("None"),
        which=AROUND_AN_ANSWER,
        help_text=gettext_lazy("Greeting and closing around the answer. Rules may name another one."),
    )
    recommend = forms.BooleanField(
        label=gettext_lazy("Prefer a template of the case’s line of business"), required=False, initial=True
    )
    mark_mail = forms.BooleanField(
        label=gettext_lazy("Say in the mail that software wrote it"),
        required=False,
        initial=True,
        help_text=gettext_lazy("A line below mails that leave without a person."),
    )
    reopen_days = forms.IntegerField(
        label=gettext_lazy("Reopen a resolved case for (days)"),
        min_value=0,
        max_value=365,
        initial=14,
        help_text=gettext_lazy("A customer's mail after that opens a new case."),
    )


class ReplyRuleForm(forms.Form):
    """With which template a matching case is answered."""

    template = TemplateField(
        label=gettext_lazy("Template"), empty=gettext_lazy("The one set above"), which=AROUND_AN_ANSWER
    )
