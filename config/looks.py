"""What codes look like on screen: the one place that gives a level or a kind its word, icon and colour."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Look:
    """A word, a lucide icon, a colour role of `pill`, and what it does in one sentence."""

    text: str | Promise
    icon: str
    look: str = ""
    does: str | Promise = ""


LEVELS = {
    "off": Look(_("Off"), "circle-off", "plain", _("Does nothing.")),
    "observe": Look(_("Observe only"), "eye", "", _("Records what it would have done.")),
    "ask": Look(_("Human confirmation"), "user-check", "accent", _("Waits in the review queue.")),
    "auto": Look(_("Full automation"), "zap", "agent", _("Acts by itself.")),
}

KINDS = {
    "open_case": Look(_("New case"), "briefcase-business"),
    "send_reply": Look(_("Reply"), "reply"),
    "resolve_case": Look(_("Resolve case"), "circle-check"),
    "escalate": Look(_("Escalate"), "arrow-up"),
    "assign_case": Look(_("Assignment"), "route"),
    "fill_fields": Look(_("Field update"), "text-cursor-input"),
    "send_follow_up": Look(_("Follow-up"), "alarm-clock"),
    "close_case": Look(_("Close case"), "circle-check"),
    "publish_article": Look(_("Article"), "book-open"),
    "revise_article": Look(_("Article revision"), "file-diff"),
    "send_outreach": Look(_("Outreach"), "send"),
    "qualify_lead": Look(_("Qualification"), "target"),
    "change_intent": Look(_("Intent change"), "shapes"),
}

BANNERS = {
    "": "info",
    "good": "circle-check",
    "caution": "triangle-alert",
    "bad": "circle-alert",
    "agent": "sparkles",
}

SURE_FROM, DOUBTFUL_UNDER = 0.85, 0.6


def level_look(level: str) -> Look:
    """The look of off, observe, ask or auto; KeyError for anything else, so that a typo fails in the test."""
    return LEVELS[str(level)]


def kind_look(kind: str, text: str = "") -> Look:
    """The look of a kind by its full name ("cases.send_reply") or last part; an unknown kind shows its own text."""
    name = str(kind).rpartition(".")[2]
    known = KINDS.get(name)
    return known or Look(text or name.replace("_", " ").capitalize(), "square-pen")


def sure_look(confidence: float) -> str:
    """The modifier of `sure`: "" from 0.85, "mid" from 0.6, "low" under it."""
    share = float(confidence)
    return "" if share >= SURE_FROM else "mid" if share >= DOUBTFUL_UNDER else "low"
