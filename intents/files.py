"""Intents and examples as CSV: one row for each example."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from accounts.rights import Refused
from agents.models import LineOfBusiness
from intents import groups, library
from intents.models import Example, Intent, IntentGroup, Review

COLUMNS = ("intent", "example", "group", "line", "definition", "state")
MOST_BYTES, MOST_ROWS = 5 * 1024 * 1024, 20_000
# A spreadsheet would run these as formulas.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass
class Report:
    """What an import did, and why rows were left out."""

    intents: int = 0
    examples: int = 0
    problems: list[str] = field(default_factory=list)


def write_file(intents: Iterable[Intent]) -> Iterator[str]:
    """The rows of these intents, one for each example; an intent without one has one row."""
    yield write_line(COLUMNS)
    for row in intents:
        about = [
            row.group.name if row.group else "",
            row.line_of_business.name if row.line_of_business else "",
            row.definition,
            row.review_state,
        ]
        for text in [example.text for example in row.examples.all()] or [""]:
            yield write_line([row.name, text, *about])


def write_line(cells: Iterable[str]) -> str:
    """One line of CSV; what a spreadsheet would run as a formula is text."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
    return buffer.getvalue()


def read_rows(content: bytes) -> list[dict[str, str]]:
    """The rows of a file. Raises Refused with what is wrong with it."""
    if len(content) > MOST_BYTES:
        raise Refused(_("The file is larger than 5 MB."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(_("The file is not in UTF-8. Save it as “CSV UTF-8” and try again.")) from None
    try:
        dialect = csv.Sniffer().sniff(text[:4096], delimiters=",;\t")
    except csv.Error:
        dialect = csv.excel  # type: ignore[assignment]
    reader = csv.DictReader(io.StringIO(text.replace("\x00", "")), dialect=dialect)
    if "intent" not in [name.strip().lower() for name in reader.fieldnames or []]:
        raise Refused(_("The first row names no column “intent”."))
    rows = []
    try:
        for row in reader:
            rows.append({str(name).strip().lower(): _clean(value) for name, value in row.items() if name})
            if len(rows) > MOST_ROWS:
                raise Refused(_("The file has more than %(most)d rows.") % {"most": MOST_ROWS})
    except csv.Error as error:
        raise Refused(_("The file cannot be read: %(why)s.") % {"why": error}) from None
    return rows


def _clean(value: Any) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA else text


def import_rows(rows: list[dict[str, str]], *, by: Any) -> Report:
    """Add what is missing, intent by intent; what exists already stays as it is, and new intents wait for review."""
    report = Report()
    lines = {line.name.casefold(): line for line in LineOfBusiness.objects.all()}
    together: dict[tuple[str, str], list[tuple[int, dict[str, str]]]] = {}
    for number, row in enumerate(rows, start=2):
        if not row.get("intent"):
            report.problems.append(_("Row %(row)d names no intent.") % {"row": number})
        elif row.get("line") and row["line"].casefold() not in lines:
            about = {"row": number, "line": row["line"]}
            report.problems.append(_("Row %(row)d: there is no line of business “%(line)s”.") % about)
        else:
            together.setdefault((row["intent"].casefold(), row.get("line", "").casefold()), []).append((number, row))
    for (_name, line), found in together.items():
        try:
            _import_one(found, lines.get(line), report, by=by)
        except Refused as refusal:
            report.problems.append(_("Row %(row)d: %(why)s") % {"row": found[0][0], "why": refusal})
    return report


def _import_one(
    found: list[tuple[int, dict[str, str]]], line: LineOfBusiness | None, report: Report, *, by: Any
) -> None:
    first = found[0][1]
    intent = Intent.objects.filter(name__iexact=first["intent"], line_of_business=line).first()
    if intent is None:
        state = first.get("state") if first.get("state") in Review.values else Review.PENDING
        intent = library.save_intent(
            None,
            by=by,
            name=first["intent"][:120],
            definition=first.get("definition", "")[:500],
            line_of_business=line,
            group=_group(first.get("group", ""), line, by=by),
            review_state=state,
        )
        report.intents += 1
    texts = [row.get("example", "") for _number, row in found]
    report.examples += len(library.add_examples(intent, texts, by=by, source=Example.Source.IMPORT))


def _group(name: str, line: LineOfBusiness | None, *, by: Any) -> IntentGroup | None:
    if not name:
        return None
    known = IntentGroup.objects.filter(name__iexact=name, line_of_business=line).first()
    known = known or IntentGroup.objects.filter(name__iexact=name, line_of_business=None).first()
    return known or groups.save_group(None, by=by, name=name[:120], line_of_business=line)
