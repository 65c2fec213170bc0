"""How large, deep and numerous a mail may be, told from its raw bytes before any parser sees them."""

import re
from dataclasses import dataclass

from .parsed import Unparseable


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes; ``depth`` counts nested parts, the message itself being 1."""

    size: int = 25 * 1024 * 1024
    header_bytes: int = 256 * 1024
    header_count: int = 1000
    part_header_bytes: int = 16 * 1024
    lines: int = 1_000_000
    depth: int = 20
    parts: int = 200


LIMITS = Limits()

_HEADER_END = re.compile(rb"\r?\n\r?\n|\r\r")
_HEADER_START = re.compile(rb"^[^\s:]", re.MULTILINE)
_CONTAINER = re.compile(rb"^content-type:\s{0,200}(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)
_BOUNDARY = re.compile(
    rb"""\bboundary(\*[0-9*]*)?\s{0,20}=\s{0,20}(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))""", re.IGNORECASE
)
_PART_HEADER = re.compile(rb"^content-(?:type|disposition|transfer-encoding):", re.IGNORECASE | re.MULTILINE)
_HEADER_LINE_END = re.compile(rb"\n(?![ \t])")


def refuse_oversized(raw: bytes, limits: Limits = LIMITS) -> None:
    """Raise ``Unparseable`` for bytes past the limits, in time that grows with their length only.

    The parts are counted by their boundary lines; exact depth and number are checked again after parsing.
    """
    if len(raw) > limits.size:
        raise Unparseable(f"larger than {limits.size // (1024 * 1024)} MiB")
    if not raw.strip():
        raise Unparseable("empty")
    _refuse_headers(raw, limits)
    if raw.count(b"\n") > limits.lines:
        raise Unparseable(f"more than {limits.lines} lines")
    _refuse_containers(raw, limits)
    _refuse_boundaries(raw, limits)
    _refuse_part_headers(raw, limits)


def _refuse_headers(raw: bytes, limits: Limits) -> None:
    end = _HEADER_END.search(raw, 0, limits.header_bytes + 4)
    if end is None and len(raw) > limits.header_bytes:
        raise Unparseable(f"headers longer than {limits.header_bytes // 1024} KiB")
    head = raw[: end.start() if end else len(raw)]
    if len(head) > limits.header_bytes:
        raise Unparseable(f"headers longer than {limits.header_bytes // 1024} KiB")
    if end and _count_over(_HEADER_START, head, limits.header_count):
        raise Unparseable(f"more than {limits.header_count} headers")


def _refuse_containers(raw: bytes, limits: Limits) -> None:
    if _count_over(_CONTAINER, raw, limits.parts):
        raise Unparseable("nested too deep")


def _refuse_boundaries(raw: bytes, limits: Limits) -> None:
    boundaries: set[bytes] = set()
    continued = False
    for match in _BOUNDARY.finditer(raw):
        continued = continued or match[1] is not None
        boundaries.add(match[2] or match[3])
        if len(boundaries) > limits.parts:
            raise Unparseable("nested too deep")
    if continued and raw.count(b"\n--") > 10 * limits.parts:
        raise Unparseable(f"more than {limits.parts} parts")
    lines = 0
    for boundary in boundaries:
        lines += raw.count(b"\n--" + boundary) + raw.count(b"\r--" + boundary)
        if lines > 3 * limits.parts:
            raise Unparseable(f"more than {limits.parts} parts")


def _refuse_part_headers(raw: bytes, limits: Limits) -> None:
    for match in _PART_HEADER.finditer(raw):
        end = _HEADER_LINE_END.search(raw, match.end(), match.end() + limits.part_header_bytes)
        if end is None and len(raw) - match.end() > limits.part_header_bytes:
            raise Unparseable("a part's header is too long")


def _count_over(pattern: re.Pattern[bytes], raw: bytes, limit: int) -> bool:
    return any(number >= limit for number, _ in enumerate(pattern.finditer(raw)))
