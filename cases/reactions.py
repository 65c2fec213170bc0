"""How a customer takes an answer: from the words of one mail, sentence by sentence. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agents.evidence import Words
from agents.skills.languages import fold
from cases import reaction_words as said
from cases.asking import MessageText, Reaction, ReadReaction
from intents.reading import own_text
from knowledge.passages import Span, sentences

# More words beside the verdict make it less sure that the verdict is the whole of the mail.
SHORT, LONG = 25, 90
# A wish for a person goes before anger, anger before a question, a question before content, content before thanks.
ORDER = ("person", "rejects", "question", "accepts", "thanks", "later")
SURE = {"person": 0.93, "rejects": 0.9, "question": 0.9, "accepts": 0.93, "thanks": 0.9, "later": 0.7}
# What speaks by a hint alone is below every bar at which somebody acts.
FAIR, WEAK = 0.82, 0.6
# A sentence of thanks has at most so many words.
THANKS_WORDS = 12


@dataclass(frozen=True)
class Mark:
    """What one sentence says, how firmly, and where it stands."""

    says: str
    sure: float
    span: Span


def read_reaction(question: ReadReaction) -> tuple[Reaction, list[Words], float]:
    """The reaction, the sentences it rests on, and how sure; ``none`` with 0 when the words do not say."""
    text = customers_own(question)
    spans = sentences(text)
    folded = _plain(text)
    if said.IRONY.search(folded):
        return Reaction(reaction="none", is_ironic=True), [], 0.0
    marks = [mark for span in spans for mark in _read_sentence(span)]
    found = next((name for name in ORDER if any(mark.says == name for mark in marks)), "none")
    behind = [mark for mark in marks if mark.says == found]
    if found in ("none", "later"):
        return Reaction(reaction="none"), _words(question, behind), SURE["later"] if behind else 0.0
    if found == "accepts" and any(mark.says == "later" for mark in marks):
        return Reaction(reaction="none"), _words(question, behind), 0.0
    sure = max(mark.sure for mark in behind) * _brevity(found, text)
    also = [name for name in ORDER if name != found and any(mark.says == name for mark in marks)]
    return Reaction.model_validate({"reaction": found, "also": also}), _words(question, behind), sure


def customers_own(question: ReadReaction) -> str:
    """The text with quotes of ours blanked: quoted lines, and sentences that we wrote."""
    text = own_text(MessageText(id=0, text=question.text, subject=question.subject))
    ours = {_plain(span.text) for mail in question.ours for span in sentences(mail)}
    for span in sentences(text):
        if len(span.text.split()) > 3 and _plain(span.text) in ours:
            text = text[: span.start] + re.sub(r"[^\n]", " ", span.text) + text[span.end :]
    return text


def _plain(text: str) -> str:
    return " ".join(fold(text.replace("’", "'")).split())


def _words(question: ReadReaction, marks: list[Mark]) -> list[Words]:
    return [
        Words(message=question.message, start=mark.span.start, end=mark.span.end, text=mark.span.text) for mark in marks
    ]


def _brevity(reaction: str, text: str) -> float:
    """A verdict in a long mail may be about a part of it; a wish for a person is one however long the mail."""
    many = len(text.split())
    if reaction == "person" or many <= SHORT:
        return 1.0
    return 0.85 if many <= LONG else 0.6


# ── one sentence ──────────────────────────────────────────────────────────────────────────────────────────────────


def _read_sentence(span: Span) -> Iterator[Mark]:
    """What a sentence says: a wish and a question by the whole of it, a verdict clause by clause."""
    whole = _plain(span.text)
    if said.PERSON.search(whole) and said.WISHES.search(whole):
        yield Mark("person", SURE["person"], span)
        return
    if whole.rstrip(" )\"'").endswith("?") or said.ASKS.search(whole):
        yield Mark("question", SURE["question"], span)
        return
    if said.LATER.search(whole):
        yield Mark("later", SURE["later"], span)
        return
    if said.THEN_AGAIN.search(whole) or said.DISAGREES.search(whole) or said.IN_VAIN.search(whole):
        yield Mark("rejects", SURE["rejects"], span)
        return
    verdicts = [found for clause in said.TURN.split(span.text) if (found := _judge(_plain(clause)))]
    against = [sure for verdict, sure in verdicts if verdict == "rejects"]
    pro = [sure for verdict, sure in verdicts if verdict == "accepts"]
    thanks = said.THANKS.search(whole) and len(whole.split()) <= THANKS_WORDS
    if against:
        yield Mark("rejects", max(against), span)
    elif pro and (max(pro) > WEAK or not thanks):
        yield Mark("accepts", max(pro), span)
    elif thanks:
        yield Mark("thanks", SURE["thanks"], span)


def _judge(clause: str) -> tuple[str, float] | None:
    """Whether a clause says that it is well or not; None when it says neither."""
    works, trouble = said.WORKS.search(clause), said.TROUBLE.search(clause)
    arrived, settled = said.ARRIVED.search(clause), said.SETTLED.search(clause)
    if said.NO_MORE.search(clause):
        return ("rejects", SURE["rejects"]) if works or arrived else (("accepts", FAIR) if trouble else None)
    denied, still = said.NOT.search(clause), said.STILL.search(clause)
    if denied and (works or arrived):
        return "rejects", SURE["rejects"]
    if still and (denied or trouble):
        return "rejects", SURE["rejects"]
    if settled and not denied:
        return "accepts", SURE["accepts"]
    if trouble:
        return ("accepts", WEAK) if denied else ("rejects", FAIR - 0.1)
    if works:
        return "accepts", SURE["accepts"]
    if arrived:
        return "accepts", FAIR
    if said.NOW.search(clause) and not denied and not still:
        return "accepts", WEAK
    return None
