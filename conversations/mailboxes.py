"""Mailboxes are connected, changed, tested and switched off; each change is a version and an entry in the record."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from agents.audit import record
from agents.sections import versions
from conversations.addresses import normalise_address
from conversations.credentials import seal
from conversations.delivery import check_smtp
from conversations.fetch import check_imap
from conversations.models import Mailbox
from conversations.reasons import Check

SECRETS = ("imap_password", "smtp_password", "webhook_secret")
# With another one of these the numbers of the old folder mean nothing.
PLACE = ("imap_host", "imap_port", "imap_username", "imap_folder")
LINE = (*PLACE, "imap_security", "imap_password", "history_days")
FIELDS = (
    "name",
    "address",
    "purpose",
    "line_of_business",
    "queue",
    "signature",
    "uses_plus_address",
    "history_before",
    *LINE,
    "sent_folder",
    "marks_seen",
    "webhook",
    "webhook_secret",
    "smtp_host",
    "smtp_port",
    "smtp_security",
    "smtp_username",
    "smtp_password",
)


def save_mailbox(
    mailbox: Mailbox, values: dict[str, Any], *, by: Any, expected: int | None = None, now: dt.datetime | None = None
) -> Mailbox:
    """Connect a new mailbox or change one. An empty password keeps the stored one, which is never shown again.

    ``expected`` is the version the form was opened with. Raises ``agents.sections.versions.Conflict`` when
    somebody was faster.
    A changed server, user or password is tried at once; a changed folder, and one of which more history is wanted, is
    read from its start, and copies are known.
    """
    now = now or timezone.now()
    with transaction.atomic():
        is_new = mailbox.pk is None
        before = Mailbox() if is_new else Mailbox.objects.select_for_update(of=("self",)).get(pk=mailbox.pk)
        fresh = Mailbox() if is_new else Mailbox.objects.get(pk=mailbox.pk)
        assign(fresh, values)
        if any(getattr(before, name) != getattr(fresh, name) for name in LINE):
            moved = any(getattr(before, name) != getattr(fresh, name) for name in PLACE)
            _read_anew(fresh, from_start=moved or fresh.history_days > before.history_days, now=now)
        if before.sent_folder != fresh.sent_folder:
            fresh.sent_uidvalidity, fresh.sent_last_uid, fresh.sent_reason = None, 0, ""
        fresh.save()
        version = versions.save_version(
            f"mailbox:{fresh.pk}", snapshot_of(fresh), by=by, expected=None if is_new else expected, now=now
        )
        Mailbox.objects.filter(pk=fresh.pk).update(version=version.number)
        fresh.version = version.number
        changes = _changes(before, fresh)
        if changes or is_new:
            verb = "mailbox.connected" if is_new else "mailbox.changed"
            record(verb, by=by, subject=fresh, text=fresh.address, changes=changes, now=now)
    return fresh


def assign(mailbox: Mailbox, values: dict[str, Any]) -> None:
    """Put values on a mailbox without storing it; passwords are sealed, empty ones leave what is there."""
    for name in FIELDS:
        if name in SECRETS:
            if values.get(name):
                setattr(mailbox, name, seal(values[name]))
        elif name in values:
            setattr(mailbox, name, values[name])
    mailbox.address = normalise_address(mailbox.address)


def _read_anew(mailbox: Mailbox, *, from_start: bool, now: dt.datetime) -> None:
    """Try it at once; a reader that is at work with the old settings stops."""
    mailbox.state, mailbox.state_reason, mailbox.state_since = Mailbox.State.NEW, "", now
    mailbox.failures, mailbox.next_poll_at, mailbox.poll_lease = 0, now, None
    mailbox.poll_token += 1
    mailbox.sent_reason = ""
    if from_start:
        mailbox.uidvalidity, mailbox.last_uid = None, 0
        mailbox.sent_uidvalidity, mailbox.sent_last_uid = None, 0


def snapshot_of(mailbox: Mailbox) -> dict[str, Any]:
    """What a version keeps: everything but the secrets, of which only whether they are set."""
    shown: dict[str, Any] = {name: _plain(mailbox, name) for name in FIELDS if name not in SECRETS}
    return {**shown, **{name: bool(getattr(mailbox, name)) for name in SECRETS}, "is_active": mailbox.is_active}


def restore_mailbox(mailbox: Mailbox, snapshot: dict[str, Any], *, by: Any, expected: int | None) -> Mailbox:
    """Save the settings of an older version; passwords stay as they are, and so does whether it is switched on.

    Raises ``versions.Conflict``, and ValueError when its address is taken or what it named is gone.
    """
    values = {name: snapshot[name] for name in FIELDS if name not in SECRETS and name in snapshot}
    if Mailbox.objects.exclude(pk=mailbox.pk).filter(address=values["address"]).exists():
        raise ValueError(_("Another mailbox has the address %(address)s now.") % {"address": values["address"]})
    values["history_before"] = parse_datetime(values["history_before"])
    for name in ("line_of_business", "queue"):
        values[name] = _named(name, values[name])
    return save_mailbox(mailbox, values, by=by, expected=expected)


def _named(field: str, name: str | None) -> Any:
    if not name:
        return None
    found = Mailbox._meta.get_field(field).related_model.objects.filter(name=name).first()  # type: ignore[union-attr]
    if found is None:
        raise ValueError(_("There is no “%(name)s” any more.") % {"name": name})
    return found


def _plain(mailbox: Mailbox, name: str) -> Any:
    value = getattr(mailbox, name)
    return value if isinstance(value, str | int | bool | None) else str(value)


def _changes(before: Mailbox, after: Mailbox) -> list[dict[str, Any]]:
    """What changed, for the record; of a password only that it did."""
    changes = []
    for name in FIELDS:
        label = str(Mailbox._meta.get_field(name).verbose_name)
        if name in SECRETS:
            if getattr(before, name) != getattr(after, name):
                changes.append({"field": name, "label": label, "old": "", "new": "•••"})
        elif _plain(before, name) != _plain(after, name):
            changes.append({"field": name, "label": label, "old": _plain(before, name), "new": _plain(after, name)})
    return changes


def test_connection(mailbox: Mailbox) -> list[Check]:
    """Try every step of reading and sending, outside any transaction; nothing is stored and no mail is sent."""
    return [*check_imap(mailbox), *check_smtp(mailbox)]


test_connection.__test__ = False  # type: ignore[attr-defined]  # pytest takes the name for a test


def switch_mailbox(mailbox: Mailbox, *, on: bool, by: Any, now: dt.datetime | None = None) -> None:
    """Switch reading and sending off or on; off takes effect at a running reader's next batch."""
    now = now or timezone.now()
    with transaction.atomic():
        rows = Mailbox.objects.filter(pk=mailbox.pk, is_active=not on)
        if rows.update(is_active=on, poll_token=F("poll_token") + 1, poll_lease=None, next_poll_at=now, failures=0):
            mailbox.refresh_from_db()
            version = versions.save_version(
                f"mailbox:{mailbox.pk}", snapshot_of(mailbox), by=by, expected=None, now=now
            )
            Mailbox.objects.filter(pk=mailbox.pk).update(version=version.number)
            record(
                "mailbox.switched_on" if on else "mailbox.switched_off",
                by=by, subject=mailbox, text=mailbox.address, now=now,
            )  # fmt: skip
