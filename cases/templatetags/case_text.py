"""How mails and entries of a case are written on its page."""

import re
from collections.abc import Iterable
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cases.drafts import light_words
from cases.timeline import TimelineItem
from conversations.models import Message
from conversations.warnings import in_words

register = template.Library()

ICONS = {
    "case.opened": "folder-plus",
    "case.changed": "text-cursor-input",
    "case.assigned": "route",
    "case.resolved": "circle-check",
    "case.reopened": "rotate-ccw",
    "case.cancelled": "archive",
    "case.adopted": "sparkles",
    "case.machine_mail": "bot",
    "case.escalated": "arrow-up",
    "case.taken_over": "user-check",
    "case.given_back": "undo-2",
    "case.waits": "hourglass",
    "case.routed_again": "route",
}


# What the agent did by itself carries its level.
OWN_ACTS = ("case.changed", "case.assigned")
# A line this long was wrapped by a mail program; a shorter one was ended on purpose.
WRAPPED = 55


@register.simple_tag
def lit_text(message: Message, spans: dict[int, list[dict[str, Any]]]) -> SafeString:
    """The newest text of a mail in paragraphs, its evidence lit; everything in it is text, never markup."""
    paragraphs: list[list[SafeString]] = [[]]
    for piece in light_words(message.newest_text, spans.get(message.pk, [])):
        for place, part in enumerate(re.split(r"\n\s*\n", piece["text"])):
            if place:
                paragraphs.append([])
            paragraphs[-1].append(_piece(part, piece["mark"]))
    shown = (_join(pieces) for pieces in paragraphs)
    return format_html_join("\n", "<p>{}</p>", ((paragraph,) for paragraph in shown if paragraph.strip()))


def _join(pieces: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def _piece(text: str, number: int) -> SafeString:
    lines = text.split("\n")
    ends = [SafeString(" " if len(line) > WRAPPED else "<br>") for line in lines[:-1]] + [SafeString("")]
    shown = _join(format_html("{}{}", line, end) for line, end in zip(lines, ends, strict=True))
    if not number:
        return shown
    words = '<mark class="evidence" id="e{}" data-evidence="{}" tabindex="0">{}<sup>{}</sup></mark>'
    return format_html(words, number, number, shown, number)


@register.filter
def mail_warnings(message: Message) -> list[str]:
    """What is odd about a mail, in words."""
    return in_words(message.warnings)


@register.simple_tag
def message_label(message: Message) -> dict[str, str]:
    """The look of a mail's card: whose it is, to whom, its anchor."""
    to = ", ".join(item.get("address", "") for item in message.to[:3])
    outbound = message.direction == Message.Direction.OUT
    look = ("agent" if message.is_automatic else "out") if outbound else ""
    return {"to": _("to %(address)s") % {"address": to} if to else "", "look": look, "id": f"m{message.pk}"}


@register.simple_tag
def entry_words(item: TimelineItem) -> dict[str, str]:
    """One entry in words: who, what, its icon, and where the suggestion behind it is looked at."""
    entry = item.row
    words = {
        "case.opened": _("opened this case"),
        "case.changed": _("changed"),
        "case.assigned": _("assigned"),
        "case.resolved": _("resolved this case"),
        "case.reopened": _("reopened this case"),
        "case.cancelled": _("set this case aside"),
        "case.adopted": _("adopted this case"),
        "case.machine_mail": _("noted an automatic mail"),
        "case.escalated": _("escalated this case"),
        "case.taken_over": _("took this case from the agent"),
        "case.given_back": _("gave this case back to the agent"),
        "case.status_changed": _("changed"),
    }
    verb = entry.verb.rpartition(".")[2]
    acts = {
        "suggested": _("suggested"),
        "observed": _("would have done"),
        "accepted": _("accepted"),
        "rejected": _("dismissed"),
        "withdrawn": _("took back"),
        "undone": _("undid"),
        "sent": _("mail sent"),
        "refused": _("mail refused"),
        "cancelled": _("mail not sent"),
        "unknown": _("mail left with unknown outcome"),
    }
    # What other apps did to the case is said by them in whole words.
    other = f"{acts[verb]} {entry.text}".strip() if verb in acts else entry.text or verb.replace("_", " ")
    text = words.get(entry.verb) or other
    level = "auto" if item.suggestion and item.suggestion.decided_by_agent and entry.verb in OWN_ACTS else ""
    return {
        "who": item.who or _("Deskhand"),
        "text": text,
        "icon": ICONS.get(entry.verb, "sparkles" if item.actor == "agent" else "dot"),
        "level": "observe" if verb == "observed" else level,
        "url": reverse("agents:suggestion", args=[entry.suggestion_id]) if entry.suggestion_id else "",
    }
