"""The passages that evidence quotes, as the review queue and the record show them."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from agents.sources import Source, SourceText, register
from knowledge.access import visible_articles
from knowledge.models import Passage


def fetch_passages(ids: Iterable[int], user: Any) -> dict[int, SourceText]:
    """Passages of articles that ``user`` may see, by id."""
    found = Passage.objects.filter(pk__in=ids, article__in=visible_articles(user)).select_related("article")
    return {
        passage.pk: SourceText(
            title=_("Article: %(title)s") % {"title": passage.article.title},
            text=passage.text,
            at=passage.article.updated_at,
            url=reverse("knowledge:article", args=[passage.article_id]),
            icon="book-open",
        )
        for passage in found
    }


register(Source("passage", fetch_passages))
