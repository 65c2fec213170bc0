"""After a change of the library: what is still under way is recognised again, when somebody asks for it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.rights import Refused
from agents.audit import record
from agents.models.levels import ArrivedAs
from agents.queue import ring
from conversations.models import Message
from intents import matching
from intents.library import lock_library
from intents.models import Determination, Library

BELL = "intents.again"
# What nobody has written in for so long is not under way any more.
WINDOW = dt.timedelta(days=60)
MOST = 20_000
State = Determination.State


@dataclass(frozen=True)
class Progress:
    """How far it is; ``left`` is 0 when it is done."""

    total: int
    left: int
    asked_at: dt.datetime
    asked_by: str

    @property
    def done(self) -> int:
        """How many messages were recognised again."""
        return max(self.total - self.left, 0)


@transaction.atomic
def ask_again(*, by: Any, now: dt.datetime | None = None) -> int:
    """Ask for it; returns how many messages will be compared. Raises Refused while recognition is off or it runs."""
    now, library = now or timezone.now(), lock_library()
    if not matching.is_on():
        raise Refused(_("Recognition is switched off."))
    if library.again_at and _left(library, now=now).exists():
        raise Refused(_("It is under way already."))
    library.again_version, library.again_at, library.again_by = library.version, now, by
    library.again_total = _left(library, now=now)[:MOST].count()
    library.save(update_fields=["again_version", "again_at", "again_by", "again_total"])
    text = ngettext("%(count)d message", "%(count)d messages", library.again_total) % {"count": library.again_total}
    record("intents.again_asked", by=by, text=text, now=now)
    if library.again_total:
        ring(BELL)
    return library.again_total


def show_progress(*, now: dt.datetime | None = None) -> Progress | None:
    """How far the last one is; None when nobody ever asked."""
    library = Library.objects.select_related("again_by").filter(pk=1, again_at__isnull=False).first()
    if library is None or library.again_at is None:
        return None
    left = _left(library, now=now or timezone.now())[:MOST].count()
    return Progress(library.again_total, left, library.again_at, str(library.again_by or ""))


def due_again(limit: int, *, now: dt.datetime) -> list[int]:
    """Messages to compare again, oldest first, so that the newest has the last word."""
    library = Library.objects.filter(pk=1, again_at__isnull=False).first()
    if library is None or not matching.is_on():
        return []
    return list(_left(library, now=now).order_by("pk").values_list("pk", flat=True)[:limit])


def _left(library: Library, *, now: dt.datetime) -> QuerySet[Message]:
    """Messages in conversations under way that the version asked for has not seen.

    What a person said about a conversation stands, and what is over stays as it was.
    """
    asked_at = library.again_at or now
    settled = Determination.objects.filter(conversation=OuterRef("conversation"), is_current=True)
    over = settled.filter(state__in=[State.COMPLETED, State.CLOSED, State.DISCARDED])
    seen = Determination.objects.filter(message=OuterRef("pk"), library_version__gte=library.again_version)
    rows = Message.objects.filter(
        direction=Message.Direction.IN, nature__in=matching.WRITTEN_BY_PEOPLE, arrived_as=ArrivedAs.LIVE,
        conversation__last_message_at__gt=asked_at - WINDOW,
    )  # fmt: skip
    return rows.filter(~Exists(settled.exclude(decided_by=None)), ~Exists(over), ~Exists(seen))
