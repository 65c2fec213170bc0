"""A softmax regression from few examples, and how sharp its shares have to be to be honest. Pure.

Features are sentence vectors beside hashed letter n-grams, weighed by how rare they are in the library: vectors know
what words mean, letters keep apart what the vectors put together ("top-up limits", "top-up failed").
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix, diags, hstack

from agents.skills.languages import fold

LETTERS = 4096
# How much letters weigh beside a sentence vector.
BESIDE = 0.5
PENALTY, STEPS = 0.05, 60
FOLDS, MOST_FOLDED = 5, 1500
# Without enough examples to measure it, and what the fifth of the examples that a fold lacks would have added.
USUAL_SHARPNESS, WITH_ALL, FEWEST_MEASURED = 2.0, 1.1, 60
SHARPNESSES = np.geomspace(0.5, 8, 41)


def count_letters(texts: Sequence[str]) -> csr_matrix:
    """How often each n-gram of two to five letters stands in each text, hashed, rising slowly."""
    from sklearn.feature_extraction.text import HashingVectorizer

    if not texts:
        return csr_matrix((0, LETTERS), dtype=np.float32)
    hashed = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), n_features=LETTERS, norm=None, lowercase=False)
    counts = hashed.transform([fold(text) for text in texts]).astype(np.float32)
    counts.data = np.sign(counts.data) * np.log1p(np.abs(counts.data))
    return counts


def weigh_rarity(counts: csr_matrix) -> np.ndarray:
    """The rarer an n-gram in these texts, the more it weighs."""
    often = np.bincount(counts.indices, minlength=LETTERS)
    return (np.log((1 + counts.shape[0]) / (1 + often)) + 1).astype(np.float32)


def scale_letters(counts: csr_matrix, rarity: np.ndarray) -> csr_matrix:
    """Counts weighed by rarity, each row of length one."""
    rows = csr_matrix(counts @ diags(rarity))
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return csr_matrix(diags((1 / np.maximum(lengths, 1e-9)).astype(np.float32)) @ rows)


def put_beside(vectors: np.ndarray, letters: csr_matrix) -> csr_matrix:
    """Vectors and letters as the rows that are regressed."""
    return csr_matrix(hstack([csr_matrix(vectors), BESIDE * letters]), dtype=np.float32)


def regress(rows: csr_matrix, owner: np.ndarray, count: int) -> np.ndarray:
    """Weights by accelerated descent from nothing, with a ridge: deterministic, the same on every run."""
    weights = np.zeros((count, rows.shape[1]), np.float32)
    if not rows.shape[0]:
        return weights
    wanted = np.zeros((rows.shape[0], count), np.float32)
    wanted[np.arange(len(wanted)), owner] = 1
    step = np.float32(1 / (0.25 * _longest(rows) + PENALTY))
    turned, ahead, pace = csr_matrix(rows.T), weights.copy(), 1.0
    for _turn in range(STEPS):
        slope = (turned @ (shares(rows @ ahead.T) - wanted)).T + np.float32(PENALTY) * ahead
        following = ahead - step * slope
        next_pace = (1 + math.sqrt(1 + 4 * pace * pace)) / 2
        ahead = following + np.float32((pace - 1) / next_pace) * (following - weights)
        weights, pace = following, next_pace
    return weights


def _longest(rows: csr_matrix) -> float:
    """The largest eigenvalue of the rows' products, by the power method, and a little more."""
    found = np.ones(rows.shape[1], np.float32)
    length = 1.0
    for _turn in range(20):
        found = rows.T @ (rows @ found)
        length = max(float(np.linalg.norm(found)), 1e-9)
        found = found / length
    return 1.05 * length


def measure_sharpness(rows: csr_matrix, owner: np.ndarray, is_example: np.ndarray, count: int) -> float:
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
        (rows[turn == fold] @ regress(rows[turn != fold], owner[turn != fold], count).T, owner[turn == fold])
        for fold in folds
        if (turn == fold).any()
    ]
    losses = [
        -sum(float(np.log(shares(scores * sharp)[np.arange(len(own)), own] + 1e-9).sum()) for scores, own in scored)
        for sharp in SHARPNESSES
    ]
    return round(WITH_ALL * float(SHARPNESSES[int(np.argmin(np.round(losses, 4)))]), 4)


def shares(scores: np.ndarray) -> np.ndarray:
    """Scores as shares of one, row by row."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
