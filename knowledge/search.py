"""Finding what answers a question: full text and vectors, fused, each hit with its passage and best sentence."""

import re
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, Q, QuerySet
from pgvector.django import CosineDistance

from agents import embeddings, skills
from agents.models import LineOfBusiness
from knowledge.access import visible_articles
from knowledge.articles import text_config
from knowledge.asking import CandidatePassage, FindPassages, FoundPassage
from knowledge.models import Article, Passage, Product
from knowledge.passages import fold

CANDIDATES = 40
_WORD = re.compile(r"[^\W_]{2,}")
# A long mail has words enough; beyond this many the rarest no longer change the order.
MAX_TERMS = 60


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


def find_passages(
    query: str,
    *,
    user: Any,
    language: str = "",
    external_only: bool = False,
    line_of_business: LineOfBusiness | None = None,
    product: Product | None = None,
    limit: int = 8,
) -> list[Hit]:
    """The passages of published articles that answer ``query`` best, best first, seen with the eyes of ``user``.

    With a line of business only its own and the general articles are searched; articles about another product are
    left out when ``product`` is known.
    """
    rows = _searchable(user, external_only, line_of_business, product)
    by_text, by_vector = _by_text(rows, query, language), _by_vector(rows, query, language)
    candidates = _candidates(by_text, by_vector)
    if not candidates:
        return []
    question = FindPassages(query=query, language=language, candidates=list(candidates.values()), limit=limit)
    answer = skills.run("knowledge.find_passages", question)
    meta = {row.pk: row for row in Passage.objects.filter(pk__in=candidates).select_related("article")}
    return [_hit(found, meta[found.passage]) for found in answer.output.passages if found.passage in meta]


def _searchable(
    user: Any, external_only: bool, line_of_business: LineOfBusiness | None, product: Product | None
) -> QuerySet[Passage]:
    articles = visible_articles(user).filter(state=Article.State.PUBLISHED)
    if external_only:
        articles = articles.filter(audience=Article.Audience.EXTERNAL)
    if line_of_business is not None:
        articles = articles.filter(Q(lines_of_business__isnull=True) | Q(lines_of_business=line_of_business))
    if product is not None:
        articles = articles.filter(Q(products__isnull=True) | Q(products=product))
    return Passage.objects.filter(article__in=articles.values("pk")).select_related("article")


def _by_text(rows: QuerySet[Passage], query: str, language: str) -> list[Passage]:
    """The best by full text, with ``rank``; any of the words may match, as in a mail most do not."""
    terms = list(dict.fromkeys(_WORD.findall(fold(query))))[:MAX_TERMS]
    if not terms:
        return []
    wanted = SearchQuery(" | ".join(terms), search_type="raw", config=text_config(language or "en"))
    ranked = rows.annotate(rank=SearchRank(F("search"), wanted, normalization=1))
    return list(ranked.filter(search=wanted).order_by("-rank", "id")[:CANDIDATES])


def _by_vector(rows: QuerySet[Passage], query: str, language: str) -> list[Passage]:
    """The nearest by cosine among the passages of the same engine, with ``distance``."""
    engine = embeddings.engine_for(query, language)
    vector = embeddings.embed([query], engine)[0]
    near = rows.filter(engine=engine).annotate(distance=CosineDistance("embedding", vector.tolist()))
    return list(near.order_by("distance", "id")[:CANDIDATES])


def _candidates(by_text: list[Passage], by_vector: list[Passage]) -> dict[int, CandidatePassage]:
    found: dict[int, dict[str, Any]] = {}
    for place, row in enumerate(by_text, 1):
        found.setdefault(row.pk, {"row": row}).update(text_rank=place, text_score=float(row.rank))
    for place, row in enumerate(by_vector, 1):
        found.setdefault(row.pk, {"row": row}).update(vector_rank=place, similarity=1 - float(row.distance))
    return {pk: _candidate(**item) for pk, item in found.items()}


def _candidate(row: Passage, **ranks: Any) -> CandidatePassage:
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
    )
