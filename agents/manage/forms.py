"""The forms of the Manage pages that every section shares."""

import datetime as dt
import zoneinfo
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.cadence.calendars import check_week
from agents.models import Calendar, Holiday, LineOfBusiness, Rule
from agents.models.levels import Level
from agents.policy.pausing import ALL
from agents.sections import AGENTS, Section

DAYS = [_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")]
MOST_HOLIDAYS = 400


def level_choices(section: Section) -> list[tuple[str, Any]]:
    """The four levels, each with its consequence on this page where the section names one."""
    return [(code, section.consequences.get(code, label)) for code, label in Level.choices]


class SwitchForm(forms.Form):
    """Whether a section is on, who decides, and the version it was opened with."""

    is_on = forms.BooleanField(required=False)
    level = forms.ChoiceField(label=_("Who decides"), widget=forms.RadioSelect, required=False)
    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, section: Section, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["is_on"].label = str(section.title)
        cast(forms.ChoiceField, self.fields["level"]).choices = level_choices(section)
        if not section.levels:
            del self.fields["level"]
        else:
            self.fields["level"].required = True
        if not section.has_switch:
            del self.fields["is_on"]


class RuleForm(forms.ModelForm):
    """The parts that every rule has; its outcome is the section's own form."""

    class Meta:
        model = Rule
        fields = ["name", "line_of_business", "is_active", "level"]
        widgets = {"level": forms.RadioSelect}

    def __init__(self, *args: Any, section: Section, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "prefix": "rule"})
        cast(forms.ChoiceField, self.fields["level"]).choices = level_choices(section)
        cast(forms.ModelChoiceField, self.fields["line_of_business"]).empty_label = _("All lines of business")
        self.fields["is_active"].help_text = _("Only active rules take part.")
        if not section.rule_levels:
            del self.fields["level"]
        if not section.by_line or not LineOfBusiness.objects.exists():
            del self.fields["line_of_business"]

    def validate_unique(self) -> None:
        """The names of a section's rules are compared where the whole section is saved."""


class PauseForm(forms.Form):
    """Which agent to pause, why, and until when."""

    agent = forms.ChoiceField(label=_("Agent"))
    reason = forms.CharField(
        label=_("Reason"), max_length=300, required=False, help_text=_("Shown to everybody who works here.")
    )
    until = forms.ChoiceField(
        label=_("Until"),
        choices=[
            ("0", _("Somebody resumes it")),
            ("1", _("In one hour")),
            ("4", _("In four hours")),
            ("24", _("This time tomorrow")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["agent"]).choices = [("all", _("All agents"))] + [
            (a.name, a.title) for a in AGENTS.values()
        ]

    def clean_agent(self) -> str:
        """The agent's name, empty for all of them."""
        agent = self.cleaned_data["agent"]
        return ALL if agent == "all" else agent

    def clean_until(self) -> dt.datetime | None:
        """The moment at which the pause ends by itself."""
        hours = int(self.cleaned_data["until"])
        return timezone.now() + dt.timedelta(hours=hours) if hours else None


class LineForm(forms.ModelForm):
    """A line of business."""

    class Meta:
        model = LineOfBusiness
        fields = ["name", "description", "calendar", "is_active"]
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "calendar": _("Measures waits in business hours. Without one every hour counts."),
            "is_active": _("Inactive lines keep what they have and are not offered for new work."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["calendar"]).empty_label = _("Every hour of every day")
        self.fields["calendar"].label = _("Business calendar")


class CalendarForm(forms.ModelForm):
    """A business calendar: zone, a line of hours for each day, holidays one a line."""

    holidays = forms.CharField(
        label=_("Holidays"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One a line: 2026-12-25 Christmas Day"),
    )

    class Meta:
        model = Calendar
        fields = ["name", "zone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = [(zone, zone) for zone in sorted(zoneinfo.available_timezones())]
        self.fields["zone"] = forms.ChoiceField(label=_("Time zone"), choices=zones, initial="UTC")
        for number, day in enumerate(DAYS):
            spans = self.instance.hours.get(str(number), [])
            self.fields[f"day_{number}"] = forms.CharField(
                label=day,
                required=False,
                max_length=120,
                initial=", ".join("-".join(span) for span in spans),
                help_text=_("09:00-17:00; two spans with a comma; empty is closed") if number == 0 else "",
            )
        if self.instance.pk:
            days = self.instance.holidays.all()
            self.fields["holidays"].initial = "\n".join(f"{row.day} {row.name}".strip() for row in days)

    @property
    def day_fields(self) -> list[Any]:
        """The bound fields of the week, Monday first."""
        return [self[f"day_{number}"] for number in range(7)]

    def clean_holidays(self) -> list[Holiday]:
        """The holidays as rows that are not saved."""
        rows: dict[dt.date, Holiday] = {}
        for line in filter(str.strip, self.cleaned_data["holidays"].splitlines()[:MOST_HOLIDAYS]):
            text, _space, name = line.strip().partition(" ")
            try:
                day = dt.date.fromisoformat(text)
            except ValueError:
                raise forms.ValidationError(
                    _("“%(line)s” does not begin with a date such as 2026-12-25.") % {"line": line}
                )
            rows[day] = Holiday(day=day, name=name.strip()[:80])
        return list(rows.values())

    def clean(self) -> dict[str, Any]:
        """The week as it is stored, in ``cleaned_data["hours"]``."""
        cleaned = super().clean() or self.cleaned_data
        week = {}
        for number in range(7):
            text = cleaned.get(f"day_{number}", "")
            spans = [
                [part.strip() for part in span.replace("–", "-").split("-")] for span in text.split(",") if span.strip()
            ]
            if any(len(span) != 2 for span in spans) or check_week({str(number): spans}):
                self.add_error(f"day_{number}", _("Write hours such as 09:00-12:30, 13:30-17:00, in order."))
            elif spans:
                week[str(number)] = spans
        if not week and not self.errors:
            self.add_error("day_0", _("Enter the hours of at least one day, or nothing would ever be due."))
        cleaned["hours"] = week
        return cleaned
