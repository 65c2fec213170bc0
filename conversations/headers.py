"""Reading the headers of a mail: decoded, bounded, and never trusted."""

import base64
import binascii
import codecs
import re
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime

from .addresses import clean_header, normalise_address
from .parsed import Address
from .sanitise import clean_text

VALUE_LIMIT = 32 * 1024
ADDRESS_LIMIT = 200
ID_LIMIT = 100

_WORD = re.compile(r"=\?([^\s?*]{1,40})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?\r\n]*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)[ \t\r\n]+(?==\?[^\s?]{1,60}\?[bBqQ]\?)")
_NOT_TEXT = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "unicode_internal"})
_CHARSETS = {
    "iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252",
    "iso-8859-8-i": "iso-8859-8", "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "gb2312": "gb18030",
    "gbk": "gb18030", "x-gbk": "gb18030", "shift_jis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932",
    "iso-2022-jp": "iso-2022-jp-ext", "windows-874": "cp874", "tis-620": "cp874", "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8", "x-mac-roman": "mac-roman", "x-unknown": "utf-8", "unknown-8bit": "utf-8", "default": "utf-8",
}  # fmt: skip


def decode_bytes(content: bytes, charset: str = "") -> str:
    """Bytes as text: the charset named, else UTF-8, else Windows-1252. Never raises; unknown names are passed over."""
    for name in (charset, "utf-8"):
        text = _decode_strictly(content, name) if name else None
        if text is not None:
            return text
    lenient = content.decode("utf-8", "replace")
    if lenient.count("\ufffd") * 20 < sum(byte > 127 for byte in content[:100_000]):
        return lenient
    return content.decode("cp1252", "replace")


def _decode_strictly(content: bytes, charset: str) -> str | None:
    name = charset.strip("\"' ").lower()
    if name in ("us-ascii", "ascii", "iso-8859-1", "latin-1", "latin1") and not content.isascii():
        try:  # many senders say Latin-1 and mean UTF-8; valid UTF-8 is almost never anything else
            return content.decode("utf-8")
        except UnicodeDecodeError:
            pass
    name = _CHARSETS.get(name, name)
    try:
        codec = codecs.lookup(name)
        if not codec._is_text_encoding or codec.name.replace("-", "_") in _NOT_TEXT:
            return None
        return content.decode(codec.name)
    except (LookupError, UnicodeError, ValueError):
        return None


def child_parts(part: Message) -> list[Message]:
    """The parts of a multipart or enclosed mail; none for a leaf, whose payload is not decoded for the question."""
    return [child for child in part.get_payload() if isinstance(child, Message)] if part.is_multipart() else []


def leaf_bytes(part: Message) -> bytes:
    """The decoded content of a leaf; empty for a part that has parts of its own."""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def raw_value(message: Message, name: str) -> str:
    """The first header of that name as text, unfolded, at most 32 KiB; empty when there is none."""
    values = raw_values(message, name)
    return values[0] if values else ""


def raw_values(message: Message, name: str) -> list[str]:
    """All headers of that name in order of the mail, 8-bit characters read as UTF-8 or Windows-1252."""
    found = []
    for key, value in message.raw_items():
        if key.lower() == name.lower():
            text = str(value)[:VALUE_LIMIT]
            if not text.isascii():
                text = decode_bytes(text.encode("utf-8", "surrogateescape"))
            found.append(re.sub(r"[\r\n]+[ \t]*", " ", text).strip())
    return found


def decode_words(value: str) -> str:
    """RFC 2047 words decoded, wherever they stand; what cannot be decoded stays as it is."""
    if "=?" not in value:
        return value
    value = _BETWEEN_WORDS.sub(r"\1", value)
    parts: list[tuple[bytes, str] | str] = []
    end = 0
    for match in _WORD.finditer(value):
        if match.start() > end:
            parts.append(value[end : match.start()])
        parts.append((_word_bytes(match[2], match[3]), match[1]))
        end = match.end()
    parts.append(value[end:])
    return _join_words(parts)


def _join_words(parts: list[tuple[bytes, str] | str]) -> str:
    """Neighbouring words of one charset are decoded together: senders cut characters in two."""
    text, held, charset = [], b"", ""
    for part in [*parts, ""]:
        if isinstance(part, tuple) and part[1].lower() == charset:
            held += part[0]
            continue
        if held:
            text.append(decode_bytes(held, charset))
        held, charset = (part[0], part[1].lower()) if isinstance(part, tuple) else (b"", "")
        if isinstance(part, str):
            text.append(part)
    return "".join(text)


def _word_bytes(encoding: str, content: str) -> bytes:
    raw = content.encode("utf-8", "surrogateescape" if encoding in "bB" else "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(raw, header=True)
    raw = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    if len(raw) % 4 == 1:
        raw = raw[:-1]
    return base64.b64decode(raw + b"=" * (-len(raw) % 4))


def read_text(message: Message, name: str, *, limit: int = 998) -> str:
    """A header for people: decoded, one line, capped."""
    return clean_text(clean_header(decode_words(raw_value(message, name)), limit=limit)).strip()


def read_addresses(message: Message, name: str) -> list[Address]:
    """The addresses of all headers of that name, at most 200; groups are flattened, nonsense is left out."""
    found: list[Address] = []
    for value in raw_values(message, name):
        found += parse_addresses(value)
    return list(dict.fromkeys(found))[:ADDRESS_LIMIT]


def parse_addresses(value: str) -> list[Address]:
    """The addresses of one header value, in one pass without recursion."""
    found = []
    for item in _split_list(value[:VALUE_LIMIT]):
        address = _parse_mailbox(item)
        if address:
            found.append(address)
        if len(found) >= ADDRESS_LIMIT:
            break
    return found


_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|<[^<>]*>|[,;]|:(?=[^:@]*(?:[<;,]|$))|[^",;<:]+|.', re.DOTALL)


def _split_list(value: str) -> list[str]:
    items, current = [], ""
    for piece in _PIECE.findall(value):
        if piece in (",", ";"):
            items.append(current)
            current = ""
        elif piece == ":" and "@" not in current:
            current = ""  # the name of a group
        else:
            current += piece
    return [*items, current]


def _parse_mailbox(item: str) -> Address | None:
    angle = item.rfind("<")
    if angle >= 0:
        spec, name = item[angle + 1 :].partition(">")[0], item[:angle]
        spec = spec.rpartition(":")[2] if spec.startswith("@") else spec
    else:
        comment = re.search(r"\(([^()]*)\)\s*$", item)
        spec, name = (item[: comment.start()], comment[1]) if comment else (item, "")
    address = normalise_address(re.sub(r"\s+", "", spec) if angle >= 0 else spec.strip())
    if not address:
        return None
    return Address(name=clean_name(name), address=address)


def clean_name(name: str) -> str:
    """A person's name as the sender wrote it, decoded, without quotes and escapes."""
    name = re.sub(r"\\(.)", r"\1", decode_words(name)).strip().strip("\"' ")
    return clean_text(clean_header(name, limit=200)).strip()


def read_ids(message: Message, name: str) -> list[str]:
    """Message-IDs of a header with their angle brackets, each once, at most the last 100."""
    found: list[str] = []
    for value in raw_values(message, name):
        found += parse_ids(value)
    return list(dict.fromkeys(found))[-ID_LIMIT:]


def parse_ids(value: str) -> list[str]:
    """The Message-IDs of a text; a bare one without brackets is taken when it is all there is."""
    ids = [clean_header(re.sub(r"\s+", "", found)) for found in re.findall(r"<[^<>]{1,900}>", value)]
    if not ids:
        bare = clean_header(value)
        ids = [f"<{bare}>"] if re.fullmatch(r"[^\s<>]{3,900}", bare) and "@" in bare else []
    return ids


def read_date(message: Message) -> datetime | None:
    """The Date header as an aware moment in UTC; None when it is missing or no date."""
    value = raw_value(message, "Date")[:200]
    try:
        moment = parsedate_to_datetime(value)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC) if 1970 <= moment.year <= 9000 else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def read_verdicts(message: Message) -> dict[str, str]:
    """What the topmost Authentication-Results says of ``spf``, ``dkim`` and ``dmarc``; further ones may be forged."""
    value = re.sub(r"\([^()]*\)", " ", raw_value(message, "Authentication-Results"))
    verdicts: dict[str, str] = {}
    for method, verdict in re.findall(r"(?:^|;)\s*(spf|dkim|dmarc)\s*=\s*([a-z]+)", value.lower()):
        if verdicts.get(method) != "pass":
            verdicts[method] = verdict
    return verdicts
