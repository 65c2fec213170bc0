"""Geometry of charts: numbers in, SVG coordinates out. The templates only draw what stands here."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 100.0, 100.0
BINS, TRACK = 20, 26.0


@dataclass(frozen=True)
class Bar:
    """A rectangle in the 100 by 100 plot (or the 100 by 26 track of a histogram)."""

    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Series:
    """One line or set of bars: its name, css number 0 to 4, numbers, and how they are drawn."""

    name: str
    number: int
    values: tuple[float | None, ...]
    points: str
    bars: tuple[Bar, ...]
    last: tuple[str, str]


@dataclass(frozen=True)
class Plot:
    """A chart ready to draw. `ticks` go from the top down; `rows` are the table behind it."""

    series: tuple[Series, ...]
    ticks: tuple[str, ...]
    gridlines: tuple[str, ...]
    labels: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float | None, ...]], ...]


def draw_plot(labels: Sequence[str], named: Sequence[tuple[str, Sequence[float | None]]], *, bars: bool) -> Plot:
    """Lay out lines or bars on one scale from zero.

    labels: one per point. named: (name, values) per series, as long as labels; None is a gap.
    """
    top = _round_up(max((value for _n, values in named for value in values if value is not None), default=0))
    shown = tuple(
        _draw_series(name, number, tuple(values), top=top, bars=bars, of=len(named))
        for number, (name, values) in enumerate(named, start=1)
    )
    steps = (top, top / 2, 0)
    columns = tuple(series.values for series in shown)
    rows = tuple((str(label), tuple(column[at] for column in columns)) for at, label in enumerate(labels))
    return Plot(
        series=shown,
        ticks=tuple(_number(step) for step in steps),
        gridlines=("0", "50", "100"),
        labels=_thin(tuple(str(label) for label in labels)),
        rows=rows,
    )


def _draw_series(
    name: str, number: int, values: tuple[float | None, ...], *, top: float, bars: bool, of: int
) -> Series:
    slot = WIDTH / max(len(values), 1)
    step = WIDTH / max(len(values) - 1, 1)
    heights = [None if value is None else HEIGHT * value / top for value in values]
    placed = [(at * step, HEIGHT - high) for at, high in enumerate(heights) if high is not None]
    drawn: tuple[Bar, ...] = ()
    if bars:
        wide = 0.7 * slot / of
        drawn = tuple(
            Bar(_at(at * slot + 0.15 * slot + (number - 1) * wide), _at(HEIGHT - high), _at(wide), _at(high))
            for at, high in enumerate(heights)
            if high is not None
        )
    last = (_at(placed[-1][0]), _at(placed[-1][1])) if placed else ("0", "100")
    return Series(name, min(number, 4), values, " ".join(f"{_at(x)},{_at(y)}" for x, y in placed), drawn, last)


def draw_histogram(counts: Sequence[int]) -> tuple[Bar, ...]:
    """Bars of a histogram over 0 to 100 % in the track of the two-threshold control; empty bins are left out."""
    most = max(counts, default=0)
    wide = WIDTH / max(len(counts), 1)
    return tuple(
        Bar(_at(at * wide + 0.1 * wide), _at(TRACK - high), _at(0.8 * wide), _at(high))
        for at, count in enumerate(counts)
        if count > 0
        for high in (max(0.6, (TRACK - 4) * count / most),)
    )


def share_counts(counts: Sequence[int], low: int, high: int) -> tuple[int, int, int]:
    """Percent of a histogram that lies from `high` up, between the two bars, and under `low` (0 to 100 each)."""
    total = sum(counts)
    if not total:
        return 0, 0, 100
    size = 100 / len(counts)
    over = round(100 * sum(counts[round(high / size) :]) / total)
    between = min(round(100 * sum(counts[round(low / size) : round(high / size)]) / total), 100 - over)
    return over, between, 100 - over - between


def _round_up(value: float) -> float:
    """The next number that halves cleanly: 1, 2, 4, 5 or 10 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 5, 10) if step * power >= value - 1e-9)


def _thin(labels: tuple[str, ...], most: int = 8) -> tuple[str, ...]:
    """At most `most` labels, evenly chosen, the first and last among them."""
    if len(labels) <= most:
        return labels
    return tuple(labels[round(at * (len(labels) - 1) / (most - 1))] for at in range(most))


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:g}"


def _at(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
