"""Placeholders of message templates: ``{{ case.title }}`` from a list of known names, and nothing else.

No template language: no tags, no filters, no attributes of objects. Who renders gives a plain text for each name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rapidfuzz import process

_PLACE = re.compile(r"\{\{\s*([a-z_]+(?:\.[a-z_]+)*)\s*\}\}")
_STRAY = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")


@dataclass(frozen=True)
class Placeholder:
    """A name that a template may use: what it stands for, and an example for the preview."""

    name: str
    label: str | Promise
    example: str


PLACEHOLDERS: dict[str, Placeholder] = {}


def offer_placeholder(name: str, label: str | Promise, example: str) -> None:
    """Let templates use a name; higher apps offer theirs when their ``facts.py`` is found at start-up."""
    PLACEHOLDERS[name] = Placeholder(name, label, example)


offer_placeholder("contact.name", gettext_lazy("the customer's name"), "Ellen Roth")
offer_placeholder("contact.first_name", gettext_lazy("the customer's first name"), "Ellen")
offer_placeholder("contact.address", gettext_lazy("the customer's address"), "ellen@customer.example")
offer_placeholder("contact.company", gettext_lazy("the customer's company"), "Roth Pumps")
offer_placeholder("conversation.subject", gettext_lazy("the subject of the conversation"), "Pump stopped")
offer_placeholder("mailbox.name", gettext_lazy("the name of the mailbox"), "Support")
offer_placeholder("mailbox.address", gettext_lazy("the address of the mailbox"), "support@example.com")
offer_placeholder("author.name", gettext_lazy("who writes"), "Mia Berg")
offer_placeholder("author.first_name", gettext_lazy("the first name of who writes"), "Mia")
offer_placeholder("body", gettext_lazy("the text of the answer"), "Hold the reset button for five seconds.")


@dataclass(frozen=True)
class Rendered:
    """A text with its placeholders filled in; ``missing`` are the names for which there was nothing to say."""

    text: str
    missing: list[str]


def check_template(text: str) -> list[str]:
    """What is wrong with a template's text, for people; empty when it can be saved."""
    wrong = []
    for name in dict.fromkeys(_PLACE.findall(text)):
        if name not in PLACEHOLDERS:
            near = process.extractOne(name, PLACEHOLDERS.keys(), score_cutoff=60)
            hint = _(" Did you mean “%(near)s”?") % {"near": near[0]} if near else ""
            wrong.append(_("There is no placeholder “%(name)s”.") % {"name": name} + hint)
    left = _PLACE.sub("", text)
    for stray in _STRAY.finditer(left):
        line = text[: text.find(stray[0])].count("\n") + 1
        wrong.append(_("“%(mark)s” in line %(line)d is not part of a placeholder.") % {"mark": stray[0], "line": line})
    return wrong


def render_template(text: str, values: Mapping[str, str]) -> Rendered:
    """Fill in the placeholders once: what a value contains is text, also when it looks like a placeholder."""
    missing: list[str] = []

    def fill(place: re.Match[str]) -> str:
        value = str(values.get(place[1]) or "")
        if not value:
            missing.append(place[1])
        return value

    return Rendered(_PLACE.sub(fill, text), list(dict.fromkeys(missing)))


def example_values() -> dict[str, str]:
    """Values for a preview."""
    return {each.name: each.example for each in PLACEHOLDERS.values()}
