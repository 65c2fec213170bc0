"""Writes docs/coverage.md: which behaviour rows are proved, by which tests.

``python -m tests.house.coverage`` reads docs/rows.csv and the ``@pytest.mark.row`` marks of all tests.
"""

import ast
import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
ROWS = ROOT / "docs" / "rows.csv"
PAGE = ROOT / "docs" / "coverage.md"
HEAD = """# What is proved

Written by `python -m tests.house.coverage`; do not edit it. Each row is a behaviour that the product is to have; what a
row is called stands in `rows.csv`. *Proved* means that a test with the row's mark passes and would fail without the
behaviour. `DESK` rows are behaviours nobody asked for by number that we hold to all the same.
"""


class Row(NamedTuple):
    """One behaviour: its id, where it belongs, what it is; why it is not ours, where it is not."""

    ident: str
    area: str
    what: str
    not_ours: str


def read_rows() -> list[Row]:
    """All rows, in the order of the list."""
    with ROWS.open(newline="") as file:
        return [Row(**dict(zip(Row._fields, each.values(), strict=True))) for each in csv.DictReader(file)]


def marks_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """The rows a test says it proves."""
    for mark in function.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.row":
            yield from (argument.value for argument in mark.args if isinstance(argument, ast.Constant))


def read_marks() -> dict[str, list[str]]:
    """The tests of each row, as ``path::name``."""
    proofs = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for ident in marks_of(node):
                    proofs[ident].append(f"{path.relative_to(ROOT / 'tests')}::{node.name}")
    return proofs


def state_of(row: Row, proofs: dict[str, list[str]]) -> str:
    """What the page says of one row."""
    if row.ident in proofs:
        return "proved: " + ", ".join(f"`{name}`" for name in sorted(set(proofs[row.ident])))
    return f"not ours: {row.not_ours}" if row.not_ours else "not yet"


def write_page() -> str:
    """The whole page as Markdown."""
    rows, proofs = read_rows(), read_marks()
    proved = sum(row.ident in proofs for row in rows)
    strange = sum(bool(row.not_ours) for row in rows)
    lines = [HEAD, f"{len(rows)} rows: {proved} proved, {len(rows) - proved - strange} not yet, {strange} not ours."]
    area = ""
    for row in rows:
        if row.area != area:
            area = row.area
            lines += ["", f"## {area}", "", "| row | behaviour | state |", "|---|---|---|"]
        lines.append(f"| {row.ident} | {row.what} | {state_of(row, proofs)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(write_page())
