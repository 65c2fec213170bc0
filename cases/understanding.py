"""What is known of why the customer writes, as the loop sees it."""

import datetime as dt

from django.utils.translation import gettext as _

from agents.models import Suggestion
from agents.queue import ring
from agents.suggestions import of_subject, withdraw
from cases.models import Case
from cases.resolution import Understanding, Wanted
from conversations.models import Conversation
from intents import matching
from intents.asking import list_open, note_asked, was_asked
from intents.attributes import FULFILLED, fill_from_fields
from intents.matching import current_determination
from intents.models import Determination

# So many possible intents are named when it is asked which one is meant.
MOST_CHOICES = 3
NEAR = 0.2


def find_conversation(case: Case) -> Conversation | None:
    """The conversation in which the case is worked now."""
    link = case.links.filter(is_current=True).select_related("conversation").order_by("-pk").first()
    return link.conversation if link else None


def determination_of(case: Case) -> Determination | None:
    """What was recognised in the case's conversation."""
    conversation = find_conversation(case)
    return current_determination(conversation) if conversation else None


def read_understanding(case: Case) -> Understanding:
    """The intent of the case's conversation and what it still needs to know; unused where intents are not read."""
    message = case.last_inbound
    if message is None or not message.pk:
        return Understanding()
    current = current_determination(message.conversation)
    newest = Determination.objects.filter(message=message).order_by("-pk").first()
    if current is None or current.intent is None:
        return _not_known(newest)
    open_ones = list_open(current)
    values = current.values
    known = [
        (one.label, str(values[one.name].get("shown") or values[one.name].get("value") or ""))
        for one in current.intent.attributes.all()
        if values.get(one.name, {}).get("state") == FULFILLED
    ]
    return Understanding(
        is_used=True,
        label=current.topic_label,
        confidence=current.confidence,
        missing=tuple(Wanted(one.name, one.label) for one in open_ones),
        asked=frozenset(one.name for one in open_ones if was_asked(current, one.name)),
        known=tuple(known),
    )


def _not_known(newest: Determination | None) -> Understanding:
    """The message was compared and resembles nothing, or several things; one that was not compared is not judged."""
    if newest is None or (not newest.topic and newest.reason == matching.word_reason("no_library")):
        return Understanding()
    near = [one for one in newest.alternatives if one.get("confidence", 0) >= NEAR][:MOST_CHOICES]
    several = tuple(one["label"] for one in near) if len(near) > 1 else ()
    return Understanding(is_used=True, several=several)


def note_asks(case: Case, names: list[str], *, now: dt.datetime) -> None:
    """A mail of ours asks for these attributes: they are never asked for again."""
    conversation = case.last_inbound.conversation if case.last_inbound else None
    current = current_determination(conversation) if conversation and names else None
    if current is not None:
        note_asked(current, names, now=now)


def take_fields(case: Case, values: dict[str, tuple[str, str]], *, now: dt.datetime) -> None:
    """What the fields of the locked case say, name to (value, as people read it), the customer is not asked for.

    A draft that asks for it is taken back, and what comes next is thought about anew.
    """
    row = determination_of(case)
    if row is None or not row.topic or not fill_from_fields(row, values):
        return
    row.refresh_from_db(fields=["values"])
    unknown = {one.name for one in list_open(row)}
    for draft in of_subject(case).filter(kind="cases.send_reply", state=Suggestion.State.PENDING):
        in_vain = set(draft.proposed.get("asks", [])) - unknown
        if in_vain and withdraw(draft.pk, _("What it asks for is known."), now=now):
            Case.objects.filter(pk=case.pk).update(reply_seen=0)
            ring("case.reply_due", case.pk)
