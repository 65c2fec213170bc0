"""Measures: the numbers that apps offer to the insights, registered in each app's ``measures.py``.

A measure counts rows that its reader may see, and says in words what it counts. Whoever shows the numbers knows none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One number.

    rows(user): what it counts, within the user's sight. at, line: where a row keeps its time and line of business.
    of: the name of the measure it is a share of; "" for a count. better: "up", "down" or "" for neither.
    agent: whose work it is, or "" where a row says it itself in ``agent``. about(row, user): its text and its page.
    """

    name: str
    label: str | Promise
    definition: str | Promise
    rows: Callable[[Any], QuerySet[Any]]
    at: str
    about: Callable[[Any, Any], tuple[str, str]]
    line: str = "line_of_business"
    of: str = ""
    better: str = ""
    agent: str = ""
    order: int = 100


MEASURES: dict[str, Measure] = {}
# Names of measures that are drawn together, by their place on the page.
_courses: dict[tuple[str, ...], int] = {}


def register(*measures: Measure, course: Sequence[str] = ()) -> None:
    """Offer measures; ``course`` names those that are drawn in one chart. Two of one name are a mistake in the code."""
    for one in measures:
        if one.name in MEASURES:
            raise ValueError(f"two measures are called {one.name}")
        MEASURES[one.name] = one
    if course:
        _courses[tuple(course)] = MEASURES[course[0]].order


def list_measures() -> list[Measure]:
    """Every measure, in order."""
    return sorted(MEASURES.values(), key=lambda one: (one.order, one.name))


def list_courses() -> list[tuple[str, ...]]:
    """The measures of each chart, in order."""
    return sorted(_courses, key=lambda names: (_courses[names], names))
