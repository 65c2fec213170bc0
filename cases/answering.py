"""Which passage answers a question, and which of its sentences are quoted. Pure."""

import math
import re
from dataclasses import dataclass, field, replace

import numpy as np

from agents import embeddings
from agents.skills.languages import fold
from cases.asking import SourcePassage
from cases.wording import ACTION, DROPPED, LEANS_ON_ITS_NEIGHBOUR
from knowledge.passages import Span, sentences, text_to_embed, text_without_title
from knowledge.questions import without_numbers
from knowledge.skills import content_words, covered, text_scores

# How much the whole mail speaks beside the question: "send one back" alone says little.
MAIL_BESIDE_ONE, MAIL_BESIDE_SEVERAL = 0.75, 0.5
# A question of so many telling words stands on its own; "What do I do?" is its mail.
SAYS_ENOUGH = 6
# One of several questions with so many telling words must lie this near to the passage without its mail.
FEWEST_OF_ITS_OWN, NEAR_BY_ITSELF = 3, 0.2
# N-grams tell less than search, which full text leads: what search puts second counts half of this less, what it puts
# last nearly all of it. With an encoder the order of search adds nothing.
LATER_IS_LESS_BY = 0.1
# What full text adds to the cosine of a section beside its neighbours; the figures below were fitted with it.
TEXT_WEIGHT = 0.1
# Less sure than this is no answer; n-grams are seldom as sure.
LEAST_SURE, LEAST_SURE_IN_FORM = 0.4, 0.25
# Logistic of score, margin, nearness to what the passage says itself and share of words found, fitted on five sets of
# mails with and without an encoder, each mail counting once. Cosines of n-grams are smaller than those of the encoder.
PER_SCORE, PER_MARGIN, PER_OWN, PER_WORDS, IN_FORM, AT_NOTHING = 2.4, 2.8, 3.7, 1.7, 0.3, -3.9
MOST_MARGIN = 0.3
# A section of so many sentences is quoted whole; of a longer one so many in a row.
WHOLE, WHOLE_STEPS, WINDOW, MOST_SENTENCES = 5, 9, 4, 8
# What describes is followed by what to do, when that lies this near.
ACTION_WITHIN = 0.05

_NUMBERED = re.compile(r"^\s*\d{1,2}[.)]\s")
_BULLET = re.compile(r"^\s*[-*•]\s")
_MODEL = re.compile(r"\b([^\W\d_]{2,})[\s-]?(\d+\w*)\b|\b([^\W\d_])(\d+)\b")


@dataclass(frozen=True)
class Sentence:
    """A sentence of a passage, with its place; ``kind`` is step, bullet or empty."""

    passage: SourcePassage
    at: int
    span: Span
    kind: str

    @property
    def is_step(self) -> bool:
        return self.kind == "step"


@dataclass(frozen=True)
class Reply:
    """What answers one question: ``score`` is like a cosine, ``margin`` how far the next article lies behind.

    ``own`` is the cosine of the mail or the question, whichever is nearer, and what the passage says without its title:
    a title that names the product is near to every mail about it. ``words`` is the share of the words of either that
    the article holds, as far as it was found.
    """

    ask: str
    found: list[Sentence] = field(default_factory=list)
    score: float = 0.0
    margin: float = 0.0
    own: float = 0.0
    words: float = 0.0
    is_in_form: bool = False

    @property
    def is_sure(self) -> bool:
        """Whether it is worth a draft."""
        return reply_confidence(self) >= (LEAST_SURE_IN_FORM if self.is_in_form else LEAST_SURE)


@dataclass(frozen=True)
class Matter:
    """What is asked, with the mail around it; ``models`` are the products named with a number ("duo" 58)."""

    mail: str
    language: str
    asks: int
    models: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, mail: str, language: str, asks: int) -> "Matter":
        return cls(without_numbers(mail), language, asks, models_in(mail))


# ── which passage ─────────────────────────────────────────────────────────────────────────────────────────────────


def find_answer(ask: str, matter: Matter, passages: list[SourcePassage]) -> Reply:
    """The sentences that answer ``ask``; none when no passage lies near enough, or none is in the language.

    ``passages`` are in the order of the search.
    """
    spoken = [one for one in passages if _is_offered(one, matter)]
    if not spoken:
        return Reply(ask)
    engine = embeddings.engine_for(matter.mail, matter.language)
    texts = [text_to_embed(one.title, one.heading, one.text) for one in spoken]
    scores = _scores(ask, matter, texts)
    if engine == embeddings.NGRAMS:
        scores -= LATER_IS_LESS_BY * (1 - 1 / np.arange(1, len(spoken) + 1))
    best = int(np.argmax(scores))
    others = [score for one, score in zip(spoken, scores, strict=True) if one.article != spoken[best].article]
    whole = " ".join(text for one, text in zip(spoken, texts, strict=True) if one.article == spoken[best].article)
    reply = Reply(
        ask,
        score=round(float(scores[best]), 4),
        margin=round(float(scores[best] - max(others, default=0.0)), 4),
        own=_own_nearness([without_numbers(ask), matter.mail], spoken[best], engine),
        words=round(max(covered(without_numbers(ask), whole), covered(matter.mail, whole)), 4),
        is_in_form=engine == embeddings.NGRAMS,
    )
    if not reply.is_sure or not _stands_alone(ask, matter, spoken[best]):
        return reply
    found = choose_sentences(ask, matter, spoken[best])
    if found and not any(_acts(one) for one in found):
        found = _with_action(ask, matter, spoken, scores, best, found)
    return replace(reply, found=found)


def _stands_alone(ask: str, matter: Matter, passage: SourcePassage) -> bool:
    """One of several questions must be near to the passage itself, not by the rest of the mail alone."""
    if matter.asks == 1 or len(set(content_words(ask))) < FEWEST_OF_ITS_OWN:
        return True
    text = text_to_embed(passage.title, passage.heading, passage.text)
    return float(_nearness(without_numbers(ask), [text], matter.language)[0]) - TEXT_WEIGHT >= NEAR_BY_ITSELF


def _own_nearness(asked: list[str], passage: SourcePassage, engine: str) -> float:
    """The greatest cosine of what is asked and the passage without its title."""
    said = text_without_title(passage.title, passage.heading, passage.text)
    *rows, own = embeddings.embed([*asked, said], engine)
    return round(float(max(row @ own for row in rows)), 4)


def _is_offered(passage: SourcePassage, matter: Matter) -> bool:
    """In the customer's language, and not about a sister of the product that the mail names."""
    spoken = not passage.language or passage.language[:2] == matter.language
    return spoken and not names_another(passage.title, matter.models)


def _scores(ask: str, matter: Matter, texts: list[str]) -> np.ndarray:
    """How well each text answers the question, the mail's share included."""
    share = MAIL_BESIDE_ONE if matter.asks == 1 else MAIL_BESIDE_SEVERAL
    share += (1 - share) * max(0.0, 1 - len(set(content_words(ask))) / SAYS_ENOUGH)
    plain = without_numbers(ask)
    return (1 - share) * _nearness(plain, texts, matter.language) + share * _nearness(
        matter.mail, texts, matter.language
    )


def _nearness(ask: str, texts: list[str], language: str) -> np.ndarray:
    """A score like a cosine for each text; without a common engine the share of words found."""
    name = embeddings.engine_for(ask, language)
    rows = embeddings.embed([ask, *texts], name)
    near = rows[1:] @ rows[0]
    if name == embeddings.NGRAMS:
        near = np.maximum(near, [0.8 * covered(ask, text) for text in texts])
    return near + TEXT_WEIGHT * text_scores(ask, texts)


def _with_action(
    ask: str, matter: Matter, passages: list[SourcePassage], scores: np.ndarray, best: int, found: list[Sentence]
) -> list[Sentence]:
    """A description, and the section of the same article that says what to do."""
    same = [
        at for at, one in enumerate(passages)
        if at != best and one.article == passages[best].article and scores[at] >= scores[best] - ACTION_WITHIN
    ]  # fmt: skip
    for at in sorted(same, key=lambda one: (-scores[one], passages[one].passage)):
        more = choose_sentences(ask, matter, passages[at])
        if any(_acts(one) for one in more) and len(found) + len(more) <= MOST_SENTENCES + 1:
            return sorted([*found, *more], key=lambda one: (one.passage.passage, one.at))
    return found


def _acts(one: Sentence) -> bool:
    return one.is_step or bool(ACTION.search(one.span.text))


# ── which sentences ───────────────────────────────────────────────────────────────────────────────────────────────


def choose_sentences(ask: str, matter: Matter, passage: SourcePassage) -> list[Sentence]:
    """Sentences in a row of one section: all of a short one, the nearest of a long one; of a list what fits."""
    listed = _fitting(split_sentences(passage), f"{ask} {matter.mail}", matter)
    most = WHOLE_STEPS if any(one.kind for one in listed) else WHOLE
    if len(listed) <= most:
        return listed
    texts = [f"{passage.heading or passage.title}. {one.span.text}" for one in listed]
    near = _scores(ask, matter, texts)
    if any(one.is_step for one in listed):
        return _around_steps(listed)
    starts = range(len(listed) - WINDOW + 1)
    first = max(starts, key=lambda at: (near[at : at + WINDOW].sum(), -at))
    last = first + WINDOW
    while first and LEANS_ON_ITS_NEIGHBOUR.match(listed[first].span.text):
        first -= 1
    return listed[first:last]


def split_sentences(passage: SourcePassage) -> list[Sentence]:
    """The sentences of a passage; what follows a step or bullet in its line belongs to it."""
    found: list[Sentence] = []
    for at, span in enumerate(sentences(passage.text)):
        kind = "step" if _NUMBERED.match(span.text) else "bullet" if _BULLET.match(span.text) else ""
        if not kind and found and "\n" not in passage.text[found[-1].span.end : span.start]:
            kind = found[-1].kind
        found.append(Sentence(passage, at, span, kind))
    return found


def _fitting(listed: list[Sentence], question: str, matter: Matter) -> list[Sentence]:
    """Without pointers to other pages, sentences about a sister product, and bullets that others fit better."""
    kept = [one for one in listed if not DROPPED.match(fold(one.span.text))]
    kept = [one for one in kept if one.is_step or not names_another(one.span.text, matter.models)]
    groups: list[list[Sentence]] = []
    for one in kept:
        if one.kind == "bullet" and (_BULLET.match(one.span.text) or not groups):
            groups.append([])
        if one.kind == "bullet":
            groups[-1].append(one)
    if len(groups) < 2:
        return kept
    wanted = set(_names(question)) | {word for model in matter.models for word in model}
    shared = [len(wanted & set(_names(" ".join(one.span.text for one in group)))) for group in groups]
    if not max(shared):
        return kept
    out = {id(one) for group, many in zip(groups, shared, strict=True) if many < max(shared) for one in group}
    return [one for one in kept if id(one) not in out]


def _names(text: str) -> list[str]:
    """Words written like names, folded: with a capital, or with a digit."""
    return [fold(word) for word in re.findall(r"\b(?:[^\W\d_a-z]\w{2,}|\w*\d\w*[^\W\d]\w*|\d\d+)\b", text)]


def _around_steps(listed: list[Sentence]) -> list[Sentence]:
    """The steps whole, with what leads to them and one sentence behind them."""
    steps = [at for at, one in enumerate(listed) if one.is_step]
    first, last = steps[0], steps[-1]
    while first and last - first + 1 < WHOLE_STEPS and (steps[0] - first) < 1:
        first -= 1
    return listed[first : last + 1] + listed[last + 1 : last + 2]


# ── products with a number ────────────────────────────────────────────────────────────────────────────────────────


def models_in(text: str) -> frozenset[tuple[str, str]]:
    """Names with a number, as pairs: ("duo", "58"), ("g", "2")."""
    found = (match.groups() for match in _MODEL.finditer(text))
    return frozenset((fold(word or letter), fold(number or digit)) for word, number, letter, digit in found)


def names_another(text: str, models: frozenset[tuple[str, str]]) -> bool:
    """Whether the text names a sister (the same word, another number) and none of the products meant."""
    named = models_in(text)
    words = {word for word, _ in models if len(word) > 1 or _is_letter(word)}
    sisters = {model for model in named if model[0] in words and model not in models}
    return bool(sisters) and not named & models


def _is_letter(word: str) -> bool:
    return len(word) == 1 and word.isalpha()


# ── how sure ──────────────────────────────────────────────────────────────────────────────────────────────────────


def reply_confidence(reply: Reply) -> float:
    """How likely a person would call the answer usable, 0 to 1."""
    margin = max(-MOST_MARGIN, min(reply.margin, MOST_MARGIN))
    strength = PER_SCORE * reply.score + PER_MARGIN * margin + PER_OWN * reply.own + PER_WORDS * reply.words
    strength += AT_NOTHING + (IN_FORM if reply.is_in_form else 0.0)
    return round(1 / (1 + math.exp(-strength)), 4)
