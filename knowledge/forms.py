"""Forms of articles, imports, products and subjects."""

import re
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from agents.models import LineOfBusiness
from agents.skills.languages import KNOWN
from knowledge.catalogue import below, list_branches
from knowledge.importing import MOST_CHARACTERS
from knowledge.models import Article, Product, ProductFamily, Subject
from knowledge.reading import MOST_BYTES, too_big


def language_choices() -> list[tuple[str, str]]:
    """Codes and names of the languages an article can be in, by name."""
    infos = [(code, get_language_info("zh-hans" if code == "zh" else code)) for code in KNOWN]
    return sorted(((code, info["name_translated"]) for code, info in infos), key=lambda pair: str(pair[1]))


class Boxes(forms.ModelMultipleChoiceField):
    """Rows as a list of boxes; none is fine."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, queryset: Any, **options: Any) -> None:
        super().__init__(queryset, required=False, **options)


class ArticleForm(forms.Form):
    """What an article says, who reads it, and what it is filed under."""

    title = forms.CharField(label=_("Title"), max_length=200, help_text=_("As a customer would ask for it."))
    body = forms.CharField(
        label=_("Text"),
        max_length=MOST_CHARACTERS,
        help_text=_("Markdown: ## for a heading, 1. for a step, - for a point, **bold**."),
        widget=forms.Textarea(
            attrs={
                "rows": 22,
                "hx-post": reverse_lazy("knowledge:preview"),
                "hx-trigger": "input changed delay:400ms",
                "hx-target": "#preview",
                "hx-sync": "this:replace",
            }
        ),
    )
    audience = forms.ChoiceField(
        label=_("Audience"),
        choices=[
            (Article.Audience.INTERNAL, _("Internal: colleagues read it, and no answer to a customer quotes it")),
            (Article.Audience.EXTERNAL, _("External: answers quote it to customers, word for word")),
        ],
        widget=forms.RadioSelect,
        initial=Article.Audience.INTERNAL,
    )
    language = forms.ChoiceField(label=_("Language"), choices=language_choices, initial="en")
    lines_of_business = Boxes(
        LineOfBusiness.objects.all(),
        label=_("Lines of business"),
        help_text=_("With none chosen every line finds it."),
    )
    products = Boxes(
        Product.objects.all(),
        label=_("Products"),
        help_text=_("With none chosen it answers about every product."),
    )
    subjects = Boxes(Subject.objects.all(), label=_("Subjects"))
    expected = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, *args: Any, article: Article | None = None, **kwargs: Any) -> None:
        if article:
            kwargs.setdefault("initial", _initial(article))
        super().__init__(*args, **kwargs)
        kept = article.products.values("pk") if article else Product.objects.none().values("pk")
        products = Product.objects.filter(is_active=True) | Product.objects.filter(pk__in=kept)
        self.fields["products"].queryset = products  # type: ignore[attr-defined]
        branches = list_branches()
        self.fields["subjects"].choices = [  # type: ignore[attr-defined]
            (branch.subject.pk, branch.path) for branch in branches
        ]

    def clean_title(self) -> str:
        """The title in one line."""
        return " ".join(self.cleaned_data["title"].split())

    def clean_body(self) -> str:
        """The text with lines as everywhere else."""
        return str(self.cleaned_data["body"]).replace("\r\n", "\n").strip()

    def wishes(self) -> dict[str, Any]:
        """The fields an article takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "expected"}


def _initial(article: Article) -> dict[str, Any]:
    return {
        "title": article.title,
        "body": article.body,
        "audience": article.audience,
        "language": article.language,
        "lines_of_business": [row.pk for row in article.lines_of_business.all()],
        "products": [row.pk for row in article.products.all()],
        "subjects": [row.pk for row in article.subjects.all()],
        "expected": article.version,
    }


class ImportForm(forms.Form):
    """A file of articles."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("A zip of Markdown files, one Markdown file, or a CSV with the columns title and body."),
        widget=forms.FileInput(attrs={"accept": ".zip,.md,.markdown,.csv,.tsv"}),
        allow_empty_file=True,
    )

    def clean_file(self) -> Any:
        """The file, when it is not over the limit."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(too_big())
        return file


class ProductForm(forms.Form):
    """A product as customers name it."""

    name = forms.CharField(label=_("Name"), max_length=120)
    family = forms.CharField(
        label=_("Family"), max_length=120, required=False, help_text=_("A new name makes a new family.")
    )
    sku = forms.CharField(label=_("SKU"), max_length=60, required=False)
    aliases = forms.CharField(
        label=_("Also called"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One name a line, as customers write it. Each helps to recognise the product in a mail."),
    )
    description = forms.CharField(
        label=_("Description"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3})
    )
    serial_pattern = forms.CharField(
        label=_("Serial number pattern"),
        max_length=120,
        required=False,
        help_text=_("A regular expression such as D58-\\d{5}."),
    )
    is_active = forms.BooleanField(
        label=_("Offered"),
        required=False,
        initial=True,
        help_text=_("Switched off, it is no longer offered or recognised. Cases and articles keep it."),
    )

    def __init__(self, *args: Any, product: Product | None = None, **kwargs: Any) -> None:
        if product:
            shown = {name: getattr(product, name) for name in self.base_fields if name not in ("family", "aliases")}
            kwargs.setdefault(
                "initial", {**shown, "family": product.family or "", "aliases": "\n".join(product.aliases)}
            )
        super().__init__(*args, **kwargs)
        self.fields["family"].widget.attrs["list"] = "families"
        self.families = ProductFamily.objects.values_list("name", flat=True)

    def clean_aliases(self) -> list[str]:
        """The lines as a list."""
        names = [line.strip() for line in self.cleaned_data["aliases"].splitlines() if line.strip()]
        if any(len(name) > 120 for name in names):
            raise forms.ValidationError(_("One of the names is longer than 120 characters."))
        return names

    def clean_serial_pattern(self) -> str:
        """A pattern that can be read."""
        pattern = self.cleaned_data["serial_pattern"]
        try:
            re.compile(pattern)
        except (re.error, OverflowError) as problem:
            raise forms.ValidationError(_("This is no regular expression: %(why)s") % {"why": problem})
        return str(pattern)


class SubjectForm(forms.Form):
    """A subject and its place in the tree."""

    name = forms.CharField(label=_("Name"), max_length=120)
    parent = forms.ModelChoiceField(
        Subject.objects.all(), label=_("Lies under"), required=False, empty_label=_("Nothing: it is a top subject")
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Says when to choose it. Agents read it when they file a case."),
    )

    def __init__(self, *args: Any, subject: Subject | None = None, **kwargs: Any) -> None:
        if subject:
            kwargs.setdefault(
                "initial", {"name": subject.name, "parent": subject.parent_id, "description": subject.description}
            )
        super().__init__(*args, **kwargs)
        own = below(subject) if subject else set()
        field = self.fields["parent"]
        places = [(branch.subject.pk, branch.path) for branch in list_branches() if branch.subject.pk not in own]
        field.choices = [("", field.empty_label), *places]  # type: ignore[attr-defined]
