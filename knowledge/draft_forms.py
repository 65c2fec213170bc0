"""Forms of drafts: what a reviewer edits and certifies, and the settings of the agent that writes them."""

import re
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.choices import PercentField
from knowledge.models import Article
from knowledge.redrafting import MOST_INSTRUCTION

THEN = [
    ("publish", gettext_lazy("Published")),
    ("approve", gettext_lazy("Approved, published by hand")),
    ("draft", gettext_lazy("A draft")),
]
AUDIENCES = [
    (Article.Audience.EXTERNAL, gettext_lazy("Customers and staff")),
    (Article.Audience.INTERNAL, gettext_lazy("Staff only")),
]


class DraftForm(forms.Form):
    """What a reviewer may change of a draft before it is taken."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    body = forms.CharField(
        label=gettext_lazy("Text"), max_length=200_000, widget=forms.Textarea(attrs={"rows": 16}),
        help_text=gettext_lazy("Markdown: ## for a heading, 1. for a step, - for a point, **bold**."),
    )  # fmt: skip
    compliance = forms.ChoiceField(
        label=gettext_lazy("Compliance"), choices=Article.Compliance.choices, widget=forms.RadioSelect,
        help_text=gettext_lazy("Set it to Compliant to publish. Not compliant can never be published."),
    )  # fmt: skip
    audience = forms.ChoiceField(label=gettext_lazy("For whom"), choices=AUDIENCES)
    then = forms.ChoiceField(label=gettext_lazy("It becomes"), choices=THEN)
    publish_at = forms.DateTimeField(
        label=gettext_lazy("Publish on"), required=False, help_text=gettext_lazy("Empty: at once."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    expires_at = forms.DateTimeField(
        label=gettext_lazy("Expires on"), required=False, help_text=gettext_lazy("Empty: never."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip

    def clean_body(self) -> str:
        """The text with lines as everywhere else."""
        return str(self.cleaned_data["body"]).replace("\r\n", "\n").replace("\x00", "").strip()

    def clean(self) -> dict[str, Any]:
        """An article expires after it was published."""
        cleaned = super().clean() or {}
        begins, ends = cleaned.get("publish_at") or timezone.now(), cleaned.get("expires_at")
        if ends and ends <= begins:
            self.add_error("expires_at", _("It would expire before it is published."))
        return cleaned


class DatesForm(forms.Form):
    """When an article is published, and when it expires."""

    publish_at = forms.DateTimeField(
        label=gettext_lazy("Publish on"), required=False, help_text=gettext_lazy("Empty: when somebody publishes it."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    expires_at = forms.DateTimeField(
        label=gettext_lazy("Expires on"), required=False, help_text=gettext_lazy("Empty: never."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip


class ReviseForm(forms.Form):
    """What is to be changed, in words, and the text in hand; without one the draft as it waits.

    It stands inside the form that decides, which needs no instruction.
    """

    use_required_attribute = False
    instruction = forms.CharField(
        label=gettext_lazy("Revise with instructions"), max_length=MOST_INSTRUCTION,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Such as: make it shorter. Nothing is kept until you approve it or keep the edits."),
        error_messages={"required": gettext_lazy("Say what is to be changed.")},
    )  # fmt: skip
    title = forms.CharField(max_length=200, required=False)
    body = forms.CharField(max_length=200_000, required=False)

    def clean_body(self) -> str:
        """The text with lines as everywhere else."""
        return str(self.cleaned_data["body"]).replace("\r\n", "\n").replace("\x00", "").strip()


class SplitForm(forms.Form):
    """Where a draft is cut, and what the second article is called."""

    at = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    title = forms.CharField(label=gettext_lazy("Title of the second article"), max_length=200)


class Lines(forms.CharField):
    """Words, one a line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        """A list as lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]
        """The lines as a list."""
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()][:200]


class CreationForm(forms.Form):
    """What a draft is made from, how new it must be, and what it becomes."""

    real_time = forms.BooleanField(
        label=gettext_lazy("Draft when a case is resolved"), required=False,
        help_text=gettext_lazy("Off: only runs over past cases make drafts."),
    )  # fmt: skip
    attributes = forms.MultipleChoiceField(
        label=gettext_lazy("Made from"), widget=forms.CheckboxSelectMultiple,
        choices=[
            ("title", gettext_lazy("Title")),
            ("product", gettext_lazy("Product")),
            ("subject", gettext_lazy("Subject")),
            ("mails", gettext_lazy("Mails and messages")),
            ("notes", gettext_lazy("Internal notes")),
        ],
    )  # fmt: skip
    covered_from = PercentField(
        label=gettext_lazy("Answered already from"), min_value=50, max_value=100,
        help_text=gettext_lazy("Percent alike to a published article or a waiting draft: no new draft is made."),
    )  # fmt: skip
    near_from = PercentField(
        label=gettext_lazy("A revision from"), min_value=40, max_value=100,
        help_text=gettext_lazy("Percent alike to a published article: it is revised, and no new one is made."),
    )  # fmt: skip
    auto_from = PercentField(
        label=gettext_lazy("Published alone from"), min_value=0, max_value=100,
        help_text=gettext_lazy("Percent sure, under Full automation. Below it a person is asked."),
    )  # fmt: skip
    audience = forms.ChoiceField(label=gettext_lazy("For whom"), choices=AUDIENCES)
    compliance = forms.ChoiceField(
        label=gettext_lazy("Compliance of a new draft"), choices=Article.Compliance.choices,
        help_text=gettext_lazy("Pending makes a person certify each one. Not compliant is never published."),
    )  # fmt: skip
    then = forms.ChoiceField(label=gettext_lazy("An approved draft becomes"), choices=THEN)
    prohibited = Lines(
        label=gettext_lazy("Words no article may hold"), required=False, help_text=gettext_lazy("One a line.")
    )
    patterns = Lines(
        label=gettext_lazy("Personal data of your own"), required=False,
        help_text=gettext_lazy("Regular expressions, one a line, such as MB-\\d{6} for a membership number."),
    )  # fmt: skip

    def clean_patterns(self) -> list[str]:
        """Patterns that can be read."""
        for pattern in self.cleaned_data["patterns"]:
            try:
                re.compile(pattern)
            except (re.error, OverflowError) as problem:
                raise forms.ValidationError(_("This is no regular expression: %(why)s") % {"why": problem}) from None
        return list(self.cleaned_data["patterns"])

    def clean(self) -> dict[str, Any]:
        """A revision begins below what is answered already."""
        cleaned = super().clean() or {}
        if cleaned.get("near_from", 0) > cleaned.get("covered_from", 1):
            self.add_error("near_from", _("It must not lie over “Answered already”."))
        return cleaned


class HelpForm(forms.Form):
    """What stands over the help centre."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    contact = forms.EmailField(
        label=gettext_lazy("Address for questions"), required=False,
        help_text=gettext_lazy("Shown as “Write to us”. Empty: no such button."),
    )  # fmt: skip
    feedback = forms.BooleanField(label=gettext_lazy("Readers may say whether an article helped"), required=False)


class RunForm(forms.Form):
    """A window of the past, and how fast it is gone through."""

    since = forms.DateField(label=gettext_lazy("Solved from"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=gettext_lazy("until"), widget=forms.DateInput(attrs={"type": "date"}))
    batch_size = forms.IntegerField(
        label=gettext_lazy("Batch size"), min_value=1, max_value=500, initial=25,
        help_text=gettext_lazy("Cases looked at in one go."),
    )  # fmt: skip
    most_waiting = forms.IntegerField(
        label=gettext_lazy("Most drafts waiting"), min_value=1, max_value=1000, initial=20,
        help_text=gettext_lazy("The run rests while so many wait for review."),
    )  # fmt: skip
    hour_from = forms.IntegerField(label=gettext_lazy("Works from"), min_value=0, max_value=23, initial=0)
    hour_until = forms.IntegerField(
        label=gettext_lazy("Works until"), min_value=0, max_value=23, initial=0,
        help_text=gettext_lazy("Hours of the day. Equal hours: always."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """A window has two ends, the second not before the first."""
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("It lies before the first day."))
        return cleaned
