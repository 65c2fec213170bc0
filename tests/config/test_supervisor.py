"""``manage.py up``: what dies is replaced, a killed start leaves nothing in the way, a stop leaves no process."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.conf import settings
from django.core.management.base import CommandError

from config.supervisor import find_sink_port

PATIENCE = 180.0
NOT_INHERITED = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "DESKHAND_TEST_DATABASE", "PYTEST_XDIST_WORKER")


def _until(true: Callable[[], object], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, f"waited {PATIENCE:.0f} s for: {what}"
        time.sleep(0.1)


class Running:
    """One ``manage.py up`` on a data folder of its own."""

    def __init__(self, var: Path) -> None:
        self.var = var
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        self.environment |= {"DESKHAND_VAR": str(var), "WORKERS": "1", "LOG_LEVEL": "WARNING"}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "manage.py", *arguments]

    def start(self) -> None:
        with (self.var / "up.log").open("ab") as log:
            self.child = subprocess.Popen(
                self.command("up", "--port", str(self.port)),
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        self.until_ready()

    def until_ready(self) -> None:
        _until(self.is_ready, "everything ready")

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def parts(self) -> dict[str, psutil.Process]:
        """The first process of each part, as the supervisor wrote them down."""
        numbers = json.loads((self.var / "up.json").read_text())
        numbers["database"] = int((self.var / "postgres" / "postmaster.pid").read_text().split()[0])
        return {name: psutil.Process(number) for name, number in numbers.items() if psutil.pid_exists(number)}

    def has_another(self, part: str, than: psutil.Process) -> bool:
        try:
            found = self.parts().get(part)
        except (OSError, ValueError, IndexError, psutil.Error):  # just being written
            return False
        return found is not None and found.pid != than.pid

    def ours(self) -> list[psutil.Process]:
        """Every living process that works for this data folder."""
        found = []
        for each in psutil.process_iter():
            try:
                if each.environ().get("DESKHAND_VAR") == str(self.var) and each.status() != psutil.STATUS_ZOMBIE:
                    found.append(each)
            except psutil.Error:
                continue
        return found

    def stop(self) -> None:
        self.child.send_signal(signal.SIGTERM)
        self.child.wait(PATIENCE)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One copy for all tests of this module; the last of them stops it."""
    var = tmp_path_factory.mktemp("var")
    for folder in list(var.parents)[:3]:
        folder.chmod(0o755)  # root's server runs as somebody else
    copy = Running(var)
    copy.start()
    yield copy
    for left in copy.ours():
        left.kill()


@pytest.mark.row("DESK-37")
@pytest.mark.nightly
@pytest.mark.parametrize("part", ["web", "worker", "poller", "database"])
def test_what_is_killed_is_replaced_and_all_is_ready_again(running: Running, part: str) -> None:
    _until(lambda: part in running.parts(), f"a {part}")
    victim = running.parts()[part]
    victim.kill()
    _until(lambda: running.has_another(part, victim), f"another {part}")
    running.until_ready()
    assert running.child.poll() is None


@pytest.mark.row("DESK-46")
@pytest.mark.nightly
def test_pages_recover_by_themselves_while_the_database_restarts_under_load(running: Running) -> None:
    address, seen, until_end = f"http://127.0.0.1:{running.port}/", [], threading.Event()

    def read_on() -> None:
        while not until_end.is_set():
            try:
                with urllib.request.urlopen(address, timeout=20) as answer:
                    seen.append((answer.status, "Set up Deskhand" in answer.read().decode()))
            except urllib.error.HTTPError as error:
                seen.append((error.code, error.headers["Refresh"] == "3"))

    readers = [threading.Thread(target=read_on) for _number in range(4)]
    for each in readers:
        each.start()
    _until(lambda: len(seen) > 20, "pages before")
    victim = running.parts()["database"]
    victim.kill()
    _until(lambda: running.has_another("database", victim), "another database")
    running.until_ready()
    before = len(seen)
    _until(lambda: len(seen) > before + 20, "pages afterwards")
    until_end.set()
    for each in readers:
        each.join()
    assert set(seen) <= {(200, True), (503, True)}
    assert set(seen[before + 8 :]) == {(200, True)}


@pytest.mark.row("DESK-37")
@pytest.mark.nightly
def test_a_worker_cluster_that_froze_is_replaced(running: Running) -> None:
    _until(lambda: "worker" in running.parts(), "a worker")
    cluster = running.parts()["worker"]
    _until(lambda: len(cluster.children(recursive=True)) >= 4, "a whole cluster")
    for each in cluster.children(recursive=True):
        each.suspend()
    _until(lambda: running.has_another("worker", cluster), "another worker")
    running.until_ready()


@pytest.mark.nightly
def test_a_second_start_says_so_and_a_killed_one_is_taken_over(running: Running) -> None:
    second = subprocess.run(
        running.command("up"), cwd=settings.BASE_DIR, env=running.environment, capture_output=True, text=True
    )
    assert second.returncode
    assert "already runs" in second.stderr

    running.child.kill()
    running.child.wait()
    running.start()


@pytest.mark.nightly
def test_a_stop_leaves_no_process(running: Running) -> None:
    running.stop()
    assert running.child.returncode == 0
    assert running.ours() == []


@pytest.mark.row("DESK-501")
def test_a_second_copy_finds_a_port_for_its_sink_unless_the_operator_named_one(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTBOUND = "sink"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings.OUTBOUND_SINK = usual = f"127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("OUTBOUND_SINK", usual)
        with pytest.raises(CommandError, match=usual):
            find_sink_port()
        monkeypatch.delenv("OUTBOUND_SINK")
        find_sink_port()
        assert usual != settings.OUTBOUND_SINK
        assert os.environ["OUTBOUND_SINK"] == settings.OUTBOUND_SINK, "what the parts inherit"
    chosen = settings.OUTBOUND_SINK
    find_sink_port()
    assert chosen == settings.OUTBOUND_SINK, "free: kept"
