"""What is known of why the customer writes, as the loop sees it."""

import datetime as dt

from cases.models import Case
from cases.resolution import Understanding, Wanted
from intents import matching
from intents.asking import list_open, note_asked, was_asked
from intents.attributes import FULFILLED
from intents.models import Determination

# So many possible intents are named when it is asked which one is meant.
MOST_CHOICES = 3
NEAR = 0.2


def read_understanding(case: Case) -> Understanding:
    """The intent of the case's conversation and what it still needs to know; unused where intents are not read."""
    message = case.last_inbound
    if message is None or not message.pk:
        return Understanding()
    current = matching.current_determination(message.conversation)
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
    current = matching.current_determination(conversation) if conversation and names else None
    if current is not None:
        note_asked(current, names, now=now)
