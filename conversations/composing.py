"""The bytes of a mail of ours: frozen when it is decided on, the same for life. Pure."""

import datetime as dt
import html
import re
from dataclasses import dataclass, field
from email.charset import QP, Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime

from conversations.addresses import clean_header
from conversations.parsed import Address
from conversations.sanitise import clean_text

NAMED = 12
"""So many earlier Message-IDs are named; the first one and the newest tell the thread."""
_UTF8 = Charset("utf-8")
_UTF8.body_encoding = QP
_POLICY = compat32.clone(linesep="\r\n", max_line_length=78)
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What a mail of ours says, to whom, and what it answers."""

    sender: Address
    to: list[Address]
    subject: str
    text: str
    message_id: str
    date: dt.datetime
    cc: list[Address] = field(default_factory=list)
    reply_to: str = ""
    in_reply_to: str = ""
    references: list[str] = field(default_factory=list)
    is_automatic: bool = False
    # Where one click ends mail of this sort; outreach has it, an answer does not.
    unsubscribe_url: str = ""


def write_mail(letter: Letter) -> bytes:
    """The mail as it goes over the wire: text with a simple HTML twin, every header one clean line.

    The headers are folded here, at places of our own choosing: the library's newer policy turns a long Message-ID
    into an encoded word and its older one puts a blank before it, and with either the thread is lost.
    """
    body = MIMEMultipart("alternative", policy=_POLICY)
    body.attach(_part(letter.text, "plain"))
    body.attach(_part(as_html(letter.text), "html"))
    head = "".join(f"{name}: {value}\r\n" for name, value in _headers(letter) if value)
    return head.encode("utf-8", "replace") + body.as_bytes(policy=_POLICY)


def _headers(letter: Letter) -> list[tuple[str, str]]:
    sender = letter.sender
    headers = [
        ("From", _person(sender)),
        ("To", _people(letter.to)),
        ("Cc", _people(letter.cc)),
        ("Reply-To", _person(Address(name=sender.name, address=letter.reply_to)) if letter.reply_to else ""),
        ("Subject", _words(letter.subject, "Subject")),
        ("Date", format_datetime(letter.date)),
        ("Message-ID", _ids([letter.message_id])),
    ]
    if letter.in_reply_to:
        headers += [("In-Reply-To", _ids([letter.in_reply_to])), ("References", _ids(_named(letter)))]
    if letter.is_automatic:
        answers = "auto-replied" if letter.in_reply_to else "auto-generated"
        headers += [("Auto-Submitted", answers), ("X-Auto-Response-Suppress", "All")]
    if letter.unsubscribe_url:
        # RFC 8058; a mail server that signs (DKIM) must sign these two as well.
        headers += [
            ("List-Unsubscribe", f"<{clean_header(letter.unsubscribe_url)}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ]
    return headers


def _words(text: str, name: str) -> str:
    """Free text as a header carries it, in encoded words where it is not plain ASCII."""
    text = clean_header(text, limit=300)
    return Header(text, None if text.isascii() else "utf-8", header_name=name).encode(linesep="\r\n")


def _person(who: Address) -> str:
    name, address = clean_header(who.name, limit=120), _plain(who.address)
    if not name:
        return address
    quoted = _quote(name) if name.isascii() else _words(name, "From")
    return f"{quoted} <{address}>"


def _quote(name: str) -> str:
    """A name as a quoted string: quotes and backslashes in it cannot end it."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _people(people: list[Address]) -> str:
    return ",\r\n ".join(_person(each) for each in people)


def _plain(address: str) -> str:
    """An address without anything that could end it early."""
    return re.sub(r"[\s<>,;\"\\()]", "", clean_header(address, limit=320))


def _named(letter: Letter) -> list[str]:
    ids = list(dict.fromkeys([*letter.references, letter.in_reply_to]))
    return ids if len(ids) <= NAMED else [ids[0], *ids[1 - NAMED :]]


def _ids(ids: list[str]) -> str:
    """Message-IDs that cannot start a header of their own, whatever the other side put into theirs."""
    cleaned = (re.sub(r"[\s<>]", "", clean_header(each)) for each in ids)
    return "\r\n ".join(f"<{each}>" for each in cleaned if each.isascii() and 0 < len(each) < 900)


def _part(text: str, kind: str) -> MIMEText:
    part = MIMEText(clean_text(text), kind, _UTF8, policy=_POLICY)
    del part["MIME-Version"]
    return part


def as_html(text: str) -> str:
    """The text as simple HTML: paragraphs, line breaks, links. Nothing of it is taken as markup."""
    paragraphs = re.split(r"\n{2,}", text.strip().replace("\r\n", "\n"))
    body = "\n".join(f"<p>{_linked(each)}</p>" for each in paragraphs if each)
    return f'<!doctype html>\n<html><head><meta charset="utf-8"></head><body>\n{body}\n</body></html>\n'


def _linked(text: str) -> str:
    done, at = [], 0
    for link in _LINK.finditer(text):
        done.append(html.escape(text[at : link.start()]))
        done.append(f'<a href="{html.escape(link[0])}">{html.escape(link[0])}</a>')
        at = link.end()
    done.append(html.escape(text[at:]))
    return "".join(done).replace("\n", "<br>\n")
