"""Forms of the workspace."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.access import may_change
from cases.fields import CaseField, case_fields, check_value
from cases.models import AgentState, Case
from conversations.facts import queue_choices
from conversations.models import Queue

RESOLUTION_TYPES = [
    ("solved", gettext_lazy("Problem solved")),
    ("information", gettext_lazy("Information given")),
    ("no_answer", gettext_lazy("Customer did not answer")),
    ("other", gettext_lazy("Other")),
]


class AddressesField(forms.CharField):
    """Mail addresses between commas; a list of them."""

    def clean(self, value: Any) -> Any:
        """Each address by itself; ValidationError names the wrong one."""
        text = super().clean(value)
        found = [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]
        for address in found:
            try:
                validate_email(address)
            except ValidationError:
                raise ValidationError(_("“%(address)s” is not an e-mail address.") % {"address": address})
        return found


class ReplyForm(forms.Form):
    """An answer by hand. ``seen`` is the last message the writer saw, ``once`` makes a second press harmless."""

    to = AddressesField(label=gettext_lazy("To"), max_length=1000)
    cc = AddressesField(label=gettext_lazy("Copy to"), max_length=1000, required=False)
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=300)
    body = forms.CharField(label=gettext_lazy("Answer"), max_length=50_000, widget=forms.Textarea(attrs={"rows": 8}))
    seen = forms.IntegerField(widget=forms.HiddenInput)
    once = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)


class NoteForm(forms.Form):
    """An internal note."""

    text = forms.CharField(
        label=gettext_lazy("Internal note"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Customers never see it."),
    )


class OwnerField(forms.ModelChoiceField):
    """People who work cases, each with whether they are there."""

    def label_from_instance(self, obj: Any) -> str:
        """The name, then the presence."""
        return f"{obj} · {obj.get_presence_display()}"


class AssignForm(forms.Form):
    """Who works on it, and where it waits."""

    owner = OwnerField(label=gettext_lazy("Owner"), queryset=None, required=False, empty_label=gettext_lazy("Nobody"))
    queue = forms.ModelChoiceField(
        label=gettext_lazy("Queue"), queryset=None, required=False, empty_label=gettext_lazy("As it is")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = get_user_model().objects.filter(is_active=True, is_agent=False)
        self.fields["owner"].queryset = people.filter(roles__permissions__contains=["cases.work"]).distinct()
        self.fields["queue"].queryset = Queue.objects.all()


class ResolveForm(forms.Form):
    """How it ended."""

    resolution_type = forms.ChoiceField(label=gettext_lazy("How it ended"), choices=RESOLUTION_TYPES)
    resolution = forms.CharField(
        label=gettext_lazy("What solved it"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Your colleagues and the knowledge agent learn from it."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ResolveEditForm(forms.Form):
    """How the agent would end it, for whoever decides."""

    resolution_type = forms.ChoiceField(label=gettext_lazy("How it ended"), choices=RESOLUTION_TYPES)
    resolution = forms.CharField(
        label=gettext_lazy("What solved it"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class EscalateEditForm(forms.Form):
    """Why the agent would give the case to people, and to whom."""

    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=AgentState.Reason.choices)
    details = forms.CharField(label=gettext_lazy("What to know"), required=False, max_length=500)
    queue = forms.TypedChoiceField(label=gettext_lazy("Queue"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["queue"].choices = [("", _("As it is")), *queue_choices()]


class HoldForm(forms.Form):
    """Why the agent is stopped, or the case escalated, by hand."""

    why = forms.CharField(
        label=gettext_lazy("Why"), max_length=500, help_text=gettext_lazy("It stands on the case and in the record.")
    )


class FieldsEditForm(forms.Form):
    """The fields of one case that this user may change."""

    def __init__(
        self, *args: Any, case: Case, user: Any, known: dict[str, CaseField] | None = None, **kwargs: Any
    ) -> None:
        self.case = case
        known = known if known is not None else case_fields()
        self.case_fields = {name: each for name, each in known.items() if may_change(user, name)}
        initial = {name: each.value_of(case) for name, each in self.case_fields.items()}
        super().__init__(*args, initial=initial, **kwargs)
        for name, each in self.case_fields.items():
            self.fields[name] = field_control(each)

    def clean(self) -> dict[str, Any]:
        """Each value as its field keeps it."""
        cleaned = super().clean() or {}
        for name, each in self.case_fields.items():
            try:
                cleaned[name] = check_value(each, cleaned.get(name))
            except ValidationError as error:
                self.add_error(name, error)
        return cleaned

    def changed_names(self) -> list[str]:
        """The fields whose value differs from the case's."""
        return [
            name
            for name, each in self.case_fields.items()
            if self.cleaned_data[name] != each.value_of(self.case)
            and not (self.cleaned_data[name] in (None, "") and each.value_of(self.case) in (None, ""))
        ]


def field_control(each: CaseField) -> forms.Field:
    """The control in which a person sets this field."""
    empty = [("", "—")]
    if each.name == "priority":
        return forms.ChoiceField(label=each.label, choices=Case.Priority.choices)
    if each.type == "choice":
        choices = [(option.value, option.label) for option in each.options]
        return forms.ChoiceField(label=each.label, choices=empty + choices, required=False)
    if each.lookup is not None:
        rows = list(each.lookup._default_manager.values_list("pk", "name"))
        return forms.TypedChoiceField(
            label=each.label, choices=empty + rows, required=False, coerce=int, empty_value=None
        )
    if each.type == "long_text":
        return forms.CharField(label=each.label, required=False, widget=forms.Textarea(attrs={"rows": 4}))
    if each.type == "date":
        return forms.DateField(label=each.label, required=False, widget=forms.DateInput(attrs={"type": "date"}))
    if each.type == "boolean":
        return forms.BooleanField(label=each.label, required=False)
    return forms.CharField(label=each.label, required=each.name == "title", max_length=300)
