"""Evidence as it is shown: the source's text, cut at the words that count, so that they can be lit."""

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from agents.evidence import EVIDENCE, Envelope, Evidence, Examples, PassageQuote, Quoted, RuleMatch, Words
from agents.models import Suggestion
from agents.sources import SourceText, fetch_texts

# A longer text is shown in windows of this many characters around the words.
LONG, AROUND = 3000, 320


@dataclass(frozen=True)
class Piece:
    """A piece of text. ``marks`` are the numbers of the evidence it is part of, ``ends`` those that end with it."""

    text: str
    marks: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    anchor: str = ""


@dataclass(frozen=True)
class LitSource:
    """A source with its words lit; ``quotes`` are words that do not stand in it, as when it is not shown."""

    title: str
    pieces: list[Piece]
    at: Any = None
    url: str = ""
    icon: str = "mail"
    quotes: list[tuple[int, str]] = field(default_factory=list)
    is_shown: bool = True


@dataclass(frozen=True)
class ShownEvidence:
    """All evidence of a suggestion, by what it is."""

    sources: list[LitSource]
    envelopes: list[Envelope]
    examples: list[Examples]
    rules: list[RuleMatch]
    marks: dict[str, list[int]]

    def __bool__(self) -> bool:
        return bool(self.sources or self.envelopes or self.examples or self.rules)


def show_evidence(suggestion: Suggestion, user: Any) -> ShownEvidence:
    """The evidence of ``suggestion`` as ``user`` may see it: one question for messages, one for passages."""
    items = read_evidence(suggestion)
    quotes = [item for item in items if isinstance(item, Words | PassageQuote | Quoted)]
    for item in items:
        if isinstance(item, Examples):
            quotes += [words.model_copy(update={"mark": item.mark}) for words in item.words]
    return ShownEvidence(
        sources=_light(quotes, user),
        envelopes=[item for item in items if isinstance(item, Envelope)],
        examples=[item for item in items if isinstance(item, Examples)],
        rules=[item for item in items if isinstance(item, RuleMatch)],
        marks=_marks_by_part(items),
    )


def read_evidence(suggestion: Suggestion) -> list[Evidence]:
    """The stored evidence; none when it was erased or is of an older shape."""
    try:
        return EVIDENCE.validate_python(suggestion.evidence)
    except ValidationError:
        return []


def _marks_by_part(items: Iterable[Evidence]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for item in items:
        if item.part and item.mark not in found[item.part]:
            found[item.part].append(item.mark)
    return dict(found)


Quote = Words | PassageQuote | Quoted


def _source_of(quote: Quote) -> int:
    if isinstance(quote, Words):
        return quote.message
    return quote.passage if isinstance(quote, PassageQuote) else quote.row


def _light(quotes: list[Quote], user: Any) -> list[LitSource]:
    by_source: dict[tuple[str, int], list[Quote]] = defaultdict(list)
    for quote in quotes:
        by_source[(quote.kind, _source_of(quote))].append(quote)
    texts = {
        kind: fetch_texts(kind, [ident for found, ident in by_source if found == kind], user)
        for kind in {kind for kind, _ident in by_source}
    }
    anchored: set[int] = set()
    return [light_source(texts[kind].get(ident), group, anchored) for (kind, ident), group in by_source.items()]


def light_source(source: SourceText | None, quotes: list[Quote], anchored: set[int]) -> LitSource:
    """One source with its words lit. ``anchored`` gathers the marks that have their place on the page already."""
    if source is None:
        title = next((quote.title for quote in quotes if isinstance(quote, PassageQuote | Quoted)), "")
        lost = [(quote.mark, quote.text) for quote in quotes]
        return LitSource(title=title, pieces=[], quotes=lost, is_shown=False, icon="eye-off")
    spans, lost = [], []
    for quote in quotes:
        start = _find(source.text, quote)
        if start is None:
            lost.append((quote.mark, quote.text))
        else:
            spans.append((start, start + len(quote.text), quote.mark))
    pieces = cut_text(source.text, spans, anchored)
    return LitSource(source.title, pieces, source.at, source.url, source.icon, lost)


def _find(text: str, quote: Quote) -> int | None:
    """Where the quoted words stand; a text that was stored anew may have moved them."""
    if quote.text and text[quote.start : quote.end] == quote.text:
        return quote.start
    found = text.find(quote.text) if quote.text else -1
    return found if found >= 0 else None


def cut_text(text: str, spans: list[tuple[int, int, int]], anchored: set[int]) -> list[Piece]:
    """The text cut at every edge of the spans (start, end, mark), which may overlap; long texts in windows."""
    edges = sorted({0, len(text), *(edge for start, end, _mark in spans for edge in (start, end))})
    pieces = []
    for start, end in itertools.pairwise(edges):
        marks = tuple(sorted({mark for first, last, mark in spans if first <= start and end <= last}))
        ends = tuple(sorted({mark for _first, last, mark in spans if last == end and mark in marks}))
        fresh = next((mark for mark in marks if mark not in anchored), None)
        if fresh is not None:
            anchored.add(fresh)
        pieces.append(Piece(text[start:end], marks, ends, f"e{fresh}" if fresh is not None else ""))
    return (
        [_shorten(piece, first=n == 0, last=n == len(pieces) - 1) for n, piece in enumerate(pieces)]
        if (len(text) > LONG)
        else pieces
    )


def _shorten(piece: Piece, *, first: bool, last: bool) -> Piece:
    """A long stretch between lit words keeps its ends only."""
    if piece.marks or len(piece.text) <= 2 * AROUND:
        return piece
    if first and last:
        return Piece(piece.text[:LONG] + " …")
    head = "" if first else piece.text[:AROUND]
    tail = "" if last else piece.text[-AROUND:]
    return Piece(f"{head} … {tail}")
