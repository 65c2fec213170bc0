"""Does the reply skill hear what a lead says, and above all that they want to be left alone?

The messages were written by somebody who has not seen the code, and are only scored. How the reader does on messages of
a writer it was not trained on, ``python -m bench.quality.learn`` prints.
"""

import re
from collections.abc import Iterator

from agents import skills
from bench.quality.reactions import blind_sets, by_class, by_language, macro_f1, read_messages
from sales.outreach.asking import ClassifyReply

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
Told = list[tuple[str, str, float]]


def rows() -> Iterator[tuple[str, str, str]]:
    """Each blind set by keywords and by the skill, with a row per class and language."""
    for path in blind_sets("replies"):
        blind = read_messages(path)
        for name, engine in (("keywords", match_keywords), ("sales.classify_reply", hear)):
            told = [(row["reply"], engine(row), 1.0) for row in blind]
            what = f"{path.stem} to sales mail, {len(blind)} blind messages (floor 80 %, 0 missed, 1 % false; aim 90 %)"
            yield what, name, measure(told)
        yield f"{path.stem}, blind", "F1 by class", by_class(told)
        yield f"{path.stem}, blind", "macro F1 by language", by_language(blind, told)
        yield f"{path.stem}, blind", "wishes missed by language", missed_by_language(blind, told)


def measure(told: Told) -> str:
    """Macro F1; how many wishes to be left alone were missed, and how many were heard where there was none."""
    right = sum(said == heard for said, heard, _sure in told)
    wishes = [heard for said, heard, _sure in told if said in STOPS]
    others = [heard for said, heard, _sure in told if said not in STOPS]
    missed, false = sum(heard not in STOPS for heard in wishes), sum(heard in STOPS for heard in others)
    return (
        f"macro F1 {macro_f1(told):.1%}, right {right / len(told):.1%}, opt-outs and complaints missed {missed} "
        f"of {len(wishes)}, heard where there was none {false} of {len(others)} ({false / len(others):.1%})"
    )


def missed_by_language(messages: list[dict[str, str]], told: Told) -> str:
    found: dict[str, list[bool]] = {}
    for row, (said, heard, _sure) in zip(messages, told, strict=True):
        if said in STOPS:
            found.setdefault(row["language"], []).append(heard not in STOPS)
    return ", ".join(f"{language} {sum(missed)} of {len(missed)}" for language, missed in sorted(found.items()))


def hear(row: dict[str, str]) -> str:
    """What the skill says; a wish to be left alone counts wherever it stands in the mail."""
    output = skills.run("sales.classify_reply", ClassifyReply(text=row["text"], language=row["language"])).output
    stops = [each for each in (output.reply, *output.also) if each in STOPS]
    return stops[0] if stops else output.reply


def match_keywords(row: dict[str, str]) -> str:
    text = row["text"].lower()
    return next((name for name, words in KEYWORDS.items() if re.search(words, text)), "unclear")
