"""Fields of a case from its conversation, each with what it is based on, or left open. Pure."""

import re
from collections import Counter

from agents.evidence import Envelope, Evidence, Words
from agents.skills.languages import fold, small_words
from cases.asking import EVERY_FIELD, FieldTarget, MessageText, PredictedField, PredictFields
from cases.classes import choose_option
from cases.tagging import Found, find_values
from intents.copying import copy_value, forms_of
from intents.reading import Source, clean_subject, inbound_sources, words_of
from knowledge.passages import Span
from knowledge.questions import telling_sentences

TITLE_LENGTH, DESCRIPTION_LENGTH = 100, 600
_USELESS = re.compile(
    r"^(?:|no subject|kein betreff|ohne betreff|sans objet|sin asunto|hi|hello|hallo|bonjour|hola|help|hilfe|aide|ayuda"
    r"|question|frage|anfrage|request|problem|probleme|problema|urgent|dringend|important|contact|message|test)$"
)


def predict_fields(question: PredictFields) -> list[PredictedField]:
    """One entry per field asked. Every value has evidence; where there is none the value is None."""
    sources = inbound_sources(question.messages)
    learned = find_values(question.trained[EVERY_FIELD], question.messages) if EVERY_FIELD in question.trained else []
    return [_predict(target, question, sources, learned) for target in _with_forms(question)]


def _with_forms(question: PredictFields) -> list[FieldTarget]:
    """The fields, with the forms that only their own confirmed values have."""
    known = {
        target.name: forms_of(one.values[target.name] for one in question.examples if target.name in one.values)
        for target in question.fields
        if target.type == "text" and not target.pattern
    }
    shared = Counter(form for forms in known.values() for form in forms)
    return [
        target.model_copy(
            update={"forms": {form: least for form, least in known[target.name].items() if shared[form] == 1}}
        )
        if known.get(target.name)
        else target
        for target in question.fields
    ]


def _predict(
    target: FieldTarget, question: PredictFields, sources: list[Source], learned: list[Found]
) -> PredictedField:
    if target.name == "title":
        return write_title(target.name, question.messages)
    if target.name == "description":
        return write_description(target.name, question.messages)
    if target.type in ("choice", "lookup"):
        return choose_option(target, question.messages, question.examples, question.trained.get(target.name))
    found = _with_learned(target, copy_value(target, sources), learned)
    if found.value is None and target.type == "email":
        return _sender(target.name, question.messages)
    return found


def _with_learned(target: FieldTarget, copied: PredictedField, learned: list[Found]) -> PredictedField:
    """The surest of the newest values that were learned to be this field's, unless what was copied is surer."""
    mine = [one for one in learned if one.place.field == target.name and (_value(target, one))]
    if not mine or target.pattern:
        return copied
    newest = max(one.place.message for one in mine)
    best = max((one for one in mine if one.place.message == newest), key=lambda one: (one.confidence, -one.place.start))
    value = _value(target, best)
    if copied.value is not None and copied.value.casefold() == value.casefold():
        return copied.model_copy(
            update={"confidence": max(copied.confidence, best.confidence), "promise": best.promise}
        )
    if max(best.confidence, best.promise) <= copied.confidence:
        return copied
    place = best.place
    words = Words(part=target.name, message=place.message, start=place.start, end=place.end, text=best.value)
    rivals = {_value(target, one).casefold() for one in mine if one.place.message == newest}
    sure = best.confidence if len(rivals) == 1 and copied.value is None else best.confidence * 0.6
    return PredictedField(
        name=target.name, value=value, shown=value, confidence=round(sure, 4), evidence=[words],
        promise=best.promise if sure == best.confidence else 0.0,
    )  # fmt: skip


def _value(target: FieldTarget, found: Found) -> str:
    """What would be stored; empty when the words are none of the field's kind."""
    if target.type == "integer":
        return found.value if found.value.isdecimal() else ""
    if target.type == "email":
        return found.value if "@" in found.value else ""
    return " ".join(found.value.split()) if target.type == "text" else ""


def _sender(name: str, messages: list[MessageText]) -> PredictedField:
    newest = next((one for one in reversed(messages) if one.direction == "in" and one.sender), None)
    if newest is None:
        return PredictedField(name=name, reason="no source found")
    evidence = Envelope(message=newest.id, part=name, header="From", value=newest.sender)
    return PredictedField(name=name, value=newest.sender, shown=newest.sender, confidence=0.8, evidence=[evidence])


# ── title and description ─────────────────────────────────────────────────────────────────────────────────────────


def _first_inbound(messages: list[MessageText]) -> tuple[MessageText | None, Source | None]:
    """The customer's first message: it says what the case is about."""
    first = next((one for one in messages if one.direction == "in"), None)
    source = next((one for one in inbound_sources([first]) if not one.header), None) if first else None
    return first, source


def _weights(spans: list[Span]) -> list[float]:
    """How much of the text's matter a sentence holds; earlier ones and questions a little more."""
    small = small_words()
    counts = Counter(word.text for span in spans for word in words_of(span.text) if word.text not in small)
    weights = []
    for at, span in enumerate(spans):
        words = {word.text for word in words_of(span.text)} - small
        mass = sum(counts[word] for word in sorted(words)) / (8 + len(words))
        weights.append(mass * (1 + 0.6 / (1 + at)) + (0.1 if "?" in span.text else 0))
    return weights


def write_title(name: str, messages: list[MessageText]) -> PredictedField:
    """The subject without reply marks; when it says nothing, the sentence that says most."""
    first, source = _first_inbound(messages)
    if first is None or source is None:
        return PredictedField(name=name, reason="no source found")
    subject = clean_subject(first.subject)
    if not _USELESS.match(fold(subject).strip(" .!?-()")):
        evidence: Evidence = Envelope(message=first.id, part=name, header="Subject", value=first.subject)
        return PredictedField(
            name=name, value=_short(subject, 300), shown=_short(subject, 300), confidence=0.95, evidence=[evidence]
        )
    spans = telling_sentences(source.sentences)
    if not spans:
        return PredictedField(name=name, reason="no source found")
    weights = _weights(spans)
    best = spans[max(range(len(spans)), key=lambda at: (weights[at], -at))]
    words = source.evidence(best.start, best.end).model_copy(update={"part": name})
    title = _short(" ".join(best.text.split()), TITLE_LENGTH)
    return PredictedField(name=name, value=title, shown=title, confidence=0.7, evidence=[words])


def write_description(name: str, messages: list[MessageText]) -> PredictedField:
    """The customer's own sentences, in their order, the weightiest ones when they are many."""
    first, source = _first_inbound(messages)
    spans = telling_sentences(source.sentences) if source else []
    if first is None or source is None or not spans:
        return PredictedField(name=name, reason="no source found")
    weights = _weights(spans)
    chosen: list[int] = []
    for at in sorted(range(len(spans)), key=lambda one: (-weights[one], one)):
        if sum(len(spans[one].text) + 1 for one in [*chosen, at]) <= DESCRIPTION_LENGTH or not chosen:
            chosen.append(at)
    picked = [spans[at] for at in sorted(chosen)]
    text = " ".join(_short(" ".join(span.text.split()), DESCRIPTION_LENGTH) for span in picked)
    evidence = [source.evidence(span.start, span.end).model_copy(update={"part": name}) for span in picked]
    return PredictedField(name=name, value=text, shown=text, confidence=0.85, evidence=evidence)


def _short(text: str, most: int) -> str:
    """At most so many characters, cut between words."""
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:-") + "…"
