"""A real IMAP server for tests: Dovecot on a free port, any user, password "secret"."""

import contextlib
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BINARY = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
_CONFIG = """
base_dir = {run}/base
state_dir = {run}/state
protocols = imap
listen = 127.0.0.1
log_path = {run}/dovecot.log
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{run}/mail/%u
default_internal_user = {server}
default_login_user = {login}
default_internal_group = {group}
mail_uid = {mail}
mail_gid = {mail_group}
first_valid_uid = 0
first_valid_gid = 0
auth_mechanisms = plain
auth_failure_delay = 0
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={mail} gid={mail_group} home={run}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
"""


@dataclass
class Dovecot:
    """A running server; ``stop`` and ``start`` make it go away and come back."""

    run: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.process = subprocess.Popen([str(BINARY), "-F", "-c", str(self.run / "dovecot.conf")])
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as line:
                if line.recv(4) == b"* OK":
                    return
            time.sleep(0.02)
        raise RuntimeError((self.run / "dovecot.log").read_text())

    def stop(self) -> None:
        """Stop it; what it keeps stays on disk."""
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    @contextlib.contextmanager
    def signed_in(self, user: str) -> Iterator[imaplib.IMAP4]:
        """A client of its own, as the mailbox's other programs are."""
        with imaplib.IMAP4("127.0.0.1", self.port) as client:
            client.login(user, "secret")
            yield client

    def deliver(self, user: str, *mails: bytes, folder: str = "INBOX", date: float | None = None) -> None:
        """Put mails into a folder; ``date`` is when the server says they came (seconds since 1970)."""
        with self.signed_in(user) as client:
            client.create(folder)
            for raw in mails:
                when = imaplib.Time2Internaldate(date if date is not None else time.time())
                kind, said = client.append(folder, None, when, raw)
                assert kind == "OK", said

    def seen(self, user: str) -> int:
        """How many mails of the inbox are marked as seen."""
        with self.signed_in(user) as client:
            client.select(readonly=True)
            return len(client.search(None, "SEEN")[1][0].split())

    def renumber(self, user: str) -> None:
        """Let the server number the inbox anew, as after a restored backup."""
        for name in (
            "dovecot-uidlist",
            "dovecot.index",
            "dovecot.index.log",
            "dovecot.index.cache",
            "dovecot-uidvalidity",
        ):
            (self.run / "mail" / user / name).unlink(missing_ok=True)
        for marker in (self.run / "mail" / user).glob("dovecot-uidvalidity.*"):
            marker.unlink()


def _accounts() -> dict[str, str]:
    """As root: the server's own accounts; else everything as who runs the tests."""
    me = pwd.getpwuid(os.getuid())
    if os.getuid() != 0:
        group = str(os.getgid())
        return {"server": me.pw_name, "login": me.pw_name, "group": group, "mail": me.pw_name, "mail_group": group}
    return {"server": "dovecot", "login": "dovenull", "group": "dovecot", "mail": "mail", "mail_group": "mail"}


@contextlib.contextmanager
def running_dovecot() -> Iterator[Dovecot]:
    """A server with empty mailboxes, gone afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    run = Path(tempfile.mkdtemp(prefix="dovecot-"))
    run.chmod(0o755)
    accounts = _accounts()
    mail = run / "mail"
    mail.mkdir()
    if os.getuid() == 0:
        shutil.chown(mail, accounts["mail"], accounts["mail_group"])
    (run / "dovecot.conf").write_text(_CONFIG.format(run=run, port=port, **accounts))
    server = Dovecot(run, port)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(run, ignore_errors=True)
