"""A group of texts gets a name out of its own words, and the sentences that stand for it. Pure."""

import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from agents.skills.languages import fold
from agents.skills.training import terms

EXAMPLES_SHOWN = 10
LONGEST_EXAMPLE = 300


def name_groups(texts: Sequence[str], labels: np.ndarray) -> list[str]:
    """A name for each group, in their order, no two alike: the words that tell it from the others.

    Terms are weighed by how many texts of the group have them and how few groups do (class-based TF-IDF, Grootendorst
    2022); a pair of words goes before single ones. Surface words are those that customers wrote most often.
    """
    count = int(labels.max()) + 1 if len(labels) else 0
    found: list[list[set[str]]] = [[] for _at in range(count)]
    for text, label in zip(texts, labels, strict=True):
        if label >= 0:
            found[label].append(set(terms(text)))
    seen = [Counter(term for each in rows for term in each) for rows in found]
    spread = Counter(term for each in seen for term in each)
    surface = _surface_words(texts)
    names: list[str] = []
    for at, here in enumerate(seen):
        weights = {term: _weigh(term, here[term], len(found[at]), spread[term], count) for term in here}
        names.append(_join(sorted(weights, key=lambda term: (-weights[term], term)), surface, names, at))
    return names


def _weigh(term: str, here: int, size: int, groups: int, count: int) -> float:
    pair = 1.5 if " " in term else 1.0
    return pair * (here / size) * math.log(1 + count / groups)


def _surface_words(texts: Sequence[str]) -> dict[str, str]:
    """Folded word to the form in which it was written most often, in lower case."""
    forms: dict[str, Counter[str]] = {}
    for text in texts:
        for word in re.findall(r"\w+", text[:2000]):
            forms.setdefault(fold(word), Counter())[word.lower()] += 1
    return {word: min(kinds, key=lambda form: (-kinds[form], form)) for word, kinds in forms.items()}


def _join(ranked: list[str], surface: dict[str, str], taken: list[str], at: int) -> str:
    """The best pair, else the two best words; one word more until no other group has the name."""
    words: list[str] = []
    for term in ranked[:12]:
        words += [word for word in term.split() if word not in words]
        name = _show(words, surface)[:80]
        if len(words) > 1 and name not in taken:
            return name
    return f"{_show(words[:6], surface)[:70]} {at + 1}".strip()


def _show(words: list[str], surface: dict[str, str]) -> str:
    shown = " ".join(surface.get(word, word) for word in words)
    return shown[:1].upper() + shown[1:]


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
