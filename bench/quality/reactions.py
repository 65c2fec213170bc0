"""Does the reaction skill hear what the customer says? Beside a list of keywords, in four languages."""

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from agents import skills
from cases.asking import ReadReaction

MESSAGES = Path(__file__).with_name("reactions.csv")
# As sure as this, the loop acts on it.
ACTS_FROM = 0.7
# What somebody writes down in five minutes.
KEYWORDS = {
    "person": r"human|person|manager|supervisor|call me|mensch|mitarbeiter|responsable|conseiller|humano|supervisor",
    "rejects": r"not|n't|still|nicht|noch|kein|pas|toujours|no |sigue",
    "question": r"\?",
    "accepts": r"works|worked|solved|fixed|great|funktioniert|geklappt|super|fonctionne|marche|funciona|perfecto",
    "thanks": r"thank|thx|dank|merci|gracias",
}


def rows() -> Iterator[tuple[str, str, str]]:
    """One row per set and engine: looked at while the rules were written, held back, and written after the rules."""
    messages = read_messages()
    for which in dict.fromkeys(row["set"] for row in messages):
        chosen = [row for row in messages if row["set"] == which]
        for name, engine in (("keywords", match_keywords), ("cases.read_reaction", hear)):
            yield f"reactions, {len(chosen)} messages, {which}", name, measure(chosen, engine)


def read_messages() -> list[dict[str, str]]:
    """The labelled messages: set, language, domain, reaction, text. ``unsure`` is irony: no reaction may be read."""
    with MESSAGES.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def measure(messages: list[dict[str, str]], engine: Callable[[dict[str, str]], str]) -> str:
    """Accuracy, and the two that cost most: a rejection taken for content, and content not heard."""
    told = [(row["reaction"].replace("unsure", "none"), engine(row)) for row in messages]
    right = sum(said == heard for said, heard in told)
    closing = [said for said, heard in told if heard in ("accepts", "thanks")]
    wrong = sum(said not in ("accepts", "thanks") for said in closing)
    heard = [(said, heard) for said, heard in told if said in ("person", "rejects")]
    found = sum(said == heard for said, heard in heard)
    return (
        f"right {right / len(told):.0%}, taken for content wrongly {wrong} of {len(closing)}, "
        f"rejections and wishes for a person heard {found} of {len(heard)}"
    )


def hear(row: dict[str, str]) -> str:
    answer = skills.run("cases.read_reaction", ReadReaction(text=row["text"], language=row["language"]))
    return answer.output.reaction if answer.confidence >= ACTS_FROM else "none"


def match_keywords(row: dict[str, str]) -> str:
    text = row["text"].lower()
    return next((name for name, words in KEYWORDS.items() if re.search(words, text)), "none")
