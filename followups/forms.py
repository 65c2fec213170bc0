"""Forms of follow-ups: another date for a step, and the customer's words."""

from django import forms
from django.utils.translation import gettext_lazy as _

from followups.reopening import LONGEST


class MoveForm(forms.Form):
    """When the next step shall be due instead."""

    at = forms.DateTimeField(
        label=_("Next step on"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )


class StillForm(forms.Form):
    """What a customer wants to add when they open their case again."""

    text = forms.CharField(
        label=_("What is still not solved?"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
