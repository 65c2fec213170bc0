"""Classes by a training run, beside TF-IDF with a linear machine: how often right, what may be filled alone."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from agents import embeddings
from agents.skills import training
from agents.skills.training import Labelled
from bench.quality.answers import calibration_error
from bench.quality.bare import without_encoder

DRAWS, MOST_TESTED = 5, 2_000
# Five draws of so many labels take longest of all, nearly all of it for vectors.
MANY, DRAWS_OF_MANY = 5_000, 1
SETS = [
    ("IT tickets, 8 groups", "fields/it_tickets/tickets.csv", "text", "group", (80, 400, 2_000, 10_000)),
    ("bank questions, 77 intents", "intents/banking77/train.csv", "text", "category", (770, 2_000)),
]
PROMISED = (0.95, 0.98)
# So that each text is embedded once in a run, by both engines.
VECTORS_KEPT = 120_000


def rows(folder: Path, *, is_full: bool = False) -> Iterator[tuple[str, str, str]]:
    """A row per set and number of labels, the mean of five draws (of many labels only in full).

    What is tested was never drawn.
    """
    embeddings._kept.entries = VECTORS_KEPT
    for name, file, text, label, sizes in SETS:
        if (folder / file).is_file():
            with (folder / file).open(newline="") as lines:
                known = [Labelled(at, one[text], one[label]) for at, one in enumerate(csv.DictReader(lines))]
            for size in sizes:
                draws = DRAWS if is_full or size < MANY else DRAWS_OF_MANY
                yield name, f"{size:,} labels, draws: {draws}", measure(known, size, draws)


def measure(known: list[Labelled], size: int, draws: int = DRAWS) -> str:
    """Accuracy beside the peer's, and for each promise the share filled alone with its real accuracy."""
    found: list[list[float]] = []
    for draw in range(draws):
        order = np.random.default_rng(draw).permutation(len(known))
        most = min(MOST_TESTED, len(known) // 5)
        tested, chosen = [known[at] for at in order[:most]], [known[at] for at in order[most:][:size]]
        ours = _ours(chosen, tested)
        with without_encoder():
            found.append([_peer(chosen, tested), *ours, *_ours(chosen, tested)[:2]])
    mean = np.mean(found, axis=0)
    alone = ", ".join(
        f"{mean[3 + 2 * at]:.0%} alone at a promised {promised:.0%}"
        + (f" (really {mean[4 + 2 * at] / mean[3 + 2 * at]:.1%})" if mean[3 + 2 * at] else "")
        for at, promised in enumerate(PROMISED)
    )
    return (
        f"TF-IDF + SVM {mean[0]:.1%}, ours {mean[1]:.1%}; calibration error {100 * mean[2]:.1f}; {alone}; "
        f"without the encoder {mean[-2]:.1%}, calibration error {100 * mean[-1]:.1f}"
    )


def _peer(chosen: list[Labelled], tested: list[Labelled]) -> float:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    words = TfidfVectorizer()
    machine = LinearSVC(random_state=0).fit(
        words.fit_transform([one.text for one in chosen]), [one.label for one in chosen]
    )
    guesses = machine.predict(words.transform([one.text for one in tested]))
    return float(np.mean([guess == one.label for guess, one in zip(guesses, tested, strict=True)]))


def _ours(chosen: list[Labelled], tested: list[Labelled]) -> list[float]:
    artefact = training.train(chosen)
    guesses = [training.guess(artefact.content, one.text) for one in tested]
    right = np.array([guess.label == one.label for guess, one in zip(guesses, tested, strict=True)], float)
    promise = np.array([guess.promise for guess in guesses])
    sure = [guess.probability for guess in guesses]
    numbers = [float(right.mean()), calibration_error(sure, list(right))]
    for promised in PROMISED:
        alone = promise >= promised
        numbers += [float(alone.mean()), float((right * alone).mean())]
    return numbers
