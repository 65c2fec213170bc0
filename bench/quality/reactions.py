"""Does the reaction skill hear what the customer says? Beside a list of keywords, in four languages.

The messages were written by somebody who has not seen the code, and are only scored. How the reader does on messages of
a writer it was not trained on, ``python -m bench.quality.learn`` prints.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from agents import skills
from cases.asking import ReadReaction

# As sure as this the loop closes a case.
CLOSES_FROM = 0.85
CONTENT = ("accepts", "thanks")
# What the blind set calls the five classes: a question and a mere statement both stay open.
NAMES = {"person": "asks_person", "question": "content", "none": "content"}
# What somebody writes down in five minutes.
KEYWORDS = {
    "person": r"human|person|manager|supervisor|call me|mensch|mitarbeiter|responsable|conseiller|humano|supervisor",
    "rejects": r"not|n't|still|nicht|noch|kein|pas|toujours|no |sigue",
    "question": r"\?",
    "accepts": r"works|worked|solved|fixed|great|funktioniert|geklappt|super|fonctionne|marche|funciona|perfecto",
    "thanks": r"thank|thx|dank|merci|gracias",
}
Told = list[tuple[str, str, float]]


def rows() -> Iterator[tuple[str, str, str]]:
    """Each blind set by keywords and by the skill, with a row per class and language."""
    for path in blind_sets("reactions"):
        blind = read_messages(path)
        for name, engine in (("keywords", match_keywords), ("cases.read_reaction", hear)):
            told = [(row["reaction"], *engine(row)) for row in blind]
            yield f"{path.stem}, {len(blind)} blind messages (floor 85 %, aim 92 %)", name, measure(told)
        yield f"{path.stem}, blind", "F1 by class", by_class(told)
        yield f"{path.stem}, blind", "macro F1 by language", by_language(blind, told)


def blind_sets(of: str) -> list[Path]:
    """The files of blind messages of a skill, oldest first."""
    return sorted(Path(__file__).with_name("blind").glob(f"{of}*.csv"), key=lambda path: (len(path.stem), path.stem))


def read_messages(path: Path) -> list[dict[str, str]]:
    """The messages of a blind set: language, class, text. They are scored, never looked at."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def measure(told: Told) -> str:
    """Macro F1, accuracy, and the one that costs most: a case closed because something else was taken for content."""
    closing = [said for said, heard, sure in told if heard in CONTENT and sure >= CLOSES_FROM]
    wrong = sum(said not in CONTENT for said in closing)
    right = sum(said == heard for said, heard, _sure in told)
    return (
        f"macro F1 {macro_f1(told):.1%}, right {right / len(told):.1%}, "
        f"sure enough to close {len(closing)}, of these wrongly {wrong}"
    )


def by_class(told: Told) -> str:
    return ", ".join(f"{name} {f1_of(name, told):.0%}" for name in sorted({said for said, *_rest in told}))


def by_language(messages: list[dict[str, str]], told: Told) -> str:
    languages = sorted({row["language"] for row in messages})
    parts = {
        each: [one for row, one in zip(messages, told, strict=True) if row["language"] == each] for each in languages
    }
    return ", ".join(f"{each} {macro_f1(part):.0%}" for each, part in parts.items())


def f1_of(name: str, told: Told) -> float:
    """The harmonic mean of precision and recall of one class."""
    both = sum(said == heard == name for said, heard, _sure in told)
    either = sum((said == name) + (heard == name) for said, heard, _sure in told)
    return 2 * both / either if either else 0.0


def macro_f1(told: Told) -> float:
    """The mean over the classes that were said."""
    names = {said for said, *_rest in told}
    return sum(f1_of(name, told) for name in names) / len(names)


def hear(row: dict[str, str]) -> tuple[str, float]:
    answer = skills.run("cases.read_reaction", ReadReaction(text=row["text"], language=row["language"]))
    return _named(answer.output.reaction), answer.confidence


def match_keywords(row: dict[str, str]) -> tuple[str, float]:
    text = row["text"].lower()
    return _named(next((name for name, words in KEYWORDS.items() if re.search(words, text)), "none")), 1.0


def _named(reaction: str) -> str:
    return NAMES.get(reaction, reaction)
