"""Why a customer writes: each message is compared with the library, and its conversation gets the topic."""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import sections, skills
from agents.models import LineOfBusiness, SectionSetting
from agents.queue import ring
from conversations.models import Conversation, Message
from intents import attributes, lines
from intents.learning import current_library, intents_of
from intents.library import library_version
from intents.models import Determination, Intent, Library
from intents.skills import MatchedIntents, MatchIntents

SECTION = "intents.matching"
BELL = "message.determined"
WRITTEN_BY_PEOPLE = (Message.Nature.PERSON, Message.Nature.COMPLAINT)
# A later message changes what a conversation is about when it is as sure as the one before, or this sure.
CLEAR = 0.75
State = Determination.State


# ── one message ───────────────────────────────────────────────────────────────────────────────────────────────────


def line_of(message: Message) -> LineOfBusiness | None:
    """The line a message belongs to: its conversation's, else its mailbox's."""
    return message.conversation.line_of_business or (message.mailbox.line_of_business if message.mailbox else None)


def match_text(
    text: str,
    *,
    line: LineOfBusiness | None,
    subject: str = "",
    language: str = "",
    message: int = 0,
    left_out: list[str] | None = None,
    values: dict[str, Any] | None = None,
) -> tuple[skills.Answer[MatchedIntents], int]:
    """What the library sees in a text, and the version that saw it; writes nothing."""
    library = current_library(line)
    settings = values if values is not None else sections.load(SECTION).values
    question = MatchIntents(
        message=message,
        text=text,
        subject=subject,
        language=language,
        library=library.artefact if library else b"",
        left_out=left_out or [],
        bar=float(settings.get("bar", 0.5)),
        several=bool(settings.get("several", True)),
    )
    answer = skills.run("intents.match", question, skills.Scope(line.pk if line else None))
    return answer, library.version if library else library_version()


def read_message(pk: int, *, now: dt.datetime) -> None:
    """Before a message is offered: its line of business by the rules, then its intent."""
    if is_on():
        lines.assign_by_message(pk, now=now)
        determine_message(pk, now=now)


def is_on() -> bool:
    """Whether the agent recognises anything at all; its one switch."""
    return SectionSetting.objects.filter(section=SECTION, line_of_business=None, is_on=True).exists()


def determine_message(pk: int, *, now: dt.datetime | None = None) -> Determination | None:
    """Recognise the intent of one message of a customer, once per version of the library.

    None while matching is switched off, and for what no person wrote.
    """
    now = now or timezone.now()
    rows = Message.objects.select_related("conversation__line_of_business", "mailbox__line_of_business")
    message = rows.filter(pk=pk, direction=Message.Direction.IN, nature__in=WRITTEN_BY_PEOPLE).first()
    if message is None:
        return None
    line = line_of(message)
    loaded = sections.load(SECTION)
    if not loaded.is_on:
        return None
    known = message.determinations.filter(decided_by=None, library_version=library_version()).first()
    if known:
        return known
    denied = message.conversation.determinations.filter(state=State.DISCARDED).exclude(decided_by=None)
    answer, version = match_text(
        message.newest_text,
        line=line,
        subject=message.subject,
        language=message.language,
        message=message.pk,
        left_out=sorted(set(denied.values_list("topic", flat=True))),
        values=loaded.values,
    )
    found = attributes.read_conversation(message, _chosen_intent(answer, line))
    try:
        return _store(message, answer, version, found, now)
    except IntegrityError:  # another worker was faster
        return message.determinations.filter(decided_by=None, library_version=version).first()


def _chosen_intent(answer: skills.Answer[MatchedIntents], line: LineOfBusiness | None) -> Intent | None:
    """The row behind the topic; None when it was discarded meanwhile."""
    chosen = answer.output.chosen
    return intents_of(line).filter(key=chosen[0].topic).first() if chosen else None


@transaction.atomic
def _store(
    message: Message,
    answer: skills.Answer[MatchedIntents],
    version: int,
    found: attributes.Found,
    now: dt.datetime,
) -> Determination:
    """Keep what was recognised; it becomes what the conversation is about unless a person said otherwise."""
    conversation = Conversation.objects.select_for_update(of=("self",)).get(pk=message.conversation_id)
    intent = found.intent
    row = Determination.objects.create(
        message=message,
        conversation=conversation,
        intent=intent,
        topic=intent.key if intent else "",
        topic_label=intent.name if intent else "",
        confidence=answer.confidence if intent else 0.0,
        evidence=[piece.model_dump(mode="json") for piece in answer.evidence] if intent else [],
        alternatives=[one.model_dump(mode="json") for one in answer.output.ranked],
        reason=word_reason(answer.output.reason),
        engine=answer.engine,
        engine_version=answer.version,
        library_version=version,
        created_at=now,
    )
    current = current_determination(conversation)
    if intent and _may_replace(current, row):
        make_current(row, replaces=current)
        attributes.carry_over(row, found)
    elif current:
        attributes.carry_over(current, found)
    ring(BELL, message.pk)
    return row


def _may_replace(current: Determination | None, row: Determination) -> bool:
    """A person's choice stands, an older message changes nothing, and another intent must be clear."""
    if current is None:
        return True
    message, before = row.message, current.message
    is_newer = (message.received_at, message.pk) >= (before.received_at, before.pk)
    is_clear = row.topic == current.topic or row.confidence >= min(current.confidence, CLEAR)
    return is_newer and is_clear and current.decided_by_id is None


def make_current(row: Determination, *, replaces: Determination | None) -> None:
    """Let a determination be what its conversation is about; the one before it stays as history."""
    if replaces and replaces.pk != row.pk:
        state = replaces.state if replaces.is_over else State.CLOSED
        Determination.objects.filter(pk=replaces.pk).update(is_current=False, state=state)
    row.is_current = True
    row.save(update_fields=["is_current"])
    Conversation.objects.filter(pk=row.conversation_id).update(topic=row.topic, topic_label=row.topic_label)


def current_determination(conversation: Conversation) -> Determination | None:
    """What a conversation is about now; None while nothing was recognised."""
    rows = Determination.objects.filter(conversation=conversation, is_current=True)
    return rows.select_related("intent__group", "message", "decided_by").first()


def word_reason(reason: str) -> str:
    """Why nothing was recognised, in words."""
    words = {
        "": "",
        "empty": _("The message says nothing."),
        "no_library": _("No intent is approved yet."),
        "unsure": _("No intent of the library is near enough."),
    }
    return words[reason]


# ── what is due ───────────────────────────────────────────────────────────────────────────────────────────────────


def due_messages(limit: int, *, now: dt.datetime) -> list[int]:
    """Messages of customers that were not compared yet, oldest first; nothing while matching is off.

    Behind the mark that is kept here everything was compared, so that a turn without work looks at few rows.
    """
    if not is_on():
        return []
    mark = Library.objects.filter(pk=1).values_list("looked_at", flat=True).first() or 0
    rows = Message.objects.filter(pk__gt=mark, direction=Message.Direction.IN, nature__in=WRITTEN_BY_PEOPLE)
    undone = rows.filter(~Exists(Determination.objects.filter(message=OuterRef("pk")))).order_by("pk")
    found = list(undone.values_list("pk", flat=True)[:limit])
    settled = now - dt.timedelta(minutes=10)
    behind = found[0] - 1 if found else rows.filter(created_at__lt=settled).order_by("-pk").values_list("pk").first()
    upto = behind if isinstance(behind, int) else behind[0] if behind else mark
    if upto > mark:
        Library.objects.update_or_create(pk=1, defaults={"looked_at": upto})
    return found
