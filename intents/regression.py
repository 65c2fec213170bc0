"""A softmax regression from few examples, and how sharp its shares have to be to be honest. Pure.

Features are sentence vectors beside hashed letter n-grams, weighed by how rare they are in the library: vectors know
what words mean, letters keep apart what the vectors put together ("top-up limits", "top-up failed").
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.skills.languages import fold

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

LETTERS = 4096
# How much letters weigh beside a sentence vector.
BESIDE = 0.5
PENALTY, STEPS = 0.05, 60
FOLDS, MOST_FOLDED = 5, 1500
# Without enough examples to measure it.
USUAL_SHARPNESS, FEWEST_MEASURED = 2.0, 60
SHARPNESSES = np.geomspace(0.5, 8, 41)


@dataclass(frozen=True)
class Rows:
    """The texts that are regressed: dense vectors beside sparse letters, apart because each has a fast product."""

    vectors: np.ndarray
    letters: "csr_matrix"
    beside: float = BESIDE

    def __len__(self) -> int:
        return int(self.vectors.shape[0])

    def __getitem__(self, which: np.ndarray) -> "Rows":
        return replace(self, vectors=self.vectors[which], letters=self.letters[which])

    def centred(self, middle: np.ndarray) -> "Rows":
        """The same with vectors that are counted from ``middle``, as an intercept would have it."""
        return replace(self, vectors=self.vectors - middle)

    def scores(self, weights: np.ndarray) -> np.ndarray:
        """Each text by each column of weights, whose first rows belong to the vectors."""
        width = self.vectors.shape[1]
        return self.vectors @ weights[:width] + np.float32(self.beside) * (self.letters @ weights[width:])

    def pull(self, errors: np.ndarray) -> np.ndarray:
        """The weights to which errors of the texts point."""
        return np.vstack([self.vectors.T @ errors, np.float32(self.beside) * (self.letters.T @ errors)])


@lru_cache(maxsize=1)
def _hasher() -> Any:
    from sklearn.feature_extraction.text import HashingVectorizer

    return HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), n_features=LETTERS, norm=None, lowercase=False)


def count_letters(texts: Sequence[str]) -> "csr_matrix":
    """How often each n-gram of two to five letters stands in each text, hashed, rising slowly."""
    from scipy.sparse import csr_matrix

    if not texts:
        return csr_matrix((0, LETTERS), dtype=np.float32)
    counts = _hasher().transform([fold(text) for text in texts]).astype(np.float32)
    counts.data = np.sign(counts.data) * np.log1p(np.abs(counts.data))
    return counts


def weigh_rarity(counts: "csr_matrix") -> np.ndarray:
    """The rarer an n-gram in these texts, the more it weighs."""
    often = np.bincount(counts.indices, minlength=LETTERS)
    return (np.log((1 + counts.shape[0]) / (1 + often)) + 1).astype(np.float32)


def scale_letters(counts: "csr_matrix", rarity: np.ndarray) -> "csr_matrix":
    """Counts weighed by rarity, each row of length one."""
    from scipy.sparse import csr_matrix

    values = counts.data * rarity[counts.indices]
    row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    lengths = np.sqrt(np.bincount(row, values * values, counts.shape[0])).astype(np.float32)
    return csr_matrix((values / np.maximum(lengths, 1e-9)[row], counts.indices, counts.indptr), counts.shape)


def weigh_names(rows: Rows, owner: np.ndarray, is_example: np.ndarray, count: int) -> np.ndarray:
    """How much each text counts: an example fully, a name as far as names say here what the examples say.

    That is the share of names that lie nearest to the middle of their own intent's examples: names that are codes or
    numbers count for next to nothing. The name of an intent without examples is all there is, and counts fully.
    """
    weight, often = np.ones(len(rows), np.float32), np.bincount(owner[is_example], minlength=count)
    asked = np.flatnonzero(~is_example & (often[owner] > 0))
    if len(asked):
        middle = np.zeros((len(rows), count), np.float32)
        middle[is_example, owner[is_example]] = 1 / often[owner[is_example]]
        near = np.where(often > 0, rows[asked].scores(rows.pull(middle)), -np.inf)
        weight[asked] = ((near.argmax(axis=1) == owner[asked]).sum() + 1) / (len(asked) + 1)
    return weight


def regress(rows: Rows, owner: np.ndarray, count: int, weight: np.ndarray) -> np.ndarray:
    """Weights, feature by intent, under which the shares of one are right: one intent for each text."""
    wanted = np.zeros((len(rows), count), np.float32)
    wanted[np.arange(len(wanted)), owner] = 1
    return descend(rows, wanted, shares, PENALTY, STEPS, weight)


def descend(
    rows: Rows, wanted: np.ndarray, link: Callable[[np.ndarray], np.ndarray], penalty: float, steps: int,
    weight: np.ndarray | None = None,
) -> np.ndarray:  # fmt: skip
    """Weights by accelerated descent from nothing, with a ridge: deterministic, the same on every run.

    Each text counts as much as its ``weight``, at most one.
    """
    counted = np.float32(1) if weight is None else weight[:, None].astype(np.float32)
    weights = np.zeros((rows.vectors.shape[1] + LETTERS, wanted.shape[1]), np.float32)
    if not len(rows):
        return weights
    step = np.float32(1 / (0.25 * _longest(rows) + penalty))
    ahead, pace = weights, 1.0
    for _turn in range(steps):
        slope = rows.pull((link(rows.scores(ahead)) - wanted) * counted) + np.float32(penalty) * ahead
        following = ahead - step * slope
        next_pace = (1 + math.sqrt(1 + 4 * pace * pace)) / 2
        ahead = following + np.float32((pace - 1) / next_pace) * (following - weights)
        weights, pace = following, next_pace
    return weights


def _longest(rows: Rows) -> float:
    """The largest eigenvalue of the rows' products, by the power method, and a little more."""
    found = np.ones((rows.vectors.shape[1] + LETTERS, 1), np.float32)
    length = 1.0
    for _turn in range(20):
        found = rows.pull(rows.scores(found))
        length = max(float(np.linalg.norm(found)), 1e-9)
        found = found / length
    return 1.05 * length


def measure_sharpness(rows: Rows, owner: np.ndarray, is_example: np.ndarray, count: int, weight: np.ndarray) -> float:
    """By what the scores are multiplied so that the shares say how often they are right.

    Examples are held back in turn (of large libraries one fold), the others are regressed, and the sharpness under
    which those held back are likeliest is taken.
    """
    places = np.flatnonzero(is_example)
    if len(places) < FEWEST_MEASURED:
        return USUAL_SHARPNESS
    turn, following = np.full(len(owner), -1), np.arange(count)  # each intent begins in another fold
    for at in places:
        turn[at] = following[owner[at]] % FOLDS
        following[owner[at]] += 1
    folds = range(FOLDS if len(places) <= MOST_FOLDED else 1)
    scored = [
        (rows[own].scores(regress(rows[~own], owner[~own], count, weight[~own])), owner[own])
        for own in [turn == fold for fold in folds]
        if own.any()
    ]
    losses = [
        -sum(float(np.log(shares(scores * sharp)[np.arange(len(own)), own] + 1e-9).sum()) for scores, own in scored)
        for sharp in SHARPNESSES
    ]
    return round(float(SHARPNESSES[int(np.argmin(np.round(losses, 4)))]), 4)


def shares(scores: np.ndarray) -> np.ndarray:
    """Scores as shares of one, row by row."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def sigmoid(scores: np.ndarray) -> np.ndarray:
    """Scores as shares that do not exclude each other."""
    return 1 / (1 + np.exp(-np.clip(scores, -50, 50)))
