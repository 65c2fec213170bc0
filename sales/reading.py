"""Pure. A file of leads: its encoding, delimiter and header found out, its rows one by one; never held as a whole."""

import codecs
import contextlib
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import BinaryIO

from django.utils.translation import gettext as _

from sales.spreadsheet import BadSheet, is_sheet, read_sheet

MOST_BYTES = 100 * 1024 * 1024
MOST_ROWS = 250_000
MOST_COLUMNS = 200
MOST_CELL = 20_000
DELIMITERS = ",;\t|"
CHUNK = 1024**2
ADDRESS = re.compile(r"\s*[^@\s]+@[^@\s]+\.\w+\s*")


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


def as_file(content: bytes | BinaryIO) -> BinaryIO:
    """Bytes as a file; a file at its beginning."""
    file = io.BytesIO(content) if isinstance(content, bytes) else content
    file.seek(0)
    return file


def as_csv(file: BinaryIO) -> BinaryIO:
    """The file itself, or for a spreadsheet its first sheet as CSV. Raises UnreadableFile."""
    head = as_file(file).read(4)
    if head == b"\xd0\xcf\x11\xe0":
        raise UnreadableFile(_("This is an old spreadsheet. Save it as CSV or .xlsx and choose that file."))
    if not is_sheet(head):
        return as_file(file)
    made: BinaryIO = TemporaryFile()  # type: ignore[assignment]  # noqa: SIM115, whoever reads it lets it go
    text = io.TextIOWrapper(made, encoding="utf-8", newline="", write_through=True)
    try:
        csv.writer(text).writerows(read_sheet(as_file(file)))
    except BadSheet as problem:
        raise UnreadableFile(str(problem)) from problem
    text.detach()
    return as_file(made)


def sniff(content: bytes | BinaryIO) -> Sniffed:
    """Find out how to read a file. Raises UnreadableFile."""
    file = as_file(content)
    size = file.seek(0, io.SEEK_END)
    head = as_file(file).read(200_000)
    if size > MOST_BYTES:
        raise UnreadableFile(
            _("It is larger than %(size)s MB. Split it into several files.") % {"size": MOST_BYTES // 1024**2}
        )
    if not head.strip():
        raise UnreadableFile(_("The file is empty."))
    encoding, lines = find_encoding(file)
    delimiter = find_delimiter(head.decode(encoding, "replace"))
    rows = list(_first(iter_rows(file, encoding, delimiter), 6))
    header = [cell.strip()[:120] for cell in rows[0]] if rows else []
    if len(rows) < 2:
        raise UnreadableFile(_("There is no row under the header."))
    if len(header) > MOST_COLUMNS:
        raise UnreadableFile(_("It has more than %(count)s columns.") % {"count": MOST_COLUMNS})
    if any(ADDRESS.fullmatch(cell) for cell in header):
        raise UnreadableFile(_("The first line has to name the columns; this one holds an address. Add such a line."))
    return Sniffed(encoding, delimiter, header, rows[1:], max(lines - 1, 1))


def find_encoding(file: BinaryIO) -> tuple[str, int]:
    """The encoding, and how many lines the file has.

    By its mark, else UTF-16 when every other byte is empty; UTF-8 when all of it is; else what Windows writes.
    """
    look = as_file(file).read(4000)
    marked = _by_mark(look)
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, lines, last = True, 0, b""
    as_file(file)
    while chunk := file.read(CHUNK):
        lines, last = lines + chunk.count(b"\n"), chunk[-1:]
        is_utf8 = is_utf8 and not marked and _decodes(decoder, chunk)
    is_utf8 = is_utf8 and _decodes(decoder, b"", final=True)
    return marked or ("utf-8" if is_utf8 else "cp1252"), lines + (last != b"\n")


def _by_mark(look: bytes) -> str:
    if look.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if look.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if look.count(b"\0") > len(look) // 4:
        return "utf-16-le" if look[1:2] == b"\0" else "utf-16-be"
    return ""


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


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


def iter_rows(content: bytes | BinaryIO, encoding: str, delimiter: str) -> Iterator[list[str]]:
    """Every row with something in it, the header first; what cannot be decoded is shown as such. UnreadableFile."""
    csv.field_size_limit(max(csv.field_size_limit(), 10_000_000))
    lines = io.TextIOWrapper(as_file(content), encoding=encoding, errors="replace", newline="")
    try:
        for cells in csv.reader((line.replace("\0", "") for line in lines), delimiter=delimiter):
            if any(cell.strip() for cell in cells):
                yield [cell[:MOST_CELL] for cell in cells]
    except csv.Error as problem:
        raise UnreadableFile(_("The CSV file is broken: %(why)s") % {"why": problem}) from problem
    finally:
        with contextlib.suppress(ValueError):  # it may be closed already
            lines.detach()  # it is not ours to close


def _first(rows: Iterator[list[str]], count: int) -> Iterator[list[str]]:
    for row, _turn in zip(rows, range(count), strict=False):
        yield row
