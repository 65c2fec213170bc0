"""Does the reply skill hear what a lead says, and above all that they want to be left alone?"""

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from agents import skills
from sales.outreach.asking import ClassifyReply

MESSAGES = Path(__file__).with_name("replies.csv")
STOPS = ("opt_out", "complaint")
# What somebody writes down in five minutes.
KEYWORDS = {
    "opt_out": r"unsubscribe|\bstop\b|remove me|abmelden|austragen|désinscri|desinscri|baja",
    "complaint": r"spam|lawyer|anwalt|avocat|abogado|gdpr|dsgvo|rgpd",
    "out_of_office": r"out of office|abwesen|absent|fuera de la oficina",
    "meeting": r"meet|call|termin|rendez|reuni",
    "question": r"\?",
    "not_interested": r"not interested|kein interesse|pas intéress|no me interesa",
    "interested": r"interest|interess|intéress|interes",
}


def rows() -> Iterator[tuple[str, str, str]]:
    """One row per set and engine."""
    messages = read_messages()
    for which in dict.fromkeys(row["set"] for row in messages):
        chosen = [row for row in messages if row["set"] == which]
        for name, engine in (("keywords", match_keywords), ("sales.classify_reply", hear)):
            yield f"replies to sales mail, {len(chosen)} messages, {which}", name, measure(chosen, engine)


def read_messages() -> list[dict[str, str]]:
    """The labelled messages, ours: set, language, reply, text."""
    with MESSAGES.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def measure(messages: list[dict[str, str]], engine: Callable[[dict[str, str]], str]) -> str:
    """How many are right; how many wishes to be left alone were heard, and how many were heard where none was."""
    told = [(row["reply"], engine(row)) for row in messages]
    right = sum(said == heard for said, heard in told)
    wishes = [(said, heard) for said, heard in told if said in STOPS]
    heard_wishes = sum(heard in STOPS for _said, heard in wishes)
    false_alarms = sum(heard in STOPS for said, heard in told if said not in STOPS)
    return (
        f"right {right / len(told):.0%}, opt-outs and complaints heard {heard_wishes} of {len(wishes)}, "
        f"heard where there was none {false_alarms} of {len(told) - len(wishes)}"
    )


def hear(row: dict[str, str]) -> str:
    """What the skill says; a wish to be left alone counts wherever it stands in the mail."""
    output = skills.run("sales.classify_reply", ClassifyReply(text=row["text"], language=row["language"])).output
    stops = [each for each in (output.reply, *output.also) if each in STOPS]
    return stops[0] if stops else output.reply


def match_keywords(row: dict[str, str]) -> str:
    text = row["text"].lower()
    return next((name for name, words in KEYWORDS.items() if re.search(words, text)), "unclear")
