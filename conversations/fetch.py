"""Mail is read from IMAP servers: stored here before anything is marked there; each mailbox by one reader at a time."""

import contextlib
import datetime as dt
import imaplib
import random
import re
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxFolderStatusError, MailboxLoginError

from agents.queue import ring
from conversations.credentials import Unsealable, open_sealed
from conversations.models import Delivery, Mailbox
from conversations.reasons import Check, as_text, explain_network
from conversations.receive import park, receive

log = structlog.get_logger(__name__)
LEASE = dt.timedelta(minutes=5)
LONGEST_WAIT = dt.timedelta(minutes=30)
AT_ONCE = 8
BATCH_MAILS = 50
BATCH_BYTES = 20 * 1024 * 1024
State = Mailbox.State


class CannotRead(Exception):  # noqa: N818
    """A mailbox cannot be read: the state it is in, and the reason for people."""

    def __init__(self, state: str, reason: str) -> None:
        super().__init__(reason)
        self.state, self.reason = state, reason


class TakenOver(Exception):  # noqa: N818
    """Another reader has the mailbox by now, or its settings changed: this one stops without a trace."""


@dataclass(frozen=True)
class Listed:
    """One mail on the server, before it is fetched."""

    uid: int
    received_at: dt.datetime
    size: int


@dataclass(frozen=True)
class Cursor:
    """Up to where one folder was read: the columns of the mailbox that say so, and the source of its mail."""

    source: str
    validity: str
    last: str


INBOX = Cursor("imap", "uidvalidity", "last_uid")
# What people send from another program: their answer counts, and nobody answers again.
SENT = Cursor("sent", "sent_uidvalidity", "sent_last_uid")


def poll_due(*, now: dt.datetime | None = None) -> int:
    """Read every mailbox whose time has come, several at once; returns how many were read. Called each second."""
    now = now or timezone.now()
    free = Q(poll_lease=None) | Q(poll_lease__lt=now)
    due = Mailbox.objects.filter(free, is_active=True, next_poll_at__lte=now).exclude(imap_host="")
    pks = list(due.order_by("next_poll_at").values_list("pk", flat=True)[: 4 * AT_ONCE])
    if len(pks) < 2:
        return sum(poll_mailbox(pk, now=now) for pk in pks)
    with ThreadPoolExecutor(min(AT_ONCE, len(pks))) as pool:
        return sum(pool.map(lambda pk: _poll_in_thread(pk, now), pks))


def _poll_in_thread(pk: int, now: dt.datetime) -> bool:
    try:
        return poll_mailbox(pk, now=now)
    finally:
        connection.close()


def poll_mailbox(pk: int, *, now: dt.datetime) -> bool:
    """Read one mailbox if no other reader has it, and write down how it went. False: somebody else reads it."""
    mailbox = _lease(pk, now)
    if mailbox is None:
        return False
    try:
        read_mailbox(mailbox)
    except TakenOver:
        return False
    except CannotRead as error:
        _note_failure(mailbox, error.state, error.reason, now)
    except Exception as error:
        log.exception("mailbox.broken", mailbox=pk)
        _note_failure(mailbox, State.BROKEN, f"{type(error).__name__}: {as_text(error)}", now)
    else:
        _note_success(mailbox, now)
    return True


def _lease(pk: int, now: dt.datetime) -> Mailbox | None:
    free = Mailbox.objects.filter(Q(poll_lease=None) | Q(poll_lease__lt=now), pk=pk, is_active=True)
    if not free.update(poll_token=F("poll_token") + 1, poll_lease=now + LEASE):
        return None
    return Mailbox.objects.get(pk=pk)


def _mine(mailbox: Mailbox) -> QuerySet[Mailbox]:
    return Mailbox.objects.filter(pk=mailbox.pk, poll_token=mailbox.poll_token, is_active=True)


def _note_success(mailbox: Mailbox, now: dt.datetime) -> None:
    if mailbox.state != State.OK:
        _mine(mailbox).update(state=State.OK, state_reason="", state_since=now)
    wait = dt.timedelta(seconds=settings.MAIL_POLL_SECONDS)
    _mine(mailbox).update(failures=0, poll_lease=None, last_read_at=now, next_poll_at=now + wait)


def _note_failure(mailbox: Mailbox, state: str, reason: str, now: dt.datetime) -> None:
    """Name the state and wait twice as long each time, a little more or less so that many do not come at once."""
    wait = min(dt.timedelta(seconds=settings.MAIL_POLL_SECONDS) * 2 ** min(mailbox.failures + 1, 12), LONGEST_WAIT)
    since = mailbox.state_since if mailbox.state == state else now
    _mine(mailbox).update(
        state=state,
        state_reason=reason[:1000],
        state_since=since,
        failures=F("failures") + 1,
        poll_lease=None,
        next_poll_at=now + wait * random.uniform(0.8, 1.2),
    )


def read_mailbox(mailbox: Mailbox) -> int:
    """Store all mail that came since the last look; returns how many. Raises CannotRead, TakenOver."""
    with connect(mailbox) as box:
        count = _read_folder(mailbox, box, INBOX, mailbox.imap_folder or "INBOX")
        if mailbox.sent_folder:
            count += _read_sent(mailbox, box)
    return count


def _read_folder(mailbox: Mailbox, box: BaseMailBox, cursor: Cursor, folder: str) -> int:
    _restart_on_change(mailbox, box, cursor, folder)
    listed = _list_new(mailbox, box, cursor)
    for batch in _batches(listed):
        _store_batch(mailbox, box, cursor, batch)
    return len(listed)


def _read_sent(mailbox: Mailbox, box: BaseMailBox) -> int:
    """Read the Sent folder; when there is none, the mailbox says so and what customers write is read all the same."""
    reason, count = "", 0
    try:
        count = _read_folder(mailbox, box, SENT, mailbox.sent_folder)
    except CannotRead as error:
        reason = error.reason[:300]
    if reason != mailbox.sent_reason:
        _mine(mailbox).update(sent_reason=reason)
    return count


@contextlib.contextmanager
def connect(mailbox: Mailbox) -> Iterator[BaseMailBox]:
    """A signed-in connection. What goes wrong is raised as CannotRead, in words."""
    host, port = mailbox.imap_host, mailbox.imap_port
    try:
        box = open_line(mailbox)
        try:
            sign_in(box, mailbox)
            yield box
        finally:
            with contextlib.suppress(Exception):
                box.logout()
    except (OSError, imaplib.IMAP4.abort, EOFError) as error:
        raise CannotRead(State.UNREACHABLE, explain_network(error, host=host, port=port)) from error
    except (imaplib.IMAP4.error, ImapToolsError) as error:
        raise CannotRead(State.BROKEN, _("The server said: %(said)s") % {"said": _said(error)}) from error


def open_line(mailbox: Mailbox) -> BaseMailBox:
    """A connection that is not signed in yet. Raises OSError and its kin."""
    host, port, seconds = mailbox.imap_host, mailbox.imap_port, settings.MAIL_TIMEOUT_SECONDS
    if mailbox.imap_security == Mailbox.Security.TLS:
        return MailBox(host, port, timeout=seconds, ssl_context=ssl.create_default_context())
    if mailbox.imap_security == Mailbox.Security.STARTTLS:
        return MailBoxStartTls(host, port, timeout=seconds, ssl_context=ssl.create_default_context())
    return MailBoxUnencrypted(host, port, timeout=seconds)


def sign_in(box: BaseMailBox, mailbox: Mailbox) -> None:
    """Sign in. Raises CannotRead when the server says no."""
    try:
        password = open_sealed(mailbox.imap_password)
    except Unsealable:
        reason = _("The stored password cannot be opened: the key STORED_SECRETS_KEYS changed. Enter it again.")
        raise CannotRead(State.WRONG_PASSWORD, reason) from None
    user = mailbox.imap_username or mailbox.address
    try:
        if (user + password).isascii():
            box.login(user, password, initial_folder=None)
        else:
            box.login_utf8(user, password, initial_folder=None)
    except imaplib.IMAP4.abort:
        raise
    except (MailboxLoginError, imaplib.IMAP4.error) as error:
        said = _said(error)
        if "UNAVAILABLE" in said or "INUSE" in said:
            raise CannotRead(State.UNREACHABLE, _("The server is busy: %(said)s") % {"said": said}) from error
        reason = _("The server refused user “%(user)s” with this password: %(said)s") % {"user": user, "said": said}
        raise CannotRead(State.WRONG_PASSWORD, reason) from error


def _said(error: BaseException) -> str:
    """What the server said, out of the exceptions of two libraries."""
    result = getattr(error, "command_result", None)
    if result:
        return as_text(b" ".join(part for part in result[1] if isinstance(part, bytes)))
    return as_text(error.args[0] if error.args else error)


def _restart_on_change(mailbox: Mailbox, box: BaseMailBox, cursor: Cursor, folder: str) -> None:
    """Open the folder; when the server has numbered it anew, everything is read again and copies are recognised."""
    try:
        status = box.folder.status(folder, ["UIDVALIDITY"])
        box.folder.set(folder, readonly=cursor is SENT or not mailbox.marks_seen)
    except (MailboxFolderStatusError, MailboxFolderSelectError) as error:
        reason = _("There is no folder “%(folder)s”: %(said)s") % {"folder": folder, "said": _said(error)}
        raise CannotRead(State.BROKEN, reason) from error
    if getattr(mailbox, cursor.validity) != status["UIDVALIDITY"]:
        fresh = {cursor.validity: status["UIDVALIDITY"], cursor.last: 0}
        for name, value in fresh.items():
            setattr(mailbox, name, value)
        if not _mine(mailbox).update(**fresh):
            raise TakenOver


def _list_new(mailbox: Mailbox, box: BaseMailBox, cursor: Cursor) -> list[Listed]:
    """What lies behind the last number, oldest first; at the first look only as far back as the mailbox says."""
    first = getattr(mailbox, cursor.last) + 1
    if first == 1:
        since = mailbox.history_before - dt.timedelta(days=mailbox.history_days + 1)
        found = _command(box, "SEARCH", f"SINCE {since:%d}-{_MONTHS[since.month - 1]}-{since:%Y}")
        uids = [int(uid) for line in found if isinstance(line, bytes) for uid in line.split()]
        if not uids:
            return []
        first = min(uids)
    rows = _command(box, "FETCH", f"{first}:*", "(UID INTERNALDATE RFC822.SIZE)")
    listed = [_read_listing(row) for row in rows if isinstance(row, bytes)]
    # "n:*" always names the newest mail, even when its number is below n.
    return sorted((each for each in listed if each and each.uid >= first), key=lambda each: each.uid)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UID = re.compile(rb"\bUID (\d+)", re.IGNORECASE)
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)", re.IGNORECASE)
_DATE = re.compile(
    rb'INTERNALDATE "\s?(\d{1,2})-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"', re.IGNORECASE
)


def _read_listing(row: bytes) -> Listed | None:
    uid, size = _UID.search(row), _SIZE.search(row)
    if not uid:
        return None
    return Listed(int(uid[1]), _read_date(row), int(size[1]) if size else 0)


def _read_date(row: bytes) -> dt.datetime:
    """The moment the mail reached the server; now, when the server does not say."""
    found = _DATE.search(row)
    if not found:
        return timezone.now()
    day, month, year, hour, minute, second = (found[i].decode() for i in range(1, 7))
    ahead = dt.timedelta(hours=int(found[8]), minutes=int(found[9])) * (-1 if found[7] == b"-" else 1)
    number = _MONTHS.index(month.capitalize()) + 1
    return dt.datetime(
        int(year), number, int(day), int(hour), int(minute), int(second), tzinfo=dt.timezone(ahead)
    ).astimezone(dt.UTC)


def _command(box: BaseMailBox, name: str, *arguments: str) -> list[bytes | tuple[bytes, bytes]]:
    """One IMAP command by UID. The mail itself is not parsed here: hostile bytes belong into the parsing pool."""
    kind, found = box.client.uid(name, *arguments)
    if kind != "OK":
        raise imaplib.IMAP4.error(found[0] if found else name)
    return [each for each in found if each]


def _batches(listed: list[Listed]) -> Iterator[list[Listed]]:
    batch: list[Listed] = []
    for each in listed:
        if batch and (len(batch) >= BATCH_MAILS or sum(mail.size for mail in batch) + each.size > BATCH_BYTES):
            yield batch
            batch = []
        batch.append(each)
    if batch:
        yield batch


def _store_batch(mailbox: Mailbox, box: BaseMailBox, cursor: Cursor, batch: list[Listed]) -> None:
    """Fetch and store some mails, then move the cursor, then mark them: a crash anywhere repeats, and loses nothing."""
    too_large = [each for each in batch if each.size > settings.MAIL_SIZE_LIMIT]
    wanted = {each.uid: each for each in batch if each not in too_large}
    for uid, raw in _fetch(box, list(wanted), "BODY.PEEK[]"):
        _store(mailbox, cursor, wanted[uid], raw) if uid in wanted else None
    for each in too_large:
        for _uid, raw in _fetch(box, [each.uid], "BODY.PEEK[HEADER]"):
            size = each.size // (1024 * 1024)
            delivery = _store(mailbox, cursor, each, raw)
            park(
                delivery.pk,
                _("It is %(size)d MiB large and stays on its server; only its headers are here.") % {"size": size},
            )
    with transaction.atomic():
        if not _mine(mailbox).update(**{cursor.last: batch[-1].uid}, poll_lease=timezone.now() + LEASE):
            raise TakenOver
        ring("delivery.stored")
    if mailbox.marks_seen and wanted and cursor is INBOX:
        _command(box, "STORE", ",".join(map(str, wanted)), "+FLAGS.SILENT", r"(\Seen)")


def _store(mailbox: Mailbox, cursor: Cursor, listed: Listed, raw: bytes) -> Delivery:
    validity = getattr(mailbox, cursor.validity)
    # Two folders may have the same numbers: only those of the first are the delivery's own.
    known = (
        {"origin": f"sent:{validity}:{listed.uid}"} if cursor is SENT else {"uidvalidity": validity, "uid": listed.uid}
    )
    return receive(raw, mailbox=mailbox, source=cursor.source, received_at=listed.received_at, rings=False, **known)


def _fetch(box: BaseMailBox, uids: list[int], part: str) -> Iterator[tuple[int, bytes]]:
    """The bytes of some mails; the number may stand before or after the literal."""
    if not uids:
        return
    rows = _command(box, "FETCH", ",".join(map(str, uids)), f"(UID {part})")
    for place, row in enumerate(rows):
        if isinstance(row, tuple):
            after = rows[place + 1] if place + 1 < len(rows) else b""
            uid = _UID.search(row[0]) or (_UID.search(after) if isinstance(after, bytes) else None)
            if uid:
                yield int(uid[1]), row[1]


def find_in_sent(mailbox: Mailbox, message_id: str) -> bool | None:
    """Whether our mail lies in the mailbox's Sent folder: True, or None when that cannot be told.

    A mail that is not there proves nothing: many servers keep no copy of what is sent by SMTP.
    """
    if not mailbox.imap_host or not mailbox.sent_folder:
        return None
    with connect(mailbox) as box:
        box.folder.set(mailbox.sent_folder, readonly=True)
        quoted = message_id.replace("\\", "").replace('"', "")
        found = _command(box, "SEARCH", f'HEADER Message-ID "{quoted}"')
    return True if any(isinstance(line, bytes) and line.split() for line in found) else None


def check_imap(mailbox: Mailbox) -> list[Check]:
    """Try each step of reading a mailbox: reach the server, sign in, open the folders."""
    server, user, folder = _("Reach the IMAP server"), _("Sign in"), _("Open the folder")
    where = f"{mailbox.imap_host}:{mailbox.imap_port}"
    if not mailbox.imap_host:
        return [Check(server, False, _("No IMAP server is named, so no mail is read."))]
    done = []
    try:
        with connect(mailbox) as box:
            done = [Check(server, True, where), Check(user, True, mailbox.imap_username or mailbox.address)]
            status = _open_folder(box, mailbox.imap_folder or "INBOX")
            done.append(Check(folder, True, _("%(count)d mails in “%(folder)s”") % status))
            if mailbox.sent_folder:
                status = _open_folder(box, mailbox.sent_folder)
                done.append(Check(_("Open the Sent folder"), True, _("%(count)d mails in “%(folder)s”") % status))
    except CannotRead as error:
        if error.state == State.WRONG_PASSWORD:
            return [Check(server, True, where), Check(user, False, error.reason)]
        step = server if not done else folder if len(done) == 2 else _("Open the Sent folder")
        return [*done, Check(step, False, error.reason)]
    return done


def _open_folder(box: BaseMailBox, folder: str) -> dict[str, object]:
    try:
        return {"folder": folder, "count": box.folder.status(folder, ["MESSAGES"])["MESSAGES"]}
    except MailboxFolderStatusError as error:
        names = ", ".join(each.name for each in box.folder.list()[:20])
        reason = _("There is no folder “%(folder)s”. The server has: %(names)s.") % {"folder": folder, "names": names}
        raise CannotRead(State.BROKEN, reason) from error
