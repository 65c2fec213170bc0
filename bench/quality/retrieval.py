"""Does the right text come first? Our ranking beside BM25 and the cosine; and which texts say the same."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from agents import embeddings, skills
from bench.quality.bare import without_encoder
from knowledge.asking import CandidatePassage, FindPassages
from knowledge.skills import text_scores

EVERY, DEEPEST = 4, 20
PRECISION = 0.95
# The nearest few may be duplicates themselves; the ones after them tell how crowded it is around a text.
DUPLICATES, CROWD = 5, 30


def rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Queries with the text that answers, of each set in the folder; then pairs of duplicates."""
    for name, queries, texts in _sets(folder):
        yield from _ranked(f"retrieval, {name}", queries[::EVERY], texts)
    threads = _threads(folder)
    if threads:
        yield from _paired(threads)
        with without_encoder():
            yield from _paired(threads, ", without the encoder")


def _sets(folder: Path) -> Iterator[tuple[str, list[tuple[str, int]], list[str]]]:
    """(name, queries with the number of the right text, texts)."""
    file = folder / "retrieval" / "covidfaq.json"
    if file.is_file():
        entries = json.loads(file.read_text())
        texts = list(dict.fromkeys(one["answer"] for one in entries if one["query_type"] == "faq"))
        asked = [one for one in entries if one["query_type"] != "faq" and one["answer"] in texts]
        yield "questions for answers", [(one["question"], texts.index(one["answer"])) for one in asked], texts
    if threads := _threads(folder):
        rephrased = [(text, at) for at, (questions, _answer) in enumerate(threads) for text in questions[1:]]
        yield "threads, rephrased for answers", rephrased, [answer for _questions, answer in threads]
        yield "threads, rephrased for questions", rephrased, [questions[0] for questions, _answer in threads]


def _threads(folder: Path) -> list[tuple[list[str], str]]:
    """Each thread's question with its paraphrases, and its first answer."""
    file = folder / "duplicates" / "stackfaq.json"
    if not file.is_file():
        return []
    found = []
    for one in json.loads(file.read_text())["root"]["qapair"]:
        texts = [text for text in dict.fromkeys([one["question"], *one["rephr"]]) if text and text.strip("* ")]
        answers = [text for text in one["answer"] if text and text.strip("* ")]
        found.append((texts, answers[0] if answers else texts[0]))
    return found


def _ranked(name: str, queries: list[tuple[str, int]], texts: list[str]) -> Iterator[tuple[str, str, str]]:
    places = {"BM25": [_place(text_scores(query, texts), right) for query, right in queries]}
    places |= _by_vectors(queries, texts, "")
    with without_encoder():
        places |= _by_vectors(queries, texts, ", without the encoder")
    for way, found in places.items():
        ranks = np.array(found)
        first, five, mean = (ranks == 1).mean(), (ranks <= 5).mean(), (1 / ranks).mean()
        yield f"{name}, {len(queries)}", way, f"first {first:.1%}, in five {five:.1%}, mean reciprocal rank {mean:.3f}"


def _by_vectors(queries: list[tuple[str, int]], texts: list[str], named: str) -> dict[str, list[int]]:
    """The rank of the right text for each query, by the cosine and by our ranking."""
    vectors = embeddings.embed(texts)
    near = [vectors @ embeddings.embed([query])[0] for query, _right in queries]
    asked = list(zip(near, queries, strict=True))
    return {
        f"cosine{named}": [_place(one, right) for one, (_query, right) in asked],
        f"ours{named}": [_our_place(query, texts, one, right) for one, (query, right) in asked],
    }


def _place(scores: np.ndarray, right: int) -> int:
    """The rank of the right one from 1; ties count against it."""
    return int((scores >= scores[right]).sum())


def _our_place(query: str, texts: list[str], near: np.ndarray, right: int) -> int:
    candidates = [
        CandidatePassage(passage=at, article=at, text=text, similarity=float(near[at])) for at, text in enumerate(texts)
    ]
    question = FindPassages(query=query, language="en", candidates=candidates, limit=DEEPEST)
    found = [one.passage for one in skills.run("knowledge.find_passages", question).output.passages]
    return found.index(right) + 1 if right in found else len(texts)


# ── pairs ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _paired(threads: list[tuple[list[str], str]], named: str = "") -> Iterator[tuple[str, str, str]]:
    """All pairs, and the hard ones: duplicates against each text's three nearest of other threads."""
    texts = [text for questions, _answer in threads for text in questions]
    thread = np.array([at for at, (questions, _answer) in enumerate(threads) for _ in questions])
    vectors, same = embeddings.embed(texts), thread[:, None] == thread[None, :]
    cosines = vectors @ vectors.T
    nearest = np.argsort(np.where(same, -9, cosines), axis=1)[:, -3:]
    hard = np.zeros_like(same)
    hard[np.arange(len(texts))[:, None], nearest] = True
    upper = np.triu_indices(len(texts), 1)
    told, is_hard = same[upper], (hard | hard.T | same)[upper]
    for way, scores in ((f"cosine{named}", cosines[upper]), (f"less the crowd{named}", likeness(vectors)[upper])):
        line = (
            f"AUC {_area(scores, told):.2f}, of the hard ones {_area(scores[is_hard], told[is_hard]):.1f}; "
            f"found at 95 % precision {_found(scores, told):.1%}"
        )
        yield f"duplicates, {len(told):,} pairs", way, line


def _area(scores: np.ndarray, told: np.ndarray) -> float:
    from sklearn.metrics import roc_auc_score

    return 100 * float(roc_auc_score(told, scores))


def _found(scores: np.ndarray, told: np.ndarray) -> float:
    order = np.argsort(-scores, kind="stable")
    right = np.cumsum(told[order])
    good = np.flatnonzero(right / np.arange(1, len(order) + 1) >= PRECISION)
    return float(right[good[-1]] / told.sum()) if len(good) else 0.0


def likeness(vectors: np.ndarray) -> np.ndarray:
    """For rows of length 1, shape (n, d): what stands out of the cosines (n, n); the diagonal means nothing.

    A cosine of 0.7 is a duplicate where little else is near, and nothing special among texts about one product.
    Measured on threads of questions: at 95 % precision it finds 79 % of the duplicates, the cosine 55 %.
    """
    cosines = vectors @ vectors.T
    crowd = crowding(cosines)
    return cosines - (crowd[:, None] + crowd[None, :]) / 2


def crowding(cosines: np.ndarray) -> np.ndarray:
    """How near each text is to those that are no duplicates of it: the mean over its 6th to 30th neighbour."""
    others = cosines.copy()
    np.fill_diagonal(others, -np.inf)
    ordered = -np.sort(-others, axis=1)[:, :-1]
    first = min(DUPLICATES, max(ordered.shape[1] - 1, 0))
    return ordered[:, first:CROWD].mean(axis=1) if ordered.shape[1] else np.zeros(len(cosines))
