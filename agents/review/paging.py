"""Pages of a list by cursor: no page number, no offset, no count of all."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Field, GeneratedField, Model, Q, QuerySet


@dataclass(frozen=True)
class Page:
    """The rows of one page, and the cursors of its neighbours ("" where there is none)."""

    rows: list[Any]
    after: str = ""
    before: str = ""


def cut(queryset: QuerySet[Any], order: Sequence[str], *, after: str = "", before: str = "", size: int = 30) -> Page:
    """One page of ``queryset`` in ``order`` (field names, "-" for falling; the last one unique).

    ``after`` and ``before`` are cursors of a page shown earlier; one that cannot be read begins at the start.
    """
    start = read_cursor(queryset.model, order, before or after)
    backwards = bool(before and start)
    turned = [_turn(name) for name in order] if backwards else list(order)
    if start:
        queryset = queryset.filter(beyond(turned, start))
    rows = list(queryset.order_by(*turned)[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    if not rows:
        return Page(rows)
    has_next, has_previous = (True, more) if backwards else (more, bool(start))
    return Page(
        rows,
        after=write_cursor(rows[-1], order) if has_next else "",
        before=write_cursor(rows[0], order) if has_previous else "",
    )


def beyond(order: Sequence[str], values: Sequence[Any]) -> Q:
    """The rows that stand after ``values`` in ``order``.

    That none stands before the first of them is said apart: an index is entered there, not walked to it.
    """
    found, same = Q(), Q()
    for name, value in zip(order, values, strict=True):
        field = name.lstrip("-")
        found |= same & Q(**{f"{field}__{_beyond(name)}": value})
        same &= Q(**{field: value})
    return Q(**{f"{order[0].lstrip('-')}__{_beyond(order[0])}e": values[0]}) & found


def _beyond(name: str) -> str:
    return "lt" if name.startswith("-") else "gt"


def place(row: Model, order: Sequence[str]) -> list[Any]:
    """Where ``row`` stands in ``order``, for ``beyond``."""
    return [getattr(row, name.lstrip("-")) for name in order]


def write_cursor(row: Model, order: Sequence[str]) -> str:
    """The place of ``row`` as text for an address."""
    values = [row._meta.get_field(name.lstrip("-")).value_to_string(row) for name in order]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def read_cursor(model: type[Model], order: Sequence[str], cursor: str) -> list[Any]:
    """The place in a cursor; empty for one that is not of this order."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        fields = [_stored_field(model, name) for name in order]
        found = [field.to_python(value) for field, value in zip(fields, values, strict=True)]
    except (ValueError, TypeError, AttributeError, ValidationError, FieldDoesNotExist):
        return []
    return [] if None in found else found


def _stored_field(model: type[Model], name: str) -> Field:
    field = model._meta.get_field(name.lstrip("-"))
    return field.output_field if isinstance(field, GeneratedField) else field


def _turn(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"
