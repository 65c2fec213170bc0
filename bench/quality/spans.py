"""Values of fields in conversations, learned from confirmed ones, beside a CRF with textbook features."""

import csv
import itertools
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from cases.tagging import Lesson, Place, find_values, learn
from intents.reading import MessageText

SETS, SIZES = ("airline", "fastfood", "media"), (25, 100, 0)
DRAWS = 3
# What is written alone is to be right this often.
PROMISED = 0.97
Triple = tuple[int, str, str]


def read(file: Path) -> list[Lesson]:
    """The conversations of a set, each turn a message, with the values marked in it."""
    turns: dict[str, list[tuple[list[str], list[str]]]] = {}
    with file.open(newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            words, labels = row["utterance"].split(), row["slot-labels"].split()
            labels = (labels + ["O"] * len(words))[: len(words)]
            turns.setdefault(row["conversationId"], []).append((words, labels))
    return [_lesson(at, told) for at, told in enumerate(turns.values())]


def _lesson(number: int, told: list[tuple[list[str], list[str]]]) -> Lesson:
    messages, places = [], []
    for at, (words, labels) in enumerate(told):
        messages.append(MessageText(id=at, text=" ".join(words)))
        starts = np.cumsum([0, *(len(word) + 1 for word in words)])
        first = 0
        for end in range(1, len(words) + 1):
            if end == len(words) or labels[end] != labels[first]:
                if labels[first] != "O":
                    places.append(Place(at, int(starts[first]), int(starts[end]) - 1, labels[first]))
                first = end
    return Lesson(number, messages, places)


def triples(lesson: Lesson, places: list[Place]) -> set[Triple]:
    """(conversation, field, value), each once."""
    return {
        (lesson.subject, one.field, lesson.messages[one.message].text[one.start : one.end].lower()) for one in places
    }


def measure(train: list[Lesson], test: list[Lesson], size: int) -> tuple[float, float, float, float]:
    """F1 by conversation; what is written alone and what of it is right, as shares of all values; seconds to learn.

    The conversations that are not confirmed are shown without their labels, as a mailbox has them.
    """
    lessons, started = train[:size] if size else train, time.process_time()
    content, _held_back, _count = learn(lessons, [lesson.messages for lesson in train[len(lessons) :]])
    seconds = time.process_time() - started
    wanted, found, written = set(), set(), set()
    for lesson in test:
        wanted |= triples(lesson, lesson.places)
        values = find_values(content, lesson.messages)
        found |= triples(lesson, [one.place for one in values])
        written |= triples(lesson, [one.place for one in values if one.promise >= PROMISED])
    right = 2 * len(found & wanted) / (len(found) + len(wanted))
    return right, len(written) / len(wanted), len(written & wanted) / len(wanted), seconds


def shuffled(lessons: list[Lesson], draw: int) -> list[Lesson]:
    """The same shuffle for us and for the peer."""
    drawn = list(lessons)
    random.Random(draw).shuffle(drawn)
    return drawn


def rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """A row per set and number of confirmed conversations; the mean of three draws, of all one."""
    for name in SETS:
        file = folder / "fields" / name
        if (file / "train.tsv").is_file():
            train, test = read(file / "train.tsv"), read(file / "dev.tsv")
            for size in SIZES:
                drawn = [shuffled(train, draw) for draw in range(DRAWS if size else 1)]
                told = np.array([(peer(one, test, size), *measure(one, test, size)) for one in drawn])
                mean = 100 * told.mean(axis=0)
                line = f"CRF {mean[0]:.1f}, ours {mean[1]:.1f}; written alone {mean[3]:.0f} % of the values"
                line += f", right {100 * mean[3] / mean[2]:.1f} %" if mean[2] else ""
                line += f"; learned in {told[:, 4].mean():.0f} s of processor time"
                yield f"values of {name}", f"{size or 'all'} conversations", line


def peer(train: list[Lesson], test: list[Lesson], size: int) -> float:
    """F1 by conversation of a CRF with the features of the textbooks."""
    import pycrfsuite

    trainer = pycrfsuite.Trainer(verbose=False)
    for lesson in train[:size] if size else train:
        for words, labels in _labelled(lesson):
            trainer.append([_textbook(words, at) for at in range(len(words))], labels)
    trainer.set_params({"c1": 0.1, "c2": 0.1, "max_iterations": 100, "feature.possible_transitions": True})
    with tempfile.TemporaryDirectory() as folder:
        trainer.train(f"{folder}/model")
        tagger = pycrfsuite.Tagger()
        tagger.open(f"{folder}/model")
        wanted, found = set(), set()
        for lesson in test:
            wanted |= triples(lesson, lesson.places)
            for words, _labels in _labelled(lesson):
                labels = tagger.tag([_textbook(words, at) for at in range(len(words))])
                found |= {(lesson.subject, name, value.lower()) for name, value in _runs(words, labels)}
    return 2 * len(found & wanted) / (len(found) + len(wanted))


def _labelled(lesson: Lesson) -> Iterator[tuple[list[str], list[str]]]:
    for message in lesson.messages:
        words, labels, start = message.text.split(), [], 0
        mine = [one for one in lesson.places if one.message == message.id]
        for word in words:
            labels.append(next((one.field for one in mine if one.start <= start < one.end), "O"))
            start += len(word) + 1
        if words:
            yield words, labels


def _runs(words: list[str], labels: list[str]) -> Iterator[tuple[str, str]]:
    for name, run in itertools.groupby(zip(labels, words, strict=True), key=lambda pair: pair[0]):
        if name != "O":
            yield name, " ".join(word for _label, word in run)


def _textbook(words: list[str], at: int) -> list[str]:
    word = words[at]
    seen = ["bias", f"w={word.lower()}", f"-3={word[-3:]}", f"-2={word[-2:]}"]
    seen += [f"upper={word.isupper()}", f"title={word.istitle()}", f"digit={word.isdigit()}"]
    for step in (-1, 1):
        if 0 <= at + step < len(words):
            near = words[at + step]
            seen += [f"{step}w={near.lower()}", f"{step}title={near.istitle()}", f"{step}digit={near.isdigit()}"]
        else:
            seen.append("BOS" if step < 0 else "EOS")
    return seen
