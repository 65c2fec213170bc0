"""A real SMTP server for tests: it keeps every message with its envelope, and answers as a test tells it to."""

import contextlib
import socket
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

DROP = "drop the connection"  # an answer: hang up at this step without a word
DROP_AFTER_KEEPING = "keep, then drop"  # at DATA: the message is taken, the confirmation never arrives


@dataclass(frozen=True)
class Received:
    """One message as it crossed the wire: envelope sender, envelope recipients, raw bytes."""

    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The message, parsed."""
        parsed = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass
class Sink:
    """Where outgoing mail ends in a test; ``answer`` scripts what the server says."""

    port: int
    host: str = "127.0.0.1"
    messages: list[Received] = field(default_factory=list)
    connections: int = 0
    _script: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def answer(self, step: str, *replies: str) -> None:
        """At the next MAIL, RCPT or DATA answer with ``replies``, one each ("451 4.3.0 try later", ``DROP``)."""
        self._script[step.upper()].extend(replies)

    def to(self, address: str) -> list[Received]:
        """The messages that one envelope recipient got."""
        return [kept for kept in self.messages if address in kept.recipients]

    # What aiosmtpd calls; the names are its own.

    async def handle_EHLO(
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, answers: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return answers

    async def handle_MAIL(
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = self._next("MAIL", server)
        if said.startswith("2"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return said

    async def handle_RCPT(
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = self._next("RCPT", server)
        if said.startswith("2"):
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return said

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        keeps = self._script["DATA"][:1] in ([], [DROP_AFTER_KEEPING]) or self._script["DATA"][0].startswith("2")
        if keeps:
            raw = envelope.original_content or b""
            self.messages.append(Received(envelope.mail_from or "", list(envelope.rcpt_tos), raw))
        return self._next("DATA", server)

    def _next(self, step: str, server: SMTP) -> str:
        said = self._script[step].pop(0) if self._script[step] else "250 2.0.0 Ok"
        if said in (DROP, DROP_AFTER_KEEPING):
            assert server.transport is not None
            server.transport.abort()
            return "421 4.3.2 gone"
        return said


@contextlib.contextmanager
def running_sink() -> Iterator[Sink]:
    """A sink that listens on a free port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    sink = Sink(port)
    controller = Controller(sink, hostname=sink.host, port=port)
    controller.start()
    sink.connections = 0
    try:
        yield sink
    finally:
        controller.stop()
