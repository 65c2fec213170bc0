"""Mail of the past is taken in from files: always history, in any number of sittings, with figures that add up."""

import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from agents.models.levels import ArrivedAs
from agents.queue import ring
from conversations.archives import Found, guess_arrival, list_files, read_file
from conversations.models import Delivery, Mailbox
from conversations.receive import read_delivery, receive

RING_AFTER = 500


@dataclass
class Tally:
    """What became of the mails: ``seen`` is the sum of the four others; ``before`` were taken in earlier."""

    seen: int = 0
    messages: int = 0
    copies: int = 0
    parked: int = 0
    refused: int = 0
    before: int = 0

    def adds_up(self) -> bool:
        """Whether every mail is accounted for."""
        return self.seen == self.messages + self.copies + self.parked + self.refused


_COUNTERS = {Delivery.State.PARSED: "messages", Delivery.State.COPY: "copies"}


def ingest(
    path: Path,
    *,
    mailbox: Mailbox | None = None,
    now: dt.datetime | None = None,
    progress: Callable[[int], object] = lambda size: None,
    skip: int = 0,
    keep_on: Callable[[], bool] = lambda: True,
) -> Tally:
    """Take in every mail of a file or folder as history; what an earlier run took in is counted, not repeated.

    ``progress`` is told the bytes of each mail. Refused are mails over MAIL_SIZE_LIMIT and empty ones. For several
    sittings: the first ``skip`` mails are passed over, and ``keep_on`` is asked after each mail.
    """
    tally, now = Tally(), now or timezone.now()
    for found in itertools.islice(_mails(path), skip, None):
        _take(found, tally, mailbox=mailbox, now=now)
        progress(found.size)
        if tally.seen % RING_AFTER == 0:
            _ring()
        if not keep_on():
            break
    _ring()
    return tally


def _mails(path: Path) -> Iterator[Found]:
    for file in list_files(path):
        yield from read_file(file, root=path, limit=settings.MAIL_SIZE_LIMIT)


def _take(found: Found, tally: Tally, *, mailbox: Mailbox | None, now: dt.datetime) -> None:
    tally.seen += 1
    if not found.raw or not found.raw.strip():
        tally.refused += 1
        return
    delivery = receive(
        found.raw,
        mailbox=mailbox,
        source="file",
        origin=found.origin,
        received_at=guess_arrival(found.raw, now=now),
        arrived_as=ArrivedAs.HISTORY,
        rings=False,
    )
    if delivery.state != Delivery.State.STORED:
        tally.before += 1
    else:
        delivery = read_delivery(delivery.pk, now=now, rings=False)
    counter = _COUNTERS.get(Delivery.State(delivery.state), "parked")
    setattr(tally, counter, getattr(tally, counter) + 1)


def _ring() -> None:
    """One bell for many messages: whoever takes conversations looks at what is new."""
    with transaction.atomic():
        ring("message.stored")
