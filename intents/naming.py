"""A group of texts gets a name out of its own words, and the sentences that stand for it. Pure.

The name is what customers of this group say and others do not, in the order in which they say it: "File claim", "Card
not working", "Kaffeemühle kaputt". Articles and possessives inside it go, prepositions stay ("mot de passe").
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise

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
# So many of a group's phrases are considered, the best first.
CONSIDERED = 40
# A phrase is the folded words that tell; what was said are all words from the first of these to the last.
Phrase = tuple[str, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Word:
    """A word as it was written, folded, as it is shown; whether it tells, may stand inside a name, is an article."""

    folded: str
    shown: str
    tells: bool
    is_inside: bool
    is_article: bool


Said = tuple[Word, ...]


def name_groups(texts: Sequence[str], labels: np.ndarray) -> list[str]:
    """A name for each group, in their order, no two alike.

    Words weigh by how much more of this group's texts have them than of all groups (their part of the relative
    entropy); a name is the run of up to three such words, as it was written most often, that weighs most.
    """
    count = int(labels.max()) + 1 if len(labels) else 0
    groups: list[list[list[Said]]] = [[] for _at in range(count)]
    for text, label in zip(texts, labels.tolist(), strict=True):
        if label >= 0:
            groups[label].append(_sentences(text))
    usual = Counter[str]()
    for each in groups:
        usual.update({word: share / count for word, share in _word_shares(each).items()})
    names: list[str] = []
    for at, each in enumerate(groups):
        read = [_phrases(sentences) for sentences in each]
        ranked = _rank(_shares(read), usual)[:CONSIDERED]
        names.append(_first_free(ranked, _written(read, frozenset(ranked)), names, at))
    return names


def _word_shares(group: list[list[Said]]) -> dict[str, float]:
    """The share of a group's texts that has each telling word."""
    found = Counter(
        chain.from_iterable({word.folded for words in text for word in words if word.tells} for text in group)
    )
    return {word: times / len(group) for word, times in found.items()}


def _rank(here: dict[Phrase, float], usual: Counter[str]) -> list[Phrase]:
    """The phrases of a group, the one that tells most of it first."""
    told = {
        word: share * math.log(share / usual[word]) if share > usual[word] else 0.0
        for (word, *others), share in here.items()
        if not others
    }
    worth = {
        phrase: round(sum(told[word] for word in phrase) * share**SAID_BY_MANY, 6)
        for phrase, share in here.items()
        if len(set(phrase)) == len(phrase) and phrase[-1] not in NEGATIONS
    }
    rare = {word for word in told if here[(word,)] < FEWEST_SAY}
    return sorted(worth, key=lambda phrase: (not rare.isdisjoint(phrase), -worth[phrase], phrase))


def _shares(read: list[list[tuple[Phrase, Said]]]) -> dict[Phrase, float]:
    """The share of a group's texts that has each phrase."""
    found = Counter(chain.from_iterable({phrase for phrase, _said in each} for each in read))
    return {phrase: times / len(read) for phrase, times in found.items()}


def _written(read: list[list[tuple[Phrase, Said]]], wanted: frozenset[Phrase]) -> dict[Phrase, str]:
    """Each phrase that is wanted, as customers wrote it most often."""
    said: dict[Phrase, Counter[Said]] = {phrase: Counter() for phrase in wanted}
    for phrase, words in chain.from_iterable(read):
        if phrase in wanted:
            said[phrase][words] += 1
    written = {}
    for phrase, kinds in said.items():
        forms = Counter[str]()
        for words, times in kinds.items():
            forms[_write(words)] += times
        written[phrase] = min(forms, key=lambda form: (-forms[form], form))
    return written


def _first_free(ranked: list[Phrase], written: dict[Phrase, str], taken: list[str], at: int) -> str:
    """The best phrase of several words that no other group is called by, else of one, else with a number."""
    known = {name.casefold() for name in taken}
    for phrase in [*(phrase for phrase in ranked if len(phrase) > 1), *ranked]:
        name = written[phrase][:LONGEST_NAME].strip()
        if name.casefold() not in known:
            return name[:1].upper() + name[1:]
    first = written[ranked[0]][:LONGEST_NAME] if ranked else ""
    return f"{first[:1].upper()}{first[1:]} {at + 1}".strip()


# ── what is said ──────────────────────────────────────────────────────────────────────────────────────────────────


def _sentences(text: str) -> list[Said]:
    """The words of each sentence."""
    said = re.split(r"[.!?;:\n,()]+", text[:2000])
    return [tuple(map(_read_word, re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", each))) for each in said if each]


def _phrases(sentences: list[Said]) -> list[tuple[Phrase, Said]]:
    """The runs of up to three telling words in a text, folded, each with all that was said from first to last."""
    found: list[tuple[Phrase, Said]] = []
    for words in sentences:
        telling = [at for at, word in enumerate(words) if word.tells]
        for at, first in enumerate(telling):
            last = first
            phrase: Phrase = (words[first].folded,)
            found.append((phrase, words[first : first + 1]))
            for after in telling[at + 1 : at + WORDS_OF_NAME]:
                if not _is_joined(words[last + 1 : after]):
                    break
                last, phrase = after, (*phrase, words[after].folded)
                found.append((phrase, words[first : after + 1]))
    return found


def _is_joined(between: Said) -> bool:
    return len(between) <= GAP and all(word.is_inside for word in between)


@lru_cache(20_000)
def _read_word(word: str) -> Word:
    plain = fold(word)
    folded = plain.replace("’", "'")
    folded = "not" if folded.endswith("n't") or folded == "cannot" else folded.removesuffix("'s")
    stem = re.split(r"['’]", folded)[0]
    tells = len(stem) > 1 and stem not in small_words() and folded not in EMPTY
    is_kept = folded in NEGATIONS or folded in PARTICLES
    shown = "not" if folded == "not" else _lower(word)
    return Word(folded, shown, tells or is_kept, plain in INSIDE, plain in ARTICLES)


def _write(said: Said) -> str:
    """The words from the first to the last that tells, without articles; nouns in capitals stay so."""
    shown = [word.shown for word in said if not word.is_article]
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
