"""Which articles a user may see: fetch and authorise in one call."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from knowledge.models import Article

READERS = ("knowledge.author", "knowledge.approve", "cases.work", "cases.approve", "cases.supervise", "sales.work")


def visible_articles(user: Any) -> QuerySet[Article]:
    """Published external articles for everybody; the rest for staff of the article's lines, drafts for authors."""
    if not any(user.has_perm(permission) for permission in READERS):
        return Article.objects.filter(state=Article.State.PUBLISHED, audience=Article.Audience.EXTERNAL)
    rows = Article.objects.all()
    if not user.has_perm("knowledge.author") and not user.has_perm("knowledge.approve"):
        rows = rows.filter(state=Article.State.PUBLISHED)
    lines = list(user.lines_of_business.values_list("pk", flat=True))
    if lines and not user.is_superuser:
        rows = rows.filter(Q(lines_of_business__isnull=True) | Q(lines_of_business__in=lines)).distinct()
    return rows


def get_article(user: Any, pk: int) -> Article:
    """The article; Http404 whether it is missing or forbidden."""
    article = visible_articles(user).filter(pk=pk).first()
    if article is None:
        raise Http404
    return article
