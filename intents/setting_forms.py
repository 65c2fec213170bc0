"""Forms of the Customer Intent Agent's Manage pages and of their rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agents.choices import PercentField
from agents.models import LineOfBusiness
from intents.models import Review


class MatchingForm(forms.Form):
    """How sure the agent must be to recognise an intent."""

    bar = PercentField(
        label=_("Recognise an intent from (percent sure)"),
        min_value=20,
        max_value=99,
        initial=0.5,
        help_text=_("Below it a message counts as not recognised, and goes to people as it is."),
    )
    several = forms.BooleanField(
        label=_("Recognise several intents in one message"),
        required=False,
        help_text=_("When each stands clearly in a sentence of its own."),
    )
    asks = forms.BooleanField(
        label=_("Ask for what is missing"),
        required=False,
        help_text=_("Drafted replies ask for the required attributes of the intent, each once."),
    )


class DiscoveryForm(forms.Form):
    """What one discovery looks at, besides its conditions, and what becomes of what it finds."""

    line_of_business = forms.TypedChoiceField(
        label=_("Line of business"), coerce=int, required=False, empty_value=None,
        help_text=_("Only its messages are looked at, and what is found belongs to it."),
    )  # fmt: skip
    granularity = forms.ChoiceField(
        label=_("How finely reasons are told apart"),
        choices=[("low", _("Few broad ones")), ("medium", _("Medium")), ("high", _("Many narrow ones"))],
        initial="medium",
    )
    default_status = forms.ChoiceField(
        label=_("Status of what is moved to the library"),
        choices=Review.choices,
        initial=Review.PENDING,
        help_text=_("Approved intents are recognised at once. Pending ones wait for a review."),
    )
    is_scheduled = forms.BooleanField(
        label=_("Look every day"),
        required=False,
        help_text=_("At the messages of the last two months. Nothing enters the library without a person."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = LineOfBusiness.objects.filter(is_active=True).values_list("pk", "name")
        self.fields["line_of_business"].choices = [("", _("Every line")), *rows]


class LineRuleForm(forms.Form):
    """Which line of business a rule gives."""

    line_of_business = forms.TypedChoiceField(label=_("Line of business"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = LineOfBusiness.objects.filter(is_active=True).values_list("pk", "name")
        self.fields["line_of_business"].choices = list(rows)
