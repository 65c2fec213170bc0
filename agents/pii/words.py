"""What tells personal data: the patterns and words of ``pii.toml``, the first names, and how a span is written down."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.skills.loading import load_once

HERE = Path(__file__).resolve().parents[1]


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


@load_once()
def tables() -> dict[str, Any]:
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
    forms = {name: re.compile(fill(people.pop(name))) for name in ("surname_ends", "list", "lower_cue", "lower_list")}
    words = {name: frozenset(text.split()) for name, text in people.items() if isinstance(text, str)}
    cues = [re.compile(fill(cue)) for cue in people["cues"]]
    around = {name: re.compile(fill(pattern), re.IGNORECASE) for name, pattern in tables["addresses"].items()}
    return {
        "patterns": patterns,
        "cues": cues,
        "name": re.compile(rf"\b{fill(pieces['name'])}"),
        **around,
        **forms,
        **words,
    }


@load_once()
def first_names() -> frozenset[str]:
    """First and family names that give a person away, without accents and case."""
    words = (HERE / "names.txt").read_text(encoding="utf-8").split()
    return frozenset(flatten(word) for word in words)


def flatten(text: str) -> str:
    """The text without accents and case, each character where it was."""
    return "".join((unicodedata.normalize("NFD", sign)[0].lower() or sign)[:1] for sign in text)


def first_part(word: str) -> str:
    """The word without accents and case, up to an apostrophe or hyphen."""
    return re.split(r"['’-]", flatten(word))[0]
