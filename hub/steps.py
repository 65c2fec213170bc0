"""The steps of the first run. How far it has come is read from what exists, so that anybody may go on at any time."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.models import Suggestion
from agents.models.levels import ArrivedAs
from conversations.models import Delivery, Mailbox
from hub import opening
from hub.models import Archive


@dataclass(frozen=True)
class Step:
    """One step: its name, where it is, whether it is done, and what must come first ("" when it can be taken)."""

    name: str
    text: str | Promise
    url: str
    is_done: bool
    needs: str | Promise = ""


TEXTS = {
    "mailbox": _("Mailbox"),
    "test": _("Test"),
    "history": _("History"),
    "result": _("What they would have done"),
    "decide": _("Observe or ask"),
}


def first_mailbox() -> Mailbox | None:
    """The mailbox the first run is about: the newest."""
    return Mailbox.objects.order_by("-pk").first()


def list_steps() -> list[Step]:
    """The five steps with their state. A handful of queries that look for one row each."""
    mailbox = first_mailbox()
    history = has_history()
    done = {
        "mailbox": mailbox is not None,
        "test": mailbox is not None and (mailbox.last_read_at is not None or not mailbox.imap_host),
        "history": history,
        "result": Suggestion.objects.filter(state=Suggestion.State.OBSERVED).exists(),
        "decide": opening.is_decided(),
    }
    missing = "" if mailbox else _("Connect a mailbox first.")
    needs = {"test": missing, "history": missing}
    return [Step(name, text, reverse(f"hub:{name}"), done[name], needs.get(name, "")) for name, text in TEXTS.items()]


def next_step(steps: list[Step]) -> Step:
    """The first step that is not done; the last one when all are."""
    return next((step for step in steps if not step.is_done), steps[-1])


def has_history() -> bool:
    """Whether any old mail came in or is on its way."""
    old = Delivery.objects.filter(arrived_as=ArrivedAs.HISTORY)
    return old.exists() or Archive.objects.exists()
