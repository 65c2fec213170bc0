"""Where figures are taken: an embedded server of their own, one fresh migrated database for each figure."""

import contextlib
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from config import postgres

TEMPLATE = "bench_template"


class Ground:
    """The folder and the durable server (fsync on) in which a run takes place; nothing of the real copy is touched."""

    def __init__(self, var: Path, *, quick: bool, seed: int) -> None:
        self.var, self.quick, self.seed = var, quick, seed
        self.random = random.Random(seed)
        self.server = postgres.Server(var)

    def size(self, full: int, quick: int) -> int:
        """How many of something: the full size, or the quick one."""
        return quick if self.quick else full

    def start(self) -> None:
        """Start the server and set Django up on a migrated template database."""
        self.server.start()
        os.environ |= {"DESKHAND_VAR": str(self.var), "DATABASE_URL": self.url(TEMPLATE), "LOG_LEVEL": "ERROR"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        if not self._exists(TEMPLATE):
            self._recreate(TEMPLATE)
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False)
        _close()

    def stop(self) -> None:
        """Stop the server."""
        _close()
        self.server.stop()

    def url(self, name: str) -> str:
        """The address of one database of the server."""
        return self.server.url.rpartition("/")[0] + "/" + name

    @contextlib.contextmanager
    def database(self, figure: str) -> Iterator[str]:
        """A fresh database and folder for one figure; Django's connection and VAR_DIR point there meanwhile."""
        from django.conf import settings
        from django.db import connection
        from django.test import override_settings

        name, var = f"bench_{figure}", self.var / figure
        shutil.rmtree(var, ignore_errors=True)
        var.mkdir(parents=True)
        _close()
        self._recreate(name, template=TEMPLATE)
        before = connection.settings_dict["NAME"], os.environ["DATABASE_URL"]
        connection.settings_dict["NAME"], os.environ["DATABASE_URL"] = name, self.url(name)
        try:
            with override_settings(VAR_DIR=var, MEDIA_ROOT=var / "media", STATIC_ROOT=settings.STATIC_ROOT):
                yield self.url(name)
        finally:
            _close()
            connection.settings_dict["NAME"], os.environ["DATABASE_URL"] = before
            self._drop(name)

    def empty_database(self, name: str) -> str:
        """A fresh database with nothing in it, for a peer; returns its address."""
        self._recreate(name)
        return self.url(name)

    def _recreate(self, name: str, template: str = "template1") -> None:
        self._drop(name)
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))

    def _exists(self, name: str) -> bool:
        with psycopg.connect(self.server.url) as connection:
            return bool(connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone())

    def _drop(self, name: str) -> None:
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.server.url, autocommit=True) as connection:
            connection.execute(statement)


def _close() -> None:
    from django.db import connections

    connections.close_all()
