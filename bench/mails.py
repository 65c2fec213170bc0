"""Many mails out of the sample's few: fresh ids, people and dates, everything else as it was, threads kept together.

``python -m bench.mails 5000 out.mbox`` writes an mbox of that many mails, ours among them.
"""

import datetime as dt
import mailbox
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

from hub import sample

_ID = re.compile(rb"<([^<>\s@]{1,200})@([^<>\s@]{1,200})>")
_ID_HEADER = re.compile(rb"(?im)^(message-id|in-reply-to|references)[ \t]*:.*(?:\r?\n[ \t].*)*")
_DATE = re.compile(rb"(?im)^(date:[ \t]*)(.+?)(\r?)$")
_ADDRESS = re.compile(rb"[A-Za-z0-9._%'+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True)
class Mail:
    """The bytes of one mail and the mailbox of the sample that gets it; ``is_ours`` marks our own answers."""

    raw: bytes
    mailbox: str
    is_ours: bool


def make_mails(count: int, *, now: dt.datetime, with_ours: bool = False) -> Iterator[Mail]:
    """``count`` mails, round after round over the sample; the last of them is ``now`` at the latest."""
    wanted = [mail for mail in sample.read_mails(now=now) if with_ours or mail.direction == "inbound"]
    own = sample.read_company().domain.encode()
    rounds = -(-count // len(wanted))
    for number in range(count):
        turn, place = divmod(number, len(wanted))
        mail = wanted[place]
        back = dt.timedelta(hours=rounds - 1 - turn)
        yield Mail(_renew(mail.raw, turn, own, back), mail.mailbox, mail.direction == "outbound")


def _renew(raw: bytes, turn: int, own: bytes, back: dt.timedelta) -> bytes:
    """The same mail of another round: ids and outside people get its number, its date lies that much earlier."""
    mark = f"r{turn:04d}".encode()
    head, gap, body = _split(raw)
    ids = lambda found: _ID.sub(rb"<\1." + mark + rb"@\2>", found[0])  # noqa: E731
    head = _ID_HEADER.sub(ids, head)
    head = _DATE.sub(lambda found: found[1] + _earlier(found[2], back) + found[3], head, count=1)
    senders = {address for address in _ADDRESS.findall(_sender(head)) if own not in address}
    whole = head + gap + body
    for address in senders:
        local, _at, domain = address.rpartition(b"@")
        whole = whole.replace(address, local + b"." + mark + b"@" + domain)
    return whole


def _split(raw: bytes) -> tuple[bytes, bytes, bytes]:
    for gap in (b"\r\n\r\n", b"\n\n"):
        if gap in raw:
            return raw.partition(gap)
    return raw, b"", b""


def _sender(head: bytes) -> bytes:
    found = re.search(rb"(?im)^from:.*(?:\r?\n[ \t].*)*", head)
    return found[0] if found else b""


def _earlier(value: bytes, back: dt.timedelta) -> bytes:
    try:
        return format_datetime(parsedate_to_datetime(value.decode()) - back).encode()
    except (ValueError, UnicodeDecodeError):
        return value


def write_mbox(count: int, path: Path) -> None:
    """An mbox of ``count`` mails, inbound ones and our answers."""
    path.unlink(missing_ok=True)
    box = mailbox.mbox(path)
    for mail in make_mails(count, now=dt.datetime.now(dt.UTC), with_ours=True):
        box.add(mail.raw.replace(b"\r\n", b"\n"))
    box.close()


if __name__ == "__main__":
    write_mbox(int(sys.argv[1]), Path(sys.argv[2]))
