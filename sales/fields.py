"""What a lead's fields are: their labels, the columns that usually fill them, and what a value must look like."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.fetch import Forbidden, check_url
from conversations.addresses import can_be_written_to, clean_header, normalise_address
from sales.models import Lead

CUSTOM = "custom:"
MOST_CUSTOM = 30


class BadValue(ValueError):  # noqa: N818
    """A value that cannot be kept; the text says why, for people."""


@dataclass(frozen=True)
class LeadField:
    """One field: ``columns`` are names of columns that mean it, in lower case between bars."""

    name: str
    label: str | Promise
    columns: str
    length: int = 200
    clean: Callable[[str], Any] | None = None


def clean_email(text: str) -> str:
    """A plain address in the form we compare; BadValue for anything else."""
    address = normalise_address(text)
    if not can_be_written_to(address) or "." not in address.rpartition("@")[2] or len(address) > 254:
        raise BadValue(_("“%(value)s” is no e-mail address.") % {"value": text[:60]})
    return address


def clean_website(text: str) -> str:
    """A web address that may be opened; without a scheme it is https."""
    address = text if re.match(r"[a-z][a-z0-9+.-]*://", text, re.IGNORECASE) else f"https://{text}"
    try:
        return str(check_url(address))[:300]
    except Forbidden:
        raise BadValue(_("“%(value)s” is no public web address.") % {"value": text[:60]}) from None


def clean_number(text: str) -> int:
    """The number of people: "1,200", "about 40", "11-50" (the lower end)."""
    found = re.search(r"\d[\d.,' ]*", text)
    digits = re.sub(r"\D", "", found[0].split(",00")[0]) if found else ""
    if not digits or len(digits) > 8:
        raise BadValue(_("“%(value)s” is no number.") % {"value": text[:60]})
    return int(digits)


def clean_language(text: str) -> str:
    """A code of two letters, from a code or a common name."""
    said = text.strip().lower().replace("_", "-").split("-")[0]
    code = LANGUAGES.get(said, said)
    if not re.fullmatch(r"[a-z]{2,3}", code):
        raise BadValue(_("“%(value)s” is no language we know.") % {"value": text[:40]})
    return code


LANGUAGES = {
    "english": "en", "german": "de", "deutsch": "de", "french": "fr", "français": "fr", "spanish": "es",
    "español": "es", "dutch": "nl", "nederlands": "nl", "italian": "it", "italiano": "it", "portuguese": "pt",
}  # fmt: skip

FIELDS: dict[str, LeadField] = {
    field.name: field
    for field in (
        LeadField(
            "email",
            gettext_lazy("E-mail address"),
            "email|e mail|mail|email address|e mail address|emailaddress1|adresse e mail|correo",
            254,
            clean_email,
        ),
        LeadField(
            "company_name",
            gettext_lazy("Company"),
            "company|company name|organisation|organization|account|firma|unternehmen|entreprise|empresa|bedrijf",
        ),
        LeadField("name", gettext_lazy("Name"), "name|full name|contact|contact name|person|nom|nombre|naam"),
        LeadField("first_name", gettext_lazy("First name"), "first name|firstname|given name|vorname|prénom|voornaam"),
        LeadField("last_name", gettext_lazy("Last name"), "last name|lastname|surname|nachname|apellidos|achternaam"),
        LeadField("title", gettext_lazy("Job title"), "title|job title|role|position|job|funktion|poste|cargo", 160),
        LeadField("phone", gettext_lazy("Phone"), "phone|telephone|phone number|mobile|tel|telefon", 40),
        LeadField("country", gettext_lazy("Country"), "country|country region|land|pays|país", 80),
        LeadField(
            "language", gettext_lazy("Language"), "language|locale|sprache|langue|idioma|taal", 40, clean_language
        ),
        LeadField("website", gettext_lazy("Website"), "website|web|url|homepage|site|domain", 300, clean_website),
        LeadField("industry", gettext_lazy("Industry"), "industry|sector|branche|secteur", 120),
        LeadField(
            "employees",
            gettext_lazy("Employees"),
            "employees|number of employees|company size|size|headcount|staff|mitarbeiter",
            40,
            clean_number,
        ),
        LeadField("source", gettext_lazy("Source"), "source|lead source|origin|quelle|campaign", 80),
        LeadField("product", gettext_lazy("Product"), "product|interest|product interest|produkt", 120),
        LeadField(
            "note",
            gettext_lazy("What they asked for"),
            "note|notes|message|comment|description|request|bemerkung",
            5000,
        ),
        LeadField(
            "consent_note", gettext_lazy("Why we may write"), "consent|consent note|legal basis|opt in|permission", 300
        ),
    )
}
# What is joined into another field and has no column of its own.
JOINED = ("first_name", "last_name")
# What every row of a file may be asked for besides its address, and the columns that give it.
NEEDS = ("company_name", "name", "first_name", "product", "language", "country")
GIVES = {"name": {"name", "first_name", "last_name"}, "first_name": {"name", "first_name"}}
SHOWN = tuple(name for name in FIELDS if name not in JOINED)


def plain_text(text: str, length: int) -> str:
    """One line as it may be kept: no control characters, cut to its length. A formula stays the text it is."""
    return clean_header(text, limit=length)


def clean_value(name: str, text: str) -> Any:
    """The value of one field, or "" for nothing; BadValue when it cannot be kept."""
    field = FIELDS[name]
    if name == "note":
        return text.replace("\0", "").strip()[: field.length]
    text = plain_text(text, max(field.length, 300))
    if not text:
        return ""
    return field.clean(text) if field.clean else text[: field.length]


def guess_mapping(header: Iterable[str]) -> dict[str, str]:
    """Column number to field for a header; each field once, what nobody knows is left for a person."""
    known = {column: field.name for field in FIELDS.values() for column in field.columns.split("|")}
    mapping: dict[str, str] = {}
    for number, cell in enumerate(header):
        name = known.get(" ".join(re.findall(r"\w+", cell.lower())).replace("_", " "))
        if name and name not in mapping.values():
            mapping[str(number)] = name
    return mapping


def label_of(name: str) -> str:
    """What people call a field; a custom one by its own name."""
    return name.removeprefix(CUSTOM) if name.startswith(CUSTOM) else str(FIELDS[name].label)


def value_of(lead: Lead, name: str) -> str:
    """The value of one field as text."""
    value = getattr(lead, name)
    return "" if value is None else str(value)


def neutral_cell(text: Any) -> str:
    """A cell for a file that others open in a spreadsheet: what would be taken for a formula begins with a quote."""
    cell = "" if text is None else str(text)
    return f"'{cell}" if cell.lstrip()[:1] in ("=", "+", "-", "@", "|", "%") or cell[:1] in ("\t", "\r") else cell


def as_values(cells: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Cleaned values by field from texts by field, and what was left out; BadValue when the address is none.

    A value that cannot be kept is left out with a note: the rest of the row is still worth having.
    """
    values: dict[str, Any] = {}
    notes: list[str] = []
    custom: dict[str, str] = {}
    for name, text in cells.items():
        if name.startswith(CUSTOM):
            if len(custom) < MOST_CUSTOM and text.strip():
                custom[plain_text(name.removeprefix(CUSTOM), 60)] = plain_text(text, 500)
            continue
        try:
            if (value := clean_value(name, text)) != "":
                values[name] = value
        except BadValue as problem:
            if name == "email":
                raise
            notes.append(_("%(field)s left out: %(why)s") % {"field": label_of(name), "why": problem})
    both = " ".join(filter(None, (values.pop("first_name", ""), values.pop("last_name", ""))))
    if both and "name" not in values:
        values["name"] = both[:200]
    if custom:
        values["custom"] = custom
    return values, notes
