"""Learning a library of intents from few examples, and recognising them in a text. Pure.

Frozen sentence vectors and letters under a softmax regression (``intents.regression``); the intents' own names count as
examples. Texts of a language that the encoder does not know are compared by word forms. How sure it is follows from the
regression, made honest by examples held back, and from how near the intent's own examples lie.
"""

import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from agents import embeddings
from agents.skills.languages import fold, small_words
from agents.skills.loading import load_once
from intents import regression
from intents.reading import clean_subject
from intents.several import ask_each, learn_several
from knowledge.passages import Span, sentences
from knowledge.questions import telling_sentences

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FORMAT = 4
# Whether a text is in scope: a logistic of how near an intent's examples lie, in the mean of the nearest three, or of
# how near the nearest alone, which has to be nearer. The lesser of it and of the regression's share counts.
NEAREST, ALONE = 3, 0.2
LEAST_SHARE = 0.004
PER_NEARNESS = {"meaning": 20.0, "form": 12.0}
NEAR_ENOUGH = {"meaning": 0.34, "form": 0.25}
# One sentence of several says less than a message that says only this; it leads where the whole says too little.
SENTENCE_SAYS = 0.97
WHOLE_LEADS = 0.1
JUST_BELOW = 0.0001
MOST_SENTENCES, MOST_CHARACTERS = 6, 1200
MOST_WORDS = 4
MOST_SEEN, MOST_BESIDE = 5, 8
_JOINED = re.compile(r"[_.\-]+|(?<=[a-z]{2})(?=[A-Z][a-z])")


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
    """One intent seen in a text: how sure, by which examples, in which sentence.

    ``is_beside`` when its library knows texts of several intents, so that others may stand in the same sentence.
    """

    key: str
    label: str
    confidence: float
    examples: list[int] = field(default_factory=list)
    example_texts: list[str] = field(default_factory=list)
    span: Span | None = None
    is_beside: bool = False


# ── learning ──────────────────────────────────────────────────────────────────────────────────────────────────────


def learn(library: Sequence[Learned]) -> bytes:
    """What recognition needs, as an npz file without pickles; the same library gives the same bytes."""
    rows = sorted(library, key=lambda one: one.key)
    texts = [text for one in rows for text in _texts(one)]
    about = {
        "format": FORMAT,
        "engine": embeddings.engine(),
        "keys": [one.key for one in rows],
        "labels": [one.label for one in rows],
        "texts": texts,
        "ids": [ident for one in rows for ident in _idents(one)],
    }
    owner = np.array([at for at, one in enumerate(rows) for _text in _texts(one)], np.int32)
    parts: dict[str, np.ndarray] = {"about": np.array(json.dumps(about)), "owner": owner}
    counts = regression.count_letters(texts)
    parts["rarity"] = regression.weigh_rarity(counts)
    letters = regression.scale_letters(counts, parts["rarity"])
    is_example = np.array([ident > 0 for one in rows for ident in _idents(one)], bool)
    for name in sorted({embeddings.engine(), embeddings.NGRAMS}):
        here, vectors = _vectors(rows, name)
        block = "form" if name == embeddings.NGRAMS else "meaning"
        features = regression.Rows(vectors if block == "meaning" else vectors[:, :0], letters[here])
        parts[f"{block}_rows"] = here
        parts[f"{block}_near"] = vectors.astype(np.float16)
        parts |= {
            f"{block}_{part}": value for part, value in _regress(features, owner[here], is_example[here], len(rows))
        }
        each = learn_several(features, [texts[at] for at in here], owner[here], is_example[here], len(rows))
        parts |= {f"{block}_{part}": value for part, value in each.items()}
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **parts)
    return buffer.getvalue()


def _regress(
    features: regression.Rows, owner: np.ndarray, is_example: np.ndarray, count: int
) -> list[tuple[str, np.ndarray]]:
    """Weights, offsets and sharpness of a softmax regression over texts counted from the middle of the examples.

    What all texts of a library share tells no intent from another; measured in docs/quality.md.
    """
    middle = features.vectors[is_example].mean(axis=0) if is_example.any() else np.zeros(features.vectors.shape[1])
    centred = features.centred(middle.astype(np.float32))
    weight = regression.weigh_names(centred, owner, is_example, count)
    weights = regression.regress(centred, owner, count, weight)
    sharpness = regression.measure_sharpness(centred, owner, is_example, count, weight)
    return [
        ("weights", weights.T.astype(np.float16)),
        ("offsets", -(middle @ weights[: len(middle)]).astype(np.float32)),
        ("sharpness", np.array(sharpness, np.float32)),
    ]


def _texts(one: Learned) -> list[str]:
    """The examples, then name and definition."""
    return [*one.texts, *(text for text in (read_name(one.label), one.definition) if text.strip())]


def read_name(name: str) -> str:
    """The words of a name, also where they are written as one: "GetQuote", "get_quote"."""
    return name if " " in name.strip() else _JOINED.sub(" ", name)


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
        for name in [name for name in self.parts if name.endswith("_near")]:
            self.parts[name] = self.parts[name].astype(np.float32)
        for name in [name for name in self.parts if name.endswith("_weights")]:  # feature by intent, as they are used
            self.parts[name] = np.ascontiguousarray(self.parts[name].T, np.float32)
        self.usual = self.parts["form_weights"].mean(axis=1) if self.keys else np.zeros(0)
        every = np.arange(len(self.keys) + 1)
        self.first = {
            block: np.searchsorted(self.owner[self.parts[f"{block}_rows"]], every)
            for block in ("meaning", "form")
            if f"{block}_rows" in self.parts
        }

    def letters(self, texts: list[str]) -> "csr_matrix":
        """The letters of texts, weighed as they were learned."""
        return regression.scale_letters(regression.count_letters(texts), self.parts["rarity"])

    def rows(self, texts: list[str], vectors: np.ndarray, block: str) -> regression.Rows:
        """Texts as they are regressed."""
        return regression.Rows(vectors if block == "meaning" else vectors[:, :0], self.letters(texts))

    def texts_of(self, at: int) -> range:
        """Where the texts of an intent stand."""
        return range(*np.searchsorted(self.owner, (at, at + 1)).tolist())

    def is_shared(self, block: str) -> bool:
        """Whether several intents may stand in one sentence."""
        return f"{block}_each_weights" in self.parts

    def shares(self, rows: regression.Rows, block: str) -> np.ndarray:
        """How likely each intent is in each text by the regression alone."""
        if self.is_shared(block):
            names = ("weights", "offsets", "bars", "sharpness")
            return ask_each(rows, *(self.parts[f"{block}_each_{name}"] for name in names)).astype(float)
        scores = rows.scores(self.parts[f"{block}_weights"]) + self.parts[f"{block}_offsets"]
        return regression.shares(float(self.parts[f"{block}_sharpness"]) * scores).astype(float)

    def confidences(self, vector: np.ndarray, share: np.ndarray, block: str) -> tuple[np.ndarray, np.ndarray]:
        """How sure each intent is for one text, and how near each of its texts lies (-1 where that was not asked)."""
        rows, first = self.parts[f"{block}_rows"], self.first[block]
        near, sure = np.full(len(self.owner), -1.0, np.float32), np.zeros(len(self.keys))
        likely = share >= min(LEAST_SHARE, share.max())
        asked = np.flatnonzero(likely & (first[1:] > first[:-1]))
        if len(asked):
            here = np.concatenate([np.arange(first[at], first[at + 1]) for at in asked])
            near[rows[here]] = self.parts[f"{block}_near"][here] @ vector
            nearness = PER_NEARNESS[block] * (_nearness(near[rows[here]], self.owner[rows[here]]) - NEAR_ENOUGH[block])
            sure[asked] = np.minimum(share[asked], 1 / (1 + np.exp(-nearness)))
        if self.is_shared(block):
            return share * likely, near
        return _keep_first(sure, int(asked[share[asked].argmax()])) if len(asked) else sure, near


def _nearness(near: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """How near each intent lies, in their order: its nearest three texts in the mean, or one that is nearer still."""
    order = np.lexsort((-near, owner))
    near, starts = near[order], np.flatnonzero(np.diff(owner, prepend=-1))
    place = np.arange(len(near)) - np.repeat(starts, np.diff(np.append(starts, len(near))))
    counted = place < NEAREST
    means = np.add.reduceat(near * counted, starts) / np.add.reduceat(counted, starts)
    return np.maximum(means, near[starts] - ALONE)


@load_once(8)
def _open(content: bytes) -> _Opened:
    return _Opened(content)


def read_units(text: str, subject: str = "") -> list[Span]:
    """What is compared: the matter as a whole, and beside a subject or other sentences each of the first; in place.

    The whole stands first; its span is of the text, and its words begin with the subject.
    """
    spans = telling_sentences(sentences(text[:20_000])) or [Span(0, len(text), text) for text in [text.strip()] if text]
    whole = " ".join([clean_subject(subject), *(" ".join(span.text.split()) for span in spans)]).strip()
    if not whole:
        return []
    first = Span(spans[0].start, spans[-1].end, whole[:MOST_CHARACTERS]) if spans else Span(0, 0, whole)
    several = spans[:MOST_SENTENCES] if len(spans) > 1 or (spans and clean_subject(subject)) else []
    return [first, *several]


def recognise(
    content: bytes, text: str, *, subject: str = "", language: str = "", left_out: Sequence[str] = ()
) -> list[Seen]:
    """The intents a text may have, best first: five, or eight where they stand together; none of an empty text."""
    opened, units = _open(content), read_units(text, subject)
    if not units or not opened.keys:
        return []
    name = embeddings.engine_for(units[0].text, language)
    block = "form" if name == embeddings.NGRAMS or name != opened.engine else "meaning"
    vectors = embeddings.embed([unit.text for unit in units], embeddings.NGRAMS if block == "form" else name)
    shares = opened.shares(opened.rows([unit.text for unit in units], vectors, block), block)
    found = [opened.confidences(vector, row, block) for vector, row in zip(vectors, shares, strict=True)]
    sure = np.stack([one for one, _near in found])
    sure[1:] *= SENTENCE_SAYS
    best_unit = sure.argmax(axis=0)
    best = (sure.max(axis=0) if opened.is_shared(block) else _lead(sure)).round(4)
    if left_out:
        best[[at for at, key in enumerate(opened.keys) if key in left_out]] = 0
    likely = sorted(np.flatnonzero(best).tolist(), key=lambda at: (-best[at], opened.keys[at]))
    return [
        _seen(opened, at, float(best[at]), found[best_unit[at]][1], units[best_unit[at]], opened.is_shared(block))
        for at in likely[: MOST_BESIDE if opened.is_shared(block) else MOST_SEEN]
    ]


def _lead(sure: np.ndarray) -> np.ndarray:
    """How sure each intent is in any unit; what the whole says comes first, unless it says too little."""
    best, first = sure.max(axis=0), int(sure[0].argmax())
    return best if sure[0, first] < WHOLE_LEADS else _keep_first(best, first)


def _keep_first(sure: np.ndarray, first: int) -> np.ndarray:
    """The same with none above one of them: what lies nearer says how sure, not which."""
    others = np.minimum(sure, max(sure[first] - JUST_BELOW, 0.0))
    others[first] = sure[first]
    return others


def _seen(opened: _Opened, at: int, confidence: float, near: np.ndarray, unit: Span, is_beside: bool) -> Seen:
    own = [row for row in opened.texts_of(at) if opened.ids[row] and near[row] > -1]
    closest = sorted(own, key=lambda row: (-round(float(near[row]), 4), opened.ids[row]))[:5]
    return Seen(
        opened.keys[at], opened.labels[at], confidence,
        [opened.ids[row] for row in closest], [opened.texts[row] for row in closest], unit, is_beside,
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
    heavy = opened.letters([word.text for word in words]) @ (weights[:, opened.keys.index(seen.key)] - opened.usual)
    order = sorted(range(len(words)), key=lambda at: (-round(float(heavy[at]), 4), at))
    return sorted((words[at] for at in order[:MOST_WORDS] if heavy[at] > 0), key=lambda word: word.start)


def engine_of(content: bytes) -> str:
    """By which vectors a library was learned."""
    return _open(content).engine
