"""Train a reader of wordings on written examples; the same examples give the same file. Needs scikit-learn.

How sure a reader is comes from messages of writers that it was not trained on: for each writer one training leaves
them out, and the heat by which scores are divided makes those guesses as sure as they are right.
"""

import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from agents import embeddings
from agents.skills import wordings

# Terms of fewer messages than these are left out.
FEWEST = {"words": 2, "pieces": 2, "stems": 2, "meanings": 2}
DAMPING = 1.0
KINDS = ("words alone", "with vector")
# Scores of labels lie between 0 and 1, so the heat is small.
HEATS = tuple(one / 100 for one in range(4, 61))


@dataclass(frozen=True)
class Example:
    """A message somebody wrote down, its language, what it says, and whose way of writing it is."""

    text: str
    language: str
    says: str
    writer: str


def digest_of(examples: list[Example]) -> str:
    """Changes with the examples and with the list of meanings."""
    rows = [[one.text, one.language, one.says, one.writer] for one in examples]
    found = hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode())
    found.update(wordings.CONCEPTS.read_bytes())
    return found.hexdigest()


def train(examples: list[Example], left_out: Iterable[tuple[Example, dict[str, float]]] | None = None) -> bytes:
    """The file of a reader: one set of weights with vectors (none where there is no encoder) and one by words alone.

    ``left_out`` is what ``leave_writers_out`` gives, where the caller has it already.
    """
    guesses = [(shares, one.says) for one, shares in left_out or leave_writers_out(examples)]
    return _pack(_fit(examples), examples, _find_heat(guesses))


def leave_writers_out(examples: list[Example]) -> Iterator[tuple[Example, dict[str, float]]]:
    """Every example with what a reader makes of it that was trained without its writer, as sure as the scores say."""
    for writer in sorted({one.writer for one in examples}):
        rest = [one for one in examples if one.writer != writer]
        reader = wordings.Reader(_pack(_fit(rest), rest, 1.0))
        for one in examples:
            if one.writer == writer:
                yield one, reader.weigh(one.text, one.language)


def _fit(examples: list[Example]) -> dict[str, np.ndarray]:
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    labels = sorted({one.says for one in examples})
    says = np.array([[one.says == label for label in labels] for one in examples], float)
    rows = [_features(one.text, wordings.spoken(one.text, one.language)) for one in examples]
    parts: dict[str, np.ndarray] = {"labels": np.array(json.dumps(labels))}
    columns = []
    for at, block in enumerate(wordings.BLOCKS):
        found = TfidfVectorizer(analyzer=list, sublinear_tf=True, min_df=FEWEST[block])
        columns.append(found.fit_transform([row[at] for row in rows]))
        ordered = sorted(found.vocabulary_, key=found.vocabulary_.get)
        parts[f"{block} terms"] = np.array(json.dumps(ordered, ensure_ascii=False))
        parts[f"{block} rarity"] = found.idf_.astype(np.float16)
    terms, vectors = hstack(columns).tocsr(), _vectors(examples)
    alike = (terms @ terms.T).toarray()
    ends = np.cumsum([column.shape[1] for column in columns])[:-1]
    for kind in KINDS:
        pulls = _regress(alike if kind == "words alone" else alike + vectors @ vectors.T, says - says.mean(axis=0))
        for block, weights in zip(wordings.BLOCKS, np.split((terms.T @ pulls).T, ends, axis=1), strict=True):
            parts.update(_small(f"{kind} {block}", weights))
        parts[f"{kind} bias"] = says.mean(axis=0).astype(np.float32)
        if kind == "with vector":
            parts["vector weights"] = (vectors.T @ pulls).T.astype(np.float16)
    return parts


# Each training that leaves a writer out reads nearly the same texts.
_features = lru_cache(maxsize=20_000)(wordings.features_of)


def _regress(alike: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """How much each example pulls towards each label, shape (examples, labels): ridge regression by likeness.

    Leaving out a writer costs one solution of it, where logistic regression took minutes.
    """
    from scipy.linalg import cho_factor, cho_solve

    damped = alike.astype(np.float64)
    damped[np.diag_indices(len(damped))] += DAMPING
    return cho_solve(cho_factor(damped, lower=True, overwrite_a=True), wanted)


def _small(name: str, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Weights as whole numbers from -127 to 127 with one scale: a quarter of the file."""
    scale = float(np.abs(weights).max()) / 127
    return {name: np.rint(weights / scale).astype(np.int8), f"{name} scale": np.array(scale, np.float32)}


def _vectors(examples: list[Example]) -> np.ndarray:
    """Vectors of what is English; zeros for the rest."""
    rows = np.zeros((len(examples), embeddings.dimension(embeddings.engine())), np.float32)
    english = [at for at, one in enumerate(examples) if wordings.spoken(one.text, one.language) == "en"]
    rows[english] = wordings.VECTOR_WEIGHT * embeddings.embed([examples[at].text for at in english])
    return rows


def _find_heat(guesses: list[tuple[dict[str, float], str]]) -> float:
    """The number to divide scores by under which what was said was most probable."""
    shares = np.array([list(found.values()) for found, _says in guesses])
    scores = np.log(np.maximum(shares, 1e-4))
    said = np.array([list(found).index(says) for found, says in guesses])

    def loss(heat: float) -> float:
        hot = scores / heat
        hot = hot - np.log(np.exp(hot).sum(axis=1, keepdims=True))
        return -float(hot[np.arange(len(said)), said].mean())

    return min(HEATS, key=loss)


def _pack(parts: dict[str, np.ndarray], examples: list[Example], heat: float) -> bytes:
    about = {
        "labels": json.loads(str(parts["labels"])),
        "engine": embeddings.engine(),
        "examples": digest_of(examples),
        "heat": heat,
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **(parts | {"about": np.array(json.dumps(about))}))  # type: ignore[arg-type]
    return buffer.getvalue()
