"""Entries of the record in the words people read."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from agents.actors import say_agent
from agents.kinds import KINDS
from agents.models import Entry

VERBS: dict[str, Any] = {
    "suggested": _("suggested"),
    "observed": _("would have done"),
    "accepted": _("accepted"),
    "rejected": _("rejected"),
    "withdrawn": _("withdrawn"),
    "undone": _("undone"),
    "rated": _("rated"),
    "sent": _("sent"),
    "sent_again": _("sent again"),
    "refused": _("refused by the other side"),
    "unknown": _("left with unknown outcome"),
    "cancelled": _("not sent"),
    "paused": _("paused"),
    "resumed": _("resumed"),
    "saved": _("saved"),
    "restored": _("restored"),
    "created": _("created"),
    "changed": _("changed"),
}


def say_verb(verb: str) -> str:
    """What happened: "cases.send_reply.accepted" is "Send a reply: accepted"."""
    about, _dot, act = verb.rpartition(".")
    said = str(VERBS.get(act) or act.replace("_", " "))
    known = KINDS.get(about)
    thing = str(known.title) if known else about.rpartition(".")[2].replace("_", " ").capitalize()
    return f"{thing}: {said}" if thing else said.capitalize()


def say_who(entry: Entry) -> str:
    """Who acted: a person by name, an agent by its own, or the system."""
    if entry.actor == Entry.Actor.AGENT:
        return say_agent(entry.agent)
    return str(entry.user) if entry.user else str(_("The system"))


def say_entries(entries: Iterable[Entry]) -> list[Entry]:
    """The entries, each with ``who`` and ``said``."""
    found = list(entries)
    for entry in found:
        entry.who, entry.said = say_who(entry), say_verb(entry.verb)
    return found
