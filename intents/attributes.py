"""What must be known for an intent: found in the customer's words or in the case's fields, never made up."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from agents.skills.languages import fold
from conversations.models import Conversation, Message
from intents.copying import FieldTarget, PredictedField, copy_value
from intents.models import Attribute, Determination, Intent
from intents.reading import MessageText, Source, inbound_sources, words_of
from knowledge.passages import Span

State = Determination.State
OPEN, FULFILLED = "open", "fulfilled"
# Below this a value is a guess; what the customer is asked for again would be better.
LEAST_SURE = 0.5
MESSAGES_READ = 30


_field_sources: list[Callable[[], list[tuple[str, str]]]] = []


def offer_case_fields(source: Callable[[], list[tuple[str, str]]]) -> None:
    """Whoever knows cases tells which fields attributes may correspond to: pairs of name and label."""
    _field_sources.append(source)


def case_field_choices() -> list[tuple[str, str]]:
    """The fields of cases by name and label."""
    return [pair for source in _field_sources for pair in source()]


@dataclass(frozen=True)
class Found:
    """The values that the customer's messages hold, by the name of the attribute, for the intent in question."""

    intent: Intent | None
    values: dict[str, dict[str, Any]] = field(default_factory=dict)


def read_conversation(message: Message, intent: Intent | None) -> Found:
    """Look for the attributes of ``intent``, or of what the conversation is about, in what its customer wrote."""
    row = message.conversation.determinations.filter(is_current=True).select_related("intent").first()
    wanted = intent or (row.intent if row else None)
    if wanted is None:
        return Found(None)
    targets = list(wanted.attributes.all())
    texts = customer_texts(message) if targets else []
    values = {one.name: value for one in targets if (value := find_value(one, texts))}
    asked = row.values if row and row.intent_id == wanted.pk else {}
    values |= {one.name: value for one in targets if (value := _own_words(one, asked, message)) is not None}
    return Found(intent, values)


def customer_texts(message: Message) -> list[MessageText]:
    """The customer's messages of the conversation up to this one, oldest first."""
    rows = Message.objects.filter(
        conversation=message.conversation_id, direction=Message.Direction.IN, received_at__lte=message.received_at
    ).exclude(pk=message.pk)
    earlier = list(rows.order_by("-received_at", "-pk")[: MESSAGES_READ - 1])
    return [as_text(row) for row in [*reversed(earlier), message]]


def as_text(message: Message) -> MessageText:
    """A message as the finders read it."""
    return MessageText(
        id=message.pk,
        direction="in" if message.direction == Message.Direction.IN else "out",
        text=message.newest_text[:20_000],
        subject=message.subject,
        sender=message.from_address,
        language=message.language,
        day=(message.sent_at or message.received_at).date().isoformat(),
    )


def find_value(attribute: Attribute, texts: list[MessageText]) -> dict[str, Any] | None:
    """The value of an attribute with the words it stands in; None where there is none, or only a guess."""
    if attribute.type == Attribute.Type.FREE:
        return None
    sources = inbound_sources(texts)
    if attribute.type == Attribute.Type.CHOICE:
        found = _named_option(attribute, sources)
    else:
        kept = {name: getattr(attribute, name) for name in ("name", "label", "type", "pattern")}
        target = FieldTarget.model_validate(kept)
        found = copy_value(target, sources)
    if found is None or found.value is None or found.confidence < LEAST_SURE or not found.evidence:
        return None
    return _value(found.value, found.shown, "words", [piece.model_dump(mode="json") for piece in found.evidence])


def _named_option(attribute: Attribute, sources: list[Source]) -> PredictedField | None:
    """The option whose label or other name stands in the words, the newest message first; longer names first."""
    names = [
        (fold(name), option)
        for option in attribute.options
        for name in (option.get("label", ""), option.get("value", ""), *option.get("aliases", []))
        if name
    ]
    for source in sources:
        words = words_of(source.text)
        for name, option in sorted(names, key=lambda pair: -len(pair[0])):
            span = _find_words(words, [word.text for word in words_of(name)])
            if span and not source.is_denied(span.start):
                return PredictedField(
                    name=attribute.name,
                    value=option["value"],
                    shown=option.get("label") or option["value"],
                    confidence=0.85,
                    evidence=[source.evidence(span.start, span.end)],
                )
    return None


def _find_words(words: list[Span], wanted: list[str]) -> Span | None:
    for at in range(len(words) - len(wanted) + 1):
        if wanted and [word.text for word in words[at : at + len(wanted)]] == wanted:
            return Span(words[at].start, words[at + len(wanted) - 1].end, "")
    return None


def _own_words(attribute: Attribute, asked: Mapping[str, Any], message: Message) -> dict[str, Any] | None:
    """What is told in their own words is whatever the customer writes after it was asked."""
    known = asked.get(attribute.name, {})
    if attribute.type != Attribute.Type.FREE or known.get("state") == FULFILLED or not known.get("asked_at"):
        return None
    text = message.newest_text.strip()
    if not text or message.received_at < dt.datetime.fromisoformat(known["asked_at"]):
        return None
    words = {"kind": "words", "message": message.pk, "start": 0, "end": len(message.newest_text), "text": text[:300]}
    return _value(text[:300], text[:300], "words", [words])


def _value(value: str, shown: str, source: str, evidence: list[dict[str, Any]]) -> dict[str, Any]:
    return {"state": FULFILLED, "value": value, "shown": shown or value, "source": source, "evidence": evidence}


# ── keeping them ──────────────────────────────────────────────────────────────────────────────────────────────────


def carry_over(row: Determination, found: Found) -> None:
    """Give a determination what the conversation knows: values, and what was asked, from the ones before it.

    Inside the transaction that stores the determination.
    """
    if row.intent is None:
        return
    earlier: dict[str, dict[str, Any]] = {}
    for other in Determination.objects.filter(conversation=row.conversation_id, pk__lte=row.pk).order_by("pk"):
        for name, known in other.values.items():
            earlier[name] = (
                {**earlier.get(name, {}), **known} if known.get("value") else {**known, **earlier.get(name, {})}
            )
    values = {}
    for attribute in row.intent.attributes.all():
        known = {**earlier.get(attribute.name, {}), **row.values.get(attribute.name, {})}
        fresh = found.values.get(attribute.name)
        known = {**known, **fresh} if fresh and known.get("source") != "field" else known
        values[attribute.name] = known or {"state": OPEN}
        values[attribute.name].setdefault("state", OPEN)
    save_values(row, values)


@transaction.atomic
def fill_from_fields(row: Determination, fields: Mapping[str, tuple[str, str]]) -> bool:
    """Take over what the case's fields say: field name to (value, shown). Returns whether something changed."""
    row = Determination.objects.select_for_update(of=("self",)).select_related("intent").get(pk=row.pk)
    if row.intent is None or row.is_over:
        return False
    values = {name: dict(known) for name, known in row.values.items()}
    for attribute in row.intent.attributes.exclude(case_field=""):
        value, shown = fields.get(attribute.case_field, ("", ""))
        known = values.setdefault(attribute.name, {"state": OPEN})
        if value and (known["state"] == OPEN or known.get("value") != value):
            values[attribute.name] = {**known, **_value(value, shown, "field", known.get("evidence", []))}
    if values == row.values:
        return False
    save_values(row, values)
    return True


def save_values(row: Determination, values: dict[str, dict[str, Any]]) -> None:
    """Write the values and the state that follows from them; a later state is left alone."""
    row.values = values
    if row.state in (State.OPEN, State.ACTIVE, State.FILLED) and row.intent is not None:
        required = row.intent.attributes.filter(is_required=True)
        is_filled = all(values.get(one.name, {}).get("state") == FULFILLED for one in required)
        row.state = State.FILLED if is_filled else State.ACTIVE
    row.save(update_fields=["values", "state"])


@transaction.atomic
def set_value(row: Determination, name: str, value: str, *, by: Any) -> Determination:
    """A person says what an attribute is; an empty value opens it again."""
    row = Determination.objects.select_for_update(of=("self",)).select_related("intent").get(pk=row.pk)
    known = {**row.values.get(name, {})}
    told = _value(value, value, "person", []) if value.strip() else {"state": OPEN, "value": "", "shown": ""}
    save_values(row, {**row.values, name: {**known, **told}})
    return row


def move_on(conversation: Conversation, state: str) -> int:
    """Note what became of the matter a conversation is about: answered, worked on, completed, closed."""
    rows = Determination.objects.filter(conversation=conversation, is_current=True, intent__isnull=False)
    over = [State.DISCARDED, State.CLOSED]
    over += [State.COMPLETED] if state in (State.FULFILLED, State.IN_PROGRESS, State.ITEM) else []
    changed = rows.exclude(state__in=over).exclude(state=state).update(state=state)
    if changed and state == State.COMPLETED:
        rows.filter(intent__articles=None).update(harvest=Determination.Harvest.SOLUTION)
    return changed
