"""Everything that happened on a case, in order: mails, notes, and what people, rules and agents did.

Of a long story the page shows the first mail, the newest items and every mail in which words are lit; what lies
between is folded, and comes when somebody asks for it.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Value

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


# So many items stand on the page at first; so many more come at one press; fewer are not worth a fold.
SHOWN, MORE, FEW = 30, 60, 4


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands in the story: its moment, mails before what they caused, then its letter and id."""

    at: dt.datetime
    order: int
    letter: str
    pk: int

    @property
    def code(self) -> str:
        """The place in an address: "m12" is a mail, "n3" a note, "e7" an entry."""
        return f"{self.letter}{self.pk}"


@dataclass(frozen=True)
class Fold:
    """So many items that are not shown, between two that are ("" at the start): ``more`` of them at one press."""

    count: int
    after: str
    before: str
    kind: str = "fold"

    @property
    def more(self) -> int:
        """How many one press brings."""
        return min(self.count, MORE)


@dataclass(frozen=True)
class TimelineItem:
    """One thing on the timeline: ``kind`` is message, note or entry, ``row`` is its row, ``actor`` who did it."""

    at: dt.datetime
    kind: str
    row: Any
    actor: str
    who: str
    suggestion: Any = field(default=None)


def timeline_of(case: Case, user: Any, *, keep: Collection[int] = (), whole: bool = False) -> list[TimelineItem | Fold]:
    """The story of a case as ``user`` sees it, oldest first, folded unless ``whole`` is asked for.

    ``keep`` are mails that stand there in any case. The number of queries does not depend on the length.
    """
    places = _places(case)
    shown = set(places if whole else places[-SHOWN:])
    mails = [place for place in places if place.letter == "m"]
    shown |= {*mails[:1], *(place for place in mails if place.pk in keep)}
    return _fold(case, user, places, shown)


def unfold(case: Case, user: Any, *, after: str, before: str, every: bool = False) -> list[TimelineItem | Fold]:
    """What lies between two places, the newest of it at first, or ``every`` item."""
    places = _places(case)
    codes = [place.code for place in places]
    start = codes.index(after) + 1 if after in codes else 0
    end = codes.index(before) if before in codes else len(codes)
    between = places[start:end]
    return _fold(case, user, between, set(between if every else between[-MORE:]), after=after, before=before)


def _places(case: Case) -> list[Place]:
    """The outline of the whole story in one query, without the texts."""
    kind = ContentType.objects.get_for_model(case)
    mails = Message.objects.filter(case_link__case=case).values_list("received_at", Value(0), Value("m"), "pk")
    about = {"content_type": kind, "object_id": case.pk}
    notes = Note.objects.filter(**about).values_list("created_at", Value(1), Value("n"), "pk")
    entries = Entry.objects.filter(**about).exclude(verb__in=SAID_ELSEWHERE).exclude(verb="case.changed", changes=[])
    found = entries.values_list("at", Value(1), Value("e"), "pk")
    return sorted(Place(*row) for row in mails.order_by().union(notes.order_by(), found.order_by(), all=True))


def _fold(
    case: Case, user: Any, places: list[Place], shown: set[Place], *, after: str = "", before: str = ""
) -> list[TimelineItem | Fold]:
    """The items of what is shown, and a fold for each run of places that is not."""
    runs: list[list[Place]] = [[]]
    for place in places:
        if place in shown:
            runs.append([])
        else:
            runs[-1].append(place)
    shown = shown | {place for run in runs if len(run) < FEW for place in run}
    items = _items(case, user, shown)
    found: list[TimelineItem | Fold] = []
    count = 0
    for place in places:
        if place not in shown:
            count += 1
            continue
        if count:
            found.append(Fold(count, after, place.code))
        after, count = place.code, 0
        if place.code in items:
            found.append(items[place.code])
    return [*found, Fold(count, after, before)] if count else found


def _items(case: Case, user: Any, places: Iterable[Place]) -> dict[str, TimelineItem]:
    """What stands at these places, by their codes."""
    wanted: dict[str, list[int]] = {"m": [], "n": [], "e": []}
    for place in places:
        wanted[place.letter].append(place.pk)
    rows = (*_messages(case, wanted["m"]), *_notes(wanted["n"]), *_entries(wanted["e"], user))
    return {f"{item.kind[0]}{item.row.pk}": item for item in rows}


def _messages(case: Case, pks: list[int]) -> Iterable[TimelineItem]:
    rows = list(
        Message.objects.filter(case_link__case=case, pk__in=pks)
        .select_related("author")
        .prefetch_related("attachments")
        .defer("html", "text", "search")
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


def _notes(pks: list[int]) -> Iterator[TimelineItem]:
    for row in Note.objects.filter(pk__in=pks).select_related("author") if pks else ():
        yield TimelineItem(row.created_at, "note", row, "agent" if row.agent else "person", str(row.author or ""))


def _entries(pks: list[int], user: Any) -> Iterator[TimelineItem]:
    rows = Entry.objects.filter(pk__in=pks).select_related("user", "suggestion") if pks else ()
    for row in keep_entries(rows, user):
        if row.verb == "case.changed" and not row.changes:
            continue
        yield TimelineItem(row.at, "entry", row, row.actor, str(row.user or ""), row.suggestion)
