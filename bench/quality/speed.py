"""How long one message takes from bytes to draft: 50 intents, 60 products, 200 confirmed cases, 100 passages."""

import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from agents import embeddings, skills
from agents.skills import training
from agents.skills.training import Labelled
from cases.asking import (
    ConfirmedExample,
    DraftReply,
    FieldOption,
    FieldTarget,
    MessageText,
    PredictFields,
    SourcePassage,
)
from conversations.parse import parse
from intents.recognition import Learned, learn
from intents.skills import MatchIntents
from knowledge.asking import CandidatePassage, FindPassages
from knowledge.passages import text_to_embed

THINGS = ("grinder", "kettle", "boiler", "filter", "pump", "tray", "hose", "scale", "frother", "brewer")
TROUBLES = (
    "leaks water",
    "arrived broken",
    "makes a loud noise",
    "does not start",
    "shows an error",
    "is missing parts",
)
WISHES = ("I want my money back", "please send a new one", "how do I clean it", "where is the invoice")
MESSAGES = 60


STEPS = ("kind of mail and newest text", "match", "fields", "passages", "draft", "all")


@dataclass(frozen=True)
class _Known:
    """What a desk has learned before the message comes."""

    library: bytes
    fields: list[FieldTarget]
    examples: list[ConfirmedExample]
    trained: dict[str, bytes]
    texts: list[str]
    vectors: np.ndarray


def rows() -> Iterator[tuple[str, str, str]]:
    """p50 and p95 of each step and the whole, on the wall and of the processor; every message is new."""
    known = _learn()
    _think(_mail(0, "warm up"), known)
    found = [_think(_mail(at), known) for at in range(MESSAGES)]
    wall, worked = (1000 * np.array([one[which] for one in found]) for which in (0, 1))
    for at, name in enumerate(STEPS):
        (middle, high), (busy, busiest) = np.percentile(wall[:, at], (50, 95)), np.percentile(worked[:, at], (50, 95))
        line = f"p50 {middle:.0f} ms, p95 {high:.0f} ms; processor p50 {busy:.0f} ms, p95 {busiest:.0f} ms"
        yield f"speed, {MESSAGES} messages", name, line
    yield "memory", "most at any time", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"


def _learn() -> _Known:
    examples, texts = _examples(), _passages()
    trained = {
        name: training.train([Labelled(one.case, one.text, one.values[name]) for one in examples]).content
        for name in ("category", "type", "priority")
    }
    intents = [
        Learned(f"{thing}_{trouble}", f"{thing} {trouble}",
                [f"{start} {thing} {trouble} {end}" for start in ("My", "The", "Our", "A", "This")
                 for end in ("again", "today")], list(range(at * 10 + 1, at * 10 + 11)))
        for at, (thing, trouble) in enumerate((thing, trouble) for thing in THINGS for trouble in TROUBLES[:5])
    ]  # fmt: skip
    return _Known(learn(intents), _fields(), examples, trained, texts, _index(texts))


def _index(texts: list[str]) -> np.ndarray:
    """The vectors that saving an article stores."""
    return embeddings.embed([text_to_embed("", "", text) for text in texts])


def _mail(at: int, more: str = "") -> bytes:
    thing, trouble, wish = THINGS[at % 10], TROUBLES[at % 6], WISHES[at % 4]
    return (
        f"From: Jo <jo{at}@customer.example>\nTo: help@example.com\nSubject: Trouble {more}\n"
        f"Message-ID: <{at}{len(more)}@customer.example>\nDate: Wed, 20 May 2026 10:00:00 +0000\n\n"
        f"Hello,\n\nmy Model {at} {thing} {trouble} since the {at % 28 + 1} May. The order is HR-{200000 + at}. "
        f"I have tried to switch it off and on {at} times and it did not help at all. {wish}? "
        f"Can I return the {thing} when the box is open, and how long does it take?\n\nThanks\nJo"
    ).encode()


def _fields() -> list[FieldTarget]:
    products = [
        FieldOption(value=f"{at}", label=f"Model {at} {THINGS[at % 10]}", aliases=[f"M{at}"]) for at in range(60)
    ]
    options = [FieldOption(value=trouble, label=trouble) for trouble in TROUBLES]
    return [
        FieldTarget(name="title"), FieldTarget(name="description"), FieldTarget(name="priority", type="choice"),
        FieldTarget(name="order_number", label="Order number", pattern=r"HR-\d{6}"),
        FieldTarget(name="serial_number", label="Serial number"), FieldTarget(name="bought", type="date"),
        FieldTarget(name="product", type="lookup", options=products),
        FieldTarget(name="category", type="choice", options=options), FieldTarget(name="type", type="choice"),
    ]  # fmt: skip


def _examples() -> list[ConfirmedExample]:
    return [
        ConfirmedExample(
            case=at, text=f"The {THINGS[at % 10]} {at} {TROUBLES[at % 6]}. {WISHES[at % 4]}.",
            values={"category": TROUBLES[at % 6], "type": WISHES[at % 4], "priority": ("normal", "high")[at % 2]},
        )
        for at in range(200)
    ]  # fmt: skip


def _passages() -> list[str]:
    return [
        f"When the {THINGS[at % 10]} {TROUBLES[at % 6]}, look at part {at} first. "
        "Clean it with warm water and dry it well. "
        "Put it back until it clicks. "
        f"You can return the {THINGS[at % 10]} within {at + 7} days, also when the box is open."
        for at in range(100)
    ]


def _think(raw: bytes, known: _Known) -> tuple[list[float], list[float]]:
    """Seconds of each step and of all, on the wall and of the processor."""
    marks = [(time.perf_counter(), time.process_time())]

    def mark() -> None:
        marks.append((time.perf_counter(), time.process_time()))

    mail = parse(raw)
    text, subject = mail.newest_text, mail.subject
    mark()
    skills.run("intents.match", MatchIntents(text=text, subject=subject, library=known.library))
    mark()
    message = MessageText(id=1, text=text, subject=subject, day="2026-05-20")
    skills.run(
        "cases.predict_fields",
        PredictFields(messages=[message], fields=known.fields, examples=known.examples, trained=known.trained),
    )
    mark()
    near = known.vectors @ embeddings.embed([text])[0]
    best = sorted(range(len(near)), key=lambda at: -near[at])[:20]
    offered = [
        CandidatePassage(passage=at, article=at, text=known.texts[at], similarity=float(near[at])) for at in best
    ]
    found = skills.run(
        "knowledge.find_passages", FindPassages(query=text, candidates=offered, quoted=0)
    ).output.passages
    mark()
    sources = [
        SourcePassage(**one.model_dump(include={"passage", "article", "title", "text", "similarity"})) for one in found
    ]
    skills.run("cases.draft_reply", DraftReply(text=text, passages=sources))
    mark()
    steps = list(pairwise([*marks, marks[0]]))[:-1]
    wall, worked = ([after[which] - before[which] for before, after in steps] for which in (0, 1))
    return [*wall, sum(wall)], [*worked, sum(worked)]
