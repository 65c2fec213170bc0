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
    """A question in words, and the passages among which to look.

    ``quoted``: so many of the best get their sentence by meaning, which takes a vector each; the others by words.
    """

    query: str
    language: str = ""
    candidates: list[CandidatePassage] = []
    limit: int = 12
    quoted: int = 3


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


class SaidSentence(BaseModel):
    """A sentence that was said, personal data removed; ``start`` to ``end`` is its place in the message.

    ``helped`` is False for what the customer rejected: it is no solution.
    """

    message: int
    author: Literal["customer", "us", "note"]
    start: int
    end: int
    text: str
    helped: bool = True


class NearArticle(BaseModel):
    """A published article, or a draft that waits, with which a new one is compared."""

    article: int = 0
    version: int = 0
    title: str
    text: str
    similarity: float = 0.0


class DraftArticle(BaseModel):
    """A solved matter without personal data, and what is known already.

    ``covered_from`` and ``near_from`` are similarities: over the first it is answered already, over the second it
    would be a revision.
    """

    title: str = ""
    product: str = ""
    language: str = "en"
    said: list[SaidSentence] = []
    near: list[NearArticle] = []
    covered_from: float = 0.85
    near_from: float = 0.7


class ArticleSentence(BaseModel):
    """A sentence of a draft, in its section, with the sentence it was made from; what is no step is not numbered."""

    section: Literal["issue", "cause", "resolution"]
    text: str
    is_step: bool = True
    source: SaidSentence | None = None


class DraftedArticle(BaseModel):
    """What would become of it: a new article, a revision of ``article``, or nothing, and why."""

    decision: Literal["new", "update", "none"] = "none"
    why: str = ""
    title: str = ""
    summary: str = ""
    sentences: list[ArticleSentence] = []
    keywords: list[str] = []
    article: int = 0
    near: list[NearArticle] = []


class ReviseArticle(BaseModel):
    """A draft as it stands and what its author wants changed; ``known`` is what the record knows, by kind and value."""

    title: str
    body: str
    language: str = "en"
    instruction: str
    said: list[SaidSentence] = []
    known: list[tuple[str, str]] = []


class RevisedArticle(BaseModel):
    """The whole draft after the change; or nothing, and a word for why."""

    title: str = ""
    body: str = ""
    why: str = ""
