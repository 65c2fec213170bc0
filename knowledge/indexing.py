"""Articles made findable: cut into passages, each with its full text and its vector."""

import numpy as np
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from agents import embeddings
from agents.queue import ring
from agents.skills.languages import fold
from knowledge.models import Article, Passage
from knowledge.passages import PATH, split_passages, text_to_embed
from knowledge.passages import Passage as Piece

TEXT_CONFIGS = {
    "da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish", "fr": "french",
    "hu": "hungarian", "it": "italian", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip


def text_config(language: str) -> str:
    """PostgreSQL's full-text configuration for a language; without stemming when it has none."""
    return TEXT_CONFIGS.get(language[:2].lower(), "simple")


def index_article(pk: int) -> int:
    """Cut an article into passages with full text and vectors; returns how many. Thinking comes before writing.

    When the article changed meanwhile nothing is written and the bell rings again; one that is gone has none.
    """
    article = Article.objects.filter(pk=pk).first()
    if article is None:
        return 0
    pieces = split_passages(article.body) or [Piece(0, [], article.title, 0)]
    texts = [text_to_embed(article.title, _path(piece), piece.text) for piece in pieces]
    engine = embeddings.engine_for(article.title + " " + article.body[:500], article.language)
    vectors = embeddings.embed(texts, engine)
    with transaction.atomic():
        locked = Article.objects.select_for_update().filter(pk=pk).first()
        if locked is None:
            return 0
        if locked.version != article.version:
            ring("article.changed", pk)
            return 0
        made = _replace_passages(article, pieces, vectors, engine)
        _index_text([row.pk for row in made], texts, text_config(article.language))
        Article.objects.filter(pk=pk).update(indexed_version=article.version, indexed_engine=engine)
    return len(made)


def _replace_passages(article: Article, pieces: list[Piece], vectors: np.ndarray, engine: str) -> list[Passage]:
    Passage.objects.filter(article=article).delete()
    return Passage.objects.bulk_create(
        Passage(
            article=article,
            order=piece.order,
            heading=_path(piece),
            text=piece.text,
            start=piece.start,
            embedding=vector.tolist(),
            engine=engine,
        )
        for piece, vector in zip(pieces, vectors, strict=True)
    )


def _path(piece: Piece) -> str:
    return PATH.join(piece.heading)[:300]


def _index_text(idents: list[int], texts: list[str], config: str) -> None:
    """Accents are folded here, so that no database extension is needed for it."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE knowledge_passage SET search = to_tsvector(%s::regconfig, %s) WHERE id = %s",
            [(config, fold(text), ident) for ident, text in zip(idents, texts, strict=True)],
        )


def unindexed(limit: int) -> list[int]:
    """Articles whose newest version search does not know, or that were read by an engine no longer in use."""
    return list(_behind().order_by("id").values_list("pk", flat=True)[:limit])


def is_indexed(article: Article) -> bool:
    """Whether search knows the newest version."""
    return article.indexed_version == article.version


def _behind() -> QuerySet[Article]:
    """Both engines are compared: weights that were installed later make the vectors of their languages anew."""
    behind = ~Q(indexed_version=F("version"))
    model = embeddings.find_model()
    if model is None:
        return Article.objects.filter(behind | ~Q(indexed_engine=embeddings.NGRAMS))
    if model.is_multilingual:
        return Article.objects.filter(behind | ~Q(indexed_engine=model.name))
    english = Q(language__in=("", "en")) & ~Q(indexed_engine=model.name)
    others = ~Q(language__in=("", "en")) & ~Q(indexed_engine=embeddings.NGRAMS)
    return Article.objects.filter(behind | english | others)
