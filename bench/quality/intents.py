"""Recognising intents from 5 and 10 examples, beside frozen vectors under a plain logistic regression."""

import csv
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from agents import embeddings
from intents.recognition import Learned, learn, recognise

DRAWS, TESTED = 3, 1500
Rows = list[tuple[str, str]]


def rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Bank questions and assistants' questions; the same draws each time."""
    bank, clinc = folder / "intents/banking77/train.csv", folder / "intents/clinc150/data.json"
    if bank.is_file():
        with bank.open(newline="") as lines:
            known = [(row["text"], row["category"]) for row in csv.DictReader(lines)]
        yield from _measured("bank questions, 77 intents", known, [], [])
    if clinc.is_file():
        data = json.loads(clinc.read_text())
        train, tested = ([(text, label) for text, label in data[name]] for name in ("train", "val"))
        yield from _measured("assistants, 150 intents", train, tested, [text for text, _label in data["oos_val"]])


def _measured(name: str, known: Rows, tested: Rows, outside: list[str]) -> Iterator[tuple[str, str, str]]:
    for shots in (5, 10):
        found = [_draw(known, tested, outside, shots, seed) for seed in range(DRAWS)]
        mean = {key: float(np.mean([one[key] for one in found])) for key in found[0]}
        result = f"accuracy {mean['ours']:.1%} (logistic regression {mean['plain']:.1%})"
        result += f", calibration error {mean['error']:.1%}, {mean['ms']:.1f} ms beside the vector"
        if outside:
            result += f", out of scope found {mean['outside']:.0%} where 94 % in scope are kept"
        yield name, f"{shots} examples each, mean of {DRAWS} draws", result


def _draw(known: Rows, tested: Rows, outside: list[str], shots: int, seed: int) -> dict[str, float]:
    chance = np.random.RandomState(seed)
    labels = sorted({label for _text, label in known})
    places = {label: [at for at, row in enumerate(known) if row[1] == label] for label in labels}
    chosen = {label: [int(at) for at in chance.permutation(places[label])[:shots]] for label in labels}
    taken = {at for several in chosen.values() for at in several}
    rest = tested or [row for at, row in enumerate(known) if at not in taken]
    rest = [rest[at] for at in chance.permutation(len(rest))[:TESTED]]
    library = [
        Learned(
            label, label.replace("_", " "), [known[at][0] for at in chosen[label]], [at + 1 for at in chosen[label]]
        )
        for label in labels
    ]
    content = learn(library)
    embeddings.embed([text for text, _label in rest])
    started = time.perf_counter()
    seen = [recognise(content, text, language="en") for text, _label in rest]
    spent = 1000 * (time.perf_counter() - started) / len(rest)
    right = np.array([one[0].key == label for one, (_text, label) in zip(seen, rest, strict=True)], float)
    sure = np.array([one[0].confidence for one in seen])
    apart = np.array([recognise(content, text, language="en")[0].confidence for text in outside])
    return {
        "ours": right.mean(),
        "plain": _plain(library, rest),
        "error": _calibration_error(right, sure),
        "outside": float((apart < np.quantile(sure, 0.06)).mean()) if outside else 0.0,
        "ms": spent,
    }


def _plain(library: list[Learned], rest: Rows) -> float:
    texts = [text for one in library for text in one.texts]
    labels = [one.key for one in library for _text in one.texts]
    model = LogisticRegression(C=10, max_iter=300).fit(embeddings.embed(texts), labels)
    said = model.predict(embeddings.embed([text for text, _label in rest]))
    return float(np.mean([one == label for one, (_text, label) in zip(said, rest, strict=True)]))


def _calibration_error(right: np.ndarray, sure: np.ndarray) -> float:
    bins = np.minimum((sure * 10).astype(int), 9)
    return float(sum(abs(right[bins == at].mean() - sure[bins == at].mean()) * (bins == at).mean() for at in set(bins)))
