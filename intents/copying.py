"""Values that are copied from what a customer wrote: numbers, dates, amounts, addresses. Pure."""

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from agents.evidence import Evidence
from agents.skills.languages import fold
from intents.reading import Source, words_of

FieldType = Literal["text", "choice", "lookup", "integer", "boolean", "date", "currency", "email"]
CUES = {
    "order": "order|purchase|bestell|auftrag|commande|pedido|orden",
    "serial": "serial|s/n|sn|serien|serie|numero de serie",
    "invoice": "invoice|rechnung|facture|factura",
}
_CODE = re.compile(r"\b(?=[\w-]*\d)[A-Za-z0-9][\w-]{3,30}\b")
# Between a code and its name after it: "D58-11020 is the serial", "D58-11020 (serial)".
_NAMED_AFTER = re.compile(r"\s*(?:\(|=|(?:is|was|ist|war|est|es|era)\b(?![^.!?\n,;]{0,25}\b(?:not|nicht|pas|no)\b))")
# So many different values make a form known, and a form needs so many digits: "USB-3" is none.
FEWEST_ALIKE, FEWEST_DIGITS = 3, 4
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SIGN = r"(?:€|\$|£|EUR|USD|GBP|CHF|euros?)"
_NUMBER = r"\d{1,3}(?:[.,' ]\d{3})*(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?"
_AMOUNT = re.compile(rf"(?:{_SIGN}\s?(?P<after>{_NUMBER})|(?P<before>{_NUMBER})\s?{_SIGN})(?![\w])", re.IGNORECASE)
_MONTHS = (
    "jan january januar janvier enero ene;feb february februar fevrier febrero;mar march marz mars marzo;"
    "apr april avril abril;may mai mayo;jun june juni juin junio;jul july juli juillet julio;"
    "aug august aout agosto;sep sept september septembre septiembre;oct october oktober octobre octubre okt;"
    "nov november novembre noviembre;dec december dezember decembre diciembre dez"
)
MONTHS = {name: number for number, names in enumerate(_MONTHS.split(";"), 1) for name in names.split()}
_DATES = [
    re.compile(r"\b(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})\b"),
    re.compile(r"\b(?P<d>\d{1,2})(?P<sep>[./])\s?(?P<m>\d{1,2})(?P=sep)\s?(?P<y>\d{4}|\d{2})\b"),
    re.compile(r"\b(?P<d>\d{1,2})(?:st|nd|rd|th|er|\.)?\s+(?:de\s+|of\s+)?(?P<n>[^\W\d]{3,10})\.?(?:,?\s+(?:de\s+)?(?P<y>\d{4}))?"),
    re.compile(r"\b(?P<n>[^\W\d]{3,10})\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?\b(?:,?\s+(?P<y>\d{4}))?"),
]  # fmt: skip
_DAYS = {"yesterday": -1, "gestern": -1, "hier": -1, "ayer": -1, "today": 0, "heute": 0, "aujourd'hui": 0, "hoy": 0}
_RELATIVE = re.compile(r"\b(" + "|".join(_DAYS) + r")\b", re.IGNORECASE)


class FieldOption(BaseModel):
    """What a choice or lookup may be: ``value`` is stored, the rest is what people call it."""

    value: str
    label: str
    description: str = ""
    aliases: list[str] = []


class FieldTarget(BaseModel):
    """A field that should be filled; ``pattern`` is a regular expression that its values match in full.

    ``name`` title, description and priority have methods of their own. A code needs nobody to announce it that one of
    ``shapes``, regular expressions, matches in full, or that is of one of ``forms``, what ``forms_of`` confirmed values
    gives.
    """

    name: str
    label: str = ""
    type: FieldType = "text"
    pattern: str = ""
    description: str = ""
    options: list[FieldOption] = []
    shapes: list[str] = []
    forms: dict[str, int] = {}


class PredictedField(BaseModel):
    """A value with what it is based on; ``value`` None means that no source was found, and ``reason`` says so.

    Values are what is stored: an option's value, an ISO date, "true" or "false", digits with a point for amounts.
    ``shown`` is the value as people read it. ``promise`` is what was learned about writing alone: of all values at
    least this sure, so many were right among the confirmed ones held back; 0 when nothing was learned.
    """

    name: str
    value: str | None = None
    shown: str = ""
    confidence: float = 0.0
    promise: float = 0.0
    evidence: list[Evidence] = []
    reason: str = ""


@dataclass(frozen=True)
class Copied:
    """A value that stands in a source; ``trust`` is how likely it is meant, if it is the only one."""

    source: Source
    start: int
    end: int
    value: str
    trust: float


def copy_value(target: FieldTarget, sources: list[Source]) -> PredictedField:
    """The value of a field that must stand in the customer's words, newest statement first."""
    for source in sources:
        found = [one for one in _candidates(target, source) if not source.is_denied(one.start)]
        if found:
            return _chosen(target, found)
    return PredictedField(name=target.name, reason="no source found")


def _chosen(target: FieldTarget, found: list[Copied]) -> PredictedField:
    """A corrected value wins; of several others the first, with less confidence."""
    corrected = [one for one in found if one.source.is_corrected(one.start)]
    best = corrected[-1] if corrected else max(found, key=lambda one: (one.trust, -one.start))
    values = {fold(one.value) for one in found}
    trust = best.trust if len(values) == 1 or corrected else best.trust * 0.6
    if best.source.is_forwarded:
        trust *= 0.9
    if best.source.header:
        trust *= 0.97
    evidence = best.source.evidence(best.start, best.end).model_copy(update={"part": target.name})
    return PredictedField(
        name=target.name, value=best.value, shown=best.value, confidence=round(trust, 4), evidence=[evidence]
    )


def _candidates(target: FieldTarget, source: Source) -> list[Copied]:
    finders = {
        "date": _dates, "currency": _amounts, "email": _emails, "integer": _integers, "boolean": _booleans,
    }  # fmt: skip
    if target.pattern:
        return list(_by_pattern(target, source))
    return list(finders.get(target.type, _codes)(target, source))


def _by_pattern(target: FieldTarget, source: Source) -> Iterator[Copied]:
    try:
        pattern = re.compile(rf"(?<![\w-])(?:{target.pattern.strip('^$')})(?![\w-])", re.IGNORECASE)
    except re.error:
        return
    for match in pattern.finditer(source.text[:20_000]):
        if match.group().strip():
            yield Copied(source, match.start(), match.end(), match.group(), 0.96)


def _cue(target: FieldTarget) -> re.Pattern:
    """What announces a value: known words for known numbers, else the words of the label."""
    named = fold(f"{target.name} {target.label}")
    known = [cues for key, cues in CUES.items() if key in named]
    words = [
        re.escape(word.text) for word in words_of(target.label or target.name.replace("_", " ")) if len(word.text) > 3
    ]
    return re.compile(r"\b(?:" + "|".join(known or words or [re.escape(fold(target.name))]) + ")")


def _announced(target: FieldTarget, source: Source, match: re.Match) -> bool:
    """Whether the words before or right after a code say that it is the field's."""
    cue = _cue(target)
    before = source.text[max(0, match.start() - 40) : match.start()]
    if cue.search(fold(re.split(r"[.!?]\s|\n\n", before)[-1])):
        return True
    after = re.split(r"[.!?,;)]|\n\n", source.text[match.end() : match.end() + 40])[0]
    named = _NAMED_AFTER.match(after)
    return bool(named and cue.search(fold(after[named.end() :])))


def forms_of(values: Iterable[str]) -> dict[str, int]:
    """The forms that at least three of the values share, each with the fewest digits seen in it.

    "D58-11020" and "E7-204" are of the form "x9-9"; what is digits alone has none, for so are telephone numbers.
    """
    digits: dict[str, list[int]] = {}
    for value in sorted({one.strip().casefold() for one in values}):
        if _CODE.fullmatch(value) and not value.isdecimal():
            digits.setdefault(_form(value), []).append(_digits(value))
    return {
        form: min(counts)
        for form, counts in digits.items()
        if len(counts) >= FEWEST_ALIKE and min(counts) >= FEWEST_DIGITS
    }


def _has_shape(code: str, shape: str) -> bool:
    try:
        return bool(re.fullmatch(shape, code, re.IGNORECASE))
    except re.error:
        return False


def _form(code: str) -> str:
    return re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "x", code))


def _digits(code: str) -> int:
    return sum(one.isdigit() for one in code)


def _codes(target: FieldTarget, source: Source) -> Iterator[Copied]:
    for match in _CODE.finditer(source.text):
        code = match.group()
        if _DATES[0].fullmatch(code):
            continue
        if any(_has_shape(code, shape) for shape in target.shapes):
            yield Copied(source, match.start(), match.end(), code, 0.93)
        elif _announced(target, source, match):
            yield Copied(source, match.start(), match.end(), code, 0.85)
        elif _digits(code) >= target.forms.get(_form(code), len(code) + 1):
            yield Copied(source, match.start(), match.end(), code, 0.78)


def _integers(target: FieldTarget, source: Source) -> Iterator[Copied]:
    for match in re.finditer(r"(?<![\w.,-])\d{1,9}(?![\w-]|[.,]\d)", source.text):
        sentence = source.sentence_at(match.start())
        if _cue(target).search(fold(sentence.text)):
            near = _announced(target, source, match) or _cue(target).match(fold(source.text[match.end() :].lstrip()))
            yield Copied(source, match.start(), match.end(), str(int(match.group())), 0.85 if near else 0.6)


def _booleans(target: FieldTarget, source: Source) -> Iterator[Copied]:
    for sentence in source.sentences:
        cue = _cue(target).search(fold(sentence.text))
        if cue and "?" not in sentence.text:
            no = re.search(r"\b(?:not?|never|n't|nicht|kein\w*|nie|pas|jamais|nunca)\b|n't", fold(sentence.text))
            yield Copied(source, sentence.start, sentence.end, "false" if no else "true", 0.7)


def _emails(target: FieldTarget, source: Source) -> Iterator[Copied]:
    for match in _EMAIL.finditer(source.text):
        if match.group().casefold() != source.message.sender.casefold():
            yield Copied(source, match.start(), match.end(), match.group(), 0.85)


def _amounts(target: FieldTarget, source: Source) -> Iterator[Copied]:
    for match in _AMOUNT.finditer(source.text):
        number = match["after"] or match["before"]
        cents = re.search(r"[.,](\d{1,2})$", number)
        whole = re.sub(r"\D", "", number[: cents.start()] if cents else number)
        value = f"{int(whole)}.{cents[1]:0<2}" if cents else f"{int(whole)}.00"
        yield Copied(source, match.start(), match.end(), value, 0.85)


def _dates(target: FieldTarget, source: Source) -> Iterator[Copied]:
    today = _today(source)
    for pattern in _DATES:
        for match in pattern.finditer(source.text):
            day, trust = _day(match.groupdict(), today)
            if day:
                end = match.start() + len(match.group().rstrip())
                yield Copied(source, match.start(), end, day.isoformat(), trust)
    for match in _RELATIVE.finditer(source.text):
        if today:
            meant = today + datetime.timedelta(days=_DAYS[match.group().lower()])
            yield Copied(source, match.start(), match.end(), meant.isoformat(), 0.8)


def _today(source: Source) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(source.message.day[:10])
    except ValueError:
        return None


def _day(found: dict[str, str | None], today: datetime.date | None) -> tuple[datetime.date | None, float]:
    """The day meant, and how sure: 3/4/2026 may be either way round, a missing year is the nearest one."""
    month = MONTHS.get(fold(str(found["n"]))) if found.get("n") else int(found["m"] or 0)
    year = int(str(found["y"])) if found.get("y") else (today.year if today else 0)
    year += 2000 if 0 < year < 100 else 0
    trust = 0.6 if found.get("sep") == "/" and int(found["d"] or 0) <= 12 else 0.92 if found.get("y") else 0.8
    try:
        day = datetime.date(year, month or 0, int(found["d"] or 0))
    except ValueError:
        return None, 0.0
    if not found.get("y") and today and abs((day - today).days) > 183 and (day.month, day.day) != (2, 29):
        day = day.replace(year=year + (1 if day < today else -1))
    return day, trust
