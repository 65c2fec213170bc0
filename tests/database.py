"""The PostgreSQL server of a test run: embedded, careless of power cuts, beside and never in the real data.

Migrations run once for all workers, and once more only when they or the models changed: the result is kept as a
template, of which every worker's database is a copy.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import environ
from django.conf import settings
from django.db import connection
from psycopg.sql import SQL, Identifier, Literal

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


@contextlib.contextmanager
def copied_database(var: Path) -> Iterator[None]:
    """Point the connection at a fresh copy of the template, made when it is not there; drop the copy afterwards."""
    copy = connection.creation._get_test_db_name()
    with (var / "test-postgres.template").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        template = _find_template()
        _drop(copy)
        _run(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(copy), Identifier(template)))
    _use(copy)
    yield
    connection.close()
    _drop(copy)


def _find_template() -> str:
    """The name of the migrated database for the code as it is; older ones go."""
    digest = hashlib.sha256()
    for path in sorted(settings.BASE_DIR.glob("[a-z]*/**/*.py")):
        if {"migrations", "models"} & {path.parent.name, path.stem} or path.stem in ("roles", "rights"):
            digest.update(path.read_bytes())
    digest.update((settings.BASE_DIR / "requirements.lock").read_bytes())
    name = f"template_{digest.hexdigest()[:16]}"
    kept = [row[0] for row in _run(SQL("SELECT datname FROM pg_database WHERE datname LIKE 'template\\_%'"))]
    if name in kept:
        return name
    for old in kept:
        _drop(old)
    _migrate("unfinished")
    _run(SQL("ALTER DATABASE unfinished RENAME TO {}").format(Identifier(name)))
    return name


def _migrate(name: str) -> None:
    """A migrated database of this name, by Django's own way to a test database."""
    test = connection.settings_dict["TEST"]
    usual, test["NAME"] = test["NAME"], name
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        test["NAME"] = usual
        connection.close()


def _drop(name: str) -> None:
    """Drop a database and end who of ours is left in it.

    Not WITH (FORCE), which is refused while autovacuum, another role, looks at the database: a plain drop ends that
    by itself.
    """
    ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {} AND usename = current_user"
    _run(SQL(ours).format(Literal(name)))
    _run(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(name)))


def _use(name: str) -> None:
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name


def _run(statement: Any) -> list[Any]:
    """One statement outside every transaction and every test database."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []
