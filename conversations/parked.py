"""Mail that could not be read: looked at as text, exported, tried again, or discarded by a person."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models.functions import Substr

from agents import sweeps
from agents.audit import record
from agents.queue import ring
from conversations.models import Delivery, Raw
from conversations.sanitise import clean_text

SHOWN = 200_000
"""Bytes of a parked mail that the page shows; the export has all of them."""
State = Delivery.State


def preview_raw(delivery: Delivery) -> str:
    """The beginning of the bytes as harmless text, read from the database only so far."""
    start = Raw.objects.filter(pk=delivery.raw_id).values_list(Substr("content", 1, SHOWN), flat=True).get()
    return clean_text(bytes(start).decode("utf-8", "replace"))


def retry_parked(pk: int, *, by: Any, now: dt.datetime) -> bool:
    """Let a parked mail be read again from its first attempt; False when it is not parked any more."""
    with transaction.atomic():
        rows = Delivery.objects.filter(pk=pk, state=State.PARKED)
        if not rows.update(state=State.STORED, attempts=0, error=""):
            return False
        sweeps.retry("conversations.read", pk)
        record("mail.retried", by=by, subject=Delivery.objects.get(pk=pk), now=now)
        ring("delivery.stored", pk)
    return True


def discard_parked(pk: int, *, by: Any, reason: str = "", now: dt.datetime) -> bool:
    """Take a parked mail off the page; its bytes stay. False when it is not parked any more."""
    with transaction.atomic():
        if not Delivery.objects.filter(pk=pk, state=State.PARKED).update(state=State.DISCARDED):
            return False
        record("mail.discarded", by=by, subject=Delivery.objects.get(pk=pk), why=reason, now=now)
    return True
