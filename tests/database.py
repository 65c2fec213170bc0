"""The PostgreSQL server of a test run: embedded, careless of power cuts, beside and never in the real data."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import environ

from config import postgres

CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
NAME_VARIABLE = "DESKHAND_TEST_DATABASE"


def _take_name(var: Path) -> tuple[str, IO[str]]:
    """A database name no other run on this server uses while the file that comes with it is open."""
    for number in range(100):
        lock = (var / f"test-postgres.run{number}").open("w")
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return f"test_deskhand_{number}", lock
        lock.close()
    raise RuntimeError("A hundred test runs share this DESKHAND_VAR.")


def _start(server: postgres.Server) -> None:
    try:
        server.start()
    except postgres.PostgresUnavailable:
        if not server.data.exists():
            raise
        shutil.rmtree(server.data)  # written without fsync: a power cut may have broken it
        server.start()


@contextlib.contextmanager
def test_server(var: Path) -> Iterator[None]:
    """Name in the environment a server and a database for this run, and stop the server after its last user.

    The workers of a parallel run inherit what the first process named. An operator's ``DATABASE_URL`` wins.
    """
    if postgres.operator_url():
        yield
        return
    server = postgres.Server(var, "test-postgres", **CARELESS)
    with server.in_use() as is_last:
        try:
            _start(server)
            os.environ[NAME_VARIABLE], lock = _take_name(var)
            os.environ["DATABASE_URL"] = server.url
            with lock:
                yield
        finally:
            if is_last():
                server.stop()


def apply_to(database: dict[str, Any]) -> None:
    """Point ``DATABASES["default"]`` at the server and the database of this run."""
    database.update(environ.FileAwareEnv().db_url("DATABASE_URL"))
    if NAME_VARIABLE in os.environ:
        database.setdefault("TEST", {})["NAME"] = os.environ[NAME_VARIABLE]
