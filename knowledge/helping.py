"""The help centre: what customers may read, by product and subject, and what they say about it."""

import datetime as dt
import hashlib
import hmac

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q, QuerySet

from agents import sections
from agents.pii import mask
from knowledge.models import Article, Feedback, Product, Subject

SECTION = "knowledge.help_centre"
MOST_COMMENT = 2000
# So many voices an hour from one address; more is a robot.
MOST_AN_HOUR = 20


def is_open() -> bool:
    """Whether customers may read it."""
    return sections.load(SECTION).is_on


def public_articles() -> QuerySet[Article]:
    """What anybody may read: published for customers, compliant."""
    return Article.objects.filter(
        state=Article.State.PUBLISHED, audience=Article.Audience.EXTERNAL, compliance=Article.Compliance.COMPLIANT
    )


def list_subjects() -> list[Subject]:
    """Subjects with something to read, with ``count``."""
    shown = Q(article__in=public_articles().values("pk"))
    return list(Subject.objects.annotate(count=Count("article", filter=shown)).filter(count__gt=0).order_by("name"))


def list_products() -> list[Product]:
    """Products with something to read, with ``count``."""
    shown = Q(article__in=public_articles().values("pk"))
    return list(Product.objects.annotate(count=Count("article", filter=shown)).filter(count__gt=0).order_by("name"))


def read_voice(article: Article, address: str, now: dt.datetime) -> str:
    """One voice for each reader, article and day; the address cannot be read back from it."""
    words = f"{article.pk}:{now.date().isoformat()}:{address}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), words, hashlib.sha256).hexdigest()


def give_feedback(
    article: Article, *, is_useful: bool, comment: str, address: str, now: dt.datetime
) -> Feedback | None:
    """Keep what a reader said, without personal data; None when they said it today already."""
    words = mask(comment.replace("\x00", " ").strip()[:MOST_COMMENT]).text
    voice = read_voice(article, address, now)
    try:
        with transaction.atomic():
            given = Feedback.objects.create(
                article=article,
                version=article.version,
                is_useful=is_useful,
                comment=words,
                voice=voice,
                created_at=now,
            )
            name = "useful_count" if is_useful else "useless_count"
            Article.objects.filter(pk=article.pk).update(**{name: F(name) + 1})
            return given
    except IntegrityError:
        if words:
            Feedback.objects.filter(voice=voice, comment="").update(comment=words)
        return None


def list_feedback(article: Article, limit: int = 50) -> list[Feedback]:
    """What readers said, newest first."""
    return list(article.feedback.order_by("-created_at", "-id")[:limit])
