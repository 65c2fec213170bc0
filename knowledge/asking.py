"""What is asked of ``knowledge.find_passages`` and what it answers."""

from typing import Literal

from pydantic import BaseModel


class CandidatePassage(BaseModel):
    """A passage that full text or vectors found.

    ``text_rank`` and ``vector_rank`` count from 1 in the two lists (None: not in it); ``text_score`` is any
    full-text score (ts_rank, BM25), ``similarity`` the cosine between query and passage, -1 to 1.
    """

    passage: int
    article: int
    version: int = 1
    title: str = ""
    heading: list[str] = []
    text: str
    audience: Literal["internal", "external"] = "external"
    language: str = ""
    text_rank: int | None = None
    text_score: float = 0.0
    vector_rank: int | None = None
    similarity: float | None = None


class FindPassages(BaseModel):
    """A question in words, and the passages among which to look."""

    query: str
    language: str = ""
    candidates: list[CandidatePassage] = []
    limit: int = 12


class FoundPassage(BaseModel):
    """A passage in its place; ``start`` to ``end`` is the sentence of its text that answers best."""

    passage: int
    article: int
    version: int
    title: str
    heading: list[str] = []
    text: str
    audience: Literal["internal", "external"] = "external"
    start: int
    end: int
    sentence: str
    similarity: float
    score: float
    confidence: float


class PassagesFound(BaseModel):
    """The best passages, best first; empty when nothing was offered."""

    passages: list[FoundPassage] = []
