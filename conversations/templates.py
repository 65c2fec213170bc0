"""Message templates are written, checked and kept in versions."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.audit import record
from agents.models import LineOfBusiness
from agents.sections import versions
from conversations.models import Conversation, MessageTemplate
from conversations.placeholders import check_template


class Faulty(Exception):  # noqa: N818
    """A template that cannot be saved: field name to what is wrong with it."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(str(errors))
        self.errors = errors


def save_template(
    template: MessageTemplate,
    values: dict[str, Any],
    *,
    by: Any,
    expected: int | None = None,
    now: dt.datetime | None = None,
) -> MessageTemplate:
    """Add or change a template. Raises Faulty, and ``agents.sections.versions.Conflict`` when somebody was faster."""
    errors = {name: check_template(values[name]) for name in ("subject", "body")}
    if any(errors.values()):
        raise Faulty({name: wrong for name, wrong in errors.items() if wrong})
    with transaction.atomic():
        is_new = template.pk is None
        for name in ("name", "purpose", "subject", "body", "language", "is_active"):
            setattr(template, name, values[name])
        template.save()
        lines = list(values.get("lines_of_business") or LineOfBusiness.objects.none())
        template.lines_of_business.set(lines)
        version = versions.save_version(
            f"template:{template.pk}", _snapshot(template, lines), by=by, expected=None if is_new else expected, now=now
        )
        MessageTemplate.objects.filter(pk=template.pk).update(version=version.number)
        template.version = version.number
        verb = "template.added" if is_new else "template.changed"
        record(verb, by=by, subject=template, text=template.name, changes=version.changes, now=now)
    return template


def restore_template(template: MessageTemplate, snapshot: dict[str, Any], *, by: Any, expected: int | None) -> None:
    """Save a template as it was. Raises ``versions.Conflict``, and ValueError for what it named and is gone."""
    names = snapshot["lines_of_business"]
    lines = LineOfBusiness.objects.filter(name__in=names)
    if gone := set(names) - {line.name for line in lines}:
        raise ValueError(_("There is no line of business “%(name)s” any more.") % {"name": min(gone)})
    try:
        save_template(template, snapshot | {"lines_of_business": lines}, by=by, expected=expected)
    except Faulty as wrong:
        raise ValueError(" ".join(text for texts in wrong.errors.values() for text in texts)) from wrong


def _snapshot(template: MessageTemplate, lines: list[LineOfBusiness]) -> dict[str, Any]:
    fields = ("name", "purpose", "subject", "body", "language", "is_active")
    return {**{name: getattr(template, name) for name in fields}, "lines_of_business": [line.name for line in lines]}


def values_of(conversation: Conversation, *, author: Any = None) -> dict[str, str]:
    """The texts for the placeholders that a conversation fills; higher apps add their own."""
    contact, mailbox = conversation.contact, conversation.mailbox
    return {
        "contact.name": contact.name if contact else "",
        "contact.first_name": contact.first_name if contact else "",
        "contact.address": contact.address if contact else "",
        "contact.company": contact.company.name if contact and contact.company else "",
        "conversation.subject": conversation.subject,
        "mailbox.name": mailbox.name if mailbox else "",
        "mailbox.address": mailbox.address if mailbox else "",
        "author.name": author.name if author else "",
        "author.first_name": author.first_name if author else "",
    }
