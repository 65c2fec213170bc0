"""Forms of the library: intents, groups, examples, attributes, files."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agents.models import LineOfBusiness
from intents.models import Attribute, Intent, IntentGroup, Review
from knowledge.models import Article

INTENT_FIELDS = (
    "name", "definition", "description", "line_of_business", "group", "review_state", "is_self_service",
)  # fmt: skip
NAME_HELP = _(
    "What the customer wants, as a short phrase. Rename it to mend a slip only: the name helps to recognise it."
)
REVIEWS = [(value, label) for value, label in Review.choices if value != Review.DISCARDED]


class ChooseIntentForm(forms.Form):
    """Which intent is the right one; nothing chosen means none of the library."""

    intent = forms.ChoiceField(label=_("What is it about?"), required=False)
    teach = forms.BooleanField(
        label=_("Teach it"),
        required=False,
        initial=True,
        help_text=_("The customer's words become an example of the intent."),
    )

    def __init__(self, *args: Any, intents: list[Intent], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {row.key: row for row in intents}
        groups: dict[str, list[tuple[str, str]]] = {}
        for row in intents:
            groups.setdefault(row.group.name if row.group else str(_("Without a group")), []).append(
                (row.key, row.name)
            )
        self.fields["intent"].choices = [("", _("None of the library")), *groups.items()]

    def clean_intent(self) -> Intent | None:
        """The row behind the key."""
        return self.known.get(self.cleaned_data["intent"])


class LibraryFilterForm(forms.Form):
    """What the address of the library says; unknown values are ignored."""

    q = forms.CharField(required=False, max_length=200)
    state = forms.ChoiceField(
        required=False,
        label=_("Review status"),
        choices=[("", _("Approved and pending")), *Review.choices],
    )
    line = forms.ModelChoiceField(
        LineOfBusiness.objects.all(), required=False, label=_("Line of business"), empty_label=_("Every line")
    )
    source = forms.ChoiceField(
        required=False, label=_("Source"), choices=[("", _("Every source")), *Intent.Source.choices]
    )


class IntentForm(forms.Form):
    """The columns of an intent that people fill; attributes and examples stand in forms of their own."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=NAME_HELP)
    definition = forms.CharField(
        label=_("Definition"),
        max_length=500,
        required=False,
        help_text=_("One sentence. Name and definition are read like examples."),
    )
    description = forms.CharField(
        label=_("Note for colleagues"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What belongs to it and what does not."),
    )
    line_of_business = forms.ModelChoiceField(
        LineOfBusiness.objects.all(), required=False, label=_("Line of business"), empty_label=_("All of them")
    )
    group = forms.ModelChoiceField(
        IntentGroup.objects.none(), required=False, label=_("Intent group"), empty_label=_("Without a group")
    )
    review_state = forms.ChoiceField(label=_("Review status"), choices=REVIEWS, initial=Review.APPROVED)
    is_self_service = forms.BooleanField(
        label=_("Self-service support"), required=False, help_text=_("May be answered in chat without a person.")
    )
    expected = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, *args: Any, intent: Intent | None = None, **kwargs: Any) -> None:
        if intent:
            names = (
                "name",
                "definition",
                "description",
                "line_of_business",
                "group",
                "review_state",
                "is_self_service",
            )
            kept = {name: getattr(intent, name) for name in names}
            kwargs.setdefault("initial", {**kept, "expected": intent.version})
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = IntentGroup.objects.exclude(review_state=Review.DISCARDED)  # type: ignore[attr-defined]
        if intent and intent.review_state == Review.DISCARDED:
            self.fields["review_state"].choices = Review.choices  # type: ignore[attr-defined]


class AttributeForm(forms.Form):
    """One attribute: what must be known, and the question that asks for it."""

    name = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    label = forms.CharField(label=_("Label"), max_length=80)
    question = forms.CharField(label=_("Question to the customer"), max_length=300)
    type = forms.ChoiceField(label=_("Type"), choices=Attribute.Type.choices, initial=Attribute.Type.TEXT)
    is_required = forms.BooleanField(label=_("Required"), required=False, initial=True)
    case_field = forms.ChoiceField(label=_("Field of the case"), required=False)
    pattern = forms.CharField(
        label=_("Pattern"), max_length=200, required=False, help_text=_("A regular expression its values match.")
    )
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line; other names behind commas: Refund, money back, reimburse."),
    )

    def __init__(self, *args: Any, case_fields: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["case_field"].choices = [("", _("None")), *case_fields]  # type: ignore[attr-defined]

    def as_attribute(self) -> dict[str, Any]:
        """What ``library.save_intent`` takes."""
        given = dict(self.cleaned_data)
        lines = [[part.strip() for part in line.split(",")] for line in given.pop("choices").splitlines()]
        options = [{"value": names[0], "label": names[0], "aliases": names[1:]} for names in lines if names[0]]
        return {**given, "options": options}


class ExamplesForm(forms.Form):
    """Examples to add, one a line."""

    texts = forms.CharField(
        label=_("New examples"),
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One a line, as customers write it. Five to ten are good, one is enough to begin."),
    )


class ArticlesForm(forms.Form):
    """The published articles that answer an intent."""

    articles = forms.ModelMultipleChoiceField(
        Article.objects.none(), required=False, label=_("Articles"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, articles: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["articles"].queryset = articles  # type: ignore[attr-defined]


class GroupForm(forms.Form):
    """A group's name, note and state."""

    name = forms.CharField(label=_("Name"), max_length=120)
    description = forms.CharField(
        label=_("Note for colleagues"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3})
    )
    line_of_business = forms.ModelChoiceField(
        LineOfBusiness.objects.all(), required=False, label=_("Line of business"), empty_label=_("All of them")
    )
    review_state = forms.ChoiceField(label=_("Review status"), choices=REVIEWS, initial=Review.APPROVED)
    expected = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, *args: Any, group: IntentGroup | None = None, **kwargs: Any) -> None:
        if group:
            kept = {name: getattr(group, name) for name in ("name", "description", "line_of_business", "review_state")}
            kwargs.setdefault("initial", {**kept, "expected": group.version})
        super().__init__(*args, **kwargs)
        if group and group.review_state == Review.DISCARDED:
            self.fields["review_state"].choices = Review.choices  # type: ignore[attr-defined]


class MembersForm(forms.Form):
    """Intents that join a group; discarded ones and those of other lines are not offered."""

    members = forms.ModelMultipleChoiceField(
        Intent.objects.none(), required=False, label=_("Intents"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, intents: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["members"].queryset = intents  # type: ignore[attr-defined]


class TryForm(forms.Form):
    """A sentence to try, and whose library."""

    text = forms.CharField(label=_("A sentence or a mail"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 3}))
    line = forms.ModelChoiceField(
        LineOfBusiness.objects.all(), required=False, label=_("Line of business"), empty_label=_("Every line")
    )


class FileForm(forms.Form):
    """A CSV file of intents and examples."""

    file = forms.FileField(
        label=_("File"), help_text=_("CSV in UTF-8 with the columns intent, example, group, line, definition, state.")
    )
