"""Personal data in a text: found, masked with placeholders that can be taken back, unmasked.

Patterns of identifiers run in presidio's analyser without a language model; what the record knows (names, company,
address, numbers) is searched for by word; people nobody told us of are recognised by greeting, signature, title,
introduction and first name. Presidio is imported when first used.
"""

import logging
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from agents.skills.languages import small_words

HERE = Path(__file__).parent
MOST_CHARACTERS = 200_000
KEEP = "keep"
# An address this sure goes on in the lines that follow.
SURE_STREET = 0.55


@dataclass(frozen=True)
class Known:
    """What the record knows about the people of a text; ``kind`` as in Found (person, company, address, email …).

    ``keep`` is for words of our own that only look personal: products, our addresses. They stay, unless the record
    itself knows them as somebody's.
    """

    kind: str
    value: str


@dataclass(frozen=True)
class Found:
    """A span of personal data and how sure that is, 0 to 1."""

    start: int
    end: int
    kind: str
    score: float


@dataclass(frozen=True)
class Masked:
    """A text with placeholders, and the original of each."""

    text: str
    places: dict[str, str] = field(default_factory=dict)


# ── patterns of identifiers ───────────────────────────────────────────────────────────────────────────────────────


@cache
def _tables() -> dict[str, Any]:
    """The patterns and words of ``pii.toml``, pieces put in."""
    tables = tomllib.loads((HERE / "pii.toml").read_text(encoding="utf-8"))
    pieces = tables["pieces"]

    def fill(pattern: str) -> str:
        return re.sub(r"\{\{(\w+)\}\}", lambda match: fill(pieces[match[1]]), pattern)

    patterns = {
        kind: [(re.compile(fill(pattern), re.IGNORECASE), score) for score, pattern in rows]
        for kind, rows in tables["patterns"].items()
    }
    people = tables["people"]
    words = {name: frozenset(text.split()) for name, text in people.items() if isinstance(text, str)}
    cues = [re.compile(fill(cue)) for cue in people["cues"]]
    return {"patterns": patterns, "cues": cues, "name": re.compile(rf"\b{fill(pieces['name'])}"), **words}


# Lines and parts that follow a street belong to the address: flat, town, state, code, country.
_ADDRESS_GOES_ON = re.compile(
    r"(?:[ \t>]*[,\n][ \t>]*(?:(?:apt|suite)\.?\s*#?\d+"
    r"|[A-ZÀ-ŽΑ-ΩА-Я][\w'’()-]*(?:[ \t]+[A-ZÀ-ŽΑ-Ω(][\w'’()-]*){0,3}(?:[ \t]+\d{3,6})?"
    r"|\d{3,6}(?:[ \t]+[A-ZÀ-Ž][\w'’-]*){0,3})(?=[ \t]*(?:[,\n.?!]|$)))+"
)
_YEARS = re.compile(
    r"(?:19|20)\d{2}\s?[-/.]\s?(?:19|20)?\d{2}|(?:\d{1,2}[-./ ]){2}(?:19|20)?\d{2}"
    r"|(?:19|20)\d{2}[-./ ]\d{1,2}[-./ ]\d{1,2}"
)
_AMOUNT_AFTER = re.compile(
    r"\s?(?:€|\$|£|%|eur\b|usd\b|chf\b|[km]?bps\b|px\b|mm\b|cm\b|kg\b|ms\b|[kmgt]b\b|x\s?\d)", re.I
)
_AMOUNT_BEFORE = re.compile(r"(?:€|\$|£|\beur|\busd|\bchf|\bv(?:ersion)?)\s?$", re.I)


def _passes_luhn(digits: str) -> bool:
    total = 0
    for place, sign in enumerate(reversed(digits)):
        value = int(sign) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _passes_iban(text: str) -> bool:
    signs = re.sub(r"[\s-]", "", text).upper()
    return signs.isascii() and int("".join(str(int(sign, 36)) for sign in signs[4:] + signs[:4])) % 97 == 1


@cache
def _analyser() -> Any:
    """Presidio's analyser with our recognisers and no language engine; none of them asks the network."""
    from presidio_analyzer import AnalyzerEngine, LocalRecognizer, RecognizerRegistry, RecognizerResult
    from presidio_analyzer.nlp_engine import NoOpNlpEngine

    logging.getLogger("presidio-analyzer").setLevel(logging.WARNING)

    class Identifiers(LocalRecognizer):
        """All patterns of one kind; presidio's own recogniser knows no named span."""

        def load(self) -> None:
            """Nothing to load."""

        def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[RecognizerResult]:
            """Every span that passes the checks of its kind."""
            kind = self.supported_entities[0]
            return [RecognizerResult(kind, *span) for each in patterns[kind] for span in _spans(kind, text, *each)]

    patterns = _tables()["patterns"]
    recognisers = [Identifiers(supported_entities=[kind], supported_language="en", name=kind) for kind in patterns]
    registry = RecognizerRegistry(recognizers=recognisers, supported_languages=["en"])
    empty = NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "none"}])
    return AnalyzerEngine(registry=registry, nlp_engine=empty, supported_languages=["en"])


def _spans(kind: str, text: str, expression: re.Pattern[str], score: float) -> Iterator[tuple[int, int, float]]:
    for match in expression.finditer(text):
        start, end = match.span("it") if "it" in expression.groupindex else match.span()
        if sure := _check(kind, text, start, end, score):
            yield start, end, sure


def _check(kind: str, text: str, start: int, end: int, score: float) -> float:
    """The score after the check of its kind; 0 when it is something else."""
    value = text[start:end]
    digits = re.sub(r"\D", "", value)
    if kind == "card":
        return 0.95 if _passes_luhn(digits) else score
    if kind == "iban":
        return 0.95 if _passes_iban(value) else score if sum(map(str.isdigit, value)) > 9 else 0
    if kind == "phone":
        if not 7 <= len(digits) <= 15 or _YEARS.fullmatch(value.strip()):
            return 0
        amount = _AMOUNT_AFTER.match(text, end) or _AMOUNT_BEFORE.search(text[max(0, start - 9) : start])
        return 0 if amount else score
    return score


# ── what the record knows ─────────────────────────────────────────────────────────────────────────────────────────

_SUFFIXES = re.compile(
    r",?\s+(?:gmbh|ag|kg|co|inc|ltd|llc|plc|bv|b\.v|nv|sarl"
    r"|s\.?a\.?r\.?l|sa|s\.a|spa|s\.p\.a|srl|oy|ab|as|sl|s\.l|limited|corp|corporation)\.?$",
    re.I,
)


def _flatten(text: str) -> str:
    """The text without accents and case, each character where it was."""
    return "".join((unicodedata.normalize("NFD", sign)[0].lower() or sign)[:1] for sign in text)


def _as_pattern(value: str) -> str:
    """The words of a value however they are joined; a number however it is grouped."""
    signs = re.sub(r"[\W_]", "", _flatten(value))
    if sum(map(str.isdigit, signs)) > len(signs) / 2 and len(signs) > 4:
        return r"[\W_]?".join(map(re.escape, signs))
    return r"[\W_]{0,3}".join(re.escape(word) for word in re.findall(r"[^\W_]+", _flatten(value)))


def _known_values(known: Known) -> Iterator[tuple[str, bool, float]]:
    """The value and its pieces that give a person away; whether a capital is needed, and how sure."""
    value = known.value.strip()
    yield value, False, 0.99
    if known.kind == "person":
        parts = [
            part
            for part in re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", value)
            if _flatten(part) not in _tables()["no_names"]
        ]
        yield from (
            (part, _flatten(part) in _tables()["also_words"] or len(part) < 4, 0.9) for part in parts if len(part) > 1
        )
    elif known.kind == "email":
        local = value.partition("@")[0]
        pieces = re.findall(r"[^\W\d_]{4,}", local)
        yield from ((piece, True, 0.7) for piece in pieces if _flatten(piece) not in _tables()["common_locals"])
    elif known.kind == "company":
        yield _SUFFIXES.sub("", value), False, 0.9
    elif known.kind == "address":
        yield from ((piece.strip(), False, 0.9) for piece in re.split(r"[,;\n]", value) if len(piece.strip()) > 3)


def _find_known(text: str, flat: str, known: Iterable[Known]) -> Iterator[Found]:
    small = small_words()
    for item in known:
        for value, needs_capital, score in _known_values(item):
            plain = _flatten(value).strip()
            if len(re.sub(r"\W", "", plain)) < 2 or (plain in small and not needs_capital):
                continue
            for match in re.finditer(rf"(?<![^\W_]){_as_pattern(value)}(?![^\W_])", flat):
                if not needs_capital or text[match.start()].isupper():
                    yield Found(match.start(), match.end(), item.kind, score)


# ── people nobody told us of ──────────────────────────────────────────────────────────────────────────────────────


@cache
def _first_names() -> frozenset[str]:
    words = (HERE / "names.txt").read_text(encoding="utf-8").split()
    return frozenset(_flatten(word) for word in words)


def _find_people(text: str) -> Iterator[Found]:
    for cue in _tables()["cues"]:
        for match in cue.finditer(text):
            if _flatten(match["it"]).split()[0] not in _tables()["greets_nobody"]:
                yield Found(match.start("it"), match.end("it"), "person", 0.75)
    first_names = _first_names()
    for match in _tables()["name"].finditer(text):
        words = match[0].split()
        # A run of capitals may begin before the name: "Yesterday Anna Berg called".
        at = next((at for at, word in enumerate(words) if _first_part(word) in first_names), None)
        is_alone = at is not None and len(words) == at + 1
        if at is not None and not (is_alone and _first_part(words[at]) in _tables()["also_words"]):
            start = match.start() + match[0].index(words[at])
            yield Found(start, match.end(), "person", 0.6 if is_alone else 0.7)


def _first_part(word: str) -> str:
    return re.split(r"['’-]", _flatten(word))[0]


# ── the three verbs ───────────────────────────────────────────────────────────────────────────────────────────────


def find(text: str, *, known: Iterable[Known] = (), language: str = "") -> list[Found]:
    """The personal data in a text, in order and without overlaps. ``known`` is what the record knows.

    ``language`` is not needed: patterns of all languages run over every text.
    """
    text = text[:MOST_CHARACTERS]
    if not text.strip():
        return []
    given = list(_find_known(text, _flatten(text), known))
    theirs, ours = [one for one in given if one.kind != KEEP], [one for one in given if one.kind == KEEP]
    return _without_overlaps(text, [*theirs, *(one for one in _guess(text) if not _stands_in(one, ours))])


def _stands_in(one: Found, others: list[Found]) -> bool:
    return any(one.start < other.end and other.start < one.end for other in others)


def _guess(text: str) -> list[Found]:
    """What patterns and cues say, without knowing the record."""
    found: list[Found] = []
    if re.search(r"\d|@|www|://|\(at\)|\[at\]", text, re.IGNORECASE):
        results = _analyser().analyze(text=text, language="en")
        found += [_whole_address(text, one) if one.entity_type == "address" else _as_found(one) for one in results]
    return [*found, *_find_people(text)]


def _as_found(result: Any) -> Found:
    return Found(result.start, result.end, result.entity_type, round(result.score, 2))


def _whole_address(text: str, result: Any) -> Found:
    rest = _ADDRESS_GOES_ON.match(text, result.end) if result.score >= SURE_STREET else None
    return Found(result.start, rest.end() if rest else result.end, "address", round(result.score, 2))


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
