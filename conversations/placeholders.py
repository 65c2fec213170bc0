"""Texts with placeholders: ``{{ contact.first_name }}`` and its like, from a list of what may be shown.

Nothing else has a meaning in a template: no tags, no filters, no attributes beyond the list (an administrator's text
is not code).
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

_PLACEHOLDER = re.compile(r"\{\{\s*([a-z_]+(?:\.[a-z_]+)?)\s*\}\}")
_BRACES = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{\{|\}\}", re.DOTALL)


def _attribute(name: str) -> Callable[[Any], str]:
    return lambda row: str(getattr(row, name, "") or "")


# What a template may show of each row in its context; a name without a dot stands for a text given by the caller.
ALLOWED: dict[str, dict[str, Callable[[Any], str]]] = {
    "contact": {"first_name": _attribute("first_name"), "name": _attribute("name"), "address": _attribute("address")},
    "case": {
        "number": _attribute("number"),
        "title": _attribute("title"),
        "product": _attribute("product"),
        "order_number": _attribute("order_number"),
        "serial_number": _attribute("serial_number"),
    },
    "user": {"name": _attribute("name"), "first_name": _attribute("first_name")},
    "mailbox": {"name": _attribute("name"), "address": _attribute("address")},
    "company": {"name": _attribute("name")},
}
TEXTS = {"draft"}


def list_placeholders() -> list[str]:
    """Every placeholder there is, without braces."""
    return sorted(TEXTS | {f"{row}.{name}" for row, names in ALLOWED.items() for name in names})


def check_template(text: str) -> list[str]:
    """What is wrong with a template's text, in words; empty when nothing is."""
    known, errors = set(list_placeholders()), []
    for match in _BRACES.finditer(text):
        found = _PLACEHOLDER.fullmatch(match.group())
        if found is None:
            errors.append(_("“%(text)s” is not a placeholder.") % {"text": match.group()[:40]})
        elif found.group(1) not in known:
            errors.append(_("There is no placeholder “%(name)s”.") % {"name": found.group(1)})
    return errors


def render_template(text: str, context: Mapping[str, Any]) -> str:
    """The text with its placeholders replaced; what the context does not hold becomes nothing.

    A name that is missing leaves no space before a comma: "Dear {{ contact.first_name }}," reads "Dear,".
    """

    def value(match: re.Match[str]) -> str:
        row, _dot, name = match.group(1).partition(".")
        if not name:
            return str(context.get(row, ""))
        read = ALLOWED.get(row, {}).get(name)
        return read(context[row]) if read and context.get(row) is not None else ""

    rendered = _PLACEHOLDER.sub(value, text)
    return re.sub(r"[ \t]+([,.;:!?])", r"\1", rendered)
