"""Wrong intent: a person says what it is, the library learns from it, and it can be taken back."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from agents.queue import ring
from conversations.models import Conversation, Message
from intents import attributes, library
from intents.matching import BELL, current_determination, make_current
from intents.models import Determination, Example, Intent
from intents.privacy import hide_personal, own_words, people_of
from intents.recognition import read_units

State = Determination.State


@dataclass(frozen=True)
class Correction:
    """What a correction did: the determination that counts now, and the example it taught, if it taught one."""

    determination: Determination
    example: Example | None


@transaction.atomic
def correct_intent(
    message: Message, intent: Intent | None, *, by: Any, teach: bool = True, now: dt.datetime | None = None
) -> Correction:
    """Say what a message is about; None says only that what was recognised is wrong.

    The denied intent is not recognised again in this conversation. The message's words become an example of the right
    intent unless ``teach`` is off.
    """
    now = now or timezone.now()
    conversation = Conversation.objects.select_for_update(of=("self",)).get(pk=message.conversation_id)
    before = current_determination(conversation)
    if before and intent and before.intent_id == intent.pk and before.decided_by_id:
        return Correction(before, None)
    found = attributes.read_conversation(message, intent)
    if before:
        wrong = before.intent_id != (intent.pk if intent else None)
        state = State.DISCARDED if wrong else State.CLOSED
        Determination.objects.filter(pk=before.pk).update(
            is_current=False, state=state, **({"decided_by": by, "decided_at": now} if wrong else {})
        )
    row = Determination.objects.create(
        message=message,
        conversation=conversation,
        intent=intent,
        topic=intent.key if intent else "",
        topic_label=intent.name if intent else "",
        confidence=1.0 if intent else 0.0,
        engine="person",
        library_version=library.library_version(),
        decided_by=by,
        decided_at=now,
        created_at=now,
    )
    make_current(row, replaces=None)
    attributes.carry_over(row, found)
    example = _teach(message, intent, by=by, now=now) if teach and intent else None
    ring(BELL, message.pk)
    return Correction(row, example)


def _teach(message: Message, intent: Intent, *, by: Any, now: dt.datetime) -> Example | None:
    """The message's words, without what is personal in them: an example is read by everybody who sees the library."""
    units = read_units(message.newest_text, message.subject)
    if not units:
        return None
    known = [*people_of(message), *own_words()]
    text = hide_personal(units[0].text[:1000], known, language=message.language)
    source = Example.Source.CORRECTION
    made = library.add_examples(intent, [text], by=by, source=source, message=message, now=now)
    return made[0] if made else None


@transaction.atomic
def undo_correction(determination: Determination, *, by: Any, now: dt.datetime | None = None) -> Determination | None:
    """Take a correction back: its example leaves the library, and what was recognised before counts again."""
    now = now or timezone.now()
    Conversation.objects.select_for_update(of=("self",)).get(pk=determination.conversation_id)
    row = Determination.objects.select_for_update(of=("self",)).get(pk=determination.pk)
    if not row.is_current or row.decided_by_id is None:
        return None
    taught = Example.objects.filter(message=row.message_id, source=Example.Source.CORRECTION, intent=row.intent_id)
    library.remove_examples(taught, by=by, now=now)
    others = Determination.objects.filter(conversation=row.conversation_id, pk__lt=row.pk, intent__isnull=False)
    before = others.order_by("-pk").first()
    row.is_current = False
    row.state = State.CLOSED
    row.save(update_fields=["is_current", "state"])
    Conversation.objects.filter(pk=row.conversation_id).update(topic="", topic_label="")
    if before:
        state = State.ACTIVE if before.state in (State.DISCARDED, State.CLOSED) else before.state
        Determination.objects.filter(pk=before.pk).update(state=state, decided_by=None, decided_at=None)
        before.refresh_from_db()
        make_current(before, replaces=None)
        attributes.save_values(before, before.values)
    ring(BELL, row.message_id)
    return before
