"""Personal data in a text: found, masked with placeholders that can be taken back, unmasked.

Patterns of identifiers run in presidio's analyser without a language model; what the record knows (names, company,
address, numbers) is searched for by word; people nobody told us of are recognised by greeting, signature, title,
introduction and name. Presidio is imported when first used.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from .identifiers import find_identifiers
from .people import find_people
from .record import find_known
from .words import Found, Known, flatten

__all__ = ["KEEP", "Found", "Known", "Masked", "find", "mask", "unmask"]

MOST_CHARACTERS = 200_000
KEEP = "keep"


@dataclass(frozen=True)
class Masked:
    """A text with placeholders, and the original of each."""

    text: str
    places: dict[str, str] = field(default_factory=dict)


def find(text: str, *, known: Iterable[Known] = (), language: str = "") -> list[Found]:
    """The personal data in a text, in order and without overlaps. ``known`` is what the record knows.

    ``language`` is not needed: patterns of all languages run over every text.
    """
    text = text[:MOST_CHARACTERS]
    if not text.strip():
        return []
    given = list(find_known(text, flatten(text), known))
    theirs, ours = [one for one in given if one.kind != KEEP], [one for one in given if one.kind == KEEP]
    people = [one for one in theirs if one.kind == "person"]
    guessed = [*find_identifiers(text), *find_people(text, people)]
    return _without_overlaps(text, [*theirs, *(one for one in guessed if not _stands_in(one, ours))])


def _stands_in(one: Found, others: list[Found]) -> bool:
    return any(one.start < other.end and other.start < one.end for other in others)


def _without_overlaps(text: str, found: list[Found]) -> list[Found]:
    """Spans that touch become one, named after the surest; blanks at the edges are no data."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        value = text[one.start : one.end]
        start = one.start + len(value) - len(value.lstrip())
        end = one.end - (len(value) - len(value.rstrip(" \t\n,;")))
        if start >= end:
            continue
        if kept and start < kept[-1].end:
            last = kept[-1]
            surer = max(last, one, key=lambda each: (each.score, each.end - each.start))
            kept[-1] = Found(last.start, max(last.end, end), surer.kind, surer.score)
        else:
            kept.append(Found(start, end, one.kind, one.score))
    return kept


def mask(text: str, *, known: Iterable[Known] = (), language: str = "") -> Masked:
    """The text with a placeholder for each value, the same one wherever it stands.

    A text over the limit is cut. A placeholder that the text itself holds is never used.
    """
    text = text[:MOST_CHARACTERS]
    places: dict[str, str] = {}
    names: dict[tuple[str, str], str] = {}
    counts: dict[str, int] = {}
    pieces, at = [], 0
    for one in find(text, known=known, language=language):
        value = text[one.start : one.end]
        key = (one.kind, value)
        if key not in names:
            names[key] = _next_name(one.kind.upper(), counts, text)
            places[names[key]] = value
        pieces += [text[at : one.start], names[key]]
        at = one.end
    return Masked("".join([*pieces, text[at:]]), places)


def _next_name(kind: str, counts: dict[str, int], text: str) -> str:
    while True:
        counts[kind] = counts.get(kind, 0) + 1
        name = f"[{kind}_{counts[kind]}]"
        if name not in text:
            return name


def unmask(text: str, places: dict[str, str]) -> str:
    """The text with the originals back in one pass: what stands in an original is never replaced."""
    if not places:
        return text
    return re.sub("|".join(re.escape(name) for name in places), lambda match: places[match[0]], text)
