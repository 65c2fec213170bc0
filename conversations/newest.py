"""What the sender wrote now, apart from earlier mails and the signature."""

import re
from dataclasses import dataclass, field

from .quoted_html import mark_quotes
from .quotes import CUT, Boundary, Mark, find_boundaries, is_quoted
from .signatures import farewell_of, split_signature

LINE_LIMIT = 4000
CHARACTER_LIMIT = 400_000
"""What lies beyond these is kept, but not looked at for quotes."""
LITTLE = 40
"""Words up to which somebody who forwards a mail wrote little: then the forwarded words are the message."""

_FORWARD_SUBJECT = re.compile(
    r"^\W*(?:fwd?|wg|weiterl|tr|rv|i|enc|enw|doorst|vs|vb|vl|pd|přep|fs|ilt|ynt\.ilt|转发|轉寄|転送)\s?[:：]",
    re.IGNORECASE,
)
_BANNER = re.compile(
    r"^\W*(?:caution|warning|external(?:\s+e?-?mail)?|achtung|vorsicht|attention|be\s+careful)\b.{0,160}"
    r"\b(?:outside|external\w*|extern\w*|originat\w*|unknown|links?)\b"
    r"|^\W*(?:(?:you|some\s+people\s+who\s+received\s+this\s+message)\s+don['’]t\s+often\s+get\s+e-?mails?\s+from|sie\s+erhalten\s+(?:nicht\s+(?:oft|häufig)|selten)"
    r"\s+e-?mails?\s+von|vous\s+n['’]obtenez\s+pas\s+souvent|no\s+suele\s+recibir|u\s+ontvangt\s+niet\s+vaak|non\s+si\s+ricevono\s+spesso)\b",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Newest:
    """The parts of a mail's text. ``forwarded`` tells that it passes an earlier mail on; ``origin`` is then that
    mail's From line as it stands in the text, and ``introduction`` what the sender wrote above it."""

    newest: str
    quoted: str = ""
    signature: str = ""
    forwarded: bool = False
    origin: str = ""
    introduction: str = ""

    @property
    def letter(self) -> str:
        """What the sender wrote, down to farewell and name: without devices, addresses, lawyers, earlier mails."""
        farewell = "" if self.signature == self.newest else farewell_of(self.signature)
        own = (self.introduction or self.newest) if self.forwarded else self.newest
        return "\n\n".join(filter(None, (own, farewell)))


@dataclass
class _Parts:
    """Lines sorted so far; ``runs`` are the stretches of new lines between quotes."""

    runs: list[list[str]] = field(default_factory=lambda: [[]])
    quoted: list[str] = field(default_factory=list)
    cut: Boundary | None = None
    rest: list[str] = field(default_factory=list)


def newest_reply(text: str, html: str = "", *, subject: str = "", sender: str = "") -> Newest:
    """Split a mail's text. Inline answers are all kept; never empty when the mail has words.

    ``html`` decides where the plain text has no visible quote, or is missing. ``subject`` tells forwards from
    replies, ``sender`` (the name in From) helps to find the signature.
    """
    found = _split(text, subject, sender) if _has_words(text) else None
    if html and (found is None or not any(map(is_quoted, found.quoted.split("\n")))):
        marked = mark_quotes(html)
        other = _split(marked, subject, sender) if _has_words(marked) else None
        if other and (found is None or _knows_more(other, found, text)):
            found = other
    return found or Newest(newest=text.strip())


def _knows_more(other: Newest, found: Newest, text: str) -> bool:
    """Whether the HTML shows quotes or a signature that the plain text hides, and is the same mail."""
    opening = "".join(other.newest.partition("\n")[0].split())
    if "".join(other.newest.split()) == "".join(found.newest.split()) or opening not in "".join(text.split()):
        return False
    return bool(other.quoted) or bool(other.signature and not found.signature)


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text) or bool(text.strip())


def _split(text: str, subject: str, sender: str) -> Newest:
    lines = text[:CHARACTER_LIMIT].split("\n", LINE_LIMIT)
    beyond = "".join(lines[LINE_LIMIT:]) + text[CHARACTER_LIMIT:]
    parts = _sort_lines(lines[:LINE_LIMIT])
    if beyond:
        (parts.rest if parts.cut or is_quoted(beyond) else parts.runs[-1]).append(beyond)
    own, signature = _take_signatures(parts.runs, sender)
    forwarded = _is_forward(parts, subject)
    if forwarded:
        return _join_forward(own, signature, parts)
    if parts.cut:
        own = re.sub(r"(?:\n[ \t]*[-_=*–—]{3,}[ \t]*)+\Z", "", own).rstrip()
    newest = own or _fall_back(parts, signature, text)
    quoted = "\n".join([*parts.quoted, *parts.rest])
    if not own and newest == signature:
        signature = ""
    return Newest(newest=newest, quoted=_tidy(quoted) if own or quoted.strip() != newest else "", signature=signature)


def _sort_lines(lines: list[str]) -> _Parts:
    parts = _Parts()
    position = _drop_banner(lines, parts)
    boundaries = {boundary.start: boundary for boundary in find_boundaries(lines)}
    while position < len(lines):
        boundary = boundaries.get(position)
        if boundary is None:
            _sort_line(lines, position, parts)
            position += 1
        elif _introduces_quote(boundary, parts) and _quote_follows(lines, boundary.end):
            parts.quoted += lines[boundary.start : boundary.end]
            position = boundary.end
        elif _opens_mail(boundary, parts):
            parts.runs[-1] += [line for line in lines[boundary.start : boundary.end] if line.strip() != CUT]
            position = boundary.end
        else:
            parts.cut, parts.rest = boundary, [line for line in lines[position:] if line.strip() != CUT]
            break
    return parts


def _introduces_quote(boundary: Boundary, parts: _Parts) -> bool:
    """Whether answers may stand below and between: not after a header block that has the sender's words above it."""
    return boundary.mark is Mark.ATTRIBUTION or (boundary.mark is Mark.SEPARATOR and not _any_words(parts.runs))


def _opens_mail(boundary: Boundary, parts: _Parts) -> bool:
    """A header block before any other word is how a form or a paste begins, not the start of a quote."""
    return boundary.mark is Mark.SEPARATOR and not _any_words(parts.runs) and not parts.quoted


def _drop_banner(lines: list[str], parts: _Parts) -> int:
    """The line after a "this mail comes from outside" banner of a gateway."""
    start = next((i for i, line in enumerate(lines) if line.strip()), 0)
    end = start
    while end < len(lines) and lines[end].strip():
        end += 1
    if end - start <= 5 and end < len(lines) and _BANNER.match(" ".join(lines[start:end])[:400]):
        parts.quoted += lines[start:end]
        return end
    return 0


def _sort_line(lines: list[str], position: int, parts: _Parts) -> None:
    line = lines[position]
    if is_quoted(line) or _is_wrapped_quote(lines, position):
        parts.quoted.append(line)
        if parts.runs[-1]:
            parts.runs.append([])
    elif line.strip() or parts.runs[-1]:
        parts.runs[-1].append(line)


def _is_wrapped_quote(lines: list[str], position: int) -> bool:
    """The tail of a quoted line that a client broke: short, between quoted lines, and not a sentence of its own."""
    if not 0 < position < len(lines) - 1:
        return False
    line, before, after = lines[position].strip(), lines[position - 1], lines[position + 1]
    return (
        bool(line)
        and is_quoted(before)
        and is_quoted(after)
        and len(before) >= 60
        and line[0].islower()
        and len(line) < 40
    )


def _quote_follows(lines: list[str], position: int) -> bool:
    following = next((line for line in lines[position:] if line.strip()), "")
    return is_quoted(following)


def _any_words(runs: list[list[str]]) -> bool:
    return any(character.isalnum() for run in runs for line in run for character in line)


def _take_signatures(runs: list[list[str]], sender: str) -> tuple[str, str]:
    """The new words of all runs and the signatures below them. The first run's words are never all signature."""
    kept: list[str] = []
    signatures: list[str] = []
    for run in runs:
        cut = split_signature(run, sender=sender, follows=any(kept))
        words = _tidy("\n".join(run[:cut]))
        kept.append(words if not any(kept) or any(character.isalnum() for character in words) else "")
        signatures.append(_tidy("\n".join(run[cut:])))
    own = "\n\n".join(filter(None, kept))
    return own, "\n\n".join(filter(None, signatures))


def _is_forward(parts: _Parts, subject: str) -> bool:
    if parts.cut is None:
        return False
    return parts.cut.mark is Mark.FORWARD or (
        parts.cut.mark is Mark.SEPARATOR and _FORWARD_SUBJECT.match(subject) is not None
    )


def _join_forward(own: str, signature: str, parts: _Parts) -> Newest:
    """A forward: with few own words, the mail passed on is what the sender wants read."""
    assert parts.cut is not None
    length = parts.cut.end - parts.cut.start
    header, body = parts.rest[:length], parts.rest[length:]
    origin = next((line for line in header if "@" in line), "")
    passed_on = _tidy("\n".join(line.lstrip("> ") if is_quoted(line) else line for line in body))
    little = len(own.split()) <= LITTLE
    newest = "\n\n".join(filter(None, (own, passed_on))) if little else own
    quoted = _tidy("\n".join([*parts.quoted, *header, *([] if little else body)]))
    return Newest(
        newest=newest or signature or quoted,
        quoted=quoted,
        signature=signature,
        forwarded=True,
        origin=origin,
        introduction=own,
    )


def _fall_back(parts: _Parts, signature: str, text: str) -> str:
    """Something to read when nothing new was found: the signature, else what follows the cut, else all."""
    if signature:
        return signature
    if parts.cut and parts.cut.mark is not Mark.FORWARD:
        length = parts.cut.end - parts.cut.start
        below = _tidy("\n".join(parts.rest[length:]))
        if _has_words(below):
            return below
    return _tidy(text.replace(CUT, ""))


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n").strip()
