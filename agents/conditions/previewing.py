"""What a condition would match now, before it is saved."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Case, Count, IntegerField, QuerySet, Value, When

from agents.conditions.evaluation import compile  # noqa: A004
from agents.conditions.tree import Tree

MOST_COUNTED = 1000
SHOWN = 20
LONGEST_MS = 2000


@dataclass(frozen=True)
class Preview:
    """The first rows that match, how many there are (``is_more``: at least that many), and earlier rules' share.

    ``taken``: (place of the earlier rule, how many of the counted rows it would match first).
    """

    count: int = 0
    is_more: bool = False
    rows: Sequence[Any] = ()
    taken: list[tuple[int, int]] = field(default_factory=list)
    took_too_long: bool = False


def preview(tree: Tree, rows: QuerySet[Any], now: dt.datetime, *, earlier: Sequence[Tree] = ()) -> Preview:
    """What the condition matches among ``rows`` (ordered), counted to 1,000 and looked for at most two seconds."""
    found = rows.filter(compile(tree, rows.model, now))
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(LONGEST_MS)])
            result = _look(found, rows, now, earlier)
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', '0', true)")
    except OperationalError:
        return Preview(took_too_long=True)
    return result


def _look(found: QuerySet[Any], rows: QuerySet[Any], now: dt.datetime, earlier: Sequence[Tree]) -> Preview:
    keys = list(found.values_list("pk", flat=True)[: MOST_COUNTED + 1])
    counted = keys[:MOST_COUNTED]
    taken: list[tuple[int, int]] = []
    if earlier and counted:
        first = Case(
            *(When(compile(one, rows.model, now), then=Value(place)) for place, one in enumerate(earlier, 1)),
            default=Value(0),
            output_field=IntegerField(),
        )
        shares = (
            rows.model._base_manager.filter(pk__in=counted)
            .annotate(first=first)
            .order_by("first")
            .values_list("first")
            .annotate(number=Count("pk", distinct=True))
        )
        taken = [(place, number) for place, number in shares if place]
    return Preview(len(counted), len(keys) > MOST_COUNTED, list(found[:SHOWN]), taken)
