"""The record: one line for every act, written in the transaction that decides on it."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.utils import timezone

from agents.models import Effect, Entry, LineOfBusiness, Suggestion


def record(
    verb: str,
    *,
    by: Any,
    subject: Model | None = None,
    text: str = "",
    why: str = "",
    changes: Iterable[dict[str, Any]] = (),
    suggestion: Suggestion | None = None,
    effect: Effect | None = None,
    line_of_business: LineOfBusiness | None = None,
    now: dt.datetime | None = None,
) -> Entry:
    """Add one entry. ``by`` is the user who acted, an agent's user, or None for the system.

    ``changes`` are dicts of field, label, old and new.
    """
    return Entry.objects.create(
        at=now or timezone.now(),
        verb=verb,
        text=text[:300],
        actor=_actor(by),
        user=by,
        agent=by.agent if by is not None and by.is_agent else "",
        subject=subject,
        label=str(subject)[:200] if subject is not None else "",
        suggestion=suggestion,
        effect=effect,
        line_of_business_id=line_of_business.pk if line_of_business else getattr(subject, "line_of_business_id", None),
        why=why,
        changes=list(changes),
    )


def _actor(by: Any) -> str:
    if by is None:
        return Entry.Actor.SYSTEM
    return Entry.Actor.AGENT if by.is_agent else Entry.Actor.PERSON
