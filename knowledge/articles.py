"""Writing articles: create, change, publish, archive; each change keeps its version and its passages."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from django.utils.text import slugify

from agents import embeddings, versions
from agents.audit import record
from agents.queue import ring
from knowledge.models import Article, Passage
from knowledge.passages import fold, split_passages

TEXT_CONFIGS = {
    "da": "danish", "de": "german", "en": "english", "es": "spanish", "fi": "finnish", "fr": "french",
    "it": "italian", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ru": "russian", "sv": "swedish",
}  # fmt: skip
FIELDS = ("title", "body", "audience", "language")
RELATIONS = ("lines_of_business", "products", "subjects")


def text_config(language: str) -> str:
    """PostgreSQL's full-text configuration for a language; without stemming when it has none."""
    return TEXT_CONFIGS.get(language, "simple")


@transaction.atomic
def create_article(*, by: Any, now: dt.datetime | None = None, **fields: Any) -> Article:
    """A new draft. ``fields`` are title, body, audience, language, and lists of lines, products and subjects."""
    now = now or timezone.now()
    relations = {name: fields.pop(name) for name in RELATIONS if name in fields}
    article = Article.objects.create(
        slug=_free_slug(fields["title"]), author=by, created_at=now, updated_at=now, **fields
    )
    _set_relations(article, relations)
    versions.save_version(_target(article), snapshot(article), by=by, expected=None)
    record("article.created", by=by, subject=article, now=now)
    ring("article.changed", article.pk)
    return article


@transaction.atomic
def change_article(
    article: Article, *, by: Any, expected: int | None = None, now: dt.datetime | None = None, **fields: Any
) -> Article:
    """Save changed fields as the next version. Raises versions.Conflict when somebody saved since ``expected``."""
    article = Article.objects.select_for_update().get(pk=article.pk)
    relations = {name: fields.pop(name) for name in RELATIONS if name in fields}
    for name, value in fields.items():
        setattr(article, name, value)
    article.updated_at = now or timezone.now()
    article.save()
    _set_relations(article, relations)
    version = versions.save_version(_target(article), snapshot(article), by=by, expected=expected)
    article.version = version.number
    article.save(update_fields=["version"])
    record("article.changed", by=by, subject=article, changes=version.changes, now=now)
    ring("article.changed", article.pk)
    return article


@transaction.atomic
def set_state(article: Article, *, state: str, by: Any, now: dt.datetime | None = None) -> Article:
    """Publish, take back to draft, or archive."""
    now = now or timezone.now()
    article = Article.objects.select_for_update().get(pk=article.pk)
    article.state = state
    if state == Article.State.PUBLISHED:
        article.published_at = now
    article.save(update_fields=["state", "published_at"])
    record(f"article.{state}", by=by, subject=article, now=now)
    ring("article.changed", article.pk)
    return article


def index_article(pk: int) -> int:
    """Cut an article into passages with full-text and vectors; returns how many. Thinking comes before writing."""
    article = Article.objects.get(pk=pk)
    pieces = split_passages(article.body)
    texts = [f"{article.title}. {' '.join(piece.heading)}\n{piece.text}" for piece in pieces]
    engine = embeddings.engine_for(article.title + " " + article.body[:500], article.language)
    vectors = embeddings.embed(texts, engine) if texts else np.zeros((0, 1))
    with transaction.atomic():
        locked = Article.objects.select_for_update().get(pk=pk)
        if (locked.title, locked.body, locked.language) != (article.title, article.body, article.language):
            ring("article.changed", pk)
            return 0
        Passage.objects.filter(article=article).delete()
        made = Passage.objects.bulk_create(
            Passage(
                article=article,
                order=piece.order,
                heading=" › ".join(piece.heading)[:300],
                text=piece.text,
                start=piece.start,
                embedding=vector.tolist(),
                engine=engine,
            )
            for piece, vector in zip(pieces, vectors, strict=True)
        )
        _index_text([row.pk for row in made], texts, text_config(article.language))
    return len(made)


def _index_text(idents: list[int], texts: list[str], config: str) -> None:
    """Accents are folded here, so that no database extension is needed for it."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE knowledge_passage SET search = to_tsvector(%s::regconfig, %s) WHERE id = %s",
            [(config, fold(text), ident) for ident, text in zip(idents, texts, strict=True)],
        )


def snapshot(article: Article) -> dict[str, Any]:
    """What a version keeps: the fields, and the keys of what it is filed under."""
    kept: dict[str, Any] = {name: getattr(article, name) for name in FIELDS}
    for name in RELATIONS:
        kept[name] = sorted(getattr(article, name).values_list("pk", flat=True))
    return kept


def unindexed(limit: int) -> list[int]:
    """Articles that have text and no passages."""
    rows = Article.objects.filter(passages__isnull=True).exclude(body="")
    return list(rows.order_by("id").values_list("pk", flat=True)[:limit])


def _set_relations(article: Article, relations: dict[str, Iterable[Any]]) -> None:
    for name, rows in relations.items():
        getattr(article, name).set(rows)


def _target(article: Article) -> str:
    return f"article:{article.pk}"


def _free_slug(title: str) -> str:
    base = slugify(fold(title))[:180] or "article"
    taken = set(Article.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return base if base not in taken else next(f"{base}-{n}" for n in range(2, 10_000) if f"{base}-{n}" not in taken)
