"""Explicit training runs: confirmed rows in, a versioned artefact out, switched on only when it is no worse.

Two ways of seeing are added up: a linear machine over words and meaning, and the nearest confirmed rows (either alone
was worse on every set, docs/quality.md). Without the encoder a machine over words and letters, and how near the middle
of each label's rows lies: there the nearest rows mislead. The artefact is an npz file without pickles; reading it needs
numpy alone, making it needs scikit-learn.
"""

import hashlib
import io
import json
import math
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

import numpy as np
from django.db import transaction

from agents import embeddings
from agents.models import TrainingRun
from agents.skills.languages import fold, small_words
from agents.skills.loading import load_once

FORMAT = 3
FEWEST_EXAMPLES, FEWEST_PER_LABEL = 20, 3
MOST_WORDS_KNOWN = 30_000
MOST_KEPT = 10_000
FOLDS, MANY_ROWS, FOLDS_OF_MANY = 5, 4_000, 2
NEAREST, SHARPNESS = 20, 5
MACHINE_WEIGHT, NEAREST_FLOOR = 3.0, 0.05
# Without the encoder: how much the middle of a label's rows counts beside the machine.
MIDDLE_WEIGHT = 2.8
MOST_LETTERS_KNOWN, FEWEST_LETTERS, MOST_LETTERS = 20_000, 2, 5
# A promise is kept for every percent of probability.
STEPS, FEWEST_PROMISED = 101, 60


class TooFewExamplesError(ValueError):
    """Not enough confirmed rows to learn from and to hold back."""


@dataclass(frozen=True)
class Labelled:
    """A confirmed row: which, its text, and the value that a person stands behind."""

    subject: int
    text: str
    label: str


@dataclass(frozen=True)
class Artefact:
    """What a training made. ``calibration`` is (slope, intercept) of the logistic over the best score's log-odds."""

    content: bytes
    held_back_accuracy: float
    calibration: tuple[float, float]
    examples: int
    digest: str


@dataclass(frozen=True)
class Guess:
    """The label a trained artefact sees in a text, with the confirmed rows near it: fewer than three of a rare label.

    ``promise`` is the share that was right of all held-back rows at least this sure: where it is 0.95, whoever
    writes everything from here on is right in 95 of 100.
    """

    label: str
    probability: float
    subjects: list[int] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    promise: float = 0.0


def terms(text: str) -> list[str]:
    """Folded words of two letters and more; the small ones stay: "how do I" tells a question from an order."""
    return [word for word in re.findall(r"\w\w+", fold(text[:20_000])) if not word.isdigit()]


def letters(text: str) -> list[str]:
    """N-grams of two to five letters within folded words, their ends marked, apart from words by the mark."""
    grams = []
    for word in fold(text[:20_000]).split():
        marked = f" {word} "
        for size in range(FEWEST_LETTERS, MOST_LETTERS + 1):
            grams += [f"~{marked[at : at + size]}" for at in range(max(len(marked) - size + 1, 0))]
    return grams


# ── learning ──────────────────────────────────────────────────────────────────────────────────────────────────────


def train(examples: list[Labelled]) -> Artefact:
    """Learn labels from confirmed rows; the same rows give the same bytes. Raises TooFewExamplesError.

    A label of one or two rows is learned too: what is like them is better left open than given another label.

    Every fifth of the rows, chosen by their number, is judged by what was learned from the others: that measures
    accuracy and calibrates. Then all are used.
    """
    rows = sorted(examples, key=lambda row: (row.subject, row.text, row.label))
    counts = {label: sum(row.label == label for row in rows) for label in {row.label for row in rows}}
    often = sum(count for count in counts.values() if count >= FEWEST_PER_LABEL)
    if often < FEWEST_EXAMPLES or len(counts) < 2:
        raise TooFewExamplesError(f"{often} confirmed rows are too few")
    vectors = embeddings.embed([row.text for row in rows])
    right, odds = _held_back(rows, vectors)
    parts = _fit(rows, vectors)
    calibration = _calibrate(right, odds)
    parts["calibration"] = np.array(calibration)
    parts["promises"] = _promises(right, _probability(odds, calibration))
    buffer = io.BytesIO()
    np.savez(buffer, **parts)
    return Artefact(buffer.getvalue(), round(float(right.mean()), 4), calibration, len(rows), digest_of(examples))


def digest_of(examples: list[Labelled]) -> str:
    """What tells one set of rows from another; the same rows need no second training."""
    rows = sorted((row.subject, row.text, row.label) for row in examples)
    text = json.dumps([FORMAT, embeddings.engine(), rows])
    return hashlib.sha256(text.encode()).hexdigest()


def _fold_of(row: Labelled) -> int:
    return hashlib.sha256(f"{row.subject}".encode()).digest()[0] % FOLDS


def _held_back(rows: list[Labelled], vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each held-back row: whether the others tell its label, and the log-odds of that."""
    right, odds = [], []
    folds = np.array([_fold_of(row) for row in rows])
    for turn in range(FOLDS_OF_MANY if len(rows) > MANY_ROWS else FOLDS):
        kept = np.flatnonzero(folds != turn)
        if len({rows[at].label for at in kept}) < 2:
            continue
        trained = _Trained(_fit([rows[at] for at in kept], vectors[kept]))
        for at in np.flatnonzero(folds == turn):
            label, share = trained.best(rows[at].text, vectors[at])
            right.append(float(label == rows[at].label))
            odds.append(_log_odds(share))
    if not right:
        raise TooFewExamplesError("no confirmed row could be held back")
    return np.array(right), np.array(odds)


def _calibrate(right: np.ndarray, odds: np.ndarray) -> tuple[float, float]:
    """Platt's two numbers with his priors, so that few rows never make certainty."""
    wanted = np.where(right == 1, (right.sum() + 1) / (right.sum() + 2), 1 / (len(right) - right.sum() + 2))
    slope, offset = 1.0, 0.0
    for _ in range(500):
        off = 1 / (1 + np.exp(-np.clip(slope * odds + offset, -30, 30))) - wanted
        slope -= 0.3 * (float((off * odds).mean()) / max(float((odds**2).mean()), 1) + 0.01 * (slope - 1))
        offset -= 0.3 * float(off.mean())
    return round(max(slope, 0.05), 4), round(offset, 4)


def _probability(odds: np.ndarray, calibration: tuple[float, float]) -> np.ndarray:
    return 1 / (1 + np.exp(-(calibration[0] * odds + calibration[1])))


def _promises(right: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """For each percent of probability, the best accuracy of any bar at or below it; two doubts are added.

    A bar that few held-back rows reach promises nothing: on 80 rows, lucky ones promised 95 and kept 75.
    """
    order = np.argsort(-probability, kind="stable")
    running = np.cumsum(right[order]) / (np.arange(len(order)) + 2)
    running[: FEWEST_PROMISED - 1] = 0.0
    best = np.maximum.accumulate(running[::-1])[::-1]
    at = np.searchsorted(-probability[order], -np.linspace(0, 1, STEPS), side="right")
    return np.array([best[min(max(number - 1, 0), len(best) - 1)] for number in at], np.float32)


def _fit(rows: list[Labelled], vectors: np.ndarray) -> dict[str, Any]:
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    texts, is_bare = [row.text for row in rows], embeddings.engine() == embeddings.NGRAMS
    words = TfidfVectorizer(
        analyzer=terms, sublinear_tf=True, min_df=2 if len(rows) > 60 and not is_bare else 1,
        max_features=MOST_WORDS_KNOWN,
    )  # fmt: skip
    weighted, known = words.fit_transform(texts), [words]
    if is_bare:
        known.append(TfidfVectorizer(analyzer=letters, sublinear_tf=True, max_features=MOST_LETTERS_KNOWN))
        features = hstack([weighted, known[1].fit_transform(texts)]).tocsr()
    else:
        features = hstack([weighted, csr_matrix(vectors)]).tocsr()
    machine = LinearSVC(C=1.0, random_state=0)
    machine.fit(features, [row.label for row in rows])
    weights, bias = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:
        weights, bias = np.vstack([-weights, weights]), np.hstack([-bias, bias])
    about = {"format": FORMAT, "engine": embeddings.engine(), "labels": [str(label) for label in machine.classes_]}
    owner = np.array([about["labels"].index(row.label) for row in rows], np.int16)
    if is_bare:
        weights = weights + MIDDLE_WEIGHT * _middles(features, owner, len(about["labels"]))
    near = weighted[-MOST_KEPT:].tocsc()
    return {
        "about": np.array(json.dumps(about)),
        "vocabulary": np.array(json.dumps([sorted(one.vocabulary_, key=one.vocabulary_.get) for one in known])),
        "rarity": np.concatenate([one.idf_ for one in known]).astype(np.float32),
        "weights": weights.astype(np.float32),
        "bias": bias.astype(np.float32),
        "calibration": np.array([1.0, 0.0]),
        "promises": np.zeros(STEPS, np.float32),
        # The words of the rows kept, by word: which rows hold it, and how weightily.
        "near_starts": near.indptr.astype(np.int32),
        "near_rows": near.indices.astype(np.uint16),
        "near_weights": near.data.astype(np.float16),
        "near_vectors": vectors[-MOST_KEPT:].astype(np.float16),
        "near_subjects": np.array([row.subject for row in rows[-MOST_KEPT:]], np.int64),
        "near_labels": owner[-MOST_KEPT:],
    }


def _middles(features: Any, owner: np.ndarray, count: int) -> np.ndarray:
    """The mean features of each label's rows, of length one."""
    sums = np.vstack([np.asarray(features[owner == at].sum(axis=0)) for at in range(count)])
    return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)


def _log_odds(score: float) -> float:
    bounded = min(max(score, 1e-4), 1 - 1e-4)
    return float(np.log(bounded / (1 - bounded)))


# ── guessing ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Seen:
    """What a text says to an artefact: the share of each label, and how near each kept row is."""

    shares: np.ndarray
    near: np.ndarray


class _Trained:
    """An artefact opened for use."""

    def __init__(self, parts: dict[str, Any]) -> None:
        about = json.loads(str(parts["about"]))
        self.is_usable = about["format"] == FORMAT and about["engine"] == embeddings.engine()
        self.labels = about["labels"]
        if self.is_usable:
            known = json.loads(str(parts["vocabulary"]))
            self.places = {term: at for at, term in enumerate(chain(*known))}
            self.words, self.is_bare = len(known[0]), len(known) > 1
            self.vectors = parts["near_vectors"].astype(np.float32)
        self.parts = parts

    def _weigh(self, found: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Places of known words, or of known letters, and their weights, as they were in training."""
        counts = Counter(self.places[term] for term in found if term in self.places)
        places = np.array(sorted(counts), np.int64)
        weights = np.array([1 + np.log(counts[at]) for at in sorted(counts)]) * self.parts["rarity"][places]
        norm = np.linalg.norm(weights)
        return places, (weights / norm if norm else weights).astype(np.float32)

    def see(self, text: str, vector: np.ndarray | None = None) -> _Seen:
        """Machine and nearest rows, added up; without the encoder the nearest rows are only shown."""
        parts, (places, weights) = self.parts, self._weigh(terms(text))
        vector = embeddings.embed([text])[0] if vector is None else vector
        machine = parts["weights"][:, places] @ weights
        if self.is_bare:
            spelt, heavy = self._weigh(letters(text))
            machine = machine + parts["weights"][:, spelt] @ heavy
        else:
            machine = machine + parts["weights"][:, self.words :] @ vector
        near = self.vectors @ vector
        for at, weight in zip(places, weights, strict=True):
            held = slice(parts["near_starts"][at], parts["near_starts"][at + 1])
            near[parts["near_rows"][held]] += weight * parts["near_weights"][held]
        nearest = np.argsort(-near, kind="stable")[:NEAREST]
        votes = np.zeros(len(self.labels))
        np.add.at(votes, parts["near_labels"][nearest], np.maximum(near[nearest], 0.0) ** SHARPNESS)
        votes /= max(votes.sum(), 1e-9)
        scores = MACHINE_WEIGHT * (machine + parts["bias"])
        if not self.is_bare:
            scores = scores + np.log(votes + NEAREST_FLOOR)
        shares = np.exp(scores - scores.max())
        return _Seen(shares / shares.sum(), near)

    def best(self, text: str, vector: np.ndarray | None = None) -> tuple[str, float]:
        """The best label and its uncalibrated share."""
        shares = self.see(text, vector).shares
        at = int(np.argmax(shares))
        return self.labels[at], float(shares[at])

    def guess(self, text: str) -> Guess:
        seen = self.see(text)
        at = int(np.argmax(seen.shares))
        slope, offset = (float(number) for number in self.parts["calibration"])
        probability = float(_probability(np.array(_log_odds(float(seen.shares[at]))), (slope, offset)))
        same = np.flatnonzero(self.parts["near_labels"] == at)
        order = np.argsort(-seen.near[same], kind="stable")[:5]
        subjects = [int(self.parts["near_subjects"][same[number]]) for number in order]
        promise = float(self.parts["promises"][int(probability * (STEPS - 1))])
        words = self._words(text, self.parts["weights"][at])
        return Guess(self.labels[at], round(probability, 4), subjects, words, round(promise, 4))

    def _words(self, text: str, machine: np.ndarray) -> list[str]:
        """The words of the text that spoke most for the label, folded."""
        heavy = {term: float(machine[self.places[term]]) for term in terms(text) if term in self.places}
        telling = [term for term in sorted(heavy, key=lambda one: (-heavy[one], one)) if heavy[term] > 0]
        return [term for term in telling if term not in small_words()][:4]


@load_once(16)
def _open(content: bytes) -> _Trained:
    with np.load(io.BytesIO(content), allow_pickle=False) as parts:
        return _Trained(dict(parts))


def guess(content: bytes, text: str) -> Guess | None:
    """What the artefact sees in ``text``; None when it was made with vectors or in a form that is not here any more."""
    trained = _open(content)
    return trained.guess(text) if trained.is_usable else None


def accuracy(content: bytes, rows: list[Labelled]) -> float:
    """The share of rows whose label the artefact sees; 0 for an artefact that cannot be used here."""
    trained = _open(content)
    if not trained.is_usable or not rows:
        return 0.0
    return sum(trained.best(row.text)[0] == row.label for row in rows) / len(rows)


# ── runs ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def active_artefact(skill: str, scope: str = "") -> bytes | None:
    """The artefact in use for a skill and scope (for fields, the field's name)."""
    run = TrainingRun.objects.filter(skill=skill, scope=scope, active=True).first()
    return bytes(run.artefact) if run else None


def newest_run(skill: str, scope: str = "") -> TrainingRun | None:
    """The last training of a skill and scope, whether it is in use or not; without its artefact."""
    return TrainingRun.objects.defer("artefact").filter(skill=skill, scope=scope).order_by("-pk").first()


def store_run(skill: str, scope: str, artefact: Artefact, *, now: datetime) -> TrainingRun:
    """Note a training as the next version; it becomes active only when it is no worse than the active one.

    Both accuracies are held-back ones, and what chance explains (a standard error) is no loss: the first run over a
    few rows was lucky. One that cannot be read here is replaced. The same rows again (equal digest) change nothing.
    Only the active run keeps its artefact: it holds words that people wrote.
    """
    with transaction.atomic():
        runs = TrainingRun.objects.select_for_update().filter(skill=skill, scope=scope).order_by("pk")
        same = next((run for run in runs if run.digest == artefact.digest), None)
        if same:
            return same
        active = next((run for run in runs if run.active), None)
        is_better = active is None or artefact.held_back_accuracy >= _least(active)
        if active and is_better:
            TrainingRun.objects.filter(pk=active.pk).update(active=False, artefact=b"")
        version = max((run.version for run in runs), default=0) + 1
        return TrainingRun.objects.create(
            skill=skill, scope=scope, version=version, artefact=artefact.content if is_better else b"",
            accuracy=artefact.held_back_accuracy, examples=artefact.examples, digest=artefact.digest,
            active=is_better, created_at=now,
        )  # fmt: skip


def _least(active: TrainingRun) -> float:
    """The accuracy from which on a run replaces the active one."""
    told = active.accuracy or 0.0
    return told - math.sqrt(told * (1 - told) / max(active.examples, 1))
