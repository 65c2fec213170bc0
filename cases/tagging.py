"""Values of fields where they stand in a conversation, learned from confirmed ones: a linear chain over words. Pure.

Words are also known by the company they keep in conversations that nobody confirmed (``wordgroups``).
"""

import json
import math
import re
import tempfile
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agents.skills.languages import fold
from agents.skills.loading import load_once
from cases.wordgroups import UNKNOWN, Said, group_words, shape
from intents.reading import MessageText, own_text
from knowledge.passages import Span, sentences

FORMAT, SEPARATOR = 1, b"\n"
OUTSIDE = "O"
# How much a weight costs, and how long is searched for the best ones.
COST, ROUNDS = 0.1, 100
FOLDS, MANY, FOLDS_OF_MANY = 4, 400, 1
PROMISES = np.linspace(0.3, 1.0, 71)
FEWEST_PROMISED, DOUBT = 20, 1.28
_WORD = re.compile(r"[^\s,;!?()\[\]{}\"<>|]+")
_NAMES = Path(__file__).resolve().parent.parent / "agents" / "names.txt"


@dataclass(frozen=True)
class Place:
    """A value of a field in a message: characters ``start`` to ``end`` of its text."""

    message: int
    start: int
    end: int
    field: str


@dataclass(frozen=True)
class Lesson:
    """A confirmed conversation, and where its values stand."""

    subject: int
    messages: list[MessageText]
    places: list[Place]


@dataclass(frozen=True)
class Found:
    """A value that was found, how sure, and the share that was right of held-back ones of its field this sure."""

    place: Place
    value: str
    confidence: float
    promise: float


# The groups of a word.
Groups = dict[str, list[str]]


@dataclass(frozen=True)
class _Line:
    """A sentence of the customer as words where they stand, each with what is seen of it."""

    message: int
    words: list[Span]
    seen: list[list[str]]


# ── what is seen of a word ────────────────────────────────────────────────────────────────────────────────────────


@load_once()
def _names() -> frozenset[str]:
    return frozenset(fold(name) for name in _NAMES.read_text().split())


def words_in(text: str, start: int = 0) -> list[Span]:
    """The words of a text as a person would mark them, folded: numbers, addresses and codes are one."""
    found = []
    for match in _WORD.finditer(text):
        word = match.group().strip(".:'*_")
        at = start + match.start() + match.group().find(word)
        if word:
            found.append(Span(at, at + len(word), fold(word)))
    return found


def _said(messages: Sequence[MessageText]) -> Iterable[tuple[MessageText, int, str, list[Span]]]:
    """The customer's sentences in order: message, the customer's turn, what we asked just before, words."""
    turn, asked = 0, ""
    for message in messages:
        if message.direction == "out":
            asked = message.text
            continue
        for span in sentences(own_text(message)) or []:
            if words := words_in(span.text, span.start):
                yield message, turn, asked, words
        turn, asked = turn + 1, ""


def _lines(messages: Sequence[MessageText], groups: Groups) -> Iterable[_Line]:
    """The customer's sentences in order, each word with its features."""
    for message, turn, asked, words in _said(messages):
        told = [f"a:{word.text}" for word in words_in(asked[-200:])]
        yield _Line(message.id, words, [_see(words, at, turn, told, groups) for at in range(len(words))])


def _talk(conversations: Iterable[Sequence[MessageText]]) -> list[Said]:
    """The bare sentences of conversations."""
    return [
        (turn, [word.text for word in words])
        for messages in conversations
        for _message, turn, _asked, words in _said(messages)
    ]


def _digits(word: str) -> int:
    return min(sum(map(str.isdigit, word)), 11)


def _see(words: list[Span], at: int, turn: int, told: list[str], groups: Groups) -> list[str]:
    """A word by itself, its edges, its form, its company, its neighbours, and when in the conversation it came."""
    texts = [word.text for word in words]
    word, form = texts[at], shape(texts[at])
    seen = ["*", f"w={word}", f"f={form}", f"9={_digits(word)}", f"l={min(len(word), 12)}", f"t={min(turn, 8)}"]
    seen += [f"n={min(len(texts), 8)}", f"only={len(texts) == 1}{form}", *told]
    seen += [f"e{size}={word[-size:]}" for size in (1, 2, 3, 4)] + [f"b{size}={word[:size]}" for size in (1, 2, 3, 4)]
    if word in _names():
        seen.append("name")
    for mark, near in (("", at), ("-", at - 1), ("+", at + 1)):
        if 0 <= near < len(texts):
            seen += [f"{mark}{group}" for group in groups.get(texts[near], UNKNOWN)]
    for step in (-3, -2, -1, 1, 2):
        near = at + step
        if 0 <= near < len(texts):
            seen += [f"{step}w={texts[near]}", f"{step}f={shape(texts[near])}"]
            seen += [f"{step}name"] if texts[near] in _names() else []
        elif abs(step) == 1:
            seen.append(f"{step}end")
    if at:
        seen += [f"-1ww={texts[at - 1]} {word}", f"-1e={texts[at - 1][-3:]}", f"-19={_digits(texts[at - 1])}"]
    if at + 1 < len(texts):
        seen += [f"1ww={word} {texts[at + 1]}", f"1e={texts[at + 1][-3:]}", f"19={_digits(texts[at + 1])}"]
    return seen


# ── the chain ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _fit(lines: list[tuple[_Line, list[str]]]) -> bytes:
    """The model that crfsuite makes of labelled sentences; the same sentences give the same bytes."""
    import pycrfsuite

    trainer = pycrfsuite.Trainer(verbose=False)
    for line, labels in lines:
        trainer.append(line.seen, labels)
    trainer.set_params({"c1": COST, "c2": COST, "max_iterations": ROUNDS, "feature.possible_transitions": True})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model"
        trainer.train(str(file))
        return file.read_bytes()


class _Chain:
    """What was learned, opened for use."""

    def __init__(self, model: bytes, promises: dict[str, list[float]], groups: Groups) -> None:
        import pycrfsuite

        # The tagger keeps the sentence it was shown; several threads of a worker may ask at once.
        self.model, self.promises, self.tagger, self.turn = model, promises, pycrfsuite.Tagger(), threading.Lock()
        self.groups = groups
        self.tagger.open_inmemory(model)

    def find(self, messages: Sequence[MessageText]) -> list[Found]:
        """Words in a row with the same likeliest label, as sure as the least sure of them."""
        texts = {message.id: message.text for message in messages}
        with self.turn:
            return [one for line in _lines(messages, self.groups) for one in self._find_in(line, texts[line.message])]

    def _find_in(self, line: _Line, text: str) -> Iterable[Found]:
        best, at = self.tagger.tag(line.seen), 0
        while at < len(best):
            end = at + 1
            while end < len(best) and best[end] == best[at]:
                end += 1
            if best[at] != OUTSIDE:
                sure = min(self.tagger.marginal(best[at], one) for one in range(at, end))
                place = Place(line.message, line.words[at].start, line.words[end - 1].end, best[at])
                value = text[place.start : place.end]
                yield Found(place, value, round(sure, 4), self._promise(best[at], sure))
            at = end

    def _promise(self, name: str, sure: float) -> float:
        told = self.promises.get(name) or self.promises.get("") or []
        reached = int(np.searchsorted(PROMISES, sure, side="right")) - 1
        return told[reached] if told and reached >= 0 else 0.0


# ── learning ──────────────────────────────────────────────────────────────────────────────────────────────────────


def learn(lessons: list[Lesson], others: Iterable[Sequence[MessageText]] = ()) -> tuple[bytes, float, int]:
    """The artefact, the share of held-back values that it finds and gets right (F1), and how many values there were.

    ``others`` are conversations that nobody confirmed: they tell which words stand in the same places.
    Raises ValueError without a value to learn from.
    """
    lessons = sorted(lessons, key=lambda one: one.subject)
    if not any(lesson.places for lesson in lessons):
        raise ValueError("no value stands in what customers wrote")
    groups = group_words(_talk([*(lesson.messages for lesson in lessons), *others]))
    told = [(lesson, _label(lesson, groups)) for lesson in lessons]
    judged, wanted = _held_back(told, groups)
    about = {"format": FORMAT, "promises": _promises(judged), "groups": groups}
    model = _fit([pair for _lesson, lines in told for pair in lines])
    right = sum(one[2] for one in judged)
    found = round(2 * right / max(len(judged) + wanted, 1), 4)
    return json.dumps(about).encode() + SEPARATOR + model, found, len(lessons)


def _label(lesson: Lesson, groups: Groups) -> list[tuple[_Line, list[str]]]:
    """The lesson's sentences with the label of each word."""
    by_message: dict[int, list[Place]] = {}
    for place in lesson.places:
        by_message.setdefault(place.message, []).append(place)
    labelled = []
    for line in _lines(lesson.messages, groups):
        labels = [
            next((one.field for one in by_message.get(line.message, []) if one.start <= word.start < one.end), OUTSIDE)
            for word in line.words
        ]
        labelled.append((line, labels))
    return labelled


def _held_back(told: list[tuple[Lesson, list[Any]]], groups: Groups) -> tuple[list[tuple[str, float, bool]], int]:
    """(field, how sure, right) of each value found in held-back conversations, and how many there were to find."""
    judged: list[tuple[str, float, bool]] = []
    wanted = 0
    for turn in range(FOLDS_OF_MANY if len(told) > MANY else FOLDS):
        kept = [pair for at, (_lesson, lines) in enumerate(told) if at % FOLDS != turn for pair in lines]
        if not kept:
            continue
        chain = _Chain(_fit(kept), {}, groups)
        for lesson, _lines_of in told[turn::FOLDS]:
            places = set(lesson.places)
            wanted += len(places)
            judged += [(one.place.field, one.confidence, one.place in places) for one in chain.find(lesson.messages)]
    return judged, wanted


def _promises(judged: list[tuple[str, float, bool]]) -> dict[str, list[float]]:
    """By field ("" for all): for each confidence the best sure precision of any bar at or below it."""
    found = {}
    for name in ["", *sorted({one[0] for one in judged})]:
        mine = [one for one in judged if not name or one[0] == name]
        if not name or len(mine) >= FEWEST_PROMISED:
            sure, right = np.array([one[1] for one in mine]), np.array([one[2] for one in mine], float)
            above = [(sure >= bar) for bar in PROMISES]
            kept = [_least(right[one].mean(), one.sum()) if one.sum() >= FEWEST_PROMISED else 0.0 for one in above]
            found[name] = [round(float(told), 4) for told in np.maximum.accumulate(kept)]
    return found


def _least(share: float, count: int) -> float:
    """What the true share is at least, nine times in ten, when so many were seen (Wilson's bound)."""
    square = DOUBT * DOUBT / count
    spread = DOUBT * math.sqrt(share * (1 - share) / count + square / count / 4)
    return float((share + square / 2 - spread) / (1 + square))


@load_once(8)
def _open(content: bytes) -> _Chain | None:
    about, _, model = content.partition(SEPARATOR)
    known = json.loads(about)
    # What was learned before there were groups is used on as it is.
    return _Chain(model, known["promises"], known.get("groups", {})) if known["format"] == FORMAT else None


def find_values(content: bytes, messages: Sequence[MessageText]) -> list[Found]:
    """The values that stand in the customer's words, in their order; none with an artefact of another form."""
    chain = _open(content)
    return chain.find(messages) if chain else []


def places_of(messages: Sequence[MessageText], values: dict[str, str]) -> list[Place]:
    """Where confirmed values stand in the customer's words, word by word; a value in no message has no place."""
    found = []
    for message in messages:
        words = words_in(own_text(message)) if message.direction == "in" else []
        for field, value in values.items():
            wanted = [word.text for word in words_in(value)]
            for at in range(len(words) - len(wanted) + 1) if wanted else []:
                if [word.text for word in words[at : at + len(wanted)]] == wanted:
                    found.append(Place(message.id, words[at].start, words[at + len(wanted) - 1].end, field))
    return found
