"""Pure. The first sheet of an Excel file (.xlsx) as rows of text, piece by piece; formulas give their last value."""

import re
import zipfile
from collections.abc import Iterator
from typing import IO, BinaryIO
from xml.etree.ElementTree import Element, ParseError, iterparse

from django.utils.translation import gettext as _

# What a sheet may unpack to, and its table of texts, which is held in memory.
MOST_UNPACKED, MOST_TEXTS = 400 * 1024**2, 60 * 1024**2
MOST_COLUMNS = 200
_PLACE = re.compile(r"([A-Z]{1,3})\d+")
_DECLARES = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


class BadSheet(ValueError):  # noqa: N818
    """The file cannot be read as a sheet; the text says why."""


def is_sheet(head: bytes) -> bool:
    """Whether a file begins as an .xlsx file does."""
    return head.startswith(b"PK\x03\x04")


def read_sheet(file: BinaryIO) -> Iterator[list[str]]:
    """The rows of the first sheet, each as wide as its last cell. Raises BadSheet."""
    try:
        with zipfile.ZipFile(file) as box:
            names = {one.filename: one.file_size for one in box.infolist()}
            sheet = next((name for name in sorted(names) if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)), "")
            if not sheet:
                raise BadSheet(_("There is no sheet in it. Save it as CSV and choose that file."))
            if names[sheet] > MOST_UNPACKED or names.get("xl/sharedStrings.xml", 0) > MOST_TEXTS:
                raise BadSheet(_("The sheet is too large. Save it as CSV and choose that file."))
            texts = _shared(box) if "xl/sharedStrings.xml" in names else []
            with _open(box, sheet) as part:
                yield from _rows(part, texts)
    except (zipfile.BadZipFile, ParseError, NotImplementedError, RuntimeError, IndexError, EOFError) as problem:
        raise BadSheet(_("The spreadsheet is broken or has a password. Save it as CSV and choose that.")) from problem


def _open(box: zipfile.ZipFile, name: str) -> IO[bytes]:
    """A part of the file that declares no entities of its own."""
    with box.open(name) as part:
        if _DECLARES.search(part.read(2000)):
            raise BadSheet(_("The spreadsheet holds what no spreadsheet needs. It was not read."))
    return box.open(name)


def _shared(box: zipfile.ZipFile) -> list[str]:
    with _open(box, "xl/sharedStrings.xml") as part:
        return [_text(item) for item in _elements(part, "si")]


def _elements(part: IO[bytes], wanted: str) -> Iterator[Element]:
    """Every element of a name as it ends; what was read is let go."""
    root: Element | None = None
    # Parts that declare entities were refused before.
    for event, item in iterparse(part, events=("start", "end")):  # noqa: S314
        if root is None:
            root = item
        if event == "end" and item.tag.rpartition("}")[2] == wanted:
            yield item
            root.clear()


def _text(item: Element) -> str:
    return "".join(part.text or "" for part in item.iter() if part.tag.rpartition("}")[2] == "t")


def _rows(part: IO[bytes], texts: list[str]) -> Iterator[list[str]]:
    for row in _elements(part, "row"):
        cells: list[str] = []
        for cell in row:
            place = _PLACE.match(cell.get("r", ""))
            at = _column(place[1]) if place else len(cells)
            if at >= MOST_COLUMNS:
                continue
            cells += [""] * (at - len(cells) + 1)
            cells[at] = _value(cell, texts)
        yield cells


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _value(cell: Element, texts: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return _text(cell)
    value = next((part.text or "" for part in cell if part.tag.rpartition("}")[2] == "v"), "")
    if cell.get("t") == "s":
        return texts[int(value)] if value.isdigit() else ""
    return value.removesuffix(".0")
