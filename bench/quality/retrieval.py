"""Does the right passage come first? Fused ranking beside full text alone and the cosine alone, in one run."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from agents import embeddings, skills
from knowledge.asking import CandidatePassage, FindPassages
from knowledge.skills import text_scores

EVERY = 4


def rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """One row per way of ranking; every fourth query, all answers as candidates."""
    file = folder / "retrieval" / "covidfaq.json"
    if not file.is_file():
        return
    entries = json.loads(file.read_text())
    texts = list(dict.fromkeys(one["answer"] for one in entries if one["query_type"] == "faq"))
    asked = [one for one in entries if one["query_type"] != "faq" and one["answer"] in texts][::EVERY]
    answers = embeddings.embed(texts)
    places: dict[str, list[int]] = {"full text": [], "cosine": [], "find_passages": []}
    for one in asked:
        right, near = texts.index(one["answer"]), answers @ embeddings.embed([one["question"]])[0]
        places["full text"].append(_place(text_scores(one["question"], texts), right))
        places["cosine"].append(_place(near, right))
        places["find_passages"].append(_fused_place(one["question"], texts, near, right))
    for name, found in places.items():
        ranks = np.array(found)
        first, mean = (ranks == 1).mean(), (1 / ranks).mean()
        yield (
            f"retrieval, {len(asked)} queries",
            f"{name}: first right, mean reciprocal rank",
            f"{first:.1%}, {mean:.3f}",
        )


def _place(scores: np.ndarray, right: int) -> int:
    """The rank of the right one from 1; ties count against it."""
    return int((scores >= scores[right]).sum())


def _fused_place(query: str, texts: list[str], near: np.ndarray, right: int) -> int:
    candidates = [
        CandidatePassage(passage=at, article=at, text=text, similarity=float(near[at])) for at, text in enumerate(texts)
    ]
    question = FindPassages(query=query, candidates=candidates, limit=len(texts))
    found = skills.run("knowledge.find_passages", question).output.passages
    return [one.passage for one in found].index(right) + 1
