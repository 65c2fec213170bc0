"""Several numbers for one page in one statement, which is written once for each reach and then only asked."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from accounts.access import reach

Asked = Mapping[str, tuple[Callable[[Any], QuerySet[Any]], int]]
MOST_KEPT = 500
"""Statements of so many reaches are kept; then all are written anew."""

_written: dict[tuple[Any, ...], tuple[list[str], str, list[Any]]] = {}


def count_rows(user: Any, asked: Asked) -> dict[str, int]:
    """How many rows each name has for ``user``: ``{name: (rows of a user, where counting stops)}``.

    To write these statements takes longer than to answer them. They depend on nothing but who asks and what their
    roles show, so they are kept under both; the numbers themselves are counted anew each time.
    """
    key = (user.pk, reach(user).signature, *asked)
    written = _written.get(key)
    if written is None:
        if len(_written) >= MOST_KEPT:
            _written.clear()  # another thread may be at work with one of them: it holds what it found
        written = _written[key] = _write(user, asked)
    names, sql, values = written
    if not names:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return dict(zip(names, cursor.fetchone(), strict=True))


def _write(user: Any, asked: Asked) -> tuple[list[str], str, list[Any]]:
    names: list[str] = []
    parts: list[str] = []
    values: list[Any] = []
    for name, (list_rows, most) in asked.items():
        try:
            sql, found = list_rows(user).order_by().values("pk")[:most].query.sql_with_params()
        except EmptyResultSet:  # nothing of it is shown to this user
            continue
        names.append(name)
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) counted)")  # noqa: S608  Django wrote it, values stand apart
        values += found
    return names, f"SELECT {', '.join(parts)}", values
