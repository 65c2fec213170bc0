"""``manage.py up``: keeps database, web, worker and poller running under one process, and stops them in order."""

import contextlib
import fcntl
import hashlib
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

import psutil
import structlog
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, connections
from django.utils import timezone

from agents import queue
from config import health, postgres
from hub import opening

log = structlog.get_logger(__name__)
FROZEN_SECONDS = 40.0  # four heartbeats missed
STEADY_SECONDS = 60.0  # who ran this long is started again at once
LONGEST_WAIT = 30.0
PATIENCE_SECONDS = 20.0
HEAD_START_SECONDS = 3.0


class Part:
    """One of the processes that are kept running, with the group of processes it made."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name, self.command = name, command
        self.child: subprocess.Popen[bytes] | None = None
        self.started = self.due = 0.0
        self.wait = 0.5

    @property
    def runs(self) -> bool:
        """Whether its first process is alive."""
        return self.child is not None and self.child.poll() is None

    def start(self, environment: dict[str, str]) -> None:
        """Start it in a session of its own; Linux tells it to stop when the supervisor is killed."""
        self.child = subprocess.Popen(
            self.command,
            cwd=settings.BASE_DIR,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=postgres.die_with_parent(signal.SIGTERM),
        )
        self.started = time.monotonic()

    def lost(self) -> None:
        """It died: end what it left behind, and set when it starts again, later each time it fails at once."""
        log.warning("up.died", part=self.name, status=self.child and self.child.returncode)
        self.kill()
        self.wait = 0.5 if time.monotonic() - self.started > STEADY_SECONDS else min(self.wait * 2, LONGEST_WAIT)
        self.due = time.monotonic() + self.wait / 2
        self.child = None

    def kill(self) -> None:
        """End the whole group at once: a cluster whose first process is dead lives on in its children."""
        if self.child:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()

    def is_busy(self) -> bool:
        """Whether one of its processes says by its title that it works on a task."""
        with contextlib.suppress(psutil.Error):
            below = psutil.Process(self.child.pid).children(recursive=True) if self.child else []
            return any(" processing " in " ".join(each.cmdline()) for each in below)
        return False


class Supervisor:
    """Everything that runs, for one data folder and one address."""

    def __init__(self, host: str, port: int, say: Callable[[str], object]) -> None:
        self.host, self.port, self.say = host, port, say
        self.server = None if postgres.operator_url() else postgres.server(settings.VAR_DIR)
        self.stopped = threading.Event()
        self.frozen_looks = 0
        self.parts = [
            Part("web", web_command(host, port)),
            Part("worker", [sys.executable, "manage.py", "work"]),
            Part("poller", [sys.executable, "manage.py", "poll"]),
        ]
        if sink_is_ours():
            self.parts.append(Part("sink", [sys.executable, "manage.py", "sink"]))

    @property
    def environment(self) -> dict[str, str]:
        """What the parts inherit beside our own environment: where the database is, and one thread per model."""
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        return threads | ({"DATABASE_URL": self.server.url} if self.server else {})

    def run(self) -> None:
        """Start all, say when it is ready, keep it running until told to stop, stop all."""
        begun = time.monotonic()
        before = {number: signal.signal(number, lambda *_: self.stopped.set()) for number in STOPS}
        try:
            if not connection.introspection.table_names() or not health.migrations_are_applied():
                call_command("migrate", verbosity=0, interactive=False)
            collect_static()
            for part in self.parts[1:]:  # the first page before the rest, which would take its processor
                part.due = time.monotonic() + HEAD_START_SECONDS
            self.look_after()
            if self.wait_until_answering():
                self.say(f"Deskhand is ready at {self.address} ({time.monotonic() - begun:.1f} s). Ctrl-C stops it.")
                self.say_more()
            while not self.stopped.wait(0.5):
                self.look_after()
        finally:
            self.stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def say_more(self) -> None:
        """What the operator needs next: the code of the first administrator, and where mail ends."""
        if code := opening.setup_code():
            self.say(f"Nobody can sign in yet. Open {self.address} and enter the code {code}")
        if sink_is_ours():
            self.say(f"Mail that leaves ends in {settings.VAR_DIR / 'sink'}.")

    @property
    def address(self) -> str:
        """Where a browser on this machine finds it."""
        return f"http://{'localhost' if self.host in ('127.0.0.1', '0.0.0.0', '::') else self.host}:{self.port}/"  # noqa: S104

    def wait_until_answering(self) -> bool:
        """Wait for the first page, looking after the parts meanwhile; false when told to stop before."""
        probe = f"http://{'127.0.0.1' if self.host == '0.0.0.0' else self.host}:{self.port}/healthz"  # noqa: S104
        while not self.stopped.wait(0.1):
            with contextlib.suppress(OSError, urllib.error.URLError), urllib.request.urlopen(probe, timeout=2):
                return True
            self.look_after()
        return False

    def look_after(self) -> None:
        """One look at everything: database first, then the parts, then the frozen worker."""
        if self.server and not self.server.process:
            self.restart_database()
        for part in self.parts:
            if part.child is not None and not part.runs:
                part.lost()
            if part.child is None and time.monotonic() >= part.due:
                part.start(self.environment)
                self.write_down()
        worker = self.parts[1]
        if self.worker_is_frozen(worker):
            log.error("up.worker_frozen", part=worker.name)
            worker.kill()

    def restart_database(self) -> None:
        """Start the embedded server again; when its port was taken meanwhile, the parts must learn the new one."""
        assert self.server
        port = self.server.port
        log.warning("up.died", part="database")
        self.server.start(die_with_us=True)
        connections["default"].close()
        if self.server.port != port:
            connections["default"].settings_dict["PORT"] = str(self.server.port)
            for part in self.parts:
                part.kill()

    def worker_is_frozen(self, worker: Part) -> bool:
        """Whether heartbeats are sent, none comes through, and nobody works on a task: three looks in a row.

        A worker killed while it waits for a task can take a lock with it: its cluster then lives and does nothing.
        """
        if time.monotonic() - worker.started < FROZEN_SECONDS:
            self.frozen_looks = 0
            return False
        try:
            ages = queue.seconds_since_beats(now=timezone.now())
        except DatabaseError:
            connection.close()
            return False
        sent, marked = ages.get("poller", FROZEN_SECONDS), ages.get("worker", FROZEN_SECONDS)
        silent = sent < FROZEN_SECONDS <= marked and not worker.is_busy()
        self.frozen_looks = self.frozen_looks + 1 if silent else 0
        return self.frozen_looks >= 3

    def stop(self) -> None:
        """Ask all parts to stop, and end what does not; the database is stopped by whoever started it, after us."""
        self.say("Stopping.")
        for part in self.parts:
            if part.runs and part.child:
                part.child.terminate()
        until = time.monotonic() + PATIENCE_SECONDS
        for part in self.parts:
            if part.child:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    part.child.wait(max(0.1, until - time.monotonic()))
                part.kill()
        running_file().unlink(missing_ok=True)

    def write_down(self) -> None:
        """Keep which process groups are ours, for a start after the supervisor itself was killed."""
        groups = {part.name: part.child.pid for part in self.parts if part.child}
        running_file().write_text(json.dumps(groups))


STOPS = (signal.SIGINT, signal.SIGTERM)


def run(host: str, port: int, say: Callable[[str], object]) -> None:
    """Run everything until Ctrl-C or SIGTERM. Raises CommandError when it runs already or the port is taken."""
    with only_one():
        end_leftovers()
        check_port(host, port)
        find_sink_port()
        Supervisor(host, port, say).run()


def web_command(host: str, port: int) -> list[str]:
    """How the web server is started: threads, because pages wait for the database and not for the processor."""
    options = ["-k", "gthread", "-w", str(settings.WEB_PROCESSES), "--threads", str(settings.WEB_THREADS)]
    options += ["-b", f"[{host}]:{port}" if ":" in host else f"{host}:{port}", "--no-control-socket"]
    options += ["--graceful-timeout", "10", "--timeout", "60", "--log-level", "warning"]
    return [sys.executable, "-m", "gunicorn", "config.wsgi", *options]


def sink_is_ours() -> bool:
    """Whether all mail goes to a sink on this machine, which then runs with the rest."""
    host = settings.OUTBOUND_SINK.rpartition(":")[0]
    return settings.OUTBOUND == "sink" and host in ("127.0.0.1", "localhost", "[::1]")


def find_sink_port() -> None:
    """Another copy on this machine may have the usual port of the sink: then take a free one, for all our parts.

    Where the operator named the port, raise CommandError instead: they meant that one.
    """
    if not sink_is_ours():
        return
    host, _colon, port = settings.OUTBOUND_SINK.rpartition(":")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except OSError as error:
            if "OUTBOUND_SINK" in os.environ:
                raise CommandError(f"OUTBOUND_SINK={settings.OUTBOUND_SINK} is taken ({error.strerror}).")
            probe.bind((host.strip("[]"), 0))
            os.environ["OUTBOUND_SINK"] = settings.OUTBOUND_SINK = f"{host}:{probe.getsockname()[1]}"


def running_file() -> Path:
    """Where the running process groups are written down."""
    return settings.VAR_DIR / "up.json"


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Hold this data folder: a second supervisor on it would fight the first."""
    with (settings.VAR_DIR / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(f"Deskhand already runs on {settings.VAR_DIR}.")
        yield


def end_leftovers() -> None:
    """End the process groups of a supervisor that was killed, where they did not end by themselves."""
    with contextlib.suppress(OSError, ValueError):
        groups = set(json.loads(running_file().read_text()).values())
        for found in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if os.getpgid(found.pid) in groups and Path(found.cwd()) == settings.BASE_DIR:
                    found.kill()
                    found.wait(5)


def check_port(host: str, port: int) -> None:
    """Raise CommandError with what to do when the address cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        hint = f"Stop what uses it, or start with: manage.py up --port {port + 1}"
        raise CommandError(f"Port {port} on {host} is taken ({error.strerror}). {hint}")


def collect_static() -> None:
    """Collect and compress the static files when one of them changed since the last time."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            state = os.stat(storage.path(path))
            digest.update(f"{path} {state.st_size} {state.st_mtime_ns}\n".encode())
    kept = settings.VAR_DIR / "static.digest"
    if not kept.exists() or kept.read_text() != digest.hexdigest():
        call_command("collectstatic", verbosity=0, interactive=False)
        kept.write_text(digest.hexdigest())
