"""Mail in files: single mails, folders of them, mbox files and Maildirs, read one by one without loading them whole."""

import datetime as dt
import email.utils
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FROM_LINE = re.compile(rb"^From \S+.*\d{2}:\d{2}")
_QUOTED_FROM = re.compile(rb"(?m)^>(>*From )")
_RECEIVED = re.compile(rb"(?ims)^Received:.*?;\s*([^\r\n;]{10,60})(?=\r?\n[^ \t]|\Z)")
_DATE = re.compile(rb"(?im)^Date:[ \t]*(?:\r?\n[ \t]+)?([^\r\n]{10,60})")
_BOXES = {".mbox", ".mbx"}
_NO_MAIL = {"dovecot-uidlist", "dovecot-uidvalidity", "maildirfolder", "subscriptions", "dovecot-keywords"}


@dataclass(frozen=True)
class Found:
    """One mail of an archive: where it stood, its bytes (None: over the limit), and its size in bytes."""

    origin: str
    raw: bytes | None
    size: int


def list_files(path: Path) -> list[Path]:
    """The files of an archive that hold mail, in order. Raises FileNotFoundError."""
    if not path.exists():
        raise FileNotFoundError(path)
    if path.is_file():
        return [path]
    return sorted(each for each in path.rglob("*") if each.is_file() and _holds_mail(each))


def _holds_mail(path: Path) -> bool:
    if path.suffix.lower() == ".eml" or path.suffix.lower() in _BOXES:
        return True
    in_maildir = path.parent.name in ("cur", "new") and (path.parent.parent / "cur").is_dir()
    if in_maildir:
        return path.name not in _NO_MAIL and not path.name.startswith("dovecot")
    return path.suffix == "" and not path.name.startswith(".") and _is_box(path)


def _is_box(path: Path) -> bool:
    with path.open("rb") as file:
        return bool(_FROM_LINE.match(file.readline(500)))


def read_file(path: Path, *, root: Path, limit: int) -> Iterator[Found]:
    """The mails of one file; one over ``limit`` bytes comes without its bytes."""
    name = str(path.relative_to(root)) if path != root else path.name
    if _is_box(path) and path.suffix.lower() != ".eml":
        yield from _read_box(path, name, limit)
        return
    size = path.stat().st_size
    yield Found(name, path.read_bytes() if size <= limit else None, size)


def _read_box(path: Path, name: str, limit: int) -> Iterator[Found]:
    """An mbox file: a mail starts at a From line after a blank one; quoted From lines are unquoted."""
    lines: list[bytes] = []
    size, number, blank = 0, 0, True
    with path.open("rb") as file:
        for line in file:
            if blank and line.startswith(b"From ") and _FROM_LINE.match(line):
                if number:
                    yield _box_mail(name, number, lines, size, limit)
                lines, size, number = [], 0, number + 1
            else:
                size += len(line)
                if size <= limit:
                    lines.append(line)
            blank = line in (b"\n", b"\r\n")
    if number:
        yield _box_mail(name, number, lines, size, limit)


def _box_mail(name: str, number: int, lines: list[bytes], size: int, limit: int) -> Found:
    if size > limit:
        return Found(f"{name}#{number}", None, size)
    if lines and lines[-1] in (b"\n", b"\r\n"):
        lines = lines[:-1]
    return Found(f"{name}#{number}", _QUOTED_FROM.sub(rb"\1", b"".join(lines)), size)


def guess_arrival(raw: bytes, *, now: dt.datetime) -> dt.datetime:
    """When a mail of an archive reached its server: its newest Received header, else its Date, never after now."""
    head = raw[:20_000]
    for pattern in (_RECEIVED, _DATE):
        found = pattern.search(head)
        moment = _read_date(found[1]) if found else None
        if moment:
            return min(moment, now)
    return now


def _read_date(value: bytes) -> dt.datetime | None:
    try:
        moment = email.utils.parsedate_to_datetime(value.decode("ascii", "replace").strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
