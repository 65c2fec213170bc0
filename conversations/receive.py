"""Mail arrives: its bytes are stored before anything else, then read into a message, a copy, or a parked row."""

import datetime as dt
import hashlib

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from agents.models.levels import ArrivedAs
from agents.queue import ring
from conversations.contacts import own_addresses
from conversations.models import Delivery, Mailbox
from conversations.parsed import ParsedMessage, Unparseable
from conversations.pool import shared_pool
from conversations.storing import keep_files, store_message

MAX_ATTEMPTS = 3
State = Delivery.State


def receive(
    raw: bytes,
    *,
    mailbox: Mailbox | None,
    source: str,
    received_at: dt.datetime,
    uidvalidity: int | None = None,
    uid: int | None = None,
    arrived_as: str | None = None,
    origin: str = "",
    rings: bool = True,
) -> Delivery:
    """Store the bytes of one arrival, in one transaction, before the source is told that they are safe.

    The same arrival twice is one row: known by (mailbox, uidvalidity, uid), and where a source has no such numbers by
    (mailbox, origin, bytes). ``received_at`` is when the mail reached the server, never what its Date header says;
    before the mailbox's ``history_before`` it is history, as is all mail without a mailbox. ``rings=False`` leaves it
    to the caller to ring once for many.
    """
    digest = hashlib.sha256(raw).hexdigest()
    with transaction.atomic():
        is_new = _keep_bytes(digest, raw)
        known = {"mailbox": mailbox, "uidvalidity": uidvalidity, "uid": uid}
        values = {
            "source": source,
            "origin": origin[:300],
            "raw_id": digest,
            "received_at": received_at,
            "arrived_as": arrived_as or decide_arrival(mailbox, received_at),
        }
        if uid is not None:
            delivery, created = Delivery.objects.get_or_create(**known, defaults=values)
        elif origin:
            # Bytes that nobody had were not delivered before either.
            here = Delivery.objects.filter(raw_id=digest, mailbox=mailbox, origin=origin[:300])
            known_here = None if is_new else here.first()
            delivery, created = known_here or Delivery.objects.create(**known, **values), known_here is None
        else:
            delivery, created = Delivery.objects.create(**known, **values), True
        if created and rings:
            ring("delivery.stored", delivery.pk)
    return delivery


def _keep_bytes(digest: str, raw: bytes) -> bool:
    """Store the bytes under their digest; False when they were there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO conversations_raw (digest, content, size) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [digest, raw, len(raw)],
        )
        return bool(cursor.rowcount)


def decide_arrival(mailbox: Mailbox | None, received_at: dt.datetime) -> ArrivedAs:
    """Live from the moment the mailbox was connected; history before it and where there is no mailbox."""
    if mailbox is None or received_at < mailbox.history_before:
        return ArrivedAs.HISTORY
    return ArrivedAs.LIVE


def read_delivery(pk: int, *, now: dt.datetime | None = None, rings: bool = True) -> Delivery:
    """Make a message of stored bytes; does nothing when that has been done.

    The attempt is counted before the work, so that a mail that ends its worker is parked at the fourth try. Parsing
    and writing files happen outside any transaction; what they yield becomes rows in one.
    """
    now = now or timezone.now()
    if not _count_attempt(pk):
        return Delivery.objects.get(pk=pk)
    delivery = Delivery.objects.select_related("raw", "mailbox").get(pk=pk)
    if delivery.attempts > MAX_ATTEMPTS:
        return park(pk, delivery.error or "Reading it ended the worker three times.")
    try:
        try:
            return _read(delivery, now=now, rings=rings)
        except IntegrityError:
            # Another worker stored the other copy between our look and our insert: now it is found.
            return _read(delivery, now=now, rings=rings)
    except Unparseable as error:
        return park(pk, error.reason)
    except Exception as error:
        _note_failure(delivery, f"{type(error).__name__}: {error}")
        raise


def _count_attempt(pk: int) -> bool:
    """Count a try before it is made; False when the mail was read already.

    The count has to outlive this process, which the mail may end, not a fall of the database server: there is no wait
    for the disk.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL synchronous_commit TO off; "
            "UPDATE conversations_delivery SET attempts = attempts + 1 WHERE id = %s AND state = %s",
            [pk, State.STORED],
        )
        return bool(cursor.nextset() and cursor.rowcount)


class _ReadAlready(Exception):  # noqa: N818
    """Another worker was faster; what this one wrote is taken back."""


def _read(delivery: Delivery, *, now: dt.datetime, rings: bool) -> Delivery:
    own = own_addresses()
    parsed = read_bytes(bytes(delivery.raw.content), own=own)
    files = keep_files(parsed)
    try:
        with transaction.atomic():
            message, created = store_message(parsed, delivery, files, own=own, now=now)
            delivery.message, delivery.error = message, ""
            delivery.state = State.PARSED if created else State.COPY
            written = {"message": message, "state": delivery.state, "error": ""}
            if not Delivery.objects.filter(pk=delivery.pk, state=State.STORED).update(**written):
                raise _ReadAlready
            if created and rings:
                ring("message.stored", message.pk)
    except _ReadAlready:
        return Delivery.objects.get(pk=delivery.pk)
    return delivery


def _note_failure(delivery: Delivery, error: str) -> None:
    if delivery.attempts >= MAX_ATTEMPTS:
        park(delivery.pk, error)
    else:
        Delivery.objects.filter(pk=delivery.pk, state=State.STORED).update(error=error[:2000])


def read_bytes(raw: bytes, *, own: frozenset[str]) -> ParsedMessage:
    """What the bytes say, read in a child process under limits. Raises Unparseable."""
    return shared_pool().parse(raw, own_addresses=own, own_domain=settings.MESSAGE_ID_DOMAIN)


def park(pk: int, reason: str) -> Delivery:
    """Set a mail aside that cannot be read; its bytes stay, and people find it on the parked page."""
    Delivery.objects.filter(pk=pk, state=State.STORED).update(state=State.PARKED, error=reason[:2000])
    return Delivery.objects.get(pk=pk)
