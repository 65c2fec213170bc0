"""Forms of the Sales Agent's Manage pages and of their rules' outcomes."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.choices import PercentField
from agents.fetch import Forbidden, check_url
from knowledge.models import Product
from sales.fields import BadValue, clean_website

MOST_PAGES, MOST_LINES = 10, 20
# Fields that a criterion can be compared with: texts and numbers of the lead, and of its company; no people, no keys.
STORED = frozenset({
    "company_name", "country", "language", "website", "industry", "employees", "source", "rating", "note", "title",
    "company name",
})  # fmt: skip
Lines = forms.Textarea(attrs={"rows": 3})


def split_lines(text: str) -> list[str]:
    """What stands on each line or between commas, each once."""
    return list(dict.fromkeys(" ".join(part.split()) for part in text.replace(",", "\n").split("\n") if part.strip()))


class LinesField(forms.CharField):
    """A list of short texts, one on each line or between commas."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "widget": Lines, "max_length": 4000, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """Stored lists are shown line by line."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """The texts as a list."""
        found = split_lines(super().clean(value) or "")
        if len(found) > MOST_LINES * 2:
            raise forms.ValidationError(_("At most %(count)s.") % {"count": MOST_LINES * 2})
        return found


class GeneralForm(forms.Form):
    """Who we are and what we offer."""

    mode = forms.ChoiceField(
        label=gettext_lazy("What the agent does"),
        widget=forms.RadioSelect,
        choices=[
            ("research", gettext_lazy("Researches and drafts; people send")),
            ("engage", gettext_lazy("Researches, writes, follows up and hands over")),
        ],
        initial="research",
    )
    agent_name = forms.CharField(
        label=gettext_lazy("Name of the agent"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Signs mails when no signature is set below."),
    )
    description = forms.CharField(label=gettext_lazy("What it is for"), widget=Lines, max_length=1000, required=False)
    company_name = forms.CharField(label=gettext_lazy("Our company"), max_length=120, required=False)
    company_website = forms.CharField(label=gettext_lazy("Our website"), max_length=300, required=False)
    pitch = forms.CharField(
        label=gettext_lazy("What we offer, in sentences of your own"),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        max_length=4000,
        help_text=gettext_lazy("Mails to leads say nothing else about us. Try it compares them with your website."),
    )
    prices = forms.CharField(
        label=gettext_lazy("Prices that may be named in answers"),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        max_length=8000,
        help_text=gettext_lazy("One a line, used word for word: “Duo 58 Pro: The Duo 58 Pro costs from 3,400 EUR.”"),
    )
    signature = forms.CharField(label=gettext_lazy("Signature"), widget=Lines, required=False, max_length=1000)
    disclaimer = forms.CharField(
        label=gettext_lazy("Disclosure that software helped"),
        widget=Lines,
        required=False,
        max_length=4000,
        help_text=gettext_lazy("Stands under every mail that an agent wrote."),
    )
    terms = forms.CharField(label=gettext_lazy("Other terms"), widget=Lines, required=False, max_length=4000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        initial = dict(kwargs.get("initial") or {})
        values = initial.pop("products", None) or {}
        initial |= {f"product-{key}": text for key, text in values.items()}
        super().__init__(*args, **{**kwargs, "initial": initial})
        self.products = list(Product.objects.filter(is_active=True)[:40])
        for product in self.products:
            self.fields[f"product-{product.pk}"] = forms.CharField(
                label=_("What %(product)s is good for") % {"product": product},
                widget=forms.Textarea(attrs={"rows": 2}),
                required=False,
                max_length=1000,
            )

    def clean_company_website(self) -> str:
        """A public web address."""
        given = self.cleaned_data["company_website"].strip()
        try:
            return clean_website(given) if given else ""
        except BadValue as problem:
            raise forms.ValidationError(str(problem)) from None

    def clean(self) -> dict[str, Any]:
        """The sentences about products as one dict by key."""
        cleaned = super().clean() or {}
        texts = {str(row.pk): cleaned.pop(f"product-{row.pk}", "") for row in self.products}
        return {**cleaned, "products": {key: text for key, text in texts.items() if text}}


class SelectionForm(forms.Form):
    """Which leads are looked at."""

    lookback_days = forms.IntegerField(
        label=gettext_lazy("Look back, in days"),
        required=False,
        min_value=1,
        max_value=3650,
        help_text=gettext_lazy("Empty: only leads that come after this page was switched on."),
    )


class SelectionRuleForm(forms.Form):
    """What a selection rule does."""

    take = forms.TypedChoiceField(
        label=gettext_lazy("A matching lead"),
        choices=[("yes", gettext_lazy("Is taken up")), ("no", gettext_lazy("Is left alone"))],
        coerce=lambda value: value == "yes",
        initial="yes",
    )
    description = forms.CharField(label=gettext_lazy("Description"), max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        initial = dict(kwargs.get("initial") or {})
        if isinstance(initial.get("take"), bool):
            initial["take"] = "yes" if initial["take"] else "no"
        super().__init__(*args, **{**kwargs, "initial": initial})


class ResearchForm(forms.Form):
    """What research reads."""

    read_website = forms.BooleanField(label=gettext_lazy("Read the lead's website"), required=False)
    most_pages = forms.IntegerField(
        label=gettext_lazy("Pages for each lead, at most"), min_value=1, max_value=MOST_PAGES
    )
    pages = LinesField(
        label=gettext_lazy("More pages to read"),
        help_text=gettext_lazy("One on each line. {website} stands for the lead's own site, as in {website}/jobs."),
    )
    competitors = LinesField(
        label=gettext_lazy("Competitors"), help_text=gettext_lazy("Named in what is read, they become a finding.")
    )

    def clean_pages(self) -> list[str]:
        """Public addresses, or paths of the lead's own site."""
        pages: list[str] = self.cleaned_data["pages"]
        for page in pages:
            try:
                check_url(page.replace("{website}", "https://website.example"))
            except Forbidden as problem:
                raise forms.ValidationError(f"{page[:80]}: {problem}") from None
        return pages


class QualificationForm(forms.Form):
    """The customer we look for, and from where on a lead fits."""

    industries = LinesField(label=gettext_lazy("Industries"))
    least = forms.IntegerField(label=gettext_lazy("Employees, at least"), required=False, min_value=0)
    most = forms.IntegerField(label=gettext_lazy("Employees, at most"), required=False, min_value=1)
    locations = LinesField(label=gettext_lazy("Countries or places"))
    roles = LinesField(label=gettext_lazy("Roles of the person"))
    revenue_least = forms.IntegerField(label=gettext_lazy("Annual revenue, at least"), required=False, min_value=0)
    revenue_most = forms.IntegerField(label=gettext_lazy("Annual revenue, at most"), required=False, min_value=1)
    words = forms.CharField(
        label=gettext_lazy("Criteria of your own"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=4000,
        help_text=gettext_lazy(
            "One on each line: a name, a colon, words that must be found. “Breakfast: breakfast, buffet”"
        ),
    )
    stored = forms.CharField(
        label=gettext_lazy("Where it is stored"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=2000,
        help_text=gettext_lazy(
            "One criterion a line with the field that says it: “Annual revenue: custom Revenue”. A field of the lead, "
            "“custom” with the name of one of your own, or “company name”. Without a line it is looked for in what was "
            "found."
        ),
    )
    weights = forms.CharField(
        label=gettext_lazy("Weights"),
        required=False,
        max_length=400,
        help_text=gettext_lazy("Those that count more than once: “Industry 3, Size 2”."),
    )
    high = forms.IntegerField(label=gettext_lazy("High fit above, in percent"), min_value=1, max_value=99)
    moderate = forms.IntegerField(label=gettext_lazy("Moderate fit from, in percent"), min_value=1, max_value=99)
    needs = forms.ChoiceField(
        label=gettext_lazy("Worth writing to"),
        choices=[("moderate", gettext_lazy("From moderate fit on")), ("high", gettext_lazy("With high fit only"))],
    )
    auto_from = PercentField(label=gettext_lazy("Decides by itself from (percent sure)"), min_value=0, max_value=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        initial = dict(kwargs.get("initial") or {})
        rows = {row["name"]: row for row in initial.pop("criteria", None) or []}
        for name, field in (("industry", "industries"), ("location", "locations"), ("role", "roles")):
            initial.setdefault(field, rows.get(name, {}).get("wanted", []))
        initial |= {"least": rows.get("size", {}).get("least"), "most": rows.get("size", {}).get("most")}
        revenue = rows.get("revenue", {})
        initial |= {"revenue_least": revenue.get("least"), "revenue_most": revenue.get("most")}
        initial["stored"] = "\n".join(f"{row['label']}: {row['stored']}" for row in rows.values() if row.get("stored"))
        own = [row for row in rows.values() if row["kind"] == "words"]
        initial["words"] = "\n".join(f"{row['label']}: {', '.join(row['wanted'])}" for row in own)
        heavy = [row for row in rows.values() if row.get("weight", 1) > 1]
        initial["weights"] = ", ".join(f"{row['label']} {row['weight']}" for row in heavy)
        super().__init__(*args, **{**kwargs, "initial": initial})

    def clean(self) -> dict[str, Any]:
        """The criteria as a list of rows, and the bars."""
        cleaned = super().clean() or {}
        if (cleaned.get("moderate") or 0) > (cleaned.get("high") or 100):
            self.add_error("moderate", _("It stands above the bar of high fit."))
        least, most = cleaned.pop("least", None), cleaned.pop("most", None)
        if least is not None and most is not None and least > most:
            self.add_error("most", _("It is less than the least."))
        rows = [
            {"name": name, "label": str(label), "kind": name, "wanted": cleaned.pop(field, None) or []}
            for name, label, field in (
                ("industry", _("Industry"), "industries"),
                ("location", _("Location"), "locations"),
                ("role", _("Role"), "roles"),
            )
        ]
        rows = [row for row in rows if row["wanted"]]
        if least is not None or most is not None:
            rows.append({"name": "size", "label": _("Size"), "kind": "size", "least": least, "most": most})
        rows += self._revenue(cleaned.pop("revenue_least", None), cleaned.pop("revenue_most", None))
        rows += self._own(cleaned.pop("words", ""))
        self._store(rows, cleaned.pop("stored", ""))
        self._weigh(rows, cleaned.pop("weights", ""))
        return {**cleaned, "criteria": rows}

    def _revenue(self, least: int | None, most: int | None) -> list[dict[str, Any]]:
        if least is None and most is None:
            return []
        if least is not None and most is not None and least > most:
            self.add_error("revenue_most", _("It is less than the least."))
        label = _("Annual revenue")
        return [{"name": "revenue", "label": label, "kind": "revenue", "least": least, "most": most}]

    def _store(self, rows: list[dict[str, Any]], text: str) -> None:
        by_label = {row["label"].lower(): row for row in rows}
        for line in filter(str.strip, text.split("\n")):
            label, _colon, field = line.partition(":")
            name, row = " ".join(field.split()), by_label.get(label.strip().lower())
            if row is None:
                self.add_error("stored", _("“%(label)s” is no criterion.") % {"label": label.strip()[:60]})
            elif name not in STORED and not (name.startswith("custom ") and len(name) > 7):
                self.add_error("stored", _("“%(field)s” is no field that can be compared.") % {"field": name[:60]})
            else:
                row["stored"] = name
        if any(row["kind"] == "revenue" and not row.get("stored") for row in rows):
            self.add_error("stored", _("Say where the annual revenue is stored."))

    def _own(self, text: str) -> list[dict[str, Any]]:
        rows = []
        for number, line in enumerate(filter(str.strip, text.split("\n")), 1):
            label, colon, words = line.partition(":")
            if not colon or not label.strip() or not split_lines(words):
                self.add_error("words", _("Line %(number)s needs a name, a colon and words.") % {"number": number})
            rows.append(
                {"name": f"own-{number}", "label": label.strip()[:60], "kind": "words", "wanted": split_lines(words)}
            )
        return rows

    def _weigh(self, rows: list[dict[str, Any]], text: str) -> None:
        by_label = {row["label"].lower(): row for row in rows}
        for part in split_lines(text):
            label, _space, weight = part.rpartition(" ")
            row = by_label.get(label.strip().lower())
            if row is None or not weight.isdecimal() or not 1 <= int(weight) <= 10:
                self.add_error(
                    "weights", _("“%(part)s” is no criterion with a number from 1 to 10.") % {"part": part[:60]}
                )
            else:
                row["weight"] = int(weight)
