"""Learning a library of intents from few examples, and recognising them in a text. Pure.

Frozen sentence vectors under a softmax regression: with five or ten examples for each intent it is more often right
than the nearest centroid, and the intents' own names count as examples. Texts of a language that the encoder does not
know are compared by word forms. How sure it is follows from the regression and from how near the nearest example lies.
"""

import io
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from agents import embeddings
from agents.skills.languages import fold, small_words
from intents.reading import clean_subject
from knowledge.passages import Span, sentences
from knowledge.questions import telling_sentences

FORMAT = 1
PENALTY, STEPS = 0.1, 60
# Logistic of how clearly one intent leads, and of how near its nearest example lies; the lesser of both counts.
PER_LEAD, LEAD_AT_NOTHING = 1.8, 2.6
PER_NEARNESS, NEARNESS_AT_NOTHING = 10.0, -3.5
# One sentence of several says less than a message that says only this.
SENTENCE_SAYS = 0.97
MOST_SENTENCES, MOST_CHARACTERS = 6, 1200
MOST_WORDS = 4


@dataclass(frozen=True)
class Learned:
    """An intent as it is learned: its names count as examples; ``ids`` and ``vectors`` belong to ``texts``."""

    key: str
    label: str
    texts: list[str]
    ids: list[int]
    definition: str = ""
    vectors: list[np.ndarray | None] = field(default_factory=list)


@dataclass(frozen=True)
class Seen:
    """One intent seen in a text: how sure, by which examples, in which sentence."""

    key: str
    label: str
    confidence: float
    examples: list[int] = field(default_factory=list)
    example_texts: list[str] = field(default_factory=list)
    span: Span | None = None


# ── learning ──────────────────────────────────────────────────────────────────────────────────────────────────────


def learn(library: Sequence[Learned]) -> bytes:
    """What recognition needs, as an npz file without pickles; the same library gives the same bytes."""
    rows = sorted(library, key=lambda one: one.key)
    about = {
        "format": FORMAT,
        "engine": embeddings.engine(),
        "keys": [one.key for one in rows],
        "labels": [one.label for one in rows],
        "texts": [text for one in rows for text in _texts(one)],
        "ids": [ident for one in rows for ident in _idents(one)],
    }
    owner = np.array([at for at, one in enumerate(rows) for _text in _texts(one)], np.int32)
    parts: dict[str, np.ndarray] = {"about": np.array(json.dumps(about)), "owner": owner}
    for name in sorted({embeddings.engine(), embeddings.NGRAMS}):
        here, vectors = _vectors(rows, name)
        block = "form" if name == embeddings.NGRAMS else "meaning"
        parts[f"{block}_rows"] = here
        parts[f"{block}_near"] = vectors.astype(np.float16)
        parts[f"{block}_weights"] = _regress(vectors, owner[here], len(rows))
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **parts)
    return buffer.getvalue()


def _texts(one: Learned) -> list[str]:
    """The examples, then name and definition."""
    return [*one.texts, *(text for text in (one.label, one.definition) if text.strip())]


def _idents(one: Learned) -> list[int]:
    return [*one.ids, *([0] * (len(_texts(one)) - len(one.texts)))]


def _vectors(rows: Sequence[Learned], name: str) -> tuple[np.ndarray, np.ndarray]:
    """Which texts this engine understands, and their vectors; stored ones are not made again."""
    texts = [text for one in rows for text in _texts(one)]
    stored = [vector for one in rows for vector in [*one.vectors, *([None] * (len(_texts(one)) - len(one.vectors)))]]
    is_form = name == embeddings.NGRAMS
    here = [at for at, text in enumerate(texts) if is_form or embeddings.engine_for(text) == name]
    missing = [at for at in here if is_form or stored[at] is None]
    made = dict(zip(missing, embeddings.embed([texts[at] for at in missing], name), strict=True)) if missing else {}
    found = [made[at] if at in made else stored[at] for at in here]
    vectors = np.array(found, np.float32) if found else np.zeros((0, embeddings.dimension(name)), np.float32)
    return np.array(here, np.int32), vectors


def _regress(rows: np.ndarray, owner: np.ndarray, count: int) -> np.ndarray:
    """Softmax regression with a ridge, by accelerated descent from nothing: deterministic, numpy alone."""
    weights = np.zeros((count, rows.shape[1]), np.float32)
    if not len(rows):
        return weights
    wanted = np.zeros((len(rows), count), np.float32)
    wanted[np.arange(len(rows)), owner] = 1
    step = 1 / (0.25 * float(np.linalg.norm(rows, 2)) ** 2 + PENALTY)
    ahead, pace = weights.copy(), 1.0
    for _turn in range(STEPS):
        slope = (_shares(rows @ ahead.T) - wanted).T @ rows + PENALTY * ahead
        following = ahead - step * slope
        next_pace = (1 + math.sqrt(1 + 4 * pace * pace)) / 2
        ahead = following + np.float32((pace - 1) / next_pace) * (following - weights)
        weights, pace = following, next_pace
    return weights


def _shares(scores: np.ndarray) -> np.ndarray:
    """Scores as shares of one, row by row."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


# ── recognising ───────────────────────────────────────────────────────────────────────────────────────────────────


class _Opened:
    """A learned library, opened for use."""

    def __init__(self, content: bytes) -> None:
        with np.load(io.BytesIO(content), allow_pickle=False) as parts:
            self.parts = dict(parts)
        about = json.loads(str(self.parts.pop("about")))
        self.engine, self.keys, self.labels = about["engine"], about["keys"], about["labels"]
        self.texts, self.ids = about["texts"], about["ids"]
        self.owner = self.parts["owner"]

    def confidences(self, vector: np.ndarray, block: str) -> tuple[np.ndarray, np.ndarray]:
        """How sure each intent is for one vector, and how near each text of the library lies (-1 where unknown)."""
        near = np.full(len(self.owner), -1.0, np.float32)
        near[self.parts[f"{block}_rows"]] = self.parts[f"{block}_near"].astype(np.float32) @ vector
        nearest = np.full(len(self.keys), -1.0, np.float32)
        np.maximum.at(nearest, self.owner, near)
        share = np.clip(_shares(self.parts[f"{block}_weights"] @ vector), 1e-6, 1 - 1e-4).astype(float)
        lead = PER_LEAD * np.log(share / (1 - share)) + LEAD_AT_NOTHING
        nearness = PER_NEARNESS * nearest + NEARNESS_AT_NOTHING
        return 1 / (1 + np.exp(-np.minimum(lead, nearness))), near


@lru_cache(maxsize=8)
def _open(content: bytes) -> _Opened:
    return _Opened(content)


def read_units(text: str, subject: str = "") -> list[Span]:
    """What is compared: the matter as a whole, and when it has several sentences each of the first; in place.

    The whole stands first; its span is of the text, and its words begin with the subject.
    """
    spans = telling_sentences(sentences(text[:20_000])) or [Span(0, len(text), text) for text in [text.strip()] if text]
    whole = " ".join([clean_subject(subject), *(" ".join(span.text.split()) for span in spans)]).strip()
    if not whole:
        return []
    first = Span(spans[0].start, spans[-1].end, whole[:MOST_CHARACTERS]) if spans else Span(0, 0, whole)
    several = spans[:MOST_SENTENCES] if len(spans) > 1 else []
    return [first, *several]


def recognise(
    content: bytes, text: str, *, subject: str = "", language: str = "", left_out: Sequence[str] = ()
) -> list[Seen]:
    """The intents a text may have, best first, at most five; none of an empty text or library."""
    opened, units = _open(content), read_units(text, subject)
    if not units or not opened.keys:
        return []
    name = embeddings.engine_for(units[0].text, language)
    block = "form" if name == embeddings.NGRAMS or name != opened.engine else "meaning"
    vectors = embeddings.embed([unit.text for unit in units], embeddings.NGRAMS if block == "form" else name)
    found = [opened.confidences(vector, block) for vector in vectors]
    sure = np.stack([one for one, _near in found])
    sure[1:] *= SENTENCE_SAYS
    best_unit = sure.argmax(axis=0)
    best = sure.max(axis=0).round(4)
    if left_out:
        best[[at for at, key in enumerate(opened.keys) if key in left_out]] = 0
    order = sorted(range(len(best)), key=lambda at: (-best[at], opened.keys[at]))[:5]
    return [
        _seen(opened, at, float(best[at]), found[best_unit[at]][1], units[best_unit[at]]) for at in order if best[at]
    ]


def _seen(opened: _Opened, at: int, confidence: float, near: np.ndarray, unit: Span) -> Seen:
    own = [row for row in np.flatnonzero(opened.owner == at) if opened.ids[row] and near[row] > -1]
    closest = sorted(own, key=lambda row: (-round(float(near[row]), 4), opened.ids[row]))[:5]
    return Seen(
        opened.keys[at], opened.labels[at], confidence,
        [opened.ids[row] for row in closest], [opened.texts[row] for row in closest], unit,
    )  # fmt: skip


def weigh_words(content: bytes, text: str, seen: Seen) -> list[Span]:
    """The words of the text that speak most for an intent and less for the others, in their order; at most four."""
    opened = _open(content)
    if seen.span is None or seen.key not in opened.keys:
        return []
    small, start, end = small_words(), seen.span.start, seen.span.end
    words = [Span(start + one.start(), start + one.end(), one.group()) for one in re.finditer(r"\w+", text[start:end])]
    words = [word for word in words if fold(word.text) not in small and not word.text.isdigit()][:80]
    if not words:
        return []
    weights = opened.parts["form_weights"]
    heavy = embeddings.embed([word.text for word in words], embeddings.NGRAMS) @ (
        weights[opened.keys.index(seen.key)] - weights.mean(axis=0)
    )
    order = sorted(range(len(words)), key=lambda at: (-round(float(heavy[at]), 4), at))
    return sorted((words[at] for at in order[:MOST_WORDS] if heavy[at] > 0), key=lambda word: word.start)


def engine_of(content: bytes) -> str:
    """By which vectors a library was learned."""
    return _open(content).engine
