"""Writing the library: intents with their attributes, examples and articles; each change keeps its version."""

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.rights import Refused
from agents.audit import record
from agents.queue import ring
from agents.sections import versions
from agents.skills.languages import fold
from intents.models import Attribute, Example, Intent, IntentGroup, Library, Review
from knowledge.models import Article

FIELDS = ("name", "description", "definition", "language", "is_self_service")
ATTRIBUTE_FIELDS = ("label", "question", "type", "pattern", "options", "is_required", "case_field")
MOST_EXAMPLES = 500
BELL = "intents.changed"


def lock_library() -> Library:
    """The library's row, locked: one change of what is recognised at a time."""
    Library.objects.get_or_create(pk=1)
    return Library.objects.select_for_update().get(pk=1)


def note_change(*, now: dt.datetime) -> int:
    """Raise the library's version inside the changing transaction, and ring; returns the new version."""
    library = lock_library()
    Library.objects.filter(pk=library.pk).update(version=F("version") + 1, changed_at=now)
    ring(BELL)
    return library.version + 1


def library_version() -> int:
    """The version that counts now."""
    return Library.objects.filter(pk=1).values_list("version", flat=True).first() or 1


def word_fingerprint(text: str) -> str:
    """Equal for texts that differ in case, accents, spaces and punctuation alone."""
    plain = " ".join(re.findall(r"\w+", fold(text))) or text.strip()
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:32]


# ── intents ───────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def save_intent(
    intent: Intent | None,
    *,
    by: Any,
    expected: int | None = None,
    now: dt.datetime | None = None,
    attributes: Sequence[dict[str, Any]] | None = None,
    articles: Iterable[Article] | None = None,
    review_source: str = Intent.ReviewSource.PERSON,
    **fields: Any,
) -> Intent:
    """Add or change an intent. ``fields`` are the columns people fill, with group, line_of_business and source.

    ``attributes`` replaces all of them, in order; None leaves them. ``review_source`` says who decided its
    ``review_state``: a person, or a setting in the name of nobody. Raises Refused for a name that is taken, a group
    of another line and an article that is not published; versions.Conflict when somebody saved since ``expected``.
    """
    now = now or timezone.now()
    lock_library()
    row = Intent.objects.select_for_update(of=("self",)).get(pk=intent.pk) if intent else Intent(created_at=now)
    state = fields.pop("review_state", None)
    for name, value in fields.items():
        setattr(row, name, value)
    row.name = " ".join(row.name.split())
    _check_intent(row)
    if intent is None:
        row.key = free_key(row.name)
    row.updated_at = now
    row.save()
    if attributes is not None:
        _set_attributes(row, attributes)
    if articles is not None:
        row.articles.set(_published(row, articles))
    if state and state != row.review_state:
        _set_review(row, state, by=by, now=now, source=review_source)
    version = versions.save_version(version_target(row), snapshot(row), by=by, expected=expected, now=now)
    if version.number != row.version or intent is None:
        Intent.objects.filter(pk=row.pk).update(version=version.number)
        row.version = version.number
        added = _("added the intent"), _("changed the intent")
        verb = "intent.changed" if intent else "intent.added"
        record(verb, by=by, subject=row, text=added[bool(intent)], changes=version.changes if intent else (), now=now)
        note_change(now=now)
    return row


def _check_intent(row: Intent) -> None:
    if not row.name:
        raise Refused(_("An intent needs a name."))
    same = Intent.objects.filter(name__iexact=row.name, line_of_business=row.line_of_business).exclude(pk=row.pk)
    taken = same.first()
    if taken and taken.review_state == Review.DISCARDED:
        raise Refused(_("There is a discarded intent of that name. Approve it again instead."))
    if taken:
        raise Refused(_("There is an intent of that name already."))
    check_group(row, row.group)


def check_group(row: Intent, group: IntentGroup | None) -> None:
    """Raise Refused when an intent may not stand in a group: it is of another line, or discarded."""
    if group is None:
        return
    if group.line_of_business_id and group.line_of_business_id != row.line_of_business_id:
        raise Refused(_("The group %(group)s belongs to another line of business.") % {"group": group.name})
    if group.review_state == Review.DISCARDED:
        raise Refused(_("The group %(group)s is discarded.") % {"group": group.name})


def free_key(name: str) -> str:
    """A topic key out of the name that no intent has; it never changes afterwards."""
    base = slugify(fold(name))[:70].strip("-") or "intent"
    taken = set(Intent.objects.filter(key__startswith=base).values_list("key", flat=True))
    return base if base not in taken else next(f"{base}-{n}" for n in range(2, 10_000) if f"{base}-{n}" not in taken)


def _published(row: Intent, articles: Iterable[Article]) -> list[Article]:
    """The articles, each published; one that was attached before may stay when it was archived since."""
    kept = set(row.articles.values_list("pk", flat=True))
    chosen = list(articles)
    for article in chosen:
        if article.state != Article.State.PUBLISHED and article.pk not in kept:
            raise Refused(_("%(article)s is not published.") % {"article": article.title})
    return chosen


def _set_attributes(row: Intent, attributes: Sequence[dict[str, Any]]) -> None:
    known = {one.name: one for one in row.attributes.all()}
    names: set[str] = set()
    for place, given in enumerate(attributes):
        name = given.get("name") or slugify(fold(given["label"])).replace("-", "_")[:40] or f"attribute_{place + 1}"
        if name in names:
            raise Refused(_("Two attributes are called %(label)s.") % {"label": given["label"]})
        names.add(name)
        check_pattern(given.get("pattern", ""))
        attribute = known.pop(name, None) or Attribute(intent=row, name=name)
        for field in ATTRIBUTE_FIELDS:
            if field in given:
                setattr(attribute, field, given[field])
        attribute.order = place
        attribute.save()
    for gone in known.values():
        gone.delete()


def check_pattern(pattern: str) -> None:
    """Raise Refused for what is no regular expression."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise Refused(_("The pattern cannot be read: %(why)s.") % {"why": error})


def snapshot(row: Intent) -> dict[str, Any]:
    """What a version keeps."""
    kept: dict[str, Any] = {name: getattr(row, name) for name in FIELDS}
    kept["group"] = row.group.name if row.group else ""
    kept["line_of_business"] = row.line_of_business.name if row.line_of_business else ""
    kept["articles"] = sorted(row.articles.values_list("pk", flat=True))
    kept["attributes"] = [
        {"id": one.name, **{field: getattr(one, field) for field in ATTRIBUTE_FIELDS}} for one in row.attributes.all()
    ]
    return kept


def version_target(row: Intent | IntentGroup) -> str:
    """Under which name the versions of an intent or a group are kept."""
    return f"{row._meta.model_name}:{row.pk}"


# ── review ────────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def review_intents(
    intents: Iterable[Intent], *, state: str, by: Any, source: str = "person", now: dt.datetime | None = None
) -> int:
    """Approve, discard or put back to pending; returns how many changed. Discarded ones are kept, and hidden."""
    now = now or timezone.now()
    lock_library()
    wanted = [row.pk for row in intents]
    rows = Intent.objects.select_for_update(of=("self",)).filter(pk__in=wanted).exclude(review_state=state)
    changed = [_set_review(row, state, by=by, now=now, source=source) for row in rows.order_by("pk")]
    if changed:
        note_change(now=now)
    return len(changed)


def _set_review(row: Intent, state: str, *, by: Any, now: dt.datetime, source: str = "person") -> Intent:
    old = row.get_review_state_display()
    by = None if source == Intent.ReviewSource.DEFAULT else by
    row.review_state, row.review_source, row.reviewed_at, row.reviewed_by = Review(state), source, now, by
    if state == Review.DISCARDED:
        row.is_self_service = False
    row.save(update_fields=["review_state", "review_source", "reviewed_at", "reviewed_by", "is_self_service"])
    change = {"field": "review_state", "label": _("Review status"), "old": old, "new": row.get_review_state_display()}
    text = {
        Review.APPROVED: _("approved the intent"),
        Review.DISCARDED: _("discarded the intent"),
        Review.PENDING: _("put the intent back to review"),
    }[row.review_state]
    why = str(Intent.ReviewSource.DEFAULT.label) if by is None else ""
    record(f"intent.{state}", by=by, subject=row, text=text, why=why, changes=[change], now=now)
    return row


@transaction.atomic
def allow_in_chat(intents: Iterable[Intent], *, value: bool, by: Any, now: dt.datetime | None = None) -> int:
    """Allow intents for self-service, or no longer; only approved ones may be allowed. Returns how many changed."""
    now = now or timezone.now()
    rows = Intent.objects.select_for_update(of=("self",)).filter(pk__in=[row.pk for row in intents])
    if value:
        rows = rows.filter(review_state=Review.APPROVED)
    changed = list(rows.filter(is_self_service=not value).order_by("pk"))
    text = _("allowed the intent for self-service") if value else _("took the intent out of self-service")
    for row in changed:
        Intent.objects.filter(pk=row.pk).update(is_self_service=value)
        record("intent.self_service", by=by, subject=row, text=text, now=now)
    return len(changed)


# ── examples ──────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def add_examples(
    intent: Intent,
    texts: Iterable[str],
    *,
    by: Any,
    source: str = Example.Source.MANUAL,
    message: Any = None,
    now: dt.datetime | None = None,
) -> list[Example]:
    """Teach an intent; words it knows already, and words of another intent of its line, are left out.

    Raises Refused when it would have more than MOST_EXAMPLES.
    """
    now = now or timezone.now()
    lock_library()
    clean = {word_fingerprint(text): " ".join(text.split())[:1000] for text in texts if text.strip()}
    taken = Example.objects.filter(digest__in=clean).filter(
        Q(intent=intent) | Q(intent__line_of_business=intent.line_of_business, intent__review_state=Review.APPROVED)
    )
    known = set(taken.values_list("digest", flat=True))
    new = [
        Example(intent=intent, text=text, digest=digest, source=source, message=message, created_by=by, created_at=now)
        for digest, text in clean.items()
        if digest not in known
    ]
    if intent.examples.count() + len(new) > MOST_EXAMPLES:
        raise Refused(_("An intent has at most %(most)d examples.") % {"most": MOST_EXAMPLES})
    Example.objects.bulk_create(new)
    if new:
        text = ngettext("added %(count)d example", "added %(count)d examples", len(new)) % {"count": len(new)}
        record("intent.taught", by=by, subject=intent, text=text, now=now)
        note_change(now=now)
    return new


@transaction.atomic
def remove_examples(examples: Iterable[Example], *, by: Any, now: dt.datetime | None = None) -> int:
    """Take examples out of the library; returns how many were there."""
    now = now or timezone.now()
    lock_library()
    rows = list(Example.objects.filter(pk__in=[row.pk for row in examples]).select_related("intent"))
    Example.objects.filter(pk__in=[row.pk for row in rows]).delete()
    for intent in {row.intent for row in rows}:
        count = sum(row.intent_id == intent.pk for row in rows)
        text = ngettext("removed %(count)d example", "removed %(count)d examples", count) % {"count": count}
        record("intent.untaught", by=by, subject=intent, text=text, now=now)
    if rows:
        note_change(now=now)
    return len(rows)


def word_of_taken(intent: Intent, texts: Iterable[str]) -> list[str]:
    """Which of these texts teach another intent of the same line already, each with its intent, in words."""
    digests = {word_fingerprint(text): text for text in texts if text.strip()}
    rows = Example.objects.filter(
        digest__in=digests, intent__line_of_business=intent.line_of_business, intent__review_state=Review.APPROVED
    ).exclude(intent=intent)
    return [f"“{digests[row.digest]}”: {row.intent.name}" for row in rows.select_related("intent")]
