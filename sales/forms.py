"""Forms of the pages of leads."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.models import LineOfBusiness
from conversations.models import Queue
from sales.access import may_change
from sales.fields import CUSTOM, FIELDS, NEEDS, SHOWN, BadValue, clean_value, label_of, value_of
from sales.models import Lead, LeadImport
from sales.reading import MOST_BYTES

LONG = {"note"}


class LeadForm(forms.Form):
    """The fields of a lead that this person may change."""

    def __init__(self, *args: Any, user: Any, lead: Lead | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in SHOWN:
            if name != "product" and may_change(user, name):
                widget = forms.Textarea(attrs={"rows": 3}) if name in LONG else forms.TextInput()
                self.fields[name] = forms.CharField(
                    label=FIELDS[name].label,
                    required=False,
                    max_length=FIELDS[name].length,
                    widget=widget,
                    initial=value_of(lead, name) if lead else "",
                )

    def clean(self) -> dict[str, Any]:
        """Each value as it would be kept; what cannot be says so beside its field."""
        cleaned = super().clean() or {}
        for name in list(cleaned):
            try:
                clean_value(name, cleaned[name])
            except BadValue as problem:
                self.add_error(name, str(problem))
        return cleaned


class AssignForm(forms.Form):
    """Who works on it, and where it waits."""

    owner = forms.ModelChoiceField(
        label=gettext_lazy("Owner"), queryset=None, required=False, empty_label=gettext_lazy("Nobody")
    )
    queue = forms.ModelChoiceField(
        label=gettext_lazy("Queue"), queryset=None, required=False, empty_label=gettext_lazy("As it is")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = get_user_model().objects.filter(is_active=True, is_agent=False)
        self.fields["owner"].queryset = people.filter(roles__permissions__contains=["sales.work"]).distinct()
        self.fields["queue"].queryset = Queue.objects.all()


class UploadForm(forms.Form):
    """A file of leads."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "A CSV or Excel file (.xlsx, its first sheet) whose first line names the columns. Encoding and delimiter "
            "are found out."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        allow_empty_file=True,
    )

    def clean_file(self) -> Any:
        """The file, when it is not over the limit."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            size = MOST_BYTES // 1024**2
            raise forms.ValidationError(_("It is larger than %(size)s MB. Split it.") % {"size": size})
        return file


class MappingForm(forms.Form):
    """Which column fills which field, and what holds for every row."""

    needs = forms.MultipleChoiceField(
        label=gettext_lazy("Every row needs, besides its address"),
        required=False,
        choices=[(name, FIELDS[name].label) for name in NEEDS],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("A row without it is reported and left out."),
    )
    updates_existing = forms.BooleanField(
        label=gettext_lazy("Fill empty fields of leads that are there already"), required=False
    )
    source = forms.CharField(label=gettext_lazy("Source, where the file says none"), max_length=80, required=False)
    consent_note = forms.CharField(
        label=gettext_lazy("Why we may write, where the file says nothing"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("“Asked for the catalogue at the fair, 12 May”. It stands on every lead."),
    )
    queue = forms.ModelChoiceField(
        label=gettext_lazy("Queue"), queryset=None, required=False, empty_label=gettext_lazy("None")
    )
    line_of_business = forms.ModelChoiceField(
        label=gettext_lazy("Line of business"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("As the queue's"),
    )

    def __init__(self, *args: Any, batch: LeadImport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.batch = batch
        self.fields["queue"].queryset = Queue.objects.all()
        self.fields["line_of_business"].queryset = LineOfBusiness.objects.all()
        for number, cell in enumerate(batch.header):
            own = f"{CUSTOM}{cell}"[:80]
            choices = [("", _("Not read")), *((name, label_of(name)) for name in FIELDS)]
            if cell.strip():
                choices.append((own, _("A field of its own")))
            self.fields[f"column-{number}"] = forms.ChoiceField(
                label=cell or _("Column %(number)s") % {"number": number + 1},
                choices=choices,
                required=False,
                initial=batch.mapping.get(str(number), ""),
            )

    def columns(self) -> list[Any]:
        """The bound fields of the columns, in order."""
        return [self[f"column-{number}"] for number in range(len(self.batch.header))]

    def clean(self) -> dict[str, Any]:
        """The mapping by column, and the settings."""
        cleaned = super().clean() or {}
        count = range(len(self.batch.header))
        mapping = {str(number): cleaned.pop(f"column-{number}", "") for number in count}
        return {**cleaned, "mapping": mapping}
