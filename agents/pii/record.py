"""What the record knows of people, found in a text in other spellings."""

import re
from collections.abc import Iterable, Iterator

from agents.skills.languages import small_words

from .words import Found, Known, flatten, tables

_SUFFIXES = re.compile(
    r",?\s+(?:gmbh|ag|kg|co|inc|ltd|llc|plc|bv|b\.v|nv|sarl"
    r"|s\.?a\.?r\.?l|sa|s\.a|spa|s\.p\.a|srl|oy|ab|as|sl|s\.l|limited|corp|corporation)\.?$",
    re.I,
)


def _as_pattern(value: str) -> str:
    """The words of a value however they are joined; a number however it is grouped."""
    signs = re.sub(r"[\W_]", "", flatten(value))
    if sum(map(str.isdigit, signs)) > len(signs) / 2 and len(signs) > 4:
        return r"[\W_]?".join(map(re.escape, signs))
    return r"[\W_]{0,3}".join(re.escape(word) for word in re.findall(r"[^\W_]+", flatten(value)))


def _known_values(known: Known) -> Iterator[tuple[str, bool, float]]:
    """The value and its pieces that give a person away; whether a capital is needed, and how sure."""
    value = known.value.strip()
    yield value, False, 0.99
    if known.kind == "person":
        parts = [
            part
            for part in re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", value)
            if flatten(part) not in tables()["no_names"]
        ]
        yield from (
            (part, flatten(part) in tables()["also_words"] or len(part) < 4, 0.9) for part in parts if len(part) > 1
        )
    elif known.kind == "email":
        local = value.partition("@")[0]
        pieces = re.findall(r"[^\W\d_]{4,}", local)
        yield from ((piece, True, 0.7) for piece in pieces if flatten(piece) not in tables()["common_locals"])
    elif known.kind == "company":
        yield _SUFFIXES.sub("", value), False, 0.9
    elif known.kind == "address":
        yield from ((piece.strip(), False, 0.9) for piece in re.split(r"[,;\n]", value) if len(piece.strip()) > 3)


def find_known(text: str, flat: str, known: Iterable[Known]) -> Iterator[Found]:
    """Every place where a value of the record, or a telling piece of it, stands in the text."""
    small = small_words()
    for item in known:
        for value, needs_capital, score in _known_values(item):
            plain = flatten(value).strip()
            if len(re.sub(r"\W", "", plain)) < 2 or (plain in small and not needs_capital):
                continue
            for match in re.finditer(rf"(?<![^\W_]){_as_pattern(value)}(?![^\W_])", flat):
                if not needs_capital or text[match.start()].isupper():
                    yield Found(match.start(), match.end(), item.kind, score)
