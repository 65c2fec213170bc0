"""Where a mail stops being new: attribution lines, separators and header blocks of many clients and languages."""

import re
from dataclasses import dataclass
from enum import StrEnum

from .mailwords import (
    CJK_VERBS,
    DATED,
    FORWARD_OPENING,
    FORWARDED,
    FROM,
    ORIGINAL,
    OTHER,
    OWN_WORDS,
    REPLY_ABOVE,
    SUBJECT,
    TO,
    VERBS,
)

_LONGEST_LINE = 500
CUT = "\ue100"
"""Stands alone on a line where the HTML of a client says that everything below is the earlier mail."""

_HAS_VERB = re.compile(rf"(?<!\w)(?:{VERBS})(?!\w)|{CJK_VERBS}", re.IGNORECASE)
_ENDS_WITH_VERB = re.compile(rf"(?:(?:{VERBS})(?:\s+the\s+following)?|{CJK_VERBS})\s*[:：]?\s*$", re.IGNORECASE)
_OWN_WORDS = re.compile(OWN_WORDS, re.IGNORECASE)
_TIME = re.compile(r"\b\d{1,2}[:.h]\d{2}\b|\b(?:19|20)\d{2}\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|年")
_MOMENT = re.compile(
    r"(?:19|20)\d{2}.{0,40}?\d{1,2}[:.h]\d{2}|\d{1,2}[:.h]\d{2}.{0,40}?(?:19|20)\d{2}|\d{1,2}[./-]\d{1,2}[./-]\d{2}\b.{0,12}\d{1,2}[:.]\d{2}"
)
_MAIL = re.compile(r"[^\s<>@]+@[^\s<>@]+")
_ADDRESS_LINE = re.compile(r"^\s*[<(\[]?(?:mailto:)?[^\s<>@()]+@[^\s<>@()]+\.\w+[>)\]]?")
_OPENING = re.compile(
    r"[\s*_]*+(?:on|at|in|am|le|el|il|em|no|a|às|op|den|d\.|på|pe|în|στις|w\s+dniu|dnia|dne|dňa|dana|kl|em|в|от|на|у|on\s+|tarihinde|ven|"
    r"mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|mié|jue|vie|sáb|dom|gio|seg|ter|qua|qui"
    r"|sex|ma|wo|vr|za|zo|man|mån|ons|tor|tors|fre|lör|sön|tir|lør|søn|ke|to|pe|la|su|pon|wt|śr|czw|pt|sob|niedz|po|út|ut|st|čt|št|pá|pi|ne"
    r"|uto|sri|čet|pet|sub|ned|пн|вт|ср|чт|пт|сб|вс|нд)\b[.,]?|^\s*在|^\s*\w{3,12},?\s+\d{1,2}\.?\s",
    re.IGNORECASE,
)
_ORIGINAL_LINE = re.compile(rf"^[\s>*]*[-_=*–—]{{2,}}\s*(?:{ORIGINAL})\s*[-_=*–—]*\s*:?$", re.IGNORECASE)
_FORWARD_LINE = re.compile(
    rf"^[\s>*]*(?:[-_=*–—]{{2,}}\s*(?:{FORWARDED})(?!\w).{{0,80}}|(?:{FORWARD_OPENING}).{{0,40}}[:：]\s*)$|^[\s>*]*+begin\s+forwarded\s+message$",
    re.IGNORECASE,
)
_RULED = re.compile(r"[\s>]*[-_=*–—─]|\s*begin\s+forwarded", re.IGNORECASE)
_RULE_LINE = re.compile(r"^\s*(?:[-_=*–—─]\s?){5,}$")
_TITLED_RULE = re.compile(r"^\s*[-_=*–—─]{3,}\s?[^\W\d_][^-_=*–—─\n]{2,50}[-_=*–—─]{3,}\s*$")
_NOTES_RULE = re.compile(
    rf"^\s*-{{3,}}\s?.{{2,90}}(?:(?:{VERBS})(?!\w)|{CJK_VERBS})\s?:?\s?-{{3,}}\s*$"
    r"|^.{2,60}\s?---\s?\d{1,4}[./-]\d{1,2}[./-]\d{1,4}.{0,20}---",
    re.IGNORECASE,
)
_NOTES_DATE = re.compile(r"^\s*\d{1,4}[./-]\d{1,2}[./-]\d{2,4},?\s+\d{1,2}[:.]\d{2}(?:[:.]\d{2})?\s*\w{0,4}\s*$")
_NOTES_TO = re.compile(rf"^[ \t]*(?:{TO})(?:[ \t]*$|\t+|[ ]{{3,}})", re.IGNORECASE)
_NOTES_SUBJECT = re.compile(rf"^[ \t]*(?:{SUBJECT})(?:[ \t]*$|\t+|[ ]{{3,}})", re.IGNORECASE)
_REPLY_ABOVE = re.compile(rf"^[\s#*>=_-]*+.{{0,40}}(?:{REPLY_ABOVE}).{{0,30}}$", re.IGNORECASE)
_SPEAKS_OF_LINES = re.compile(
    r"lin[eijhk]|zeile|ligne|línea|riga|regel|rad|rivi|řád|čár|стро|черт|satır|この行|此行|此线|이\s*줄", re.IGNORECASE
)
_FROM_LABEL = re.compile(rf"^[\s>*_|]*+(?:{FROM})[\s*_]*[:：]", re.IGNORECASE)
_OTHER_LABEL = re.compile(rf"^[\s>*_|]*+(?:{OTHER})[\s*_]*[:：]", re.IGNORECASE)
_DATE_LABEL = re.compile(rf"^[\s>*_|]*+(?:{DATED})[\s*_]*[:：]", re.IGNORECASE)
_ANY_LABEL = re.compile(r"^[\s*_|]*+[^\W\d_][^\W\d_ .'’-]{0,24}(?:\s[^\W\d_]{1,14}){0,2}[\s*_]{0,3}[:：]\s?\S")
_NAMED_ADDRESS = re.compile(r"\S\s*[<\[](?:mailto:)?[^\s<>@]+@[^\s<>@]+[>\]]")


class Mark(StrEnum):
    """What stands between the new words and the earlier mail."""

    ATTRIBUTION = "attribution"
    SEPARATOR = "separator"
    FORWARD = "forward"


@dataclass(frozen=True)
class Boundary:
    """Lines ``start`` up to, not including, ``end`` announce an earlier mail."""

    start: int
    end: int
    mark: Mark


def is_quoted(line: str) -> bool:
    """Whether the line carries a quote sign of a mail client."""
    return line.lstrip(" \t\u00a0").startswith((">", "|>", "&gt;"))


def find_boundaries(lines: list[str]) -> list[Boundary]:
    """All boundaries in order, not overlapping; lines that are quoted already are not looked at."""
    found: list[Boundary] = []
    position = 0
    while position < len(lines):
        boundary = None if is_quoted(lines[position]) else _boundary_at(lines, position)
        if boundary:
            found.append(boundary)
        position = boundary.end if boundary else position + 1
    return found


def _boundary_at(lines: list[str], start: int) -> Boundary | None:
    line = lines[start]
    if not line.strip() or len(line) > _LONGEST_LINE:
        return None
    if line.strip() == CUT:
        return Boundary(start, _header_end(lines, start + 1) or start + 1, Mark.SEPARATOR)
    ends_open = line.rstrip().endswith((":", "："))
    if _RULED.match(line) or ends_open:
        if _FORWARD_LINE.match(line):
            return Boundary(start, _header_end(lines, start + 1) or start + 1, Mark.FORWARD)
        if _ORIGINAL_LINE.match(line):
            return Boundary(start, _header_end(lines, start + 1) or start + 1, Mark.SEPARATOR)
    if _SPEAKS_OF_LINES.search(line) and _REPLY_ABOVE.match(line):
        return Boundary(start, _header_end(lines, start + 1) or start + 1, Mark.SEPARATOR)
    if "---" in line and _NOTES_RULE.match(line):
        return Boundary(start, _header_end(lines, start + 1) or start + 1, Mark.SEPARATOR)
    if _RULE_LINE.match(line) or _TITLED_RULE.match(line):
        end = _header_end(lines, start + 1) or _unknown_header_end(lines, start + 1)
        return Boundary(start, end, Mark.SEPARATOR) if end else None
    if ":" in line or "：" in line:
        end = _header_end(lines, start, first_blank=False) or _unknown_header_end(lines, start)
        if end:
            return Boundary(start, end, Mark.SEPARATOR)
    end = _notes_end(lines, start)
    if end:
        return Boundary(start, end, Mark.SEPARATOR)
    end = _attribution_end(lines, start)
    return Boundary(start, end, Mark.ATTRIBUTION) if end else None


def _notes_end(lines: list[str], start: int) -> int | None:
    """The line after the table of Lotus Notes: a name, a moment on its own line, then To and Subject without colons."""
    if start + 1 >= len(lines) or not _NOTES_DATE.match(lines[start + 1]) or len(lines[start]) > 90:
        return None
    table = range(start + 2, min(start + 16, len(lines)))
    to = next((at for at in table if _NOTES_TO.match(lines[at])), None)
    subject = next((at for at in table if to and at > to and _NOTES_SUBJECT.match(lines[at])), None)
    if subject is None:
        return None
    bare = len(lines[subject].split()) == 1
    return min(subject + (2 if bare else 1), len(lines))


def _header_end(lines: list[str], start: int, *, first_blank: bool = True) -> int | None:
    """The line after a block of mail headers that begins at ``start`` (blank lines before it allowed)."""
    while first_blank and start < len(lines) and not lines[start].strip():
        start += 1
    if start >= len(lines) or not _opens_headers(lines, start, announced=first_blank):
        return None
    labels, position, blanks, end = 0, start, 0, start
    while position < len(lines) and position < start + 24:
        line = lines[position]
        if not line.strip():
            blanks += 1
            if (blanks > 1 and labels >= 3) or blanks > 2:
                break
        elif _FROM_LABEL.match(line) or _OTHER_LABEL.match(line):
            labels, blanks, end = labels + 1, 0, position + 1
        elif blanks or not _continues(line):
            break
        else:
            end = position + 1
        position += 1
    return end if labels >= 2 else None


def _unknown_header_end(lines: list[str], start: int) -> int | None:
    """The line after a header block in a language we have no words of: labels, somebody's address, a moment."""
    end = start
    while end < min(start + 8, len(lines)) and _ANY_LABEL.match(lines[end]):
        end += 1
    block = lines[start:end]
    if not 3 <= len(block) <= 7 or not any(map(_NAMED_ADDRESS.search, block[:2])):
        return None
    return end if any(map(_MOMENT.search, block)) and (end == len(lines) or not lines[end].strip()) else None


def _opens_headers(lines: list[str], start: int, *, announced: bool) -> bool:
    """From comes first or soon; below a separator (``announced``) any label may come first, else only a date."""
    if _FROM_LABEL.match(lines[start]):
        return True
    if not (_OTHER_LABEL if announced else _DATE_LABEL).match(lines[start]):
        return False
    return any(_FROM_LABEL.match(line) for line in lines[start + 1 : start + 5])


def _continues(line: str) -> bool:
    """A folded header: more addresses or the rest of a subject, directly below its label."""
    return line.startswith((" ", "\t")) or ("@" in line and len(line) < 400) or line.rstrip().endswith((";", ">", ","))


def _attribution_end(lines: list[str], start: int) -> int | None:
    """The line after an attribution ("On … wrote:") that begins at ``start`` and may run over four lines."""
    joined = ""
    for position in range(start, min(start + 4, len(lines))):
        line = lines[position].strip()
        if not line or is_quoted(line):
            return None
        joined = f"{joined} {line}".strip()
        if len(joined) > 400:
            return None
        if position > start and not _opens_attribution(lines, start):
            return None
        if _is_attribution(joined, followed=_next_is_quoted(lines, position + 1)):
            inner = range(start + 1, position + 1)
            later = any(_names_a_day(lines[i].strip()) and _attribution_end(lines, i) for i in inner)
            return None if later else position + 1
    return None


def _opens_attribution(lines: list[str], start: int) -> bool:
    """Whether an attribution of several lines may begin so: with a day, a date, an address, or one on the next line."""
    line, following = lines[start].strip(), lines[start + 1] if start + 1 < len(lines) else ""
    if _names_a_day(line) or line.endswith("<") or ("@" in line and _MAIL.search(line)):
        return True
    return len(line) < 90 and (bool(_ADDRESS_LINE.match(following)) or bool(_MOMENT.search(line)))


def _names_a_day(line: str) -> bool:
    return bool(_OPENING.match(line)) or line[:1].isdigit()


def _next_is_quoted(lines: list[str], position: int) -> bool:
    following = next((line for line in lines[position : position + 3] if line.strip()), "")
    return is_quoted(following)


def _is_attribution(text: str, *, followed: bool) -> bool:
    text = text.strip("*_- \t")
    ends_open = text.endswith((":", "："))
    if not ends_open and (text[-1:] in ".,!?;" or not _ENDS_WITH_VERB.search(text[-60:])):
        return False
    dated, mailed = bool(_TIME.search(text)), bool(_MAIL.search(text))
    if _HAS_VERB.search(text):
        if not followed and _OWN_WORDS.search(text):
            return False
        opened = (
            bool(_OPENING.match(text)) or text[:1].isdigit() or (bool(_MOMENT.search(text)) and len(text.split()) < 14)
        )
        return (dated and (mailed or opened)) or (mailed and _ENDS_WITH_VERB.search(text) is not None) or followed
    return ends_open and (
        (dated and mailed and bool(re.search(r"\d{1,2}[:.]\d{2}", text)))
        or (followed and (mailed or (dated and len(text.split()) >= 3)))
    )
