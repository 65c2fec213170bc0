"""How long one message takes from fields to draft: 60 products, 200 confirmed examples, 100 passages."""

import time
from collections.abc import Iterator

import numpy as np

from agents import embeddings, skills
from cases.asking import (
    ConfirmedExample,
    DraftReply,
    FieldOption,
    FieldTarget,
    MessageText,
    PredictFields,
    SourcePassage,
)
from knowledge.asking import CandidatePassage, FindPassages

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


def rows() -> Iterator[tuple[str, str, str]]:
    """p50 and p95 of fields, passages, draft and the whole, with a warm engine; every message is new."""
    fields, examples, texts = _fields(), _examples(), _passages()
    vectors = embeddings.embed(texts)
    _think("The grinder leaks. How do I clean it?", fields, examples, texts, vectors)
    times = np.array([_think(_mail(at), fields, examples, texts, vectors) for at in range(MESSAGES)]) * 1000
    for name, column in zip(("fields", "passages", "draft", "all three"), times.T, strict=True):
        middle, high = np.percentile(column, (50, 95))
        yield f"speed, {MESSAGES} messages", name, f"p50 {middle:.0f} ms, p95 {high:.0f} ms"


def _mail(at: int) -> str:
    thing, trouble, wish = THINGS[at % 10], TROUBLES[at % 6], WISHES[at % 4]
    return (
        f"Hello,\n\nmy Model {at} {thing} {trouble} since the {at % 28 + 1} May. The order is HR-{200000 + at}. "
        f"I have tried to switch it off and on {at} times and it did not help at all. {wish}? "
        f"Can I return the {thing} when the box is open, and how long does it take?\n\nThanks\nJo"
    )


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


def _think(
    text: str, fields: list[FieldTarget], examples: list[ConfirmedExample], texts: list[str], vectors: np.ndarray
) -> tuple[float, float, float, float]:
    """Seconds of fields, passages, draft and all."""
    start = time.perf_counter()
    message = MessageText(id=1, text=text, subject="Trouble", day="2026-05-20")
    skills.run("cases.predict_fields", PredictFields(messages=[message], fields=fields, examples=examples))
    filled = time.perf_counter()
    near = vectors @ embeddings.embed([text])[0]
    best = sorted(range(len(texts)), key=lambda at: -near[at])[:20]
    offered = [CandidatePassage(passage=at, article=at, text=texts[at], similarity=float(near[at])) for at in best]
    found = skills.run("knowledge.find_passages", FindPassages(query=text, candidates=offered)).output.passages
    looked = time.perf_counter()
    sources = [
        SourcePassage(**one.model_dump(include={"passage", "article", "title", "text", "similarity"})) for one in found
    ]
    skills.run("cases.draft_reply", DraftReply(text=text, passages=sources))
    done = time.perf_counter()
    return filled - start, looked - filled, done - looked, done - start
