"""The numbers of articles."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agents.measures import Measure, register
from knowledge.access import visible_articles
from knowledge.models import Article


def _published(user: Any) -> QuerySet[Any]:
    return visible_articles(user).filter(state=Article.State.PUBLISHED, published_at__isnull=False)


def _about(row: Article, user: Any) -> tuple[str, str]:
    return row.title, reverse("knowledge:article", args=[row.pk])


register(
    Measure(
        name="published", order=40, label=_("Articles published"), rows=_published, at="published_at", about=_about,
        line="lines_of_business", agent="knowledge", better="up",
        definition=_("Articles that were published in the period and still are."),
    )
)  # fmt: skip
