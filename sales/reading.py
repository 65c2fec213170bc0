"""Pure. A file of leads: its encoding, delimiter and header found out, its rows one by one."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

MOST_BYTES = 100 * 1024 * 1024
MOST_ROWS = 250_000
MOST_COLUMNS = 200
MOST_CELL = 20_000
DELIMITERS = ",;\t|"


class UnreadableFile(ValueError):  # noqa: N818
    """The file as a whole cannot be read; the text says why and how to mend it."""


@dataclass(frozen=True)
class Sniffed:
    """What a look at the file found: how to read it, its header, its first rows, and about how many there are."""

    encoding: str
    delimiter: str
    header: list[str]
    sample: list[list[str]] = field(default_factory=list)
    lines: int = 0


def sniff(content: bytes) -> Sniffed:
    """Find out how to read a file. Raises UnreadableFile."""
    if len(content) > MOST_BYTES:
        raise UnreadableFile(
            _("It is larger than %(size)s MB. Split it into several files.") % {"size": MOST_BYTES // 1024**2}
        )
    if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile(_("This is a spreadsheet. Save it as CSV and choose that file."))
    if not content.strip():
        raise UnreadableFile(_("The file is empty."))
    encoding = find_encoding(content)
    head = content[:200_000].decode(encoding, "replace")
    delimiter = find_delimiter(head)
    rows = list(_first(iter_rows(content, encoding, delimiter), 6))
    header = [cell.strip()[:120] for cell in rows[0]] if rows else []
    if len(rows) < 2:
        raise UnreadableFile(_("There is no row under the header."))
    if len(header) > MOST_COLUMNS:
        raise UnreadableFile(_("It has more than %(count)s columns.") % {"count": MOST_COLUMNS})
    lines = content.count(b"\n") + (not content.endswith(b"\n"))
    return Sniffed(encoding, delimiter, header, rows[1:], max(lines - 1, 1))


def find_encoding(content: bytes) -> str:
    """By its mark, else UTF-8 when all of it is; UTF-16 when every other byte is empty; else what Windows writes."""
    if content.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    look = content[:4000]
    if look.count(b"\0") > len(look) // 4:
        return "utf-16-le" if look[1:2] == b"\0" else "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def find_delimiter(head: str) -> str:
    """The sign that cuts the first lines into the same number of cells, as many as possible."""

    def steady(sign: str) -> tuple[int, int]:
        try:
            widths = [len(row) for row in _first(csv.reader(io.StringIO(head, newline=""), delimiter=sign), 20)]
        except csv.Error:
            return 0, 0
        width, times = Counter(widths).most_common(1)[0] if widths else (1, 0)
        return (times if width > 1 else 0), width

    return max(DELIMITERS, key=steady)


def iter_rows(content: bytes, encoding: str, delimiter: str) -> Iterator[list[str]]:
    """Every row with something in it, the header first; what cannot be decoded is shown as such. UnreadableFile."""
    csv.field_size_limit(max(csv.field_size_limit(), 10_000_000))
    lines = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, errors="replace", newline="")
    try:
        for cells in csv.reader((line.replace("\0", "") for line in lines), delimiter=delimiter):
            if any(cell.strip() for cell in cells):
                yield [cell[:MOST_CELL] for cell in cells]
    except csv.Error as problem:
        raise UnreadableFile(_("The CSV file is broken: %(why)s") % {"why": problem}) from problem


def _first(rows: Iterator[list[str]], count: int) -> Iterator[list[str]]:
    for row, _turn in zip(rows, range(count), strict=False):
        yield row
