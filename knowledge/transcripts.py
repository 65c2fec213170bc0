"""What solved matters hand over to be learned from: higher apps register who gives transcripts.

Knowledge names no case and no chat. A giver knows how they are found, what was said, and whom the record knows, so
that nothing personal is stored; ``agents.pii`` does the removing here, before anything is thought or kept.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from agents.models import LineOfBusiness
from agents.models.levels import ArrivedAs
from agents.pii import Known


@dataclass(frozen=True)
class Turn:
    """One thing that was said: by the customer, by us, or in a note among ourselves.

    ``message`` is what evidence points to, and ``offset`` where ``text`` stands in its whole text. ``doubts`` are what
    is odd about it, in words. ``helped`` is False for an answer of ours that the customer rejected.
    """

    message: int
    author: Literal["customer", "us", "note"]
    text: str
    offset: int = 0
    doubts: tuple[str, ...] = ()
    helped: bool = True


@dataclass(frozen=True)
class Transcript:
    """A closed matter: what was said, what it is about, and what the record knows of people (``known``)."""

    source: str
    ident: int
    closed_at: dt.datetime
    label: str
    link: str = ""
    title: str = ""
    description: str = ""
    resolution: str = ""
    turns: Sequence[Turn] = ()
    known: Sequence[Known] = ()
    language: str = ""
    product: int | None = None
    subject: int | None = None
    line_of_business: LineOfBusiness | None = None
    channel: str = ""
    topic: str = ""
    topic_label: str = ""
    arrived_as: str = ArrivedAs.LIVE


@dataclass(frozen=True)
class Giver:
    """Who hands over transcripts of one source ("case").

    rows(user): what a person may see of it, closed, newest first; ``user`` None means all of it.
    fetch(ident): the transcript, None when it is not closed (any more).
    find_new(since, limit): ids of live ones closed since then that have no harvest of that closing.
    find_past(since, until, after, limit): ids over ``after`` of all that were solved in the window, in order.
    """

    source: str
    label: str | Promise
    model: type[Model]
    rows: Callable[[Any], QuerySet[Any]]
    fetch: Callable[[int], Transcript | None]
    find_new: Callable[[dt.datetime, int], list[int]]
    find_past: Callable[[dt.datetime, dt.datetime, int, int], list[int]]
    count_past: Callable[[dt.datetime, dt.datetime], int]
    attributes: dict[str, Any] = field(default_factory=dict)


GIVERS: dict[str, Giver] = {}
CASE = "case"


def register(giver: Giver) -> None:
    """Offer the transcripts of one source."""
    GIVERS[giver.source] = giver


def fetch_transcript(source: str, ident: int) -> Transcript | None:
    """The transcript of a closed matter; None when it is open again, gone, or nobody gives that source."""
    giver = GIVERS.get(source)
    return giver.fetch(ident) if giver else None


def known_of(source: str, ident: int) -> Sequence[Known]:
    """What the record knows of the people of a matter; nothing when it is gone."""
    found = fetch_transcript(source, ident)
    return found.known if found else ()
