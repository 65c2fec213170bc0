"""Writing articles: create, change, publish, archive, restore; each change keeps its version."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from agents.audit import record
from agents.models import Version
from agents.queue import ring
from agents.sections import versions
from agents.skills.languages import fold
from knowledge.access import PUBLISH, WRITE
from knowledge.models import Article

FIELDS = ("title", "body", "audience", "language")
RELATIONS = ("lines_of_business", "products", "subjects")
STATE_WORDS = {
    Article.State.DRAFT: ("article.draft", gettext_noop("took the article back to draft")),
    Article.State.PUBLISHED: ("article.published", gettext_noop("published the article")),
    Article.State.ARCHIVED: ("article.archived", gettext_noop("archived the article")),
}


def why_fixed(article: Article, user: Any) -> str:
    """Why ``user`` cannot change the text of ``article``, empty when they can."""
    if not user.has_perm(WRITE):
        return _("Your roles do not write articles.")
    if article.state == Article.State.PUBLISHED and not user.has_perm(PUBLISH):
        return _("It is published: what is saved answers customers at once. Who may publish can change it.")
    if article.state == Article.State.ARCHIVED:
        return _("It is archived. Take it back to draft first.")
    return ""


@transaction.atomic
def create_article(*, by: Any, now: dt.datetime | None = None, slug: str = "", **fields: Any) -> Article:
    """A new draft. ``fields`` are title, body, audience, language, and lists of lines, products and subjects."""
    now = now or timezone.now()
    relations = {name: fields.pop(name) for name in RELATIONS if name in fields}
    slug = _free_slug(slug or fields["title"])
    article = Article.objects.create(slug=slug, author=by, created_at=now, updated_at=now, **fields)
    _set_relations(article, relations)
    versions.save_version(
        version_target(article), snapshot(article), by=by, expected=None, wording=word_change, now=now
    )
    record("article.created", by=by, subject=article, text=_("wrote the article"), now=now)
    ring("article.changed", article.pk)
    return article


@transaction.atomic
def change_article(
    article: Article, *, by: Any, expected: int | None = None, now: dt.datetime | None = None, **fields: Any
) -> Article:
    """Save changed fields as the next version; the same fields again change nothing.

    Raises versions.Conflict when somebody saved since version ``expected``.
    """
    now = now or timezone.now()
    article = Article.objects.select_for_update().get(pk=article.pk)
    relations = {name: fields.pop(name) for name in RELATIONS if name in fields}
    for name, value in fields.items():
        setattr(article, name, value)
    _set_relations(article, relations)
    version = versions.save_version(
        version_target(article), snapshot(article), by=by, expected=expected, wording=word_change, now=now
    )
    if version.number == article.version:
        return article
    article.version, article.updated_at = version.number, now
    article.save()
    text = _("saved version %(number)s") % {"number": version.number}
    record("article.changed", by=by, subject=article, text=text, changes=shorten(version.changes), now=now)
    ring("article.changed", article.pk)
    return article


@transaction.atomic
def set_state(
    article: Article, *, state: str, by: Any, expected: int | None = None, now: dt.datetime | None = None
) -> Article:
    """Publish, take back to draft, or archive.

    Raises versions.Conflict when the text was saved since version ``expected``, so that nobody publishes what they
    did not read.
    """
    now = now or timezone.now()
    article = Article.objects.select_for_update().get(pk=article.pk)
    target = version_target(article)
    current = versions.latest(target)
    if current and expected is not None and expected != current.number:
        raise versions.Conflict(current, versions.changes_since(target, expected, wording=word_change))
    if article.state == state:
        return article
    verb, text = STATE_WORDS[Article.State(state)]
    article.state, article.updated_at = state, now
    if state == Article.State.PUBLISHED:
        article.published_at = now
    article.save(update_fields=["state", "published_at", "updated_at"])
    record(verb, by=by, subject=article, text=_(text), now=now)
    ring("article.changed", article.pk)
    return article


def restore_version(
    article: Article, number: int, *, by: Any, expected: int | None = None, now: dt.datetime | None = None
) -> Article:
    """Make an older version the newest; what it was filed under and is gone since stays away.

    Raises versions.Conflict, and Version.DoesNotExist when there is none of that number.
    """
    kept = versions.get_snapshot(version_target(article), number)
    fields: dict[str, Any] = {name: kept[name] for name in FIELDS}
    for name in RELATIONS:
        relation: Any = Article._meta.get_field(name)
        fields[name] = list(relation.related_model.objects.filter(pk__in=kept.get(name, [])))
    return change_article(article, by=by, expected=expected, now=now, **fields)


def word_change(field: str, value: Any) -> tuple[str, str]:
    """The label of a version's field, and its value in words; what it was filed under and is gone is left out."""
    meta: Any = Article._meta.get_field(field)
    label = capfirst(str(meta.verbose_name))
    if field in RELATIONS:
        rows = meta.related_model.objects.filter(pk__in=value or [])
        return label, ", ".join(str(row) for row in rows)
    return label, str(dict(meta.flatchoices).get(value, value) if value is not None else "")


def list_versions(article: Article, limit: int = 100) -> list[Version]:
    """The versions of an article, newest first."""
    rows = Version.objects.filter(target=version_target(article)).select_related("created_by").order_by("-number")
    return list(rows.defer("snapshot")[:limit])


def snapshot(article: Article) -> dict[str, Any]:
    """What a version keeps: the fields, and the keys of what it is filed under."""
    kept: dict[str, Any] = {name: getattr(article, name) for name in FIELDS}
    for name in RELATIONS:
        kept[name] = sorted(getattr(article, name).values_list("pk", flat=True))
    return kept


def shorten(changes: list[dict[str, Any]], most: int = 200) -> list[dict[str, Any]]:
    """Changes for the record, which names them; the whole text stands in the versions."""
    return [change | {side: change[side][:most] for side in ("old", "new")} for change in changes]


def version_target(article: Article) -> str:
    """Under which name the versions of an article are kept."""
    return f"article:{article.pk}"


def _set_relations(article: Article, relations: dict[str, Iterable[Any]]) -> None:
    for name, rows in relations.items():
        getattr(article, name).set(rows)


def make_slug(words: str) -> str:
    """The words as a slug without accents, never empty."""
    return slugify(fold(words))[:180].strip("-") or "article"


def _free_slug(words: str) -> str:
    base = make_slug(words)
    versions.lock("article slugs")
    taken = set(Article.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return base if base not in taken else next(f"{base}-{n}" for n in range(2, 10_000) if f"{base}-{n}" not in taken)
