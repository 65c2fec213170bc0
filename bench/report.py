"""What a run found, as Markdown tables in docs/benchmarks.md, each figure between markers of its own."""

import datetime as dt
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


@dataclass
class Table:
    """One table of a figure: its columns, its rows, and what a reader must know to judge it."""

    columns: Sequence[str]
    rows: list[Sequence[object]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_markdown(self) -> str:
        """The table and its notes."""
        lines = [self.columns, ["---"] * len(self.columns), *self.rows]
        text = "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
        return (
            "\n\n".join([text, *(f"- {note}" for note in self.notes)])
            .replace("\n\n- ", "\n- ")
            .replace("\n- ", "\n\n- ", 1)
        )


def verdict(value: float, aim: float, *, at_most: bool = False) -> str:
    """Whether an aim was met, in a word."""
    met = value <= aim if at_most else value >= aim
    return "met" if met else "**missed**"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def machine() -> str:
    """What it ran on, without names of hosts."""
    memory = psutil.virtual_memory().total / 2**30
    system = f"{platform.system()} {platform.release().split('-')[0]}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB, {system}"


def _processor() -> str:
    try:
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found[1].strip() if found else platform.machine()


def load() -> str:
    """The load averages of one and five minutes."""
    one, five, _fifteen = os.getloadavg()
    return f"{one:.1f} and {five:.1f}"


def heading(command: str, before: str, seconds: float) -> str:
    """The line above a figure's tables: when, how, on what, how busy."""
    now = dt.datetime.now(dt.UTC)
    return (
        f"`{command}`, {now:%Y-%m-%d %H:%M} UTC, {seconds:.0f} s. {machine()}. "
        f"Load average (1 and 5 minutes) before: {before}; after: {load()}."
    )


def write(figure: str, text: str, page: Path = PAGE) -> None:
    """Put a figure's text between its markers; everything else on the page stays."""
    begin, end = f"<!-- bench:{figure} -->", f"<!-- /bench:{figure} -->"
    known = page.read_text() if page.exists() else ""
    block = f"{begin}\n\n{text}\n\n{end}"
    if begin in known:
        before, _begin, rest = known.partition(begin)
        known = before + block + rest.partition(end)[2]
    else:
        known = f"{known.rstrip()}\n\n{block}\n".lstrip()
    page.write_text(known)
