"""Which option a conversation means: named in words, like confirmed cases, or urgent. Pure."""

import re
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process

from agents import embeddings
from agents.evidence import Evidence, Examples, Words
from agents.skills import training
from agents.skills.languages import fold, small_words
from cases.asking import ConfirmedExample, FieldTarget, MessageText, PredictedField
from intents.reading import Source, inbound_sources, matter, words_of

NEAREST = 7
HINT_WEIGHT = 2.0
FEWEST_SAME = 3
# Names differ by a slip of the finger, never by a digit.
SAME_NAME = 86
URGENT = {
    "urgent": "urgent urgently asap immediately emergency dringend dringende sofort notfall eilt eilig urgence "
    "immediatement urgente urgentemente inmediatamente emergencia",
    "high": "smoke fire burning burnt shock dangerous leak leaking flooded rauch brand feuer gefahrlich stromschlag "
    "fumee incendie dangereux humo fuego peligroso deadline lawyer anwalt avocat abogado unacceptable inakzeptabel "
    "inacceptable inaceptable outage ausfall panne",
}
_TAKEN_BACK = re.compile(r"\b(?:not|no|nicht|kein\w*|pas|n't)\s+(?:\w+\s+)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Vote:
    """An option's value with how sure one way of seeing is, and why; ``promise`` as in a training's guess."""

    value: str
    confidence: float
    evidence: list[Evidence]
    promise: float = 0.0


def choose_option(
    target: FieldTarget, messages: list[MessageText], examples: list[ConfirmedExample], trained: bytes | None
) -> PredictedField:
    """The option that words and confirmed cases speak for; nothing when neither does."""
    allowed = {option.value for option in target.options}
    votes = [vote_by_name(target, inbound_sources(messages))]
    if target.name == "priority":
        votes.append(_vote_by_urgency(target, inbound_sources(messages)))
    text = matter(messages)
    if trained:
        votes.append(_vote_by_training(trained, messages, text))
    else:
        votes.append(vote_by_examples(target.name, messages, text, examples, described(target)))
    return _joined(target, [vote for vote in votes if vote and (vote.value in allowed or not allowed)])


def _joined(target: FieldTarget, votes: list[Vote]) -> PredictedField:
    """Ways that agree strengthen each other; the strongest one that is contradicted loses."""
    if not votes:
        return PredictedField(name=target.name, reason="no source found")
    best = max(votes, key=lambda vote: vote.confidence)
    doubt, against = 1.0, 0.0
    for vote in votes:
        if vote.value == best.value:
            doubt *= 1 - vote.confidence
        else:
            against = max(against, vote.confidence)
    confidence = min(1 - doubt, 0.97) * (1 - 0.5 * against)
    evidence = [
        one.model_copy(update={"part": target.name})
        for vote in votes
        if vote.value == best.value
        for one in vote.evidence
    ]
    shown = next((option.label for option in target.options if option.value == best.value), best.value)
    promise = 0.0 if against else max(vote.promise for vote in votes)
    return PredictedField(
        name=target.name, value=best.value, shown=shown, confidence=round(confidence, 4), evidence=evidence,
        promise=promise,
    )  # fmt: skip


# ── named in words ────────────────────────────────────────────────────────────────────────────────────────────────


def _names(target: FieldTarget) -> list[tuple[str, str]]:
    """(folded name without spaces, value) of every option."""
    names = []
    for option in target.options:
        for name in {option.label, *option.aliases}:
            joined = "".join(word.text for word in words_of(name))
            if len(joined) > 2 or (_digits(joined) and not joined.isdigit()):
                names.append((joined, option.value))
    return sorted(set(names))


def vote_by_name(target: FieldTarget, sources: list[Source]) -> Vote | None:
    """An option whose label or alias stands in the words, slips of the finger included; the newest mention wins."""
    names = _names(target)
    longest = max(
        (len(words_of(name)) for option in target.options for name in (option.label, *option.aliases)), default=0
    )
    sure = 0.93 if target.type == "lookup" else 0.62
    for source in sources if names else []:
        found = _mentions(names, source, min(longest + 1, 6))
        found = [one for one in found if not source.is_denied(one[0])]
        if found:
            corrected = [one for one in found if source.is_corrected(one[0])]
            start, end, value, likeness = (
                corrected[-1] if corrected else max(found, key=lambda one: (one[3], one[1] - one[0]))
            )
            rivals = {one[2] for one in found}
            doubt = 1.0 if len(rivals) == 1 or corrected else 0.65
            return Vote(value, round(sure * doubt * likeness / 100, 4), [source.evidence(start, end)])
    return None


def _mentions(names: list[tuple[str, str]], source: Source, longest: int) -> list[tuple[int, int, str, float]]:
    """(start, end, value, likeness) of names in the source; of overlapping ones the likeliest and longest."""
    words, small = words_of(source.text[:8_000]), small_words()
    windows = [
        (words[at : at + size])
        for at in range(len(words)) for size in range(1, longest + 1)
        if at + size <= len(words) and words[at].text not in small and words[at + size - 1].text not in small
    ]  # fmt: skip
    if not windows:
        return []
    texts = ["".join(word.text for word in window) for window in windows]
    likeness = process.cdist(texts, [name for name, _ in names], scorer=fuzz.ratio, score_cutoff=SAME_NAME, workers=1)
    hits = []
    for at, number in zip(*np.nonzero(likeness), strict=True):
        name, value = names[number]
        if _digits(name) == _digits(texts[at]) and (len(name) > 4 or name == texts[at]):
            hits.append((windows[at][0].start, windows[at][-1].end, value, float(likeness[at, number])))
    hits.sort(key=lambda hit: (-hit[3] * (hit[1] - hit[0]), hit[0], hit[2]))
    kept: list[tuple[int, int, str, float]] = []
    for hit in hits:
        if all(hit[1] <= other[0] or hit[0] >= other[1] for other in kept):
            kept.append(hit)
    return sorted(kept)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


# ── urgency ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _vote_by_urgency(target: FieldTarget, sources: list[Source]) -> Vote | None:
    """A priority from words of urgency or danger in four languages."""
    allowed = [option.value for option in target.options] or ["low", "normal", "high", "urgent"]
    for level, wanted in URGENT.items():
        known = set(wanted.split())
        for source in sources:
            for word in words_of(source.text):
                if word.text in known and level in allowed and not _TAKEN_BACK.search(source.text[: word.start]):
                    return Vote(level, 0.75 if level == "urgent" else 0.65, [source.evidence(word.start, word.end)])
    return None


# ── like confirmed cases ──────────────────────────────────────────────────────────────────────────────────────────


def _likeness(texts: list[str], others: list[str]) -> np.ndarray:
    """Cosines (len(texts), len(others)): the mean of meaning and of word forms."""
    meaning = embeddings.embed(texts) @ embeddings.embed(others).T
    forms = embeddings.embed(texts, embeddings.NGRAMS) @ embeddings.embed(others, embeddings.NGRAMS).T
    return (meaning + forms) / 2


def described(target: FieldTarget) -> dict[str, str]:
    """What each option is about, as its label and description say; what it is not about is left out."""
    parts = {option.value: re.split(r"\b(?:Not|Nicht|Pas|No):", option.description)[0] for option in target.options}
    return {option.value: f"{option.label}. {parts[option.value]}" for option in target.options if parts[option.value]}


def _shares(likeness: np.ndarray, labels: np.ndarray, hints: dict[str, float]) -> tuple[str, float]:
    """The label of the nearest neighbours and its share of the votes; a description counts as some neighbours do."""
    nearest = np.argsort(-likeness, kind="stable")[:NEAREST]
    votes: dict[str, float] = {}
    for at in nearest:
        votes[labels[at]] = votes.get(labels[at], 0.0) + max(float(likeness[at]), 0.0) ** 3
    for label, near in hints.items():
        votes[label] = votes.get(label, 0.0) + HINT_WEIGHT * max(near, 0.0) ** 3
    label = min(votes, key=lambda one: (-votes[one], one))
    total = sum(votes.values())
    return label, votes[label] / total if total else 0.0


def vote_by_examples(
    name: str,
    messages: list[MessageText],
    text: str,
    examples: list[ConfirmedExample],
    descriptions: dict[str, str] | None = None,
) -> Vote | None:
    """The value of the nearest confirmed cases, as sure as the same way was on those cases themselves."""
    known = sorted((one for one in examples if one.values.get(name)), key=lambda one: one.case)
    labels = np.array([one.values[name] for one in known])
    if len(known) < FEWEST_SAME or not text:
        return None
    texts = [one.text for one in known]
    likeness = _likeness([text], texts)[0]
    hints = _hints([text, *texts], descriptions or {})
    label, share = _shares(likeness, labels, hints[0])
    same = [at for at in np.argsort(-likeness, kind="stable") if labels[at] == label][:5]
    if len(same) < FEWEST_SAME:
        return None
    confidence = _experience(texts, labels, share, hints[1:])
    cases = [known[at] for at in same]
    words = weighty_words(messages, _telling(text, [texts[at] for at in same], texts))
    evidence = Examples(
        subjects=[one.case for one in cases], labels=[one.label or str(one.case) for one in cases], words=words
    )
    return Vote(label, confidence, [evidence])


def _hints(texts: list[str], descriptions: dict[str, str]) -> list[dict[str, float]]:
    """For each text, how like each option's description it is."""
    if not descriptions:
        return [{} for _ in texts]
    names = sorted(descriptions)
    likeness = _likeness(texts, [descriptions[name] for name in names])
    return [dict(zip(names, map(float, row), strict=True)) for row in likeness]


def _experience(texts: list[str], labels: np.ndarray, share: float, hints: list[dict[str, float]]) -> float:
    """How often a share like this one was right when each example was left out, with two doubts added."""
    among = _likeness(texts, texts)
    np.fill_diagonal(among, -1.0)
    right = weight = 0.0
    for at in range(len(texts)):
        label, other = _shares(among[at], labels, hints[at])
        near = float(np.exp(-(((other - share) / 0.15) ** 2)))
        weight += near
        right += near * (label == labels[at])
    return round((right + 0.5) / (weight + 2), 4)


def _telling(text: str, near: list[str], every: list[str]) -> list[str]:
    """Words of the text that the near examples have more often than the others."""
    inside = [{word.text for word in words_of(one)} for one in near]
    outside = [{word.text for word in words_of(one)} for one in every]
    telling = []
    for word in sorted({word.text for word in words_of(text)} - small_words()):
        often = sum(word in one for one in inside) / len(inside)
        rare = sum(word in one for one in outside) / len(outside)
        if often > 0.3 and often > rare and len(word) > 2:
            telling.append((rare - often, word))
    return [word for _, word in sorted(telling)][:4]


def weighty_words(messages: list[MessageText], wanted: list[str]) -> list[Words]:
    """Where the wanted folded words stand first in the customer's messages."""
    found: dict[str, Words] = {}
    for source in inbound_sources(messages):
        for word in words_of(source.text) if not source.header else []:
            if word.text in wanted and word.text not in found:
                found[word.text] = source.evidence(word.start, word.end)
    return [found[word] for word in wanted if word in found]


def _vote_by_training(content: bytes, messages: list[MessageText], text: str) -> Vote | None:
    guess = training.guess(content, text) if text else None
    if guess is None or len(guess.subjects) < FEWEST_SAME:
        return None
    words = weighty_words(messages, [fold(word) for word in guess.words])
    return Vote(guess.label, guess.probability, [Examples(subjects=guess.subjects, words=words)], guess.promise)
