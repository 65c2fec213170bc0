"""Groups that ask the same for different things are one reason to write. Pure.

"A quote for my condo" and "a quote for my cat" lie apart as vectors, yet a manager sees one intent and an attribute.
Groups ask the same when they share a noun that few other texts have, each names things of its own, and naive Bayes
tells them apart by these things but by no other word. Verbs are never things: to add and to remove a dependent are two
requests. At least three groups have to stand so to each other, for two may do so by chance. English alone is joined,
for only there the word before says what is a verb.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from agents.skills.languages import fold, small_words
from intents.clustering import number

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

BEFORE_VERBS = """to you we they can could cannot please not don didn will would should must may might do does did ll
    wanna gonna let me just"""
MOST_VERB = 0.4
# A word that fewer texts have tells nothing.
FEWEST_SAYING = 3
NEAREST, THINGS = 8, 2
# The share of texts that names a group's own things, has the shared noun, and has it in all groups together.
OWN, SHARED, COMMON = 0.25, 0.5, 0.25
FEWEST_TEXTS, MOST_TEXTS, FOLDS = 8, 200, 4
TOLD_APART, TOLD_ALIKE = 0.85, 0.75


@dataclass(frozen=True)
class Wording:
    """Which text has which word, the share of each group's texts that has it, and which words name things."""

    has: "csr_matrix"
    shares: np.ndarray
    things: np.ndarray
    rare: np.ndarray


def join_requests(
    texts: Sequence[str], vectors: np.ndarray, labels: np.ndarray, languages: Sequence[str] = ()
) -> np.ndarray:
    """The labels with groups joined that ask the same for different things, numbered anew from the largest on."""
    count = int(labels.max()) + 1
    english = _english(labels, languages, count)
    if english.sum() < 3:
        return labels
    wording = _read(texts, labels, count)
    links = np.zeros((count, count), bool)
    for one, other in _near(vectors, labels, english):
        links[one, other] = links[other, one] = _ask_the_same(wording, labels, one, other)
    return _join(labels, links)


def _english(labels: np.ndarray, languages: Sequence[str], count: int) -> np.ndarray:
    """Which groups are English for the most part, or of a language that nobody knows."""
    if not languages:
        return np.ones(count, bool)
    spoken = np.array([language[:2].lower() in ("", "en") for language in languages])
    return np.array([spoken[labels == at].mean() > 0.8 for at in range(count)], bool)


# ── words ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _read(texts: Sequence[str], labels: np.ndarray, count: int) -> Wording:
    from scipy.sparse import csr_matrix

    said = [_words(text) for text in texts]
    lengths = np.fromiter(map(len, said), int, len(said))
    words = sorted(set(chain.from_iterable(said)))
    places = {word: at for at, word in enumerate(words)}
    flat = np.fromiter((places[word] for word in chain.from_iterable(said)), int, int(lengths.sum()))
    at, word = np.divmod(np.unique(np.repeat(np.arange(len(texts)), lengths) * len(words) + flat), max(1, len(words)))
    has = csr_matrix((np.ones(len(at), np.float32), (at, word)), (len(texts), len(words)))
    known = np.bincount(word, minlength=len(words)) >= FEWEST_SAYING
    has, verbs = has[:, known], _verb_shares(flat, lengths, words)[known]
    inside = np.flatnonzero(labels >= 0)
    member = csr_matrix((np.ones(len(inside), np.float32), (labels[inside], inside)), (count, len(texts)))
    shares = (member @ has).toarray() / np.maximum(np.bincount(labels[inside], minlength=count), 1)[:, None]
    small = np.array([word in small_words() for word in words], bool)[known]
    things = (verbs < MOST_VERB) & ~small
    return Wording(has, shares, things, things & (np.asarray(has.mean(axis=0)).ravel() <= COMMON))


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"\w\w+", fold(text[:2000])) if not word.isdigit()]


def _verb_shares(flat: np.ndarray, lengths: np.ndarray, words: list[str]) -> np.ndarray:
    """How often each word stands where an English verb does: first, or behind "to", "can", "please" and the like.

    ``flat``: the place in ``words`` of all that was said, text after text.
    """
    announcing = np.isin(words, BEFORE_VERBS.split())
    is_verb = np.concatenate([[True], announcing[flat[:-1]]])[: len(flat)]
    is_verb[(np.cumsum(lengths) - lengths)[lengths > 0]] = True
    often = np.bincount(flat, minlength=len(words))
    return np.bincount(flat, is_verb, len(words)) / np.maximum(often, 1)


# ── which groups ──────────────────────────────────────────────────────────────────────────────────────────────────


def _near(vectors: np.ndarray, labels: np.ndarray, english: np.ndarray) -> Iterator[tuple[int, int]]:
    """Pairs of English groups of which one is among the nearest of the other."""
    rows = vectors - vectors.mean(axis=0)
    middles = np.array([rows[labels == at].mean(axis=0) for at in range(len(english))])
    middles /= np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-9)
    alike = np.round(middles @ middles.T, 5)
    np.fill_diagonal(alike, -2)
    near = np.argsort(-alike, axis=1, kind="stable")[:, :NEAREST]
    pairs = {(min(one, int(other)), max(one, int(other))) for one in range(len(near)) for other in near[one]}
    yield from (pair for pair in sorted(pairs) if pair[0] != pair[1] and english[list(pair)].all())


def _ask_the_same(wording: Wording, labels: np.ndarray, one: int, other: int) -> bool:
    """Whether two groups share a noun and differ by nothing but the things they name."""
    first, second = wording.shares[one], wording.shares[other]
    if not (wording.rare & (np.minimum(first, second) >= SHARED)).any():
        return False
    apart = np.where(wording.things, first - second, 0)
    named = [_most(apart), _most(-apart)]
    if apart[named[0]].sum() < OWN or -apart[named[1]].sum() < OWN:
        return False
    rows = [np.flatnonzero(labels == at)[:MOST_TEXTS] for at in (one, other)]
    if min(map(len, rows)) < FEWEST_TEXTS:
        return False
    is_other = np.repeat([False, True], [len(each) for each in rows])
    has = wording.has[np.concatenate(rows)].toarray()
    is_said = has.any(axis=0)
    if _told_apart(has[:, is_said], is_other) < TOLD_APART:
        return False
    is_said[np.concatenate(named)] = False
    return _told_apart(has[:, is_said], is_other) <= TOLD_ALIKE


def _most(apart: np.ndarray) -> np.ndarray:
    found = np.argsort(-apart, kind="stable")[:THINGS]
    return found[apart[found] > 0]


def _told_apart(has: np.ndarray, is_other: np.ndarray) -> float:
    """How often naive Bayes, learned from the other three quarters, puts a text nearer to its own group (AUC)."""
    scores, fold_of = np.zeros(len(has)), np.arange(len(has)) % FOLDS
    for at in range(FOLDS):
        learned = fold_of != at
        weights = _log_odds(has[learned & is_other]) - _log_odds(has[learned & ~is_other])
        scores[~learned] = has[~learned] @ weights
    scores = np.round(scores, 6)
    ours, theirs = scores[is_other][:, None], scores[~is_other]
    return float(((ours > theirs) + (ours == theirs) / 2).mean())


def _log_odds(has: np.ndarray) -> np.ndarray:
    share = (has.sum(axis=0) + 0.5) / (len(has) + 1)
    odds: np.ndarray = np.log(share) - np.log1p(-share)
    return odds


def _join(labels: np.ndarray, links: np.ndarray) -> np.ndarray:
    """Groups that are linked with at least two others, which are so as well, become one."""
    from scipy.sparse.csgraph import connected_components

    while ((ties := links.sum(axis=1)) == 1).any():
        links = links & (ties > 1)[:, None] & (ties > 1)
    joined = connected_components(links, directed=False)[1]
    return number(np.where(labels >= 0, joined[labels], -1), least=1)
