"""Several intents in one message, learned where the examples of a library stand under several intents. Pure.

There each intent is a question of its own: a logistic regression with a bar of its own, which is found on examples held
back. An intent of few examples leans on the bar that suits all of them.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from intents import regression
from intents.regression import FOLDS, SHARPNESSES, Rows

# From this share of examples under several intents on, intents do not exclude each other.
LEAST_SHARED = 0.2
BESIDE, PENALTY, STEPS = 1.0, 0.03, 120
BARS = np.linspace(-4, 3, 57)
# With so many examples its own bar counts as much as the one of all.
LEANS = 10


def learn_several(
    rows: Rows, texts: Sequence[str], owner: np.ndarray, is_example: np.ndarray, count: int
) -> dict[str, np.ndarray]:
    """Weights, offsets, bars and sharpness; nothing for a library whose intents exclude each other."""
    places: dict[str, int] = {}
    place = np.array([places.setdefault(" ".join(text.casefold().split()), len(places)) for text in texts], int)
    wanted, known = np.zeros((len(places), count), np.float32), np.zeros(len(places), bool)
    wanted[place, owner] = 1
    known[place[is_example]] = True
    if not known.any() or (wanted[known].sum(axis=1) > 1).mean() < LEAST_SHARED:
        return {}
    _first, at = np.unique(place, return_index=True)
    rows = replace(rows[at], beside=BESIDE)
    held, right = _hold_back(rows, wanted, known), wanted[known]
    bars = _find_bars(held, right)
    losses = [
        -np.log(np.abs(regression.sigmoid(sharp * (held - bars)) - (1 - right)) + 1e-9).sum() for sharp in SHARPNESSES
    ]
    weights, offsets = _regress(rows, wanted)
    return {
        "each_weights": weights.T.astype(np.float16),
        "each_offsets": offsets,
        "each_bars": bars.astype(np.float32),
        "each_sharpness": np.array(SHARPNESSES[int(np.argmin(np.round(losses, 4)))], np.float32),
    }


def ask_each(
    rows: Rows, weights: np.ndarray, offsets: np.ndarray, bars: np.ndarray, sharpness: np.ndarray
) -> np.ndarray:
    """How sure each intent is in each text: a half on its bar."""
    scores = replace(rows, beside=BESIDE).scores(weights) + offsets
    return regression.sigmoid(sharpness * (scores - bars))


def _regress(rows: Rows, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    often = np.clip(wanted.mean(axis=0), 1e-3, 0.5)
    offsets = np.log(often / (1 - often)).astype(np.float32)
    weights = regression.descend(rows, wanted, lambda scores: regression.sigmoid(scores + offsets), PENALTY, STEPS)
    return weights, offsets


def _hold_back(rows: Rows, wanted: np.ndarray, known: np.ndarray) -> np.ndarray:
    """What each example scores when it was not learned from; names are always learned from."""
    turn = np.full(len(known), -1)
    turn[known] = np.arange(known.sum()) % FOLDS
    scores = np.zeros(wanted.shape, np.float32)
    for fold in range(FOLDS):
        weights, offsets = _regress(rows[turn != fold], wanted[turn != fold])
        scores[turn == fold] = rows[turn == fold].scores(weights) + offsets
    return scores[known]


def _find_bars(scores: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The bar of each intent under which F1 is best on examples held back, drawn to the one best for all."""
    over = scores[None] >= BARS[:, None, None]
    hits, said, often = (over & (right > 0)).sum(axis=1), over.sum(axis=1), right.sum(axis=0)
    of_all = BARS[np.argmax(2 * hits.sum(axis=1) / (said.sum(axis=1) + often.sum()))]
    gain = 2 * hits / np.maximum(said + often, 1)
    is_best = gain == gain.max(axis=0)
    own = (BARS[:, None] * is_best).sum(axis=0) / is_best.sum(axis=0)
    return np.where(often > 1, (often * own + LEANS * of_all) / (often + LEANS), of_all)
