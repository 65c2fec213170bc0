"""Old mail is taken in: from the mailbox's server as far back as wanted, or from an uploaded archive, in sittings."""

import datetime as dt
import shutil
import time
import uuid
import zipfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from agents.audit import record
from agents.queue import ring
from conversations.ingest import ingest
from conversations.mailboxes import save_mailbox
from conversations.models import Mailbox
from hub.models import Archive

BELL = "history.uploaded"
# A sitting ends long before the queue would end its worker; the next one goes on where it stopped.
SITTING_SECONDS = 30.0
LEASE = dt.timedelta(minutes=3)
NOTE_EVERY = 25
MOST_FILES = 200_000
MOST_BYTES = 4 * 1024**3
BLOCK = 1024 * 1024


class Unreadable(Exception):  # noqa: N818
    """The archive cannot be taken in; ``str()`` says why, for people."""


def read_back(mailbox: Mailbox, *, days: int, by: Any, now: dt.datetime | None = None) -> Mailbox:
    """Read the mailbox's folder from its start, as far back as ``days``; what is known already is a copy."""
    return save_mailbox(mailbox, {"history_days": days}, by=by, now=now)


def keep_archive(upload: UploadedFile, *, mailbox: Mailbox, by: Any, now: dt.datetime | None = None) -> Archive:
    """Keep an uploaded mbox, .eml or zip until a worker has taken it in."""
    now = now or timezone.now()
    folder = settings.MEDIA_ROOT / "archives" / uuid.uuid4().hex
    folder.mkdir(parents=True, mode=0o700)
    name = get_valid_filename(Path(upload.name or "mail").name)[-100:]
    with (folder / name).open("wb") as kept:
        for block in upload.chunks(BLOCK):
            kept.write(block)
    with transaction.atomic():
        archive = Archive.objects.create(
            mailbox=mailbox,
            name=name,
            folder=str(folder.relative_to(settings.MEDIA_ROOT)),
            size=upload.size or 0,
            lease=now,
            created_by=by,
            created_at=now,
        )
        record("history.uploaded", by=by, subject=mailbox, text=name, now=now)
        ring(BELL, archive.pk)
    return archive


def take_archive(pk: int, *, now: dt.datetime | None = None, seconds: float = SITTING_SECONDS) -> bool:
    """Take in one archive for a sitting of so many seconds; True when it is done. Two workers never sit at one."""
    now = now or timezone.now()
    mine = Archive.objects.filter(pk=pk, state=Archive.State.WAITING, lease__lte=now)
    if not mine.update(lease=now + LEASE):
        return False
    archive = Archive.objects.select_related("mailbox").get(pk=pk)
    try:
        done = _sit(archive, now=now, until=time.monotonic() + seconds)
    except Unreadable as error:
        _finish(archive, Archive.State.FAILED, str(error))
        return True
    if done:
        _finish(archive, Archive.State.DONE, "")
        return True
    with transaction.atomic():
        Archive.objects.filter(pk=pk).update(lease=now)
        ring(BELL, pk)
    return False


def _sit(archive: Archive, *, now: dt.datetime, until: float) -> bool:
    path = _unpack(settings.MEDIA_ROOT / archive.folder, archive.name)
    sitting = {"mails": 0, "bytes": 0, "stopped": False}

    def note(size: int) -> None:
        sitting["mails"] += 1
        sitting["bytes"] += size
        if sitting["mails"] % NOTE_EVERY == 0:
            _note(archive, archive.mails + sitting["mails"], archive.bytes_read + sitting["bytes"])

    def keep_on() -> bool:
        sitting["stopped"] = time.monotonic() >= until
        return not sitting["stopped"]

    tally = ingest(path, mailbox=archive.mailbox, now=now, progress=note, skip=archive.mails, keep_on=keep_on)
    _note(archive, archive.mails + sitting["mails"], archive.bytes_read + sitting["bytes"])
    Archive.objects.filter(pk=archive.pk).update(refused=F("refused") + tally.refused)
    if not sitting["stopped"] and archive.mails + tally.seen == 0:
        raise Unreadable(_("There is no mail in this file. Upload an mbox, an .eml, or a zip of them."))
    return not sitting["stopped"]


def _note(archive: Archive, mails: int, size: int) -> None:
    Archive.objects.filter(pk=archive.pk).update(mails=mails, bytes_read=size)


def _finish(archive: Archive, state: str, reason: str) -> None:
    """The mails are stored, so the file goes."""
    Archive.objects.filter(pk=archive.pk).update(state=state, reason=reason[:300])
    shutil.rmtree(settings.MEDIA_ROOT / archive.folder, ignore_errors=True)


def _unpack(folder: Path, name: str) -> Path:
    """Where the mails are: the file itself, or the folder of an unpacked zip."""
    packed, mails = folder / name, folder / "mails"
    if mails.exists() and not packed.exists():
        return mails
    if not packed.exists():
        raise Unreadable(_("The uploaded file is gone. Upload it again."))
    if not zipfile.is_zipfile(packed):
        return packed
    shutil.rmtree(mails, ignore_errors=True)
    mails.mkdir()
    try:
        with zipfile.ZipFile(packed) as box:
            _extract(box, mails)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise Unreadable(_("The zip cannot be unpacked: %(why)s.") % {"why": str(error)[:200]}) from error
    packed.unlink()
    return mails


def _extract(box: zipfile.ZipFile, mails: Path) -> None:
    """Write every file under a name of our own: what a zip calls its files leads nowhere. Sizes are counted."""
    left = MOST_BYTES
    members = [member for member in box.infolist() if not member.is_dir()]
    if len(members) > MOST_FILES:
        raise Unreadable(_("The zip holds more than %(most)d files.") % {"most": MOST_FILES})
    for number, member in enumerate(members):
        with box.open(member) as source, (mails / _own_name(number, member.filename)).open("wb") as target:
            while block := source.read(BLOCK):
                left -= len(block)
                if left < 0:
                    raise Unreadable(_("Unpacked, the zip is larger than 4 GB."))
                target.write(block)


def _own_name(number: int, name: str) -> str:
    last = get_valid_filename(Path(name.replace("\\", "/")).name[-80:] or "mail")
    return f"{number:06d}-{last}"


def due_archives(now: dt.datetime, limit: int) -> list[int]:
    """Archives that nobody sits at and that are not done, oldest first."""
    rows = Archive.objects.filter(state=Archive.State.WAITING, lease__lte=now)
    return list(rows.order_by("id").values_list("pk", flat=True)[:limit])
