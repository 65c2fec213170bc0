"""What a delivery report says: who was not reached, with which status, and which mail of ours it was."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from .addresses import normalise_address
from .headers import child_parts, decode_bytes, leaf_bytes, parse_ids, raw_value, raw_values

_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.:-])([45])\d\d(?=[\s-]+(?:[A-Z#<\"'(]|[245]\.\d))")
_ADDRESS = re.compile(r"[A-Za-z0-9._%+=/'-]{1,64}@[A-Za-z0-9.-]{1,190}[A-Za-z0-9]")
_RETURNED_ID = re.compile(r"^[> \t|]*message-id:\s*(<[^<>\s]{3,900}>)", re.IGNORECASE | re.MULTILINE)
_ORIGINAL = re.compile(
    r"^[ \t>]*-*[ \t]*(?:original\s+message|this\s+is\s+a\s+copy\s+of|below\s+this\s+line\s+is"
    r"|included\s+is\s+a\s+copy|unsent\s+message"
    r"|message\s+header|received:|return-path:|start\s+of\s+message|returned\s+message)",
    re.IGNORECASE | re.MULTILINE,
)
_NAMES_RECIPIENT = re.compile(
    r"^[\s>*-]*(?:final-recipient|original-recipient|x-actual-recipient)\s*:", re.IGNORECASE | re.MULTILINE
)
_STANDS_FIRST = re.compile(
    r"^[\s>*-]*<?[^\s<>:]+@[^\s<>:]+>?\s*(?:$|[:(\[.,]|\d|-)|\brcpt\s+to\b|\brecipient", re.IGNORECASE
)
_ASKS_TO_WRITE = re.compile(
    r"\b(?:contact|assistance|support|questions?|reply\s+to|write\s+to|forward\s+(?:this|a)|problems?\s+to|feel\s+free)\b|連絡|问题",
    re.IGNORECASE,
)
_RETURNED_TO = re.compile(r"^[> \t|]*to:(.*)", re.IGNORECASE | re.MULTILINE)
_BY_WORDS = (
    ("5.1.1", r"user\s+unknown|unknown\s+user|no\s+such\s+(?:user|mailbox|recipient|address)"
     r"|does\s+not\s+exist|doesn't\s+have\s+an?\s"
     r"|invalid\s+(?:recipient|mailbox|user)|not\s+listed\s+in|mailbox\s+(?:unavailable|not\s+found)|recipient\s+(?:unknown|rejected)"
     r"|unknown\s+(?:address|recipient)|unrouteable\s+address|adresse.{0,20}introuvable|unbekannt"),
    ("5.2.2", r"(?:mailbox|quota|inbox).{0,30}(?:full|exceeded)|over\s+quota|exceed.{0,20}quota|storage"),
    ("5.1.2", r"host\s+(?:unknown|not\s+found)|unknown\s+host|domain.{0,20}not\s+(?:found|exist)|name\s+or\s+service"),
    ("5.3.4", r"(?:message|size).{0,30}(?:too\s+(?:large|big)|exceeds)"),
    ("5.7.1", r"spam|blocked|blacklist|rejected|denied|refused|policy|virus|not\s+permitted"),
    ("4.4.7", r"timed\s+out|expired|delayed|could\s+not\s+connect|connection\s+refused|retry"),
)  # fmt: skip
_COMPILED = tuple((status, re.compile(pattern, re.IGNORECASE)) for status, pattern in _BY_WORDS)


@dataclass(frozen=True)
class Report:
    """What a report says; empty strings where it is silent. ``action`` is ``failed``, ``delayed`` … in lower case."""

    recipient: str = ""
    status: str = ""
    original_id: str = ""
    action: str = ""


def find_part(message: Message, kind: str) -> Message | None:
    """The first part of that type among the message and its own parts, not inside enclosed mails."""
    return next(_parts(message, kind), None)


def find_parts(message: Message, kind: str) -> list[Message]:
    """All parts of that type among the message and its own parts."""
    return list(_parts(message, kind))


def _parts(message: Message, kind: str) -> Iterator[Message]:
    waiting = [message]
    while waiting:
        part = waiting.pop(0)
        if part.get_content_type() == kind:
            yield part
        elif part.get_content_maintype() == "multipart":
            waiting += child_parts(part)


def read_report(message: Message, text: str, *, own_addresses: frozenset[str] = frozenset()) -> Report:
    """What the report's own part, the enclosed mail, and else its words say."""
    fields = _report_fields(message)
    recipient = _recipient_of(fields) or _recipient_of(_fields(text[_first_named(text) :]))
    status = _STATUS.search(fields.get("status", "")) or _STATUS.search(fields.get("diagnostic-code", ""))
    before = _before_original(text)
    failed = normalise_address(raw_value(message, "X-Failed-Recipients").partition(",")[0])
    return Report(
        recipient=recipient or failed or _recipient_in(before, text, message, own_addresses),
        status=status[1] if status else _status_in(before),
        original_id=_original_id(message, text),
        action=fields.get("action", "").strip().lower(),
    )


def read_complaint(message: Message, text: str) -> Report:
    """Who complained (where the provider says so) and about which mail."""
    part = find_part(message, "message/feedback-report")
    fields = _fields(_part_text(part)) if part else {}
    named = fields.get("original-rcpt-to", "") or fields.get("removal-recipient", "")
    enclosed = find_part(message, "message/rfc822")
    original = next(iter(child_parts(enclosed)), None) if enclosed else None
    if not named and original:
        named = raw_value(original, "X-HmXmrOriginalRecipient") or raw_value(original, "To")
    found = _ADDRESS.search(named)
    return Report(recipient=normalise_address(found[0]) if found else "", original_id=_original_id(message, text))


def _report_fields(message: Message) -> dict[str, str]:
    """The fields of the delivery-status part; with several recipients those of the first that failed."""
    parts = find_parts(message, "message/delivery-status") or find_parts(message, "message/global-delivery-status")
    texts = "\n\n".join(map(_part_text, parts[:10]))
    blocks = [_fields(block) for block in re.split(r"\n[ \t]*\n", texts) if block.strip()]
    named = [
        block for block in blocks if "final-recipient" in block or "original-recipient" in block or "status" in block
    ]
    failed = [block for block in named if block.get("action", "").lower().startswith("fail")]
    return (failed or named or blocks or [{}])[0]


def _first_named(text: str) -> int:
    """Where a text without parts of its own names a recipient as a report does; its end when it does not."""
    found = _NAMES_RECIPIENT.search(text[:100_000])
    return found.start() if found else len(text)


def _part_text(part: Message) -> str:
    """The text of a report part, which the parser may have split into messages of headers."""
    children = child_parts(part)
    if children:
        return "\n\n".join(
            "\n".join(f"{name}: {value}" for name, value in child.raw_items()) + "\n\n" + _part_text(child)[:20_000]
            for child in children[:50]
        )
    return decode_bytes(leaf_bytes(part)[:200_000]).replace("\r\n", "\n")


def _fields(block: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in re.findall(r"^([A-Za-z-]{2,60}):[ \t]*(.*(?:\n[ \t]+.*)*)", block, re.MULTILINE):
        found.setdefault(name.lower(), re.sub(r"\s+", " ", value).strip())
    return found


def _recipient_of(fields: dict[str, str]) -> str:
    for name in ("final-recipient", "original-recipient", "x-actual-recipient"):
        found = _ADDRESS.search(fields.get(name, "").rpartition(";")[2])
        if found:
            return normalise_address(found[0])
    return ""


def _before_original(text: str) -> str:
    """The reporter's own words: the mail they return is full of other addresses and numbers."""
    text = text[:100_000]
    found = _ORIGINAL.search(text, 20)
    return text[: found.start()] if found and len(text[: found.start()].split()) > 8 else text[:20_000]


def _recipient_in(before: str, text: str, message: Message, own_addresses: frozenset[str]) -> str:
    """The address in the reporter's words that most looks like the failed one, else whom the returned mail was for."""
    people = " ".join([*raw_values(message, "From"), *raw_values(message, "To")])
    others = {normalise_address(found) for found in _ADDRESS.findall(people)} | own_addresses
    ranked: list[tuple[int, str]] = []
    for line in filter(_ADDRESS.search, before.split("\n")[:1000]):
        rank = 2 if _ASKS_TO_WRITE.search(line[:1000]) else 0 if _STANDS_FIRST.search(line[:1000]) else 1
        for address in map(normalise_address, _ADDRESS.findall(line)):
            if address and address not in others and address.partition("@")[0] not in ("postmaster", "mailer-daemon"):
                ranked.append((rank, address))
                break
    if ranked:
        return min(ranked, key=lambda each: each[0])[1]
    for line in _RETURNED_TO.findall(text[:100_000])[:20]:
        for found in _ADDRESS.findall(line[:1000]):
            if (address := normalise_address(found)) not in others:
                return address
    return ""


def _status_in(text: str) -> str:
    found = [status for status in _STATUS.findall(text) if status[0] in "45"]
    specific = [status for status in found if not status.endswith(".0.0")]
    if found:
        return (specific or found)[0]
    for status, pattern in _COMPILED:
        if pattern.search(text):
            return status
    code = _REPLY_CODE.search(text)
    return f"{code[1]}.0.0" if code else ""


def _original_id(message: Message, text: str) -> str:
    for kind in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global"):
        part = find_part(message, kind)
        if part is None:
            continue
        children = child_parts(part)
        ids = parse_ids(raw_value(children[0], "Message-ID")) if children else []
        returned = _RETURNED_ID.search("" if children else _part_text(part))
        if ids or returned:
            return ids[0] if ids else returned[1]  # type: ignore[index]
    found = _RETURNED_ID.search(text)
    ids = parse_ids(raw_value(message, "In-Reply-To"))
    return found[1] if found else (ids[0] if ids else "")
