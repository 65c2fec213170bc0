"""Forms of the Manage page of follow-ups: the settings, and the plan that a rule begins."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.cadence.calendars import ALWAYS_OPEN, Hours, NeverOpen, hours_of
from agents.models import Calendar
from cases.forms import RESOLUTION_TYPES
from conversations.choices import AROUND_AN_ANSWER, TemplateField
from followups import shapes
from followups.checking import STATUS_REASONS, check_shape
from followups.months import Month, draw_months
from followups.shapes import MOST_STEPS, UNITS

REFERENCES = [("number", gettext_lazy("Number of the case")), ("title", gettext_lazy("Title of the case"))]
TRIGGERS = [
    ("status", gettext_lazy("Our mail is unanswered and the status is the one below")),
    ("words", gettext_lazy("The customer writes that they will come back to us")),
    ("answer", gettext_lazy("The agent's own answer was sent, whatever the status")),
]


class FollowUpsForm(forms.Form):
    """What holds for every plan."""

    oldest_days = forms.IntegerField(
        label=gettext_lazy("Leave cases alone that are quiet for longer than (days)"),
        min_value=1,
        max_value=3650,
        initial=60,
        help_text=gettext_lazy("So that a new rule does not wake what is long forgotten."),
    )
    link_days = forms.IntegerField(
        label=gettext_lazy("The link in the closing mail works for (days)"),
        min_value=1,
        max_value=365,
        initial=30,
        help_text=gettext_lazy("With it the customer opens the case again; opening the link alone does nothing."),
    )
    footer = forms.CharField(
        label=gettext_lazy("Foot of mails that no person wrote"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Empty adds nothing."),
    )


class PlanRuleForm(forms.Form):
    """What starts a plan, its steps, and its end. Kept as the shape of a plan (``followups.shapes``).

    Buttons called ``change`` with ``step:add`` or ``step:remove:<number>`` change the number of steps; they work
    without a script.
    """

    triggers = forms.MultipleChoiceField(
        label=gettext_lazy("What starts a plan"),
        choices=TRIGGERS,
        widget=forms.CheckboxSelectMultiple,
        initial=["status"],
    )
    status_reason = forms.ChoiceField(label=gettext_lazy("Status"), choices=STATUS_REASONS, initial="waiting")
    own_mail_counts = forms.BooleanField(
        label=gettext_lazy("Our own unanswered mail counts as the first follow-up"),
        required=False,
        help_text=gettext_lazy("Then step 1 is not sent: the plan begins with the wait of step 2."),
    )
    references = forms.MultipleChoiceField(
        label=gettext_lazy("Named at the foot of each mail"),
        choices=REFERENCES,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    in_hours = forms.BooleanField(
        label=gettext_lazy("Send only in business hours"),
        required=False,
        initial=True,
        help_text=gettext_lazy("What falls outside moves to the next opening, and later steps move with it."),
    )
    end_wait = forms.IntegerField(
        label=gettext_lazy("Wait before closing"),
        min_value=1,
        max_value=9999,
        initial=3,
        widget=forms.NumberInput(attrs={"data-preview": "#dates", "aria-label": gettext_lazy("Wait before closing")}),
    )
    end_unit = forms.ChoiceField(
        label=gettext_lazy("Unit of the wait before closing"),
        choices=UNITS,
        initial="days",
        widget=forms.Select(
            attrs={"data-preview": "#dates", "aria-label": gettext_lazy("Unit of the wait before closing")}
        ),
    )
    resolution_type = forms.ChoiceField(
        label=gettext_lazy("Then close as"), choices=RESOLUTION_TYPES, initial="no_answer"
    )
    resolution = forms.CharField(
        label=gettext_lazy("Resolution"),
        max_length=1000,
        required=False,
        help_text=gettext_lazy("Placeholders as in templates: {{ case.number }}"),
    )
    closing_mail = forms.BooleanField(
        label=gettext_lazy("Tell the customer, with a link that opens the case again"), required=False, initial=True
    )
    closing_template = TemplateField(
        label=gettext_lazy("Closing mail"), which=~AROUND_AN_ANSWER, empty=gettext_lazy("Our own words")
    )
    sent_on = forms.DateField(
        label=gettext_lazy("If our last mail left on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "data-preview": "#dates"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        initial = _as_fields(dict(kwargs.get("initial") or {}))
        super().__init__(*args, **{**kwargs, "initial": initial})
        self.count = self._count(len(initial.get("steps") or []) or 2)
        for number in range(1, self.count + 1):
            self._add_step(number)

    def _count(self, saved: int) -> int:
        """How many steps are shown: those posted, one more or one less after the button."""
        if not self.is_bound:
            return saved
        posted = [number for number in range(1, MOST_STEPS + 1) if self.add_prefix(f"wait-{number}") in self.data]
        count, (verb, gone) = len(posted), self._change()
        if verb == "add" and count < MOST_STEPS:
            added = {self.add_prefix(f"wait-{count + 1}"): "2", self.add_prefix(f"unit-{count + 1}"): "days"}
            self.data = self._changed(added)
            return count + 1
        if verb == "remove" and count > 1 and 1 <= gone <= count:
            self._close_gap(gone, count)
            return count - 1
        return count

    def _change(self) -> tuple[str, int]:
        thing, _colon, rest = str(self.data.get("change", "")).partition(":")
        verb, _colon, number = rest.partition(":")
        return (verb if thing == "step" else "", int(number) if number.isdecimal() and len(number) < 3 else 0)

    def _close_gap(self, gone: int, count: int) -> None:
        """The values behind a removed step move up by one."""
        moved = {
            self.add_prefix(f"{name}-{number}"): self.data.get(self.add_prefix(f"{name}-{number + 1}"), "")
            for number in range(gone, count)
            for name in ("wait", "unit", "template")
        }
        self.data = self._changed(moved)

    def _changed(self, values: dict[str, Any]) -> Any:
        """What was posted, with some values changed."""
        posted: Any = self.data
        posted = posted.copy()
        for name, value in values.items():
            posted[name] = value
        return posted

    def _add_step(self, number: int) -> None:
        steps = self.initial.get("steps") or []
        saved = steps[number - 1] if number <= len(steps) else {}
        named = {"number": number}
        attrs = {"data-preview": "#dates"}
        self.fields[f"wait-{number}"] = forms.IntegerField(
            label=_("Step %(number)d: wait") % named,
            min_value=1,
            max_value=9999,
            initial=saved.get("wait", 2),
            widget=forms.NumberInput(attrs={**attrs, "aria-label": _("Step %(number)d: wait") % named}),
        )
        self.fields[f"unit-{number}"] = forms.ChoiceField(
            label=_("Step %(number)d: unit") % named,
            choices=UNITS,
            initial=saved.get("unit", "days"),
            required=False,
            widget=forms.Select(attrs={**attrs, "aria-label": _("Step %(number)d: unit") % named}),
        )
        self.fields[f"template-{number}"] = TemplateField(
            label=_("Step %(number)d: template") % named,
            which=~AROUND_AN_ANSWER,
            empty=_("Our own words"),
            initial=saved.get("template"),
        )

    def clean(self) -> dict[str, Any]:
        """The shape of the plan; what contradicts itself is said for the whole form."""
        cleaned = super().clean() or {}
        shape = self._shape(cleaned)
        if not self.errors:
            for wrong in check_shape(shape):
                self.add_error(None, wrong)
        return shape

    def _shape(self, given: dict[str, Any]) -> dict[str, Any]:
        kept = ("triggers", "status_reason", "own_mail_counts", "references", "in_hours", "resolution_type",
                "resolution", "closing_mail", "closing_template")  # fmt: skip
        steps = [
            {
                "wait": given.get(f"wait-{number}"),
                "unit": given.get(f"unit-{number}") or "days",
                "template": given.get(f"template-{number}"),
            }
            for number in range(1, self.count + 1)
        ]
        end = {"wait": given.get("end_wait"), "unit": given.get("end_unit") or "days"}
        return {**{name: given.get(name) for name in kept}, "steps": steps, "end": end}

    def rows(self) -> list[dict[str, Any]]:
        """What the template shows of each step."""
        return [
            {
                "number": number,
                "wait": self[f"wait-{number}"],
                "unit": self[f"unit-{number}"],
                "template": self[f"template-{number}"],
                "may_go": self.count > 1,
            }
            for number in range(1, self.count + 1)
        ]

    @property
    def may_grow(self) -> bool:
        """Whether another step fits."""
        return self.count < MOST_STEPS

    def dates(self) -> "Dates | None":
        """The dates that come out of the waits as they stand; None while they cannot be read."""
        given = {bound.name: _read(bound) for bound in self}
        shape = self._shape({**given, "in_hours": bool(given.get("in_hours"))})
        calendar = Calendar.objects.order_by("pk").first()
        hours = hours_of(calendar)
        try:
            return Dates(shape, hours, _start_of(given.get("sent_on"), hours))
        except (NeverOpen, ValueError, TypeError, KeyError, OverflowError):
            return None


class Dates:
    """The calendar of a plan: months with the days on which something happens, and what was moved."""

    def __init__(self, shape: dict[str, Any], hours: Hours, since: dt.datetime) -> None:
        if not all(isinstance(step["wait"], int) and step["wait"] > 0 for step in [*shape["steps"], shape["end"]]):
            raise ValueError(shape)
        self.hours, self.since = hours, since
        self.dues = shapes.list_shape_dates(shape, since=since, hours=hours)
        free = shapes.list_shape_dates({**shape, "in_hours": False}, since=since, hours=hours)
        self.has_moved = [due.at for due in self.dues] != [due.at for due in free]

    @property
    def zone(self) -> str:
        """The zone in which days are counted."""
        return self.hours.zone

    @property
    def plain(self) -> bool:
        """Whether no calendar was made: every hour is open."""
        return self.hours == ALWAYS_OPEN

    def steps(self) -> list[dict[str, Any]]:
        """The dates one by one, for the ``plan`` component."""
        rows = [{"text": _("Our last mail"), "at": self.since, "icon": "send"}]
        for due in self.dues:
            text = _("Follow-up %(number)d") % {"number": due.number} if due.kind == "step" else _("Close the case")
            rows.append({"text": text, "at": due.at, "icon": "" if due.kind == "step" else "check"})
        return rows

    def months(self) -> list[Month]:
        """The same as calendar pages."""
        marks = {}
        for row in self.steps():
            marks[row["at"]] = (str(row["text"]), {"send": "start", "check": "end"}.get(str(row["icon"]), "send"))
        return draw_months(marks, self.hours)


def _start_of(day: Any, hours: Hours) -> dt.datetime:
    now = timezone.now()
    if not isinstance(day, dt.date):
        return now
    return dt.datetime.combine(day, dt.time(9), dt.UTC)


def _read(bound: Any) -> Any:
    """A value as the field reads it, None where it cannot."""
    try:
        return bound.field.clean(bound.value())
    except forms.ValidationError:
        return None


def _as_fields(outcome: dict[str, Any]) -> dict[str, Any]:
    """A saved shape as initial values."""
    end = outcome.pop("end", None) or {}
    return {**outcome, **({"end_wait": end.get("wait"), "end_unit": end.get("unit")} if end else {})}
