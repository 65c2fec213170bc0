"""How far the old mail has come: read, put into cases, considered. Numbers only; nothing is written."""

import datetime as dt
import math
from dataclasses import dataclass

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.models import Attempt
from agents.models.levels import ArrivedAs
from cases.models import Case
from conversations.models import Delivery, Mailbox, Message
from hub.models import Archive

SWEEPS = ("conversations.route", "cases.fields", "cases.replies")


@dataclass(frozen=True)
class Stage:
    """One stage: done of total, and how long it may still take in words ("" when that cannot be said)."""

    name: str
    title: str
    done: int
    total: int
    left: str = ""


@dataclass(frozen=True)
class Progress:
    """Everything the progress page shows; ``is_running`` is false when nothing is left to do."""

    stages: list[Stage]
    is_running: bool
    archives: list[Archive]
    mailbox: Mailbox | None
    begun_at: dt.datetime | None = None


def read_progress(mailbox: Mailbox | None, *, now: dt.datetime) -> Progress:
    """Count what is done and what is left; pieces that were given up after three attempts count as done."""
    archives = list(Archive.objects.order_by("-id")[:5])
    begun = _begun(archives, mailbox)
    counted = [_read_mails(archives), _placed(), *_considered()]
    stages = [Stage(name, title, done, total, _left(done, total, begun, now)) for name, title, done, total in counted]
    reading = bool(mailbox and mailbox.is_active and mailbox.imap_host and mailbox.last_read_at is None)
    waits = reading and mailbox is not None and mailbox.state in (Mailbox.State.NEW, Mailbox.State.OK)
    running = waits or any(one.state == Archive.State.WAITING for one in archives)
    return Progress(stages, running or any(s.done < s.total for s in stages), archives, mailbox, begun)


def _begun(archives: list[Archive], mailbox: Mailbox | None) -> dt.datetime | None:
    """Since when the newest work runs: the last upload, or the last time the mailbox was read anew."""
    moments = [archives[0].created_at] if archives else []
    if mailbox and mailbox.imap_host:
        moments.append(mailbox.state_since)
    return max(moments, default=None)


def _read_mails(archives: list[Archive]) -> tuple[str, str, int, int]:
    """Stored mails that were read; of an archive in work the rest is guessed from its size."""
    rows = Delivery.objects.filter(arrived_as=ArrivedAs.HISTORY)
    found = rows.aggregate(total=Count("pk"), waiting=Count("pk", filter=Q(state=Delivery.State.STORED)))
    to_come = 0
    for one in archives:
        if one.state == Archive.State.WAITING and one.bytes_read and one.size > one.bytes_read:
            to_come += math.ceil(one.mails * (one.size - one.bytes_read) / one.bytes_read)
    return "mails", _("Mails read"), found["total"] - found["waiting"], found["total"] + to_come


def _placed() -> tuple[str, str, int, int]:
    rows = Message.objects.filter(arrived_as=ArrivedAs.HISTORY, direction=Message.Direction.IN)
    found = rows.aggregate(total=Count("pk"), waiting=Count("pk", filter=Q(offered_at=None)))
    waiting = max(0, found["waiting"] - _given_up("conversations.route"))
    return "placed", _("Mails put into cases"), found["total"] - waiting, found["total"]


def _considered() -> list[tuple[str, str, int, int]]:
    rows = Case.objects.filter(arrived_as=ArrivedAs.HISTORY, last_inbound__isnull=False)
    rows = rows.exclude(status=Case.Status.CANCELLED)
    found = rows.aggregate(
        total=Count("pk"),
        fields=Count("pk", filter=Q(last_inbound__gt=F("fields_seen"))),
        replies=Count("pk", filter=Q(last_inbound__gt=F("reply_seen"))),
    )
    total = found["total"]
    fields = max(0, found["fields"] - _given_up("cases.fields"))
    replies = max(0, found["replies"] - _given_up("cases.replies"))
    return [
        ("fields", _("Cases whose fields were considered"), total - fields, total),
        ("replies", _("Cases whose answer was considered"), total - replies, total),
    ]


def _given_up(sweep: str) -> int:
    return Attempt.objects.filter(sweep=sweep, parked_at__isnull=False).count()


def _left(done: int, total: int, begun: dt.datetime | None, now: dt.datetime) -> str:
    """How long the rest may take at the pace so far, in words."""
    if begun is None or not 0 < done < total:
        return ""
    seconds = (now - begun).total_seconds() * (total - done) / done
    if seconds < 90:
        return _("about a minute left")
    minutes = math.ceil(seconds / 60)
    if minutes < 90:
        return ngettext("about %(n)d minute left", "about %(n)d minutes left", minutes) % {"n": minutes}
    return _("about %(n)d hours left") % {"n": round(minutes / 60)}
