"""Classes from text: by confirmed examples and by a training run, and what may be filled alone."""

import csv
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from agents.skills import training
from agents.skills.training import Labelled
from cases.asking import ConfirmedExample, MessageText
from cases.classes import vote_by_examples

TESTED = 500


def rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Tickets by group and bank questions by intent; the same shuffle each time."""
    for name, file, text, label, sizes in [
        ("IT tickets, 8 groups", "fields/it_tickets/tickets.csv", "text", "group", (80, 200, 400, 2000)),
        ("bank questions, 77 intents", "intents/banking77/train.csv", "text", "category", (385, 770)),
    ]:
        if (folder / file).is_file():
            with (folder / file).open(newline="") as lines:
                known = [Labelled(at, one[text], one[label]) for at, one in enumerate(csv.DictReader(lines))]
            random.Random(0).shuffle(known)
            yield from _measured(name, known, sizes)


def _measured(name: str, known: list[Labelled], sizes: tuple[int, ...]) -> Iterator[tuple[str, str, str]]:
    tested, rest = known[:TESTED], known[TESTED:]
    for size in sizes:
        chosen = _shots(rest, size) if name.startswith("bank") else rest[:size]
        if size <= 200:
            yield name, f"{size} confirmed examples", _line(_by_examples(chosen, tested))
        artefact = training.train(chosen)
        guesses = [(training.guess(artefact.content, one.text), one.label) for one in tested]
        scored = [(guess.label == label, guess.probability) for guess, label in guesses]
        yield name, f"training run on {size}, held back {artefact.held_back_accuracy:.1%}", _line(scored)


def _shots(rest: list[Labelled], size: int) -> list[Labelled]:
    """The same number of each label."""
    labels = sorted({one.label for one in rest})
    return [one for label in labels for one in [row for row in rest if row.label == label][: size // len(labels)]]


def _by_examples(chosen: list[Labelled], tested: list[Labelled]) -> list[tuple[bool, float]]:
    examples = [ConfirmedExample(case=one.subject, text=one.text, values={"class": one.label}) for one in chosen]
    scored = []
    for one in tested:
        vote = vote_by_examples("class", [MessageText(id=1, text=one.text)], one.text, examples)
        scored.append((vote is not None and vote.value == one.label, vote.confidence if vote else 0.0))
    return scored


def _line(scored: list[tuple[bool, float]]) -> str:
    """Accuracy, calibration error, and the share that may be filled alone at 95 % and 98 %."""
    right = np.array([one for one, _ in scored], float)
    sure = np.array([confidence for _, confidence in scored])
    edges = np.minimum((sure * 10).astype(int), 9)
    error = sum(abs(right[edges == at].mean() - sure[edges == at].mean()) * (edges == at).mean() for at in set(edges))
    ordered = right[np.argsort(-sure, kind="stable")]
    running = np.cumsum(ordered) / np.arange(1, len(ordered) + 1)
    alone = [max(np.flatnonzero(running >= bar), default=-1) + 1 for bar in (0.95, 0.98)]
    return (
        f"accuracy {right.mean():.1%}, calibration error {error:.3f}, "
        f"alone at 95 % {alone[0] / len(scored):.0%}, at 98 % {alone[1] / len(scored):.0%}"
    )
