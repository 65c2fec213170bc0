"""What waits for a decision on a case, as its page shows it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from agents.access import keep_parts
from agents.kinds import get_kind
from agents.models import Suggestion
from agents.suggestions import of_subject
from cases.models import Case
from cases.payloads import FieldsPayload, FieldValue, ReplyPayload


@dataclass(frozen=True)
class Sentence:
    """A piece of a draft; ``mark`` numbers its source, 0 for none. What the agent did not write is fixed or edited."""

    text: str
    mark: int = 0
    by_agent: bool = False


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

    @property
    def is_marked(self) -> bool:
        """Whether something in it is marked as the agent's."""
        return any(piece.by_agent for paragraph in self.paragraphs for piece in paragraph)


@dataclass(frozen=True)
class FieldDraft:
    """Proposed values, each with the marks of its evidence."""

    suggestion: Suggestion
    rows: list[tuple[FieldValue, list[int]]]
    may_decide: bool


@dataclass(frozen=True)
class Marks:
    """The numbers of all evidence on a case's page, each used once.

    ``spans``: message to its lit words in order; ``of``: (suggestion, field) to the numbers beside its value.
    """

    spans: dict[int, list[dict[str, Any]]]
    of: dict[tuple[int, str], list[int]]
    last: int


def number_evidence(case: Case, user: Any) -> Marks:
    """Number the words behind what waits and what was written, in the order of the mails."""
    shown = of_subject(case).filter(state__in=[Suggestion.State.PENDING, Suggestion.State.ACCEPTED])
    words = [
        (item["message"], item["start"], item["end"], suggestion.pk, item)
        for suggestion in shown.filter(kind="cases.fill_fields").order_by("-id")[:5]
        for item in keep_parts(suggestion, user).evidence
        if item["kind"] == "words"
    ]
    numbers: dict[tuple[int, int, int], int] = {}
    spans: dict[int, list[dict[str, Any]]] = {}
    of: dict[tuple[int, str], list[int]] = {}
    for message, start, end, suggestion, item in sorted(words, key=lambda each: each[:4]):
        place = (message, start, end)
        if place not in numbers:
            numbers[place] = len(numbers) + 1
            spans.setdefault(message, []).append({**item, "mark": numbers[place]})
        beside = of.setdefault((suggestion, item.get("part", "")), [])
        if numbers[place] not in beside:
            beside.append(numbers[place])
    return Marks(spans, of, len(numbers))


def _pending(case: Case, kind: str) -> Suggestion | None:
    states = [Suggestion.State.PENDING]
    return of_subject(case).filter(kind=kind, state__in=states).order_by("-id").first()


def pending_reply(case: Case, user: Any, *, after: int = 0) -> ReplyDraft | None:
    """The answer that waits, or None; its sources are numbered after the page's other evidence."""
    suggestion = _pending(case, "cases.send_reply")
    return show_reply(suggestion, case, user, after=after) if suggestion else None


def show_reply(suggestion: Suggestion, case: Case, user: Any, *, after: int = 0) -> ReplyDraft:
    """A drafted answer as people read it, with what stands against sending it now."""
    kind = get_kind(suggestion.kind)
    payload = ReplyPayload.model_validate(suggestion.payload)
    sources = [{**item, "mark": item["mark"] + after} for item in suggestion.evidence if item["kind"] == "passage"]
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
    """The body in paragraphs of sentences: which the agent wrote, each with the mark of its source.

    What a person edited is found no more: it has no mark and is nobody's but theirs.
    """
    paragraphs: list[list[Sentence]] = [[]]
    for piece in _cut(payload, sources):
        for place, text in enumerate(re.split(r"\n{2,}", piece.text)):
            if place:
                paragraphs.append([])
            if text.strip():
                paragraphs[-1].append(replace(piece, text=text))
    return [pieces for pieces in paragraphs if pieces]


def _cut(payload: ReplyPayload, sources: list[dict[str, Any]]) -> Iterator[Sentence]:
    """The body at the sentences of the draft that stand in it word for word, in their order; nothing is left out."""
    by_quote = {(item["passage"], item["start"], item["end"]): item["mark"] for item in sources}
    body, at = payload.body.strip(), 0
    for part in payload.sentences:
        start = body.find(part["text"], at) if part["text"] else -1
        if start < 0:
            continue
        between, at = body[at:start], start + len(part["text"])
        if between.strip():
            yield Sentence(between)
            between = ""
        quote = part.get("quote") or {}
        mark = by_quote.get((quote.get("passage"), quote.get("start"), quote.get("end")), 0)
        yield Sentence(between + part["text"], mark, part.get("source") != "template")
    yield Sentence(body[at:])


def _distinct(sources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({item["mark"]: item for item in sources}.values())


def pending_fields(case: Case, user: Any, marks: Marks) -> FieldDraft | None:
    """The values that wait, or None."""
    suggestion = _pending(case, "cases.fill_fields")
    if suggestion is None:
        return None
    if not keep_parts(suggestion, user).proposed:
        return None
    payload = FieldsPayload.model_validate(suggestion.proposed)
    rows = [(item, marks.of.get((suggestion.pk, item.name), [])) for item in payload.fields]
    return FieldDraft(suggestion, rows, get_kind(suggestion.kind).access(case, user))


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
