"""Train a reader of wordings on written examples; the same examples give the same file. Needs scikit-learn.

How sure a reader is comes from messages of writers that it was not trained on: for each writer they are left out, and
the heat by which scores are divided makes those guesses as sure as they are right.
"""

import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

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
    """Every example with what a reader makes of it that was trained without its writer, as sure as the scores say.

    No reader is trained for it: what a ridge regression says of rows it has not seen follows from its pulls and from
    their part of the inverse. Only which terms there are, and how rare, comes from the texts of all.
    """
    labels, says, columns, _parts = _spread(examples)
    writers = np.array([one.writer for one in examples])
    with_vector = _likeness(columns, _vectors(examples))
    scores = _leave_out(_likeness(columns), says, writers)
    english = np.array([_is_english(one) for one in examples])
    scores[english] = _leave_out(with_vector, says, writers)[english]
    for one, row in zip(examples, scores, strict=True):
        shares = np.exp(row - row.max())
        yield one, dict(zip(labels, (shares / shares.sum()).tolist(), strict=True))


def _leave_out(alike: np.ndarray, says: np.ndarray, writers: np.ndarray) -> np.ndarray:
    """The scores of each label for each example, by the examples of other writers."""
    from scipy.linalg import cho_factor, cho_solve, solve

    inverse = cho_solve(cho_factor(_damped(alike), lower=True, overwrite_a=True), np.eye(len(alike)))
    pulls, scores = inverse @ (says - says.mean(axis=0)), np.zeros_like(says)
    for writer in np.unique(writers):
        theirs = np.flatnonzero(writers == writer)
        scores[theirs] = says[theirs] - solve(inverse[np.ix_(theirs, theirs)], pulls[theirs], assume_a="pos")
    return scores


def _fit(examples: list[Example]) -> dict[str, np.ndarray]:
    labels, says, columns, parts = _spread(examples)
    vectors = _vectors(examples)
    ends = np.cumsum([column.shape[1] for column in columns])[:-1]
    for kind in KINDS:
        alike = _likeness(columns, vectors if kind == "with vector" else None)
        pulls = _regress(alike, says - says.mean(axis=0))
        weights = np.hstack([(column.T @ pulls).T for column in columns])
        for block, part in zip(wordings.BLOCKS, np.split(weights, ends, axis=1), strict=True):
            parts.update(_small(f"{kind} {block}", part))
        parts[f"{kind} bias"] = says.mean(axis=0).astype(np.float32)
        if kind == "with vector":
            parts["vector weights"] = (vectors.T @ pulls).T.astype(np.float16)
    return parts | {"labels": np.array(json.dumps(labels))}


def _spread(examples: list[Example]) -> tuple[list[str], np.ndarray, list[Any], dict[str, np.ndarray]]:
    """The labels, which of them each example says, its terms block by block, and what the file keeps of the terms."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    labels = sorted({one.says for one in examples})
    says = np.array([[one.says == label for label in labels] for one in examples], float)
    rows = [wordings.features_of(one.text, wordings.spoken(one.text, one.language)) for one in examples]
    columns, parts = [], {}
    for at, block in enumerate(wordings.BLOCKS):
        found = TfidfVectorizer(analyzer=list, sublinear_tf=True, min_df=FEWEST[block])
        columns.append(wordings.COUNTS[block] * found.fit_transform([row[at] for row in rows]))
        ordered = sorted(found.vocabulary_, key=found.vocabulary_.get)
        parts[f"{block} terms"] = np.array(json.dumps(ordered, ensure_ascii=False))
        parts[f"{block} rarity"] = found.idf_.astype(np.float16)
    return labels, says, columns, parts


def _likeness(columns: list[Any], vectors: np.ndarray | None = None) -> np.ndarray:
    alike = sum((column @ column.T).toarray() for column in columns)
    return alike if vectors is None else alike + vectors @ vectors.T


def _regress(alike: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """How much each example pulls towards each label, shape (examples, labels): ridge regression by likeness."""
    from scipy.linalg import cho_factor, cho_solve

    return cho_solve(cho_factor(_damped(alike), lower=True, overwrite_a=True), wanted)


def _damped(alike: np.ndarray) -> np.ndarray:
    damped = alike.astype(np.float64)
    damped[np.diag_indices(len(damped))] += DAMPING
    return damped


def _small(name: str, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Weights as whole numbers from -127 to 127 with one scale: a quarter of the file."""
    scale = float(np.abs(weights).max()) / 127
    return {name: np.rint(weights / scale).astype(np.int8), f"{name} scale": np.array(scale, np.float32)}


def _vectors(examples: list[Example]) -> np.ndarray:
    """Vectors of what is English; zeros for the rest."""
    rows = np.zeros((len(examples), embeddings.dimension(embeddings.engine())), np.float32)
    english = [at for at, one in enumerate(examples) if _is_english(one)]
    rows[english] = wordings.VECTOR_WEIGHT * embeddings.embed([examples[at].text for at in english])
    return rows


def _is_english(one: Example) -> bool:
    return wordings.spoken(one.text, one.language) == "en"


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
