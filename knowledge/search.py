"""Finding what answers a question: full text and vectors, fused, each hit with its passage and best sentence."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, QuerySet
from pgvector.django import CosineDistance

from agents import embeddings, skills
from agents.models import LineOfBusiness
from agents.skills.languages import detect_language, fold, small_words
from knowledge.access import of_line, of_product, visible_articles
from knowledge.asking import CandidatePassage, FindPassages, FoundPassage
from knowledge.indexing import text_config
from knowledge.models import Article, Passage, Product
from knowledge.passages import text_to_embed
from knowledge.questions import read_matter
from knowledge.skills import content_words

# So many of each list are compared closely; the time of a search grows with them.
CANDIDATES = 25
_LIST_MARK = re.compile(r"^(?:-|\d{1,3}\.)\s+")
_WORD = re.compile(r"[^\W_]{2,}")
# A long mail has words enough; the first so many that mean something say what it is about.
MAX_TERMS = 32
MAX_CHARACTERS = 20_000
# A list shows what holds a word of the question, or is this near to it (engines differ in what a cosine means).
NEAR_ENOUGH = {embeddings.NGRAMS: 0.3}
NEAR_BY_MEANING = 0.4


@dataclass(frozen=True)
class Hit:
    """A passage that was found: whose article, which sentence answers best, how sure."""

    passage: int
    article: int
    version: int
    title: str
    heading: str
    text: str
    audience: str
    language: str
    start: int
    end: int
    sentence: str
    similarity: float
    confidence: float
    order: int = 0

    @property
    def excerpt(self) -> str:
        """The best sentence without the mark of the list it may stand in."""
        return _LIST_MARK.sub("", self.sentence)


def find_passages(
    query: str,
    *,
    user: Any,
    language: str = "",
    external_only: bool = False,
    line_of_business: LineOfBusiness | None = None,
    product: Product | None = None,
    limit: int = 8,
    is_shown: bool = True,
) -> list[Hit]:
    """The passages of published articles that answer ``query`` best, best first, seen with the eyes of ``user``.

    With a line of business only its own and the general articles are searched; articles about another product are
    left out when ``product`` is known, unless they list products of many families. Where the best sentences are not to
    be shown they are told by words alone.
    """
    articles = visible_articles(user).filter(state=Article.State.PUBLISHED)
    if external_only:
        articles = articles.filter(audience=Article.Audience.EXTERNAL)
    if line_of_business is not None:
        articles = articles.filter(of_line(line_of_business))
    if product is not None:
        articles = articles.filter(of_product(product))
    return _rank(query, articles, language, limit, is_shown=is_shown)


def search_articles(query: str, articles: QuerySet[Article], *, limit: int = 30) -> list[Hit]:
    """The best passage of each of ``articles`` that matches, best first; for lists, so what is far is left out."""
    best: dict[int, Hit] = {}
    for hit in _rank(query, articles, "", limit * 3, only_near=True):
        best.setdefault(hit.article, hit)
    return list(best.values())[:limit]


def light_words(text: str, query: str) -> list[tuple[str, bool]]:
    """``text`` in pieces, each with whether it is a word of the query in any of its forms."""
    wanted = set(content_words(query))
    pieces: list[tuple[str, bool]] = []
    for piece in re.split(r"(\w+)", text):
        is_lit = bool(piece) and not wanted.isdisjoint(content_words(piece))
        if pieces and not is_lit and not pieces[-1][1]:
            pieces[-1] = (pieces[-1][0] + piece, False)
        elif piece:
            pieces.append((piece, is_lit))
    return pieces


def _rank(
    query: str,
    articles: QuerySet[Article],
    language: str,
    limit: int,
    *,
    only_near: bool = False,
    is_shown: bool = True,
) -> list[Hit]:
    query = query.replace("\x00", " ")[:MAX_CHARACTERS]
    if not query.strip():
        return []
    language = language or detect_language(query)
    engine = embeddings.engine_for(query, language)
    rows = Passage.objects.filter(article__in=articles.order_by().values("pk"))
    rows = rows.select_related("article").defer("search", "embedding", "article__body")
    by_text = _by_text(rows, query, _configs(articles, language))
    by_vector = _by_vector(rows, query, engine)
    if only_near:
        far = 1 - NEAR_ENOUGH.get(engine, NEAR_BY_MEANING)
        kept = {row.pk for row in by_text}
        by_vector = [row for row in by_vector if row.pk in kept or row.distance <= far]
    candidates = _candidates(by_text, by_vector)
    if not candidates:
        return []
    question = FindPassages(query=query, language=language, candidates=list(candidates.values()), limit=limit)
    if not is_shown:
        question.quoted = 0
    answer = skills.run("knowledge.find_passages", question)
    found = {row.pk: row for row in [*by_text, *by_vector]}
    if not is_shown:
        _lay_ready([found[one.passage] for one in answer.output.passages if one.passage in found], engine)
    return [_hit(passage, found[passage.passage]) for passage in answer.output.passages if passage.passage in found]


def _lay_ready(passages: list[Passage], engine: str) -> None:
    """Give the stored vectors to whoever compares these passages next; to make them anew takes a quarter second."""
    stored = Passage.objects.filter(pk__in=[one.pk for one in passages], engine=engine)
    vectors = dict(stored.values_list("pk", "embedding"))
    kept = [one for one in passages if vectors.get(one.pk) is not None]
    texts = [text_to_embed(one.article.title, one.heading, one.text) for one in kept]
    embeddings.keep(texts, np.array([vectors[one.pk] for one in kept], np.float32), engine)


def _configs(articles: QuerySet[Article], language: str) -> list[str]:
    """The full-text configurations to ask: the one of a known language, else those of all languages in use."""
    used = {text_config(code) for code in articles.order_by().values_list("language", flat=True).distinct()}
    wanted = text_config(language) if language else ""
    return [wanted] if wanted in used else sorted(used)


def _by_text(rows: QuerySet[Passage], query: str, configs: Iterable[str]) -> list[Any]:
    """The best by full text, with ``rank``; any of the words may match, as in a mail most do not."""
    words = dict.fromkeys(_WORD.findall(fold(query)))
    terms = [word for word in words if word not in small_words()][:MAX_TERMS]
    if not terms:
        return []
    wanted: Any = None
    for config in configs:
        one = SearchQuery(" | ".join(terms), search_type="raw", config=config)
        wanted = one if wanted is None else wanted | one
    if wanted is None:
        return []
    ranked = rows.annotate(rank=SearchRank(F("search"), wanted, normalization=1))
    return list(ranked.filter(search=wanted).order_by("-rank", "id")[:CANDIDATES])


def _by_vector(rows: QuerySet[Passage], query: str, engine: str) -> list[Any]:
    """The nearest by cosine among the passages of the same engine, with ``distance``."""
    vector = embeddings.embed([read_matter(query)], engine)[0]
    near = rows.filter(engine=engine).annotate(distance=CosineDistance("embedding", vector.tolist()))
    return list(near.order_by("distance", "id")[:CANDIDATES])


def _candidates(by_text: list[Any], by_vector: list[Any]) -> dict[int, CandidatePassage]:
    found: dict[int, dict[str, Any]] = {}
    for place, row in enumerate(by_text, 1):
        found.setdefault(row.pk, {"row": row}).update(text_rank=place, text_score=float(row.rank))
    for place, row in enumerate(by_vector, 1):
        found.setdefault(row.pk, {"row": row}).update(vector_rank=place, similarity=1 - float(row.distance))
    return {pk: _candidate(**item) for pk, item in found.items()}


def _candidate(row: Any, **ranks: Any) -> CandidatePassage:
    return CandidatePassage(
        passage=row.pk,
        article=row.article_id,
        version=row.article.version,
        title=row.article.title,
        heading=[row.heading] if row.heading else [],
        text=row.text,
        audience=row.article.audience,
        language=row.article.language,
        **ranks,
    )


def _hit(found: FoundPassage, row: Passage) -> Hit:
    return Hit(
        passage=row.pk,
        article=row.article_id,
        version=row.article.version,
        title=row.article.title,
        heading=row.heading,
        text=row.text,
        audience=row.article.audience,
        language=row.article.language,
        start=found.start,
        end=found.end,
        sentence=found.sentence,
        similarity=found.similarity,
        confidence=found.confidence,
        order=row.order,
    )
