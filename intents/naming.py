"""A group of texts gets a name out of its own words, and the sentences that stand for it. Pure.

The name is what customers of this group say and others do not, in the order in which they say it: "File claim", "Card
not working", "Kaffeemühle kaputt". Articles and possessives inside it go, prepositions stay ("mot de passe").
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from agents.skills.languages import fold, small_words

EXAMPLES_SHOWN = 10
LONGEST_EXAMPLE = 300
LONGEST_NAME, WORDS_OF_NAME = 60, 3
# At most so many small words between two that count.
GAP = 2
# How much a name that many say is worth beside one that says more.
SAID_BY_MANY = 0.75
# A word of which less of a group's texts have comes into a name only when nothing better is free.
FEWEST_SAY = 0.2
# Small words without which a name says something else.
NEGATIONS = frozenset(["not", "cannot", "nicht", "kein", "keine", "keinen", "pas"])
PARTICLES = frozenset(["up", "off", "out", "back"])
EMPTY = frozenset(
    """hi hello hey thanks thank day morning want need like know get help tell looking one please into trying ok okay
    sorry hallo guten tag danke mochte brauche hatte gerne bonjour merci voudrais veux besoin salut hola gracias quiero
    quisiera necesito buenos dias ayuda""".split()  # noqa: SIM905
)
ARTICLES = frozenset(
    """a an the my our your this that these some any der die das den dem des ein eine einen einem einer mein meine
    meinen meinem meiner le la les un une mon ma mes ce cette el los las una mi mis su sus""".split()  # noqa: SIM905
)
INSIDE = (
    frozenset(
        """of for to in on from by with at is was has been are und oder von vom zu zum zur im in mit auf fur bei ist
        wird de du des d pour par en sur avec est del al para con por es""".split()  # noqa: SIM905
    )
    | ARTICLES
)
Phrase = tuple[str, ...]


def name_groups(texts: Sequence[str], labels: np.ndarray) -> list[str]:
    """A name for each group, in their order, no two alike.

    Words weigh by how much more of this group's texts have them than of all groups (their part of the relative
    entropy); a name is the run of up to three such words, as it was written most often, that weighs most.
    """
    count = int(labels.max()) + 1 if len(labels) else 0
    read: list[list[list[tuple[Phrase, str]]]] = [[] for _at in range(count)]
    for text, label in zip(texts, labels, strict=True):
        if label >= 0:
            read[label].append(list(_phrases(text)))
    shares = [_shares(each) for each in read]
    usual = Counter[Phrase]()
    for each in shares:
        usual.update({phrase: share / count for phrase, share in each.items() if len(phrase) == 1})
    names: list[str] = []
    for at, here in enumerate(shares):
        ranked = _rank(here, usual)
        names.append(_first_free(ranked, _written(read[at]), names, at))
    return names


def _rank(here: dict[Phrase, float], usual: Counter[Phrase]) -> list[Phrase]:
    """The phrases of a group, the one that tells most of it first."""
    told = {
        phrase[0]: share * math.log(share / usual[phrase]) if share > usual[phrase] else 0.0
        for phrase, share in here.items()
        if len(phrase) == 1
    }
    worth = {
        phrase: round(sum(told[word] for word in phrase) * share**SAID_BY_MANY, 6)
        for phrase, share in here.items()
        if len(set(phrase)) == len(phrase) and phrase[-1] not in NEGATIONS
    }
    rare = {word for word in told if here[(word,)] < FEWEST_SAY}
    return sorted(worth, key=lambda phrase: (not rare.isdisjoint(phrase), -worth[phrase], phrase))


def _shares(read: list[list[tuple[Phrase, str]]]) -> dict[Phrase, float]:
    """The share of a group's texts that has each phrase."""
    found = Counter(phrase for each in read for phrase in {phrase for phrase, _written in each})
    return {phrase: times / len(read) for phrase, times in found.items()}


def _written(read: list[list[tuple[Phrase, str]]]) -> dict[Phrase, str]:
    """Each phrase as customers wrote it most often."""
    forms: dict[Phrase, Counter[str]] = {}
    for each in read:
        for phrase, written in each:
            forms.setdefault(phrase, Counter())[written] += 1
    return {phrase: min(kinds, key=lambda form: (-kinds[form], form)) for phrase, kinds in forms.items()}


def _first_free(ranked: list[Phrase], written: dict[Phrase, str], taken: list[str], at: int) -> str:
    """The best phrase of several words that no other group is called by, else of one, else with a number."""
    known = {name.casefold() for name in taken}
    for phrase in [*(phrase for phrase in ranked[:40] if len(phrase) > 1), *ranked[:40]]:
        name = written[phrase][:LONGEST_NAME].strip()
        if name.casefold() not in known:
            return name[:1].upper() + name[1:]
    first = written[ranked[0]][:LONGEST_NAME] if ranked else ""
    return f"{first[:1].upper()}{first[1:]} {at + 1}".strip()


# ── what is said ──────────────────────────────────────────────────────────────────────────────────────────────────


def _phrases(text: str) -> list[tuple[Phrase, str]]:
    """The runs of up to three telling words in a text, folded, each with how it was written."""
    found = []
    for sentence in re.split(r"[.!?;:\n,()]+", text[:2000]):
        words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", sentence)
        telling = [at for at, word in enumerate(words) if _tells(word)]
        for first in range(len(telling)):
            for last in range(first, min(first + WORDS_OF_NAME, len(telling))):
                chosen = telling[first : last + 1]
                if last > first and not _is_joined(words[chosen[-2] + 1 : chosen[-1]]):
                    break
                found.append((tuple(_fold(words[at]) for at in chosen), _write(words, chosen)))
    return found


def _is_joined(between: list[str]) -> bool:
    return len(between) <= GAP and all(fold(word) in INSIDE for word in between)


@lru_cache(20_000)
def _tells(word: str) -> bool:
    folded = _fold(word)
    if folded in NEGATIONS or folded in PARTICLES:
        return True
    stem = re.split(r"['’]", folded)[0]
    return len(stem) > 1 and stem not in small_words() and folded not in EMPTY


@lru_cache(20_000)
def _fold(word: str) -> str:
    folded = fold(word).replace("’", "'")
    return "not" if folded.endswith("n't") or folded == "cannot" else folded.removesuffix("'s")


def _write(words: list[str], chosen: list[int]) -> str:
    """The words from the first to the last that tells, without articles; nouns in capitals stay so."""
    between = [word for word in words[chosen[0] : chosen[-1] + 1] if fold(word) not in ARTICLES]
    shown = [_fold(word) if _fold(word) == "not" else _lower(word) for word in between]
    return " ".join(word for word, after in pairwise([*shown, ""]) if word != after)


def _lower(word: str) -> str:
    return word if word[1:].islower() and word[:1].isupper() else word.lower()


# ── examples ──────────────────────────────────────────────────────────────────────────────────────────────────────


def pick_examples(texts: Sequence[str], vectors: np.ndarray, members: np.ndarray) -> list[int]:
    """The rows that stand for a group: nearest to its middle first, short ones, no two the same; at most ten."""
    middle = vectors[members].mean(axis=0)
    near = vectors[members] @ middle
    order = sorted(range(len(members)), key=lambda at: (-round(float(near[at]), 4), texts[int(members[at])]))
    chosen: dict[str, int] = {}
    for at in order:
        text = texts[int(members[at])]
        if len(text) <= LONGEST_EXAMPLE:
            chosen.setdefault(fold(text).strip(), int(members[at]))
        if len(chosen) == EXAMPLES_SHOWN:
            break
    return list(chosen.values()) or [int(members[order[0]])]
