"""Everything that happened on a case, in order: mails, notes, and what people, rules and agents did."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType

from agents.access import keep_entries
from agents.models import Effect, Entry, Suggestion
from cases.models import Case
from conversations.models import Message, Note

# What the page shows by itself already: the mail, the note, the draft, the changed fields.
SAID_ELSEWHERE = [
    "case.answered",
    "case.noted",
    "cases.assign_case.suggested",
    "cases.assign_case.accepted",
    "cases.fill_fields.suggested",
    "cases.fill_fields.accepted",
    "cases.fill_fields.observed",
    "cases.send_reply.suggested",
    "cases.send_reply.accepted",
    "cases.send_reply.rated",
    "cases.send_reply.observed",
    "conversations.send_mail.sent",
]


@dataclass(frozen=True)
class TimelineItem:
    """One thing on the timeline: ``kind`` is message, note or entry, ``row`` is its row, ``actor`` who did it."""

    at: dt.datetime
    kind: str
    row: Any
    actor: str
    who: str
    suggestion: Any = field(default=None)


def timeline_of(case: Case, user: Any, *, limit: int = 300) -> list[TimelineItem]:
    """The newest ``limit`` items of a case as ``user`` sees them, oldest first; a constant number of queries."""
    items = [*_messages(case, limit), *_notes(case, limit), *_entries(case, user, limit)]
    return sorted(items, key=lambda item: (item.at, item.kind != "message"))[-limit:]


def _messages(case: Case, limit: int) -> Iterable[TimelineItem]:
    rows = list(
        Message.objects.filter(case_link__case=case)
        .select_related("author", "contact", "mailbox")
        .prefetch_related("attachments")
        .defer("html", "search")
        .order_by("-received_at")[:limit]
    )
    behind = find_suggestions(rows)
    for row in rows:
        inbound = row.direction == Message.Direction.IN
        actor = "customer" if inbound else ("agent" if row.agent and row.is_automatic else "person")
        who = row.from_name or row.from_address if inbound else str(row.author or row.from_name)
        yield TimelineItem(row.received_at, "message", row, actor, who, behind.get(row.effect_key))


def find_suggestions(messages: Iterable[Message]) -> dict[str, Suggestion]:
    """The suggestions that mails of ours came of, by the key of their effect; one query."""
    keys = [message.effect_key for message in messages if message.agent and message.effect_key]
    effects = Effect.objects.filter(key__in=keys, suggestion__isnull=False) if keys else Effect.objects.none()
    rows = effects.select_related("suggestion").defer("payload")
    return {effect.key: effect.suggestion for effect in rows if effect.suggestion}


def _notes(case: Case, limit: int) -> Iterable[TimelineItem]:
    kind = ContentType.objects.get_for_model(case)
    rows = Note.objects.filter(content_type=kind, object_id=case.pk).select_related("author")
    for row in rows.order_by("-created_at")[:limit]:
        yield TimelineItem(row.created_at, "note", row, "agent" if row.agent else "person", str(row.author or ""))


def _entries(case: Case, user: Any, limit: int) -> Iterable[TimelineItem]:
    kind = ContentType.objects.get_for_model(case)
    rows = (
        Entry.objects.filter(content_type=kind, object_id=case.pk)
        .exclude(verb__in=SAID_ELSEWHERE)
        .select_related("user", "suggestion")
        .order_by("-at")[:limit]
    )
    for row in keep_entries(rows, user):
        if row.verb == "case.changed" and not row.changes:
            continue
        yield TimelineItem(row.at, "entry", row, row.actor, str(row.user or ""), row.suggestion)
