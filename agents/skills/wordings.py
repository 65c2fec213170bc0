"""What a short message says, by a reader trained on written examples of four languages. Pure.

A reader is a small file beside the examples it was trained on (``agents.skills.learning`` makes it). It looks at words
and their neighbours, at pieces and beginnings of words, at what the words mean (``concepts.txt``, shared by the
languages), and at the vector of the English encoder where that is here. Reading needs numpy alone.
"""

import io
import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from agents import embeddings
from agents.skills.languages import detect_language, fold
from agents.skills.loading import load_once

CONCEPTS = Path(__file__).with_name("concepts.txt")
LANGUAGES = ("en", "de", "fr", "es")
LONGEST = 4000
BLOCKS = ("words", "pieces", "stems", "meanings")
# How long the row of each block is: meanings are few and shared by everybody, so they count for less.
COUNTS = {"words": 1.0, "pieces": 1.0, "stems": 1.0, "meanings": 0.7}
# How much the vector counts beside them.
VECTOR_WEIGHT = 2.0
_TOKEN = re.compile(r"[^\W\d_]+'?|0|\?|!|👍|🙏")
_NUMBER = re.compile(r"\d[\d.,:/-]*")
_CLAUSE = re.compile(
    r"(?<=[.!?;:,–])\s+|\n+|\s+(?=(?:but|aber|mais|pero|and|und|et|y)\s)",
    re.IGNORECASE,
)


# ── features ──────────────────────────────────────────────────────────────────────────────────────────────────────


def tokens(text: str) -> list[str]:
    """Folded words, question and exclamation marks; every number is a 0."""
    return _TOKEN.findall(_NUMBER.sub("0", fold(text[:LONGEST].replace("’", "'"))))


def words_of(text: str) -> list[str]:
    """Words, pairs and triples of neighbours, and pairs with one word between, with marks for beginning and end."""
    row = ["^", *tokens(text), "$"]
    found = [*row, *(f"{one} {two}" for one, two in pairwise(row))]
    found += [f"{one}_{two}" for one, two in zip(row, row[2:], strict=False)]
    return found + [" ".join(three) for three in zip(row, row[1:], row[2:], strict=False)]


def pieces_of(text: str) -> list[str]:
    """Pieces of three to five letters of each word, so that forms of a word are alike."""
    found: list[str] = []
    for word in tokens(text):
        padded = f"<{word}>"
        if len(word) > 2:
            found += [padded[at : at + size] for size in (3, 4, 5) for at in range(len(padded) - size + 1)]
    return found


def stems_of(text: str) -> list[str]:
    """Words by their first letters, with their neighbours, so that other endings and longer words still meet."""
    row = tokens(text)
    found = [word[:5] for word in row]
    found += [f"{one[:4]} {two[:4]}" for one, two in pairwise(["^", *row, "$"])]
    return found + [f"{one[:4]}_{two[:4]}" for one, two in zip(row, row[2:], strict=False)]


def meanings_of(text: str, language: str) -> list[str]:
    """What the words of each clause mean, alone, together, and one after the other; how long it is, whether it asks."""
    found: list[str] = []
    for clause in _CLAUSE.split(text[:LONGEST]):
        row = [meanings for token in tokens(clause) if (meanings := _meanings(token, language))]
        here = sorted({one for meanings in row for one in meanings})
        found += here
        found += [f"{one}&{two}" for at, one in enumerate(here) for two in here[at + 1 :]]
        found += [f"{one}>{two}" for before, after in pairwise(row) for one in before for two in after]
    if "?" in text:
        found.append("?")
    return [*found, f"length {min(5, int(math.log2(len(tokens(text)) + 1)))}"]


@load_once()
def _lexicon() -> dict[tuple[str, str], tuple[str, ...]]:
    """Language and word (or beginning with a star) to what it means."""
    known: dict[tuple[str, str], set[str]] = {}
    for line in CONCEPTS.read_text(encoding="utf-8").splitlines():
        head, _colon, words = line.partition(":")
        if words and not line.startswith("#"):
            meaning, language = head.split()
            for word in words.split():
                known.setdefault((language, fold(word)), set()).add(meaning)
    return {key: tuple(sorted(meanings)) for key, meanings in known.items()}


@lru_cache(maxsize=20_000)
def _meanings(token: str, language: str) -> tuple[str, ...]:
    known, plain = _lexicon(), token.rstrip("'")
    found = {*known.get((language, token), ()), *known.get((language, plain), ())}
    for size in range(2, len(token) + 1):
        found.update(known.get((language, f"{token[:size]}*"), ()))
    return tuple(sorted(found))


def spoken(text: str, language: str = "") -> str:
    """Which of the four languages the words are looked up in; English when it is another."""
    given = language[:2].lower()
    found = given if given in LANGUAGES else detect_language(text)
    return found if found in LANGUAGES else "en"


def features_of(text: str, language: str) -> tuple[list[str], ...]:
    """The terms of the blocks."""
    return words_of(text), pieces_of(text), stems_of(text), meanings_of(text, language)


# ── a trained reader ──────────────────────────────────────────────────────────────────────────────────────────────


class Reader:
    """A trained file opened for use."""

    def __init__(self, content: bytes) -> None:
        with np.load(io.BytesIO(content), allow_pickle=False) as parts:
            self.parts = {name: parts[name] for name in parts.files}
        about = json.loads(str(self.parts["about"]))
        self.labels: list[str] = about["labels"]
        self.engine: str = about["engine"]
        self.examples: str = about["examples"]
        self.heat: float = about["heat"]
        self.places = {
            block: {term: at for at, term in enumerate(json.loads(str(self.parts[f"{block} terms"])))}
            for block in BLOCKS
        }

    def weigh(self, text: str, language: str = "", *, by_words_alone: bool = False) -> dict[str, float]:
        """How probable each label is for ``text``, summing to 1; labels in a fixed order."""
        spoken_in = spoken(text, language)
        vector = None if by_words_alone else self._vector(text, spoken_in)
        kind = "words alone" if vector is None else "with vector"
        scores = self.parts[f"{kind} bias"].astype(np.float64)
        for block, terms in zip(BLOCKS, features_of(text, spoken_in), strict=True):
            scores = scores + self._block(kind, block, terms)
        if vector is not None:
            scores = scores + self.parts["vector weights"].astype(np.float64) @ vector
        shares = np.exp((scores - scores.max()) / self.heat)
        return {label: round(float(share), 4) for label, share in zip(self.labels, shares / shares.sum(), strict=True)}

    def _vector(self, text: str, spoken_in: str) -> np.ndarray | None:
        if spoken_in != "en" or embeddings.engine() != self.engine:
            return None
        return VECTOR_WEIGHT * embeddings.embed([text[:LONGEST]])[0].astype(np.float64)

    def _block(self, kind: str, block: str, terms: Iterable[str]) -> np.ndarray:
        places, rarity = self.places[block], self.parts[f"{block} rarity"]
        counts = {places[term]: often for term, often in Counter(terms).items() if term in places}
        if not counts:
            return np.zeros(len(self.labels))
        at = np.fromiter(sorted(counts), np.int64)
        values = np.array([(1 + math.log(counts[int(one)])) * float(rarity[one]) for one in at])
        values *= COUNTS[block] / np.linalg.norm(values)
        weights = self.parts[f"{kind} {block}"][:, at].astype(np.float64) * self.parts[f"{kind} {block} scale"]
        return weights @ values


@load_once(8)
def open_reader(path: Path) -> Reader:
    """The reader in a file, opened once."""
    return Reader(path.read_bytes())
