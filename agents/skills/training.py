"""Explicit training runs: confirmed rows in, a versioned artefact out, switched on only when it is no worse.

The artefact is an npz file without pickles; reading it needs numpy alone, making it needs scikit-learn.
"""

import hashlib
import io
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import pairwise

import numpy as np
from django.db import transaction

from agents import embeddings
from agents.models import TrainingRun
from agents.skills.languages import fold, small_words

FORMAT = 1
FEWEST_EXAMPLES, FEWEST_PER_LABEL = 20, 3
MOST_WORDS_KNOWN = 20_000
MOST_KEPT = 2_000
HELD_BACK_SHARE = 5


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
    """The label a trained artefact sees in a text, with at least three confirmed rows near it, or none."""

    label: str
    probability: float
    subjects: list[int] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def terms(text: str) -> list[str]:
    """Folded words and pairs of words, without the small ones."""
    small = small_words()
    words = re.findall(r"\w+", fold(text[:20_000]))
    kept = [word for word in words if word not in small and not word.isdigit()]
    return kept + [f"{one} {two}" for one, two in pairwise(kept)]


def _vectors(texts: list[str]) -> np.ndarray:
    """Both engines side by side, (n, d1 + d2): meaning where the language is known, word forms everywhere."""
    return np.hstack([embeddings.embed(texts), embeddings.embed(texts, embeddings.NGRAMS)]).astype(np.float32)


def _is_held_back(row: Labelled) -> bool:
    return hashlib.sha256(f"{row.subject}".encode()).digest()[0] % HELD_BACK_SHARE == 0


def train(examples: list[Labelled]) -> Artefact:
    """Learn labels from confirmed rows; the same rows give the same bytes. Raises TooFewExamplesError.

    A fifth of the rows, chosen by their number, is held back to measure accuracy and to calibrate; then all are used.
    """
    rows = sorted(examples, key=lambda row: (row.subject, row.text, row.label))
    counts = {label: sum(row.label == label for row in rows) for label in {row.label for row in rows}}
    rows = [row for row in rows if counts[row.label] >= FEWEST_PER_LABEL]
    kept, back = [row for row in rows if not _is_held_back(row)], [row for row in rows if _is_held_back(row)]
    if len(rows) < FEWEST_EXAMPLES or not back or len({row.label for row in kept}) < 2:
        raise TooFewExamplesError(f"{len(rows)} confirmed rows are too few")
    accuracy, calibration = _measure(_fit(kept), back)
    parts = _fit(rows)
    parts["calibration"] = np.array(calibration)
    buffer = io.BytesIO()
    np.savez(buffer, **parts)
    return Artefact(buffer.getvalue(), accuracy, calibration, len(rows), _digest(rows))


def _digest(rows: list[Labelled]) -> str:
    text = json.dumps([[row.subject, row.text, row.label] for row in rows])
    return hashlib.sha256(text.encode()).hexdigest()


def _fit(rows: list[Labelled]) -> dict[str, np.ndarray]:
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    texts = [row.text for row in rows]
    words = TfidfVectorizer(
        analyzer=terms, sublinear_tf=True, min_df=2 if len(rows) > 60 else 1, max_features=MOST_WORDS_KNOWN
    )
    vectors = _vectors(texts)
    features = hstack([words.fit_transform(texts), csr_matrix(vectors)]).tocsr()
    model = LogisticRegression(C=10.0, max_iter=300).fit(features, [row.label for row in rows])
    weights, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        weights, bias = np.vstack([-weights, weights]) / 2, np.hstack([-bias, bias]) / 2
    about = {"format": FORMAT, "engine": embeddings.engine(), "labels": [str(label) for label in model.classes_]}
    ordered = sorted(words.vocabulary_, key=words.vocabulary_.get)
    return {
        "about": np.array(json.dumps(about)),
        "vocabulary": np.array(json.dumps(ordered)),
        "rarity": words.idf_.astype(np.float32),
        "weights": weights.astype(np.float32),
        "bias": bias.astype(np.float32),
        "calibration": np.array([1.0, 0.0]),
        "near": vectors[-MOST_KEPT:].astype(np.float16),
        "near_subjects": np.array([row.subject for row in rows[-MOST_KEPT:]], np.int64),
        "near_labels": np.array([row.label for row in rows[-MOST_KEPT:]]),
    }


def _measure(parts: dict[str, np.ndarray], back: list[Labelled]) -> tuple[float, tuple[float, float]]:
    """Held-back accuracy, and Platt's two numbers with his priors, so that few rows never make certainty."""
    trained = _Trained(parts)
    scored = [trained.best(row.text) for row in back]
    right = np.array([label == row.label for (label, _), row in zip(scored, back, strict=True)], float)
    odds = np.array([_log_odds(score) for _, score in scored])
    wanted = np.where(right == 1, (right.sum() + 1) / (right.sum() + 2), 1 / (len(right) - right.sum() + 2))
    slope, offset = 1.0, 0.0
    for _ in range(200):
        off = 1 / (1 + np.exp(-np.clip(slope * odds + offset, -30, 30))) - wanted
        slope -= 0.3 * (float((off * odds).mean()) / max(float((odds**2).mean()), 1) + 0.01 * (slope - 1))
        offset -= 0.3 * float(off.mean())
    return round(float(right.mean()), 4), (round(max(slope, 0.05), 4), round(offset, 4))


def _log_odds(score: float) -> float:
    bounded = min(max(score, 1e-4), 1 - 1e-4)
    return float(np.log(bounded / (1 - bounded)))


class _Trained:
    """An artefact opened for use."""

    def __init__(self, parts: dict[str, np.ndarray]) -> None:
        about = json.loads(str(parts["about"]))
        self.engine, self.labels = about["engine"], about["labels"]
        self.places = {term: at for at, term in enumerate(json.loads(str(parts["vocabulary"])))}
        self.parts = parts

    def features(self, text: str) -> np.ndarray:
        """One row as it was in training: scaled terms, then vectors."""
        row = np.zeros(len(self.places), np.float32)
        for term in terms(text):
            if term in self.places:
                row[self.places[term]] += 1
        here = row > 0
        row[here] = (1 + np.log(row[here])) * self.parts["rarity"][here]
        norm = np.linalg.norm(row)
        return np.hstack([row / norm if norm else row, _vectors([text])[0]])

    def best(self, text: str) -> tuple[str, float]:
        """The best label and its uncalibrated share."""
        scores = self.parts["weights"] @ self.features(text) + self.parts["bias"]
        shares = np.exp(scores - scores.max())
        at = int(np.argmax(shares))
        return self.labels[at], float(shares[at] / shares.sum())

    def guess(self, text: str) -> Guess:
        label, share = self.best(text)
        slope, offset = (float(number) for number in self.parts["calibration"])
        probability = 1 / (1 + np.exp(-(slope * _log_odds(share) + offset)))
        same = np.flatnonzero(self.parts["near_labels"] == label)
        near = self.parts["near"][same].astype(np.float32) @ _vectors([text])[0]
        subjects = [int(self.parts["near_subjects"][same[at]]) for at in np.argsort(-near, kind="stable")[:5]]
        return Guess(label, round(float(probability), 4), subjects, self._words(text, label))

    def _words(self, text: str, label: str) -> list[str]:
        """The words of the text that spoke most for the label, folded."""
        weights = self.parts["weights"][self.labels.index(label)]
        known = sorted({term for term in terms(text) if " " not in term and term in self.places})
        heavy = [(float(weights[self.places[term]]), term) for term in known]
        return [term for weight, term in sorted(heavy, key=lambda pair: (-pair[0], pair[1])) if weight > 0][:4]


@lru_cache(maxsize=32)
def _open(content: bytes) -> _Trained:
    with np.load(io.BytesIO(content), allow_pickle=False) as parts:
        return _Trained(dict(parts))


def guess(content: bytes, text: str) -> Guess | None:
    """What the artefact sees in ``text``; None when it was trained with vectors that are not here any more."""
    trained = _open(content)
    return trained.guess(text) if trained.engine == embeddings.engine() else None


def accuracy(content: bytes, rows: list[Labelled]) -> float:
    """The share of rows whose label the artefact sees; 0 for an artefact that cannot be used here."""
    trained = _open(content)
    if trained.engine != embeddings.engine() or not rows:
        return 0.0
    return sum(trained.best(row.text)[0] == row.label for row in rows) / len(rows)


# ── runs ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def active_artefact(skill: str, scope: str = "") -> bytes | None:
    """The artefact in use for a skill and scope (for fields, the field's name)."""
    run = TrainingRun.objects.filter(skill=skill, scope=scope, active=True).first()
    return bytes(run.artefact) if run else None


def store_run(skill: str, scope: str, artefact: Artefact, *, now: datetime) -> TrainingRun:
    """Keep a training as the next version; it becomes active only when its accuracy is no worse than the active one's.

    Both accuracies are held-back ones. The same rows again (equal digest) change nothing and give the run that exists.
    """
    with transaction.atomic():
        runs = TrainingRun.objects.select_for_update().filter(skill=skill, scope=scope).order_by("pk")
        same = next((run for run in runs if run.digest == artefact.digest), None)
        if same:
            return same
        active = next((run for run in runs if run.active), None)
        is_better = active is None or artefact.held_back_accuracy >= (active.accuracy or 0.0)
        if active and is_better:
            TrainingRun.objects.filter(pk=active.pk).update(active=False)
        version = max((run.version for run in runs), default=0) + 1
        return TrainingRun.objects.create(
            skill=skill, scope=scope, version=version, artefact=artefact.content, accuracy=artefact.held_back_accuracy,
            examples=artefact.examples, digest=artefact.digest, active=is_better, created_at=now,
        )  # fmt: skip
