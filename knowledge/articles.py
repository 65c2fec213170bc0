"""Writing articles: create, change, publish, archive, restore; each change keeps its version."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts import rights
from agents.audit import record
from agents.models import LineOfBusiness, Version
from agents.queue import ring
from agents.sections import versions
from agents.skills.languages import fold
from knowledge import gate
from knowledge.access import PUBLISH, WRITE
from knowledge.models import Article, Product, Subject
from knowledge.payloads import ArticlePayload
from knowledge.transcripts import known_of

FIELDS = ("title", "body", "audience", "language")
RELATIONS = ("lines_of_business", "products", "subjects")
STATE_WORDS = {
    Article.State.DRAFT: ("article.draft", gettext_noop("took the article back to draft")),
    Article.State.PUBLISHED: ("article.published", gettext_noop("published the article")),
    Article.State.APPROVED: ("article.approved", gettext_noop("approved the article")),
    Article.State.SCHEDULED: ("article.scheduled", gettext_noop("set a date for the article")),
    Article.State.EXPIRED: ("article.expired", gettext_noop("let the article expire")),
    Article.State.ARCHIVED: ("article.archived", gettext_noop("archived the article")),
    Article.State.DISCARDED: ("article.discarded", gettext_noop("discarded the article")),
}


# Why a draft or a published article stands where it stands, as people say it; the rest follows from what is done.
REASONS = {
    Article.State.DRAFT: ["", Article.StateReason.PROPOSED, Article.StateReason.NEEDS_REVIEW,
                          Article.StateReason.IN_REVIEW],
    Article.State.PUBLISHED: ["", Article.StateReason.NEEDS_REVIEW, Article.StateReason.UPDATING],
}  # fmt: skip


class Refused(rights.Refused):
    """The article may not stand there; ``reason`` says why in words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def why_unpublishable(article: Article) -> str:
    """Why ``article`` may not be published, empty when it may: compliance, and personal data in what an agent wrote."""
    if article.compliance == Article.Compliance.NON_COMPLIANT:
        return _("It is not compliant. Such an article is never published.")
    if article.compliance == Article.Compliance.PENDING:
        return _("Nobody has said yet that it is compliant. Set compliance first.")
    harvest = article.harvests.order_by("id").first() if article.is_by_agent else None
    known = known_of(harvest.source, harvest.object_id) if harvest else ()
    if article.is_by_agent and (kinds := gate.list_personal(f"{article.title}\n{article.body}", known)):
        return _("It holds personal data: %(kinds)s. Take it out first.") % {"kinds": ", ".join(kinds)}
    return ""


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
    article.version, article.updated_at, article.minor = version.number, now, article.minor + 1
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
    did not read, and Refused when compliance or personal data stand against publishing. Publishing makes the next
    major version; there is one published text, so it takes the place of the older one.
    """
    now = now or timezone.now()
    article = Article.objects.select_for_update().get(pk=article.pk)
    target = version_target(article)
    current = versions.latest(target)
    if current and expected is not None and expected != current.number:
        raise versions.Conflict(current, versions.changes_since(target, expected, wording=word_change))
    if article.state == state:
        return article
    if state in (Article.State.PUBLISHED, Article.State.SCHEDULED) and (why := why_unpublishable(article)):
        raise Refused(why)
    verb, text = STATE_WORDS[Article.State(state)]
    article.state, article.updated_at, article.state_reason, article.note = state, now, "", ""
    if state == Article.State.PUBLISHED:
        article.published_at, article.publish_at = now, None
        article.major, article.minor = article.major + 1, 0
    article.save()
    record(verb, by=by, subject=article, text=_(text), now=now)
    ring("article.changed", article.pk)
    return article


@transaction.atomic
def set_reason(article: Article, *, reason: str, by: Any, now: dt.datetime | None = None) -> Article:
    """Say why an article stands where it stands: it needs a review, is in review, is being updated.

    Raises Refused for a reason that its state does not have.
    """
    article = Article.objects.select_for_update().get(pk=article.pk)
    if reason not in REASONS.get(Article.State(article.state), []):
        raise Refused(_("An article that is “%(state)s” has no such status.") % {"state": article.get_state_display()})
    if reason == article.state_reason:
        return article
    article.state_reason, article.updated_at = reason, now or timezone.now()
    article.save(update_fields=["state_reason", "updated_at"])
    text = str(article.get_state_reason_display() or article.get_state_display())
    record("article.reason_set", by=by, subject=article, text=text, now=now)
    return article


def note_revision(pk: int, *, is_waiting: bool) -> None:
    """A revision of a published article waits for review, or waits no more; in the deciding transaction."""
    before, after = ("", Article.StateReason.UPDATING) if is_waiting else (Article.StateReason.UPDATING, "")
    rows = Article.objects.filter(pk=pk, state=Article.State.PUBLISHED, state_reason=before)
    rows.update(state_reason=after)


@transaction.atomic
def certify(
    article: Article, *, compliance: str, by: Any, is_reviewed: bool = True, now: dt.datetime | None = None
) -> Article:
    """Say whether an article is compliant, and that a person has reviewed it; one that is not stops being published."""
    now = now or timezone.now()
    article = Article.objects.select_for_update().get(pk=article.pk)
    article.compliance, article.is_reviewed, article.updated_at = compliance, is_reviewed, now
    if is_reviewed and article.state_reason in (Article.StateReason.NEEDS_REVIEW, Article.StateReason.IN_REVIEW):
        article.state_reason = ""
    if compliance == Article.Compliance.NON_COMPLIANT and article.state == Article.State.PUBLISHED:
        article.state, article.state_reason = Article.State.DRAFT, Article.StateReason.NEEDS_REVIEW
    article.save()
    text = Article.Compliance(compliance).label
    record("article.certified", by=by, subject=article, text=str(text), now=now)
    ring("article.changed", article.pk)
    return article


@transaction.atomic
def send_back(article: Article, *, reason: str, by: Any, now: dt.datetime | None = None) -> Article:
    """Give an unpublished article back to its author with a reason."""
    now = now or timezone.now()
    article = Article.objects.select_for_update().get(pk=article.pk)
    if article.state not in (Article.State.DRAFT, Article.State.APPROVED, Article.State.SCHEDULED):
        raise Refused(_("Only what is not published can be sent back."))
    article.state, article.state_reason = Article.State.DRAFT, Article.StateReason.REJECTED
    article.note, article.publish_at, article.updated_at = reason, None, now
    article.save()
    record("article.sent_back", by=by, subject=article, why=reason, now=now)
    return article


@transaction.atomic
def plan_dates(
    article: Article, *, publish_at: dt.datetime | None, expires_at: dt.datetime | None, by: Any,
    now: dt.datetime | None = None,
) -> Article:  # fmt: skip
    """Set when an article is published and when it expires. Raises Refused when it may not be published."""
    now = now or timezone.now()
    article = Article.objects.select_for_update().get(pk=article.pk)
    article.publish_at, article.expires_at = publish_at, expires_at
    if expires_at and expires_at <= (publish_at or now):
        raise Refused(_("It would expire before it is published."))
    article.save(update_fields=["publish_at", "expires_at"])
    record("article.dates_set", by=by, subject=article, now=now)
    if publish_at and article.state != Article.State.PUBLISHED:
        return set_state(article, state=Article.State.SCHEDULED, by=by, now=now)
    if article.state == Article.State.SCHEDULED:  # without a date nothing would ever publish it
        return set_state(article, state=Article.State.APPROVED, by=by, now=now)
    return article


def keep_dates(*, now: dt.datetime) -> int:
    """Publish what is scheduled for now, and let expire what has run out; returns how many changed."""
    due = Article.objects.filter(state=Article.State.SCHEDULED, publish_at__lte=now)
    over = Article.objects.filter(state=Article.State.PUBLISHED, expires_at__lte=now)
    count = 0
    for rows, state in ((due, Article.State.PUBLISHED), (over, Article.State.EXPIRED)):
        for article in rows.order_by("id")[:200]:
            try:
                set_state(article, state=state, by=None, now=now)
            except Refused as refusal:
                Article.objects.filter(pk=article.pk).update(state=Article.State.DRAFT, note=refusal.reason)
            count += 1
    return count


@transaction.atomic
def take_draft(payload: ArticlePayload, *, source: str, by: Any, now: dt.datetime | None = None) -> Article:
    """Make the article of an accepted draft, or the next text of the one it revises, and put it where it says.

    Raises versions.Conflict when the article was saved since the draft was made.
    """
    now = now or timezone.now()
    fields: dict[str, Any] = {
        "title": payload.title,
        "body": payload.body,
        "audience": payload.audience,
        "language": payload.language,
    }
    if payload.article:
        article = Article.objects.get(pk=payload.article)
        article = change_article(article, by=by, expected=payload.article_version, now=now, **fields)
    else:
        filed: dict[str, Any] = {
            "products": list(Product.objects.filter(pk__in=payload.products)),
            "subjects": list(Subject.objects.filter(pk__in=payload.subjects)),
            "lines_of_business": list(LineOfBusiness.objects.filter(pk__in=payload.lines)),
        }
        article = create_article(
            by=by, now=now, source=source, keywords=payload.keywords, state_reason=Article.StateReason.PROPOSED,
            **fields, **filed,
        )  # fmt: skip
    certified = {"compliance": payload.compliance, "is_reviewed": not by.is_agent, "expires_at": payload.expires_at}
    Article.objects.filter(pk=article.pk).update(**certified)
    article.refresh_from_db()
    if payload.then == "publish" and payload.publish_at and payload.publish_at > now:
        return plan_dates(article, publish_at=payload.publish_at, expires_at=payload.expires_at, by=by, now=now)
    wanted = {"publish": Article.State.PUBLISHED, "approve": Article.State.APPROVED}.get(payload.then)
    return set_state(article, state=wanted, by=by, now=now) if wanted and not payload.article else article


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
