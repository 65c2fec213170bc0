"""Files of articles read into raw rows: a folder or zip of Markdown, one Markdown file, or a CSV."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 5_000
# Unpacked a zip may be this big, and no file in it this much bigger than packed: Markdown shrinks to a tenth at most.
MOST_UNPACKED = 50 * 1024 * 1024
MOST_RATIO = 200
MOST_ENTRIES = 20_000
MARKDOWN = (".md", ".markdown", ".mdown")
IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".bmp")

# The column names we know, by the field they fill.
COLUMNS = {
    "title": "title", "name": "title", "heading": "title", "titel": "title",
    "body": "body", "text": "body", "content": "body", "article": "body", "answer": "body",
    "slug": "slug", "id": "slug",
    "audience": "audience", "visibility": "audience",
    "language": "language", "locale": "language", "lang": "language",
    "lines": "lines", "line": "lines", "line_of_business": "lines", "lines_of_business": "lines",
    "products": "products", "product": "products",
    "subjects": "subjects", "subject": "subjects",
}  # fmt: skip

csv.field_size_limit(MOST_BYTES)


class UnreadableFile(ValueError):  # noqa: N818
    """The file as a whole cannot be read; the text says why, for people."""


@dataclass(frozen=True)
class RawArticle:
    """One article as a file gives it: where it stands, its fields as text, and what was odd."""

    place: str
    fields: dict[str, str]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ReadFile:
    """What a file or folder holds: articles, and the names of what was left aside."""

    rows: list[RawArticle]
    ignored: list[str] = field(default_factory=list)


def read_path(path: Path) -> ReadFile:
    """A folder of Markdown files, or one file. Raises UnreadableFile."""
    if not path.is_dir():
        if not path.is_file():
            raise UnreadableFile(_("There is no file or folder %(name)s.") % {"name": path})
        if path.stat().st_size > MOST_BYTES:
            raise UnreadableFile(too_big())
        return read_upload(path.name, path.read_bytes())
    files = sorted(entry for entry in path.rglob("*") if entry.is_file() and not _is_hidden(entry.relative_to(path)))
    if sum(file.stat().st_size for file in files if _is_markdown(file.name)) > MOST_BYTES:
        raise UnreadableFile(too_big())
    return _read_files((str(file.relative_to(path)), file.read_bytes) for file in files)


def read_upload(name: str, content: bytes) -> ReadFile:
    """One file by its name: .csv, .zip or Markdown. Raises UnreadableFile."""
    if len(content) > MOST_BYTES:
        raise UnreadableFile(too_big())
    low = name.lower()
    if low.endswith(".zip"):
        return _read_zip(content)
    if low.endswith((".csv", ".tsv", ".txt")):
        return ReadFile(read_csv(content))
    if _is_markdown(low):
        return _read_files([(name, lambda: content)])
    raise UnreadableFile(_("Articles come from Markdown files, a zip of them, or a CSV file. This is none of them."))


def too_big() -> str:
    """What a file over the limit gets to read."""
    return _("It is bigger than %(size)s MB. Split it into several files.") % {"size": MOST_BYTES // 1024 // 1024}


# ── Markdown ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _read_files(files: Iterable[tuple[str, object]]) -> ReadFile:
    rows: list[RawArticle] = []
    ignored: list[str] = []
    for name, read in files:
        if not _is_markdown(name):
            ignored.append(name)
            continue
        rows.append(read_markdown(name, read()))  # type: ignore[operator]
        if len(rows) > MOST_ROWS:
            raise UnreadableFile(_too_many())
    if not rows:
        raise UnreadableFile(_("There is no Markdown file in it."))
    return ReadFile(rows, ignored)


def read_markdown(name: str, content: bytes) -> RawArticle:
    """One Markdown file: lines "key: value" between two lines of dashes, then the text.

    Without a title of its own the first heading is the title, else the file's name; a heading that only repeats the
    title is left out of the text.
    """
    text = decode(content).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    fields, notes = {}, []
    if front := re.match(r"\A\s*---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", text, re.DOTALL):
        fields = _front_matter(front.group(1))
        text = text[front.end() :]
    text = text.strip("\n")
    heading = re.match(r"#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n|\Z)", text)
    if heading and fields.get("title", heading.group(1)).strip() == heading.group(1).strip():
        fields.setdefault("title", heading.group(1).strip())
        text = text[heading.end() :].strip("\n")
    stem = Path(name).stem
    fields.setdefault("title", stem.replace("-", " ").replace("_", " ").strip().capitalize())
    fields.setdefault("slug", stem)
    images = len(re.findall(r"!\[[^\]]*\]\([^)]*\)", text))
    if images:
        notes.append(_("%(count)s pictures are left out; their descriptions stay.") % {"count": images})
    return RawArticle(name, {**fields, "body": text}, notes)


def _front_matter(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.split("\n"):
        key, colon, value = line.partition(":")
        known = COLUMNS.get(_column(key))
        if colon and known:
            value = value.strip()
            if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
                value = value[1:-1]
            found[known] = value.removeprefix("[").removesuffix("]") if known in ("lines", "products") else value
    return {key: value for key, value in found.items() if value}


def _is_markdown(name: str) -> bool:
    return name.lower().endswith(MARKDOWN)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith((".", "__MACOSX")) and part != ".." for part in path.parts)


# ── zip ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _read_zip(content: bytes) -> ReadFile:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return _read_files(_unpacked(packed))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as problem:
        raise UnreadableFile(_("The zip file is broken or has a password.")) from problem


def _unpacked(packed: zipfile.ZipFile) -> Iterator[tuple[str, object]]:
    """Names and how to read each; nothing is written to disk, so where a name points does not matter."""
    entries = [entry for entry in packed.infolist() if not entry.is_dir()]
    if len(entries) > MOST_ENTRIES:
        raise UnreadableFile(_too_many())
    wanted = [entry for entry in entries if _is_markdown(entry.filename)]
    for entry in wanted:
        if entry.file_size > MOST_RATIO * max(entry.compress_size, 1) and entry.file_size > 100_000:
            raise UnreadableFile(_("The zip file unpacks to far more than articles do. It was not read."))
    if sum(entry.file_size for entry in wanted) > MOST_UNPACKED:
        raise UnreadableFile(_("The zip file unpacks to far more than articles do. It was not read."))
    for entry in sorted(entries, key=lambda entry: entry.filename):
        if not _is_hidden(Path(entry.filename)):
            yield entry.filename, lambda entry=entry: packed.read(entry)


# ── CSV ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_csv(content: bytes) -> list[RawArticle]:
    """The rows of a CSV with a header; encoding and delimiter are found out. What looks like a formula is text."""
    text = decode(content).replace("\x00", "")
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=sniff_delimiter(text))
        header = [COLUMNS.get(_column(cell), "") for cell in next(reader, [])]
        if not {"title", "body"} <= set(header):
            raise UnreadableFile(_("The first line must name the columns, among them title and body."))
        rows = list(_csv_rows(reader, header))
    except csv.Error as problem:
        raise UnreadableFile(_("The CSV file is broken: %(why)s") % {"why": problem}) from problem
    if not rows:
        raise UnreadableFile(_("There is no row under the header."))
    return rows


def _csv_rows(reader: Iterable[list[str]], header: list[str]) -> Iterator[RawArticle]:
    count = 0
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise UnreadableFile(_too_many())
        fields = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name and cell.strip()}
        notes = [] if len(cells) <= len(header) else [_("It has more cells than the header; the rest is left out.")]
        yield RawArticle(_("Row %(number)s") % {"number": count + 1}, fields, notes)


def sniff_delimiter(text: str) -> str:
    """The delimiter: the sign that cuts the header into most cells that we know the names of."""
    first = text.lstrip("\ufeff").split("\n", 1)[0]

    def known(sign: str) -> tuple[int, int]:
        cells = next(csv.reader([first], delimiter=sign), [])
        return sum(_column(cell) in COLUMNS for cell in cells), len(cells)

    return max([",", ";", "\t", "|"], key=known)


def decode(content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 with its mark, or what Western Windows writes; never fails."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _column(cell: str) -> str:
    return re.sub(r"[\s-]+", "_", cell.strip().lower().strip("\ufeff\"'"))


def _too_many() -> str:
    return _("It holds more than %(count)s articles. Split it into several files.") % {"count": f"{MOST_ROWS:,}"}
