"""How a customer takes an answer: by a reader trained on messages of four languages (``reactions.csv``). Pure."""

import math
import re
from pathlib import Path

from agents.evidence import Words
from agents.skills import wordings
from agents.skills.languages import fold
from cases import reaction_words as said
from cases.asking import MessageText, Reaction, ReactionName, ReadReaction
from intents.reading import own_text
from knowledge.passages import Span, sentences

READER = Path(__file__).with_name("reactions.npz")
# More words beside the verdict make it less sure that the verdict is the whole of the mail.
SHORT, LONG = 25, 90
# A wish for a person in words that leave no doubt.
SURE = 0.93
# What one sentence of several says counts from here, and a wish for a person however long the mail.
CLEAR = 0.7
MOST_SENTENCES, MOST_ENCODED = 12, 4
# Of several sentences the one further left counts; sentences read alone weigh so much beside the whole mail.
ORDER = ("person", "rejects", "question", "accepts", "thanks")
BY_SENTENCE, LEAST = 0.5, 1e-4
# A line that only names somebody.
_ADDRESSED = re.compile(r"^\W*(?:\w+\W+){1,4}$(?<=,)")


def read_reaction(question: ReadReaction) -> tuple[Reaction, list[Words], float]:
    """The reaction, the sentences it rests on, and how sure; ``none`` with 0 when the words do not say."""
    text = customers_own(question)
    plain = _plain(text)
    if not plain or said.IRONY.search(plain):
        return Reaction(is_ironic=bool(plain)), [], 0.0
    shares = wordings.open_reader(READER).weigh(" ".join(text.split()), question.language)
    alone = _sentence_by_sentence(text, question.language)
    asking = [span for span, _shares in alone if _asks_for_person(span)]
    asking += [span for span, each in alone if len(alone) > 1 and each["person"] >= CLEAR and span not in asking]
    shares = _together(shares, alone)
    found, sure = max(shares.items(), key=lambda pair: pair[1])
    if asking and (found == "person" or _asks_for_person(asking[0]) or sure < CLEAR):
        found, sure = "person", max(shares["person"], SURE if _asks_for_person(asking[0]) else CLEAR)
    if found == "none":
        return Reaction(), [], 0.0
    behind = asking if found == "person" and asking else _behind(found, alone)
    also = sorted({name for _span, each in alone for name in each if each[name] >= CLEAR} - {found, "none"})
    words = [Words(message=question.message, start=one.start, end=one.end, text=one.text) for one in behind]
    return Reaction.model_validate({"reaction": found, "also": also}), words, round(sure * _brevity(found, text), 4)


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


def _sentence_by_sentence(text: str, language: str) -> list[tuple[Span, dict[str, float]]]:
    """Each sentence with what it says when it is read alone; the encoder would take too long for more than a few."""
    reader = wordings.open_reader(READER)
    spans = [span for span in sentences(text) if re.search(r"\w", span.text)][:MOST_SENTENCES]
    blunt = len(spans) > MOST_ENCODED
    return [(span, reader.weigh(span.text, language, by_words_alone=blunt)) for span in spans]


def _asks_for_person(span: Span) -> bool:
    plain = _plain(span.text)
    return bool(said.PERSON.search(plain) and said.WISHES.search(plain))


def _together(whole: dict[str, float], alone: list[tuple[Span, dict[str, float]]]) -> dict[str, float]:
    """What the mail as a whole says, and what its sentences say one by one, of which the weightiest counts.

    Measured on writers left out, mails of several sentences with greetings and remarks: 75 % instead of 70.
    """
    said = [shares for span, shares in alone if not _ADDRESSED.search(span.text)]
    if len(said) < 2:
        return whole
    by_sentence, rest = {}, 1.0
    for name in ORDER:
        none_says = math.prod(1 - shares[name] for shares in said)
        by_sentence[name], rest = rest * (1 - none_says), rest * none_says
    by_sentence["none"] = rest
    mixed = {
        name: (share + LEAST) ** (1 - BY_SENTENCE) * (by_sentence[name] + LEAST) ** BY_SENTENCE
        for name, share in whole.items()
    }
    return {name: share / sum(mixed.values()) for name, share in mixed.items()}


def _behind(found: ReactionName | str, alone: list[tuple[Span, dict[str, float]]]) -> list[Span]:
    """The sentences that say it when they are read alone; the likeliest where none does."""
    behind = [span for span, shares in alone if max(shares, key=lambda name: shares[name]) == found]
    return behind or [span for span, _shares in sorted(alone, key=lambda pair: -pair[1][found])[:1]]


def _brevity(reaction: str, text: str) -> float:
    """A verdict in a long mail may be about a part of it; a wish for a person is one however long the mail."""
    many = len(text.split())
    if reaction == "person" or many <= SHORT:
        return 1.0
    return 0.85 if many <= LONG else 0.6
