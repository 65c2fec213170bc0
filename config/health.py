"""Signs of life for whoever watches from outside: ``/healthz`` (this process) and ``/readyz`` (the whole)."""

import functools
from collections.abc import Callable

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone

from agents import queue

BEAT_LATE_SECONDS = 60.0


def answer_health(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """A middleware, the outermost: a probe names no host of ours, speaks plain HTTP and has no session."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.path == "/healthz":
            return HttpResponse("ok", content_type="text/plain")
        if request.path == "/readyz":
            parts = readiness()
            return JsonResponse(parts, status=200 if set(parts.values()) == {"ready"} else 503)
        return get_response(request)

    return answer


def readiness() -> dict[str, str]:
    """The state of database, migrations, worker and poller: *ready* or a word for what is wrong."""
    parts = {"database": "away", "migrations": "unknown", "worker": "silent", "poller": "silent"}
    try:
        connection.close_if_unusable_or_obsolete()
        ages = queue.seconds_since_beats(now=timezone.now())
        parts |= {"database": "ready", "migrations": "ready" if migrations_are_applied() else "missing"}
    except DatabaseError:
        connection.close()
        return parts
    return parts | {name: "ready" for name, age in ages.items() if age < BEAT_LATE_SECONDS}


def migrations_are_applied() -> bool:
    """Whether the database knows every migration of this code; once it does it is not asked again."""
    try:
        return _applied()
    except _MissingError:
        return False


class _MissingError(Exception):
    """A migration has not been applied (an exception, because only a yes may be kept)."""


@functools.cache
def _applied() -> bool:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise _MissingError
    return True
