"""Words that customers use in the same places, grouped without a label: "Oslo" stands where "Bern" stands. Pure."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

# Coarse, middling and fine groups, and in how many directions the company of a word is told.
SIZES, DIRECTIONS = (20, 60, 200), 50
# A word that is said once has no company; company that is met twice tells nothing.
FEWEST_SAID, FEWEST_MET = 2, 3
MOST_WORDS, MOST_COMPANY = 20_000, 20_000
# How far around a word is looked, and what its form and the turn it is said in count beside a neighbour.
NEAR, ASIDE = (-2, -1, 1, 2), 0.5
UNKNOWN = ["g?"]
_EDGES = ("^", "$")

# A sentence as the turn of its customer and its folded words.
Said = tuple[int, Sequence[str]]


def shape(word: str) -> str:
    """The form of a word: "abc-12" is "x-9"."""
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[^\W\d_]", "x", re.sub(r"\d", "9", word)))


def group_words(talk: Sequence[Said]) -> dict[str, list[str]]:
    """The groups of each word by what stands around it; the same sentences in the same order give the same groups."""
    from sklearn.cluster import KMeans
    from sklearn.utils.extmath import randomized_svd

    words, told = _tell(talk)
    directions = min(DIRECTIONS, told.shape[0] - 1, told.shape[1] - 1)
    if directions < 2:
        return {}
    sides, strengths, _company_sides = randomized_svd(told, directions, n_iter=5, random_state=0)
    # The square root keeps a few strong directions from deciding alone.
    places = sides * np.sqrt(strengths)
    places /= np.linalg.norm(places, axis=1, keepdims=True) + 1e-9
    apart = len(np.unique(places.round(6), axis=0))
    found: dict[str, list[str]] = {word: [] for word in words}
    for size in SIZES:
        labels = KMeans(min(size, apart), n_init=1, random_state=0).fit(places).labels_
        for word, label in zip(words, labels, strict=True):
            found[word].append(f"g{size}={label}")
    return found


def _tell(talk: Sequence[Said]) -> tuple[list[str], Any]:
    """The words, and a matrix of how much more often than by chance each stood in each company."""
    from scipy.sparse import csr_matrix

    words, company = _company(talk)
    met = Counter[str]()
    for word in words:
        met.update(company[word])
    known = {name: at for at, (name, count) in enumerate(met.most_common(MOST_COMPANY)) if count >= FEWEST_MET}
    all_met, rows, columns, weights = sum(met.values()), [], [], []
    for row, word in enumerate(words):
        alone = sum(company[word].values())
        for name, count in company[word].items():
            if name in known and (weight := math.log(count * all_met / alone / met[name])) > 0:
                rows.append(row)
                columns.append(known[name])
                # What was met seldom is believed less.
                weights.append(weight * count / (count + 1))
    return words, csr_matrix((weights, (rows, columns)), shape=(len(words), len(known)))


def _company(talk: Sequence[Said]) -> tuple[list[str], dict[str, Counter[str]]]:
    """The words said often enough, and what stood around each."""
    count, company = Counter[str](), defaultdict[str, Counter[str]](Counter)
    for turn, sentence in talk:
        line = [_EDGES[0], *sentence, _EDGES[1]]
        for at in range(1, len(line) - 1):
            word = line[at]
            count[word] += 1
            around = [f"{step}{line[at + step]}" for step in NEAR if 0 <= at + step < len(line)]
            company[word].update(around)
            for aside in (f"s{shape(word)}", f"t{min(turn, 8)}"):
                company[word][aside] += ASIDE  # type: ignore[assignment]
    return [word for word, often in count.most_common(MOST_WORDS) if often >= FEWEST_SAID], company
