"""Several intents in one message, beside a logistic regression for each intent on the same vectors, in the same run."""

import json
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from agents import embeddings
from bench.quality.intents import BARE, draw_library, read_sets
from intents.recognition import Learned, learn
from intents.skills import MatchIntents, MatchIntentsSkill

PARTS, DRAWS, TESTED = 20, 5, 700
JOINED, JOINED_DRAWS = 300, 3
JOINTS = ("{}. {}", "{} and {}", "Hello,\n\n{}. Also, {}\n\nThanks", "{}\n\nOne more thing: {}")
Row = tuple[str, list[str]]


def rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """NLU++, learned from one, two and five of its twenty parts; and two questions put together."""
    parts = [folder / f"intents/nlupp_banking/fold{number}.json" for number in range(PARTS)]
    if parts[0].is_file():
        known = [[(one["text"], one.get("intents", [])) for one in json.loads(part.read_text())] for part in parts]
        for size in (1, 2, 5):
            found = [_draw(known, size, draw) for draw in range(DRAWS)]
            yield "several intents, bank", f"about {100 * size} messages learned, mean of {DRAWS} draws", _word(found)
    for name, learned, tested, _outside in read_sets(folder):
        found = [_join(learned, tested, draw) for draw in range(JOINED_DRAWS)]
        line = (
            _word(found) + f"; a second one seen in {np.mean([one['false'] for one in found]):.1%} of single questions"
        )
        yield f"two questions put together, {name}", f"10 examples each, mean of {JOINED_DRAWS} draws", line


def _word(found: list[dict[str, float]]) -> str:
    mean = {key: 100 * float(np.mean([one[key] for one in found])) for key in found[0]}
    return (
        f"F1 {mean['ours']:.1f}, without weights {mean['bare']:.1f} (regression {mean['plain']:.1f}, with the bar that "
        f"suits its examples {mean['tuned']:.1f}: floor {mean['tuned'] + 3:.1f}, aim {mean['tuned'] + 8:.1f})"
    )


def _draw(known: list[list[Row]], size: int, draw: int) -> dict[str, float]:
    inside = [(draw * 4 + step) % PARTS for step in range(size)]
    learned = [row for part in inside for row in known[part] if row[1]]
    rest = [row for part in range(PARTS) if part not in inside for row in known[part]]
    tested = [rest[at] for at in np.random.RandomState(draw).permutation(len(rest))[:TESTED]]
    labels = sorted({label for part in known for _text, several in part for label in several})
    library = [
        Learned(
            label, label.replace("_", " "), [text for text, several in learned if label in several],
            [at + 1 for at, (_text, several) in enumerate(learned) if label in several],
        )
        for label in labels
    ]  # fmt: skip
    return _score(library, learned, tested)


def _join(known: list[tuple[str, str]], others: list[tuple[str, str]], draw: int) -> dict[str, float]:
    """Two questions of different intents in one message; and single ones, in which a second would be wrong."""
    library, taken = draw_library(known, 10, draw)
    rest = others or [row for at, row in enumerate(known) if at not in taken]
    chance = np.random.RandomState(draw + 50)
    pairs = [[rest[at] for at in chance.choice(len(rest), 2, replace=False)] for _turn in range(JOINED)]
    tested = [
        (JOINTS[at % len(JOINTS)].format(one[0].rstrip(".?! "), other[0]), [one[1], other[1]])
        for at, (one, other) in enumerate(pairs)
        if one[1] != other[1]
    ]
    learned = [(text, [each.key]) for each in library for text in each.texts]
    found = _score(library, learned, tested)
    content = learn(library)
    found["false"] = float(np.mean([len(_choose(content, one[0])) > 1 for one, _other in pairs]))
    return found


def _score(library: list[Learned], learned: list[Row], tested: list[Row]) -> dict[str, float]:
    """F1 of ours and of the regression, at a half and at the bar that is best on its own examples held back."""
    labels = [one.key for one in library]
    texts = [text for text, _several in tested]
    right, wanted = (
        np.array([[label in several for label in labels] for _text, several in which]) for which in (tested, learned)
    )
    vectors = embeddings.embed([text for text, _several in learned])
    turn = np.arange(len(learned)) % 5
    held = np.zeros(wanted.shape)
    for fold in range(5):
        held[turn == fold] = _shares(vectors[turn != fold], wanted[turn != fold], vectors[turn == fold])
    bar = max(np.linspace(0.02, 0.98, 49), key=lambda one: measure_f1(held >= one, wanted))
    shares = _shares(vectors, wanted, embeddings.embed(texts))
    content = learn(library)
    ours, without = (
        np.array([[label in said for label in labels] for said in (_choose(content, text, language) for text in texts)])
        for language in ("en", BARE)
    )
    return {
        "ours": measure_f1(ours, right),
        "bare": measure_f1(without, right),
        "plain": measure_f1(shares >= 0.5, right),
        "tuned": measure_f1(shares >= bar, right),
    }


def _choose(content: bytes, text: str, language: str = "en") -> set[str]:
    answer = MatchIntentsSkill().local(MatchIntents(text=text, library=content, language=language))
    return {one.topic for one in answer.output.chosen}


def _shares(vectors: np.ndarray, wanted: np.ndarray, asked: np.ndarray) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an intent that the draw does not hold
        return np.asarray(
            OneVsRestClassifier(LogisticRegression(C=10, solver="liblinear", random_state=0))
            .fit(vectors, wanted)
            .predict_proba(asked)
        )


def measure_f1(said: np.ndarray, right: np.ndarray) -> float:
    """F1 over all messages and intents together."""
    return float(2 * (said & (right > 0)).sum() / max(said.sum() + right.sum(), 1))
