"""What waits for a decision on a case, as its page shows it."""

import re
from dataclasses import dataclass, field
from typing import Any

from agents.kinds import get_kind
from agents.models import Suggestion
from agents.suggestions import of_subject
from cases.models import Case
from cases.payloads import FieldsPayload, ReplyPayload


@dataclass(frozen=True)
class Sentence:
    """A piece of a draft; ``mark`` numbers its source, 0 for none."""

    text: str
    mark: int = 0
    ends_paragraph: bool = False


@dataclass(frozen=True)
class ReplyDraft:
    """A drafted answer: who gets it, its text in pieces with marks, its sources, and what speaks against it."""

    suggestion: Suggestion
    payload: ReplyPayload
    paragraphs: list[list[Sentence]]
    sources: list[dict[str, Any]]
    risks: list[str]
    consequence: str
    may_decide: bool
    blockers: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class FieldDraft:
    """Proposed values, each with the marks of its evidence."""

    suggestion: Suggestion
    payload: FieldsPayload
    marks: dict[str, list[int]]
    may_decide: bool


def _pending(case: Case, kind: str) -> Suggestion | None:
    states = [Suggestion.State.PENDING]
    return of_subject(case).filter(kind=kind, state__in=states).order_by("-id").first()


def pending_reply(case: Case, user: Any) -> ReplyDraft | None:
    """The answer that waits, or None."""
    suggestion = _pending(case, "cases.send_reply")
    return show_reply(suggestion, case, user) if suggestion else None


def show_reply(suggestion: Suggestion, case: Case, user: Any) -> ReplyDraft:
    """A drafted answer as people read it, with what stands against sending it now."""
    kind = get_kind(suggestion.kind)
    payload = ReplyPayload.model_validate(suggestion.payload)
    sources = [item for item in suggestion.evidence if item["kind"] == "passage"]
    pending = suggestion.state == Suggestion.State.PENDING
    return ReplyDraft(
        suggestion=suggestion,
        payload=payload,
        paragraphs=cite_sentences(payload, sources),
        sources=_distinct(sources),
        risks=suggestion.risks,
        consequence=kind.consequence(suggestion),
        may_decide=pending and kind.access(case, user),
        blockers=kind.guard(suggestion) if pending else [],
    )


def cite_sentences(payload: ReplyPayload, sources: list[dict[str, Any]]) -> list[list[Sentence]]:
    """The body in paragraphs of sentences, each with the mark of its source; an edited body has no marks."""
    by_quote = {(item["passage"], item["start"], item["end"]): item["mark"] for item in sources}
    marks: list[tuple[str, int]] = []
    for part in payload.sentences:
        quote = part.get("quote") or {}
        marks.append((part["text"], by_quote.get((quote.get("passage"), quote.get("start"), quote.get("end")), 0)))
    return [_mark_paragraph(text, marks) for text in re.split(r"\n{2,}", payload.body.strip())]


def _mark_paragraph(text: str, marks: list[tuple[str, int]]) -> list[Sentence]:
    """Cut at the sentences that have a source, where they stand in the text word for word."""
    found = sorted((text.find(words), words, mark) for words, mark in marks if mark and words and words in text)
    pieces, at = [], 0
    for start, words, mark in found:
        if start < at:
            continue
        if text[at:start].strip():
            pieces.append(Sentence(text[at:start]))
        pieces.append(Sentence(words, mark))
        at = start + len(words)
    if text[at:].strip():
        pieces.append(Sentence(text[at:]))
    return pieces


def _distinct(sources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({item["mark"]: item for item in sources}.values())


def pending_fields(case: Case, user: Any) -> FieldDraft | None:
    """The values that wait, or None."""
    suggestion = _pending(case, "cases.fill_fields")
    if suggestion is None:
        return None
    marks: dict[str, list[int]] = {}
    for item in suggestion.evidence:
        marks.setdefault(item.get("part", ""), []).append(item["mark"])
    may_decide = get_kind(suggestion.kind).access(case, user)
    return FieldDraft(suggestion, FieldsPayload.model_validate(suggestion.proposed), marks, may_decide)


def evidence_spans(case: Case) -> dict[int, list[dict[str, Any]]]:
    """Which words of which message are evidence for what waits or was written: message id to spans, by place."""
    spans: dict[int, list[dict[str, Any]]] = {}
    shown = of_subject(case).filter(state__in=[Suggestion.State.PENDING, Suggestion.State.ACCEPTED]).order_by("-id")
    for suggestion in shown.filter(kind="cases.fill_fields")[:5]:
        for item in suggestion.evidence:
            if item["kind"] == "words":
                spans.setdefault(item["message"], []).append(item)
    return {message: sorted(items, key=lambda item: item["start"]) for message, items in spans.items()}


def light_words(text: str, spans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A text in pieces, ``{"text", "mark"}``, lit where evidence stands; spans that overlap or miss are left out."""
    pieces: list[dict[str, Any]] = []
    at = 0
    for number, span in enumerate(spans, 1):
        start, end = span["start"], span["end"]
        if start < at or text[start:end] != span["text"]:
            continue
        pieces += [{"text": text[at:start], "mark": 0}, {"text": text[start:end], "mark": span.get("mark") or number}]
        at = end
    return [*pieces, {"text": text[at:], "mark": 0}]
