"""From the command to the first page, cold and warm, and the memory of every process (PSS)."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import psutil

from bench.ground import Ground
from bench.report import Table, verdict

READY_COLD, READY_WARM = 60.0, 10.0
LIMIT_SECONDS = 240.0
# PSS in MB: the web before it first needs an embedding, all of the worker's tree, the embedded server when idle.
SIZES = {"web": 120.0, "worker": 650.0, "database": 100.0}


def measure(ground: Ground) -> list[Table]:
    """A new copy, started twice; measured when the first page has come and once more at rest."""
    folder = ground.var / "start"
    shutil.rmtree(folder, ignore_errors=True)
    rows: list[list[object]] = []
    for name, aim in (("cold: database made and migrated", READY_COLD), ("warm: started again", READY_WARM)):
        with _running(folder) as (parent, seconds):
            rows.append([name, f"{seconds:.1f} s", f"{aim:.0f} s", verdict(seconds, aim, at_most=True)])
            if name.startswith("warm"):
                time.sleep(ground.size(15, 10))  # worker and poller start behind the first page
                memory = _memory(parent)
    note = "`manage.py up` on an empty folder, until the sign-in page has come over HTTP; the packages are installed."
    return [Table(["start to first page", "seconds", "aim", ""], rows, [note]), _sizes(memory)]


def _sizes(memory: dict[str, list[float]]) -> Table:
    rows: list[list[object]] = []
    for name, sizes in memory.items():
        total, aim = sum(sizes), SIZES.get(name)
        judged = [f"{aim:.0f} MB", verdict(total, aim, at_most=True)] if aim else ["", ""]
        rows.append([name, len(sizes), f"{total:.0f} MB", *judged])
    rows.append(["all", sum(map(len, memory.values())), f"{sum(map(sum, memory.values())):.0f} MB", "", ""])
    note = "Proportional set size: shared pages are counted once, in equal parts. Idle, after the first page."
    return Table(["process", "how many", "PSS", "aim", ""], rows, [note])


@contextlib.contextmanager
def _running(folder: Path) -> Iterator[tuple[psutil.Process, float]]:
    """``manage.py up`` on a folder; gives its process and the seconds until the first page; stopped as by Ctrl-C."""
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"DESKHAND_VAR": str(folder), "WEB_PORT": str(port), "OUTBOUND": "hold"}
    begun = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "manage.py", "up"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as up:
        try:
            _wait_for_page(f"http://localhost:{port}/", up)
            yield psutil.Process(up.pid), time.perf_counter() - begun
        finally:
            up.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                up.wait(60)
            if up.poll() is None:
                up.kill()


def _wait_for_page(address: str, up: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < limit and up.poll() is None:
        with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(address, timeout=5) as page:
            if page.status == 200:
                return
        time.sleep(0.05)
    raise RuntimeError("no page came")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _memory(parent: psutil.Process) -> dict[str, list[float]]:
    """MB of every process below ``up``, by what it is."""
    found: dict[str, list[float]] = defaultdict(list)
    found["supervisor"].append(_pss(parent))
    for child in parent.children():
        name = _name(child)
        for process in [child, *child.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                found[name].append(_pss(process))
    return dict(found)


def _pss(process: psutil.Process) -> float:
    return float(process.memory_full_info().pss) / 2**20


def _name(process: psutil.Process) -> str:
    command = " ".join(process.cmdline())
    known = {
        "postgres": "database",
        "gunicorn": "web",
        "qcluster": "worker",
        "manage.py work": "worker",
        "poll": "poller",
    }
    return next((name for word, name in known.items() if word in command), command[:40])
