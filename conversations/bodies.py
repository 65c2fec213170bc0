"""The tree of a mail as one text, one HTML and its files."""

import hashlib
import html as html_entities
import re
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import Message

from .headers import child_parts, decode_bytes, decode_words, leaf_bytes, raw_value, read_text
from .limits import Limits
from .parsed import ParsedAttachment, Unparseable
from .sanitise import clean_text, html_to_text, safe_filename, sniff_type

_ENDINGS = {
    "text/calendar": "ics", "message/rfc822": "eml", "text/html": "html", "text/plain": "txt", "image/png": "png",
    "image/jpeg": "jpg", "image/gif": "gif", "application/pdf": "pdf", "message/delivery-status": "txt",
}  # fmt: skip


_BODY_TYPES = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown"})
_SECOND_HTML = frozenset({"text/x-amp-html", "text/watch-html"})


@dataclass
class Bodies:
    """What one part, or all parts below it, contribute: pairs of text and HTML in reading order, and files."""

    segments: list[tuple[str, str]] = field(default_factory=list)
    attachments: list[ParsedAttachment] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The whole plain text; a segment that has only HTML is turned into words."""
        return "\n\n".join(filter(None, (text or html_to_text(html) for text, html in self.segments)))

    @property
    def html(self) -> str:
        """The whole raw HTML, empty when no segment has any; segments without HTML stand in it as ``<pre>``."""
        if not any(html for _, html in self.segments):
            return ""
        return "\n".join(html or f"<pre>{html_entities.escape(text)}</pre>" for text, html in self.segments)


def check_tree(message: Message, limits: Limits) -> None:
    """Raise ``Unparseable`` when the parsed tree is deeper or wider than allowed."""
    waiting, parts = [(message, 1)], 0
    while waiting:
        part, depth = waiting.pop()
        parts += 1
        if depth > limits.depth:
            raise Unparseable(f"nested deeper than {limits.depth}")
        if parts > limits.parts:
            raise Unparseable(f"more than {limits.parts} parts")
        waiting += [(child, depth + 1) for child in child_parts(part)]


def read_bodies(part: Message, *, top: bool = True) -> Bodies:
    """Text, HTML and files of a part. Depth is bounded by ``check_tree``, which must have passed."""
    found = Bodies(defects=[type(defect).__name__ for defect in part.defects])
    kind = part.get_content_type()
    children = child_parts(part) if part.is_multipart() else None
    if children is not None and kind == "message/rfc822":
        found.attachments.append(_enclosed_mail(children[0] if children else part))
    elif children is not None and kind == "message/delivery-status":
        found.attachments.append(
            _attachment(part, "\n".join(_as_bytes(c).decode("latin-1") for c in children).encode("latin-1"))
        )
    elif children is not None:
        _read_children(part, children, kind, found)
    elif _is_body(part, kind, top=top):
        text = _decoded(part)
        found.segments.append(("", text) if _looks_like_html(kind, text) else (clean_text(text), ""))
    else:
        found.attachments.append(_attachment(part, leaf_bytes(part)))
    return found


def _read_children(part: Message, children: list[Message], kind: str, found: Bodies) -> None:
    for position, child in enumerate(children):
        if child.get_content_type() in _SECOND_HTML:
            continue
        below = read_bodies(child, top=kind != "multipart/report" or position == 0)
        found.attachments += below.attachments
        found.defects += below.defects
        if kind == "multipart/alternative" and found.segments:
            text, html = found.segments[0]
            found.segments[0] = (text or _all_text(below), html or below.html)
        elif kind == "multipart/alternative" and below.segments:
            found.segments = [(_all_text(below), below.html)]
        else:
            found.segments += below.segments


def _all_text(bodies: Bodies) -> str:
    return "\n\n".join(text for text, _ in bodies.segments if text)


def _is_body(part: Message, kind: str, *, top: bool) -> bool:
    if not top or part.get_content_disposition() == "attachment":
        return False
    # A broken multipart that has no parts is shown as the text it is; a text with a name is a file.
    return (kind in _BODY_TYPES and not _file_name(part)) or kind.startswith("multipart/")


def _looks_like_html(kind: str, text: str) -> bool:
    if kind == "text/html":
        return True
    start = text[:500].lstrip().lower()
    return start.startswith(("<!doctype html", "<html"))


def _decoded(part: Message) -> str:
    content = leaf_bytes(part)
    charset = str(part.get_param("charset") or "")
    if not charset and part.get_content_type() == "text/html":
        meta = re.search(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([\w-]{1,40})""", content[:4096], re.IGNORECASE)
        charset = meta[1].decode("ascii") if meta else ""
    return decode_bytes(content, charset).replace("\x00", "")


def _attachment(part: Message, content: bytes) -> ParsedAttachment:
    kind = part.get_content_type()
    sniffed = sniff_type(content)
    return ParsedAttachment(
        name=safe_filename(_file_name(part) or f"attachment.{_ENDINGS.get(kind) or _ENDINGS.get(sniffed, 'bin')}"),
        claimed_type=kind[:120],
        sniffed_type=sniffed,
        size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        content_id=raw_value(part, "Content-ID").strip("<> ")[:250],
        inline=part.get_content_disposition() == "inline" or bool(part.get("Content-ID")),
        content=content,
    )


def _file_name(part: Message) -> str:
    try:
        return decode_words(part.get_filename() or "")
    except (ValueError, TypeError, LookupError, UnicodeError, IndexError, AttributeError):
        return ""


def _enclosed_mail(mail: Message) -> ParsedAttachment:
    content = _as_bytes(mail)
    subject = read_text(mail, "Subject", limit=100) or "message"
    return ParsedAttachment(
        name=safe_filename(f"{subject}.eml"),
        claimed_type="message/rfc822",
        sniffed_type="message/rfc822",
        size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        content=content,
    )


def _as_bytes(part: Message) -> bytes:
    try:
        return part.as_bytes()
    except (ValueError, TypeError, LookupError, UnicodeError, AttributeError, KeyError, MessageError):
        return b"\n".join(f"{name}: {value}".encode("utf-8", "replace") for name, value in part.raw_items())
