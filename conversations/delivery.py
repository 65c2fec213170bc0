"""Mail leaves by SMTP, spoken step by step, so that each failure is known to be before or after the point of no return.

Before the end of the mail's bytes nothing has been taken over, whatever breaks: it may be tried again. A server that
says no is believed. Once the final dot is on its way only the server's answer tells; without one, nobody knows.
All recipients or none: when one of them is refused the mail is not sent to the others, because a second try would
reach those twice.
"""

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from django.conf import settings
from django.utils.translation import gettext as _

from agents.outbox import NotSent, Refused
from conversations.credentials import Unsealable, open_sealed
from conversations.models import Mailbox
from conversations.reasons import Check, as_text, explain_network

_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"(?m)^\.")


class OutcomeUnknown(Exception):  # noqa: N818
    """The end of the mail was on its way and no answer came: it may have left."""


class CannotConnect(Exception):  # noqa: N818
    """The server cannot be reached or refuses the sign-in; ``step`` says which, ``reason`` why."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(reason)
        self.step, self.reason = step, reason


@dataclass(frozen=True)
class Server:
    """Where mail is handed over, and as whom."""

    host: str
    port: int
    security: str = Mailbox.Security.NONE
    user: str = ""
    sealed_password: str = ""


def server_of(mailbox: Mailbox) -> Server:
    """The mailbox's own server; with OUTBOUND=sink the operator's sink, whatever the mailbox says."""
    if settings.OUTBOUND == "sink":
        host, _colon, port = settings.OUTBOUND_SINK.rpartition(":")
        return Server(host or "127.0.0.1", int(port))
    user = mailbox.smtp_username or (mailbox.address if mailbox.smtp_password else "")
    return Server(mailbox.smtp_host, mailbox.smtp_port, mailbox.smtp_security, user, mailbox.smtp_password)


def to_wire(raw: bytes) -> bytes:
    """The bytes as DATA carries them: every line end CR LF, leading dots doubled, no end mark inside."""
    lines = _LINE_END.sub(b"\r\n", raw)
    if not lines.endswith(b"\r\n"):
        lines += b"\r\n"
    return _LEADING_DOT.sub(b"..", lines)


class Line:
    """One kept connection to one server; opened when first needed, opened again when it was closed while idle."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._smtp: smtplib.SMTP | None = None

    def send(self, raw: bytes, *, sender: str, recipients: list[str]) -> str:
        """Hand one mail over; returns what the server called it. Raises NotSent, Refused or OutcomeUnknown."""
        smtp = self._ready()
        try:
            self._envelope(smtp, sender, recipients)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise NotSent(self._words(error)) from error
        return self._content(smtp, to_wire(raw))

    def _ready(self) -> smtplib.SMTP:
        """The connection, checked: what was closed while idle is opened again, for nothing was said yet."""
        if self._smtp is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                if self._smtp.rset()[0] == 250:
                    return self._smtp
            self.close()
        try:
            self._smtp = open_connection(self.server)
        except CannotConnect as error:
            raise NotSent(error.reason) from error
        return self._smtp

    def _envelope(self, smtp: smtplib.SMTP, sender: str, recipients: list[str]) -> None:
        international = not "".join([sender, *recipients]).isascii()
        if international and not smtp.has_extn("smtputf8"):
            raise Refused(_("The server cannot send to addresses with letters outside ASCII."))
        options = ["SMTPUTF8", "BODY=8BITMIME"] if international else []
        self._expect(smtp.mail(sender, options), (250,))
        for address in recipients:
            self._expect(smtp.rcpt(address), (250, 251), about=address)
        self._expect(smtp.docmd("DATA"), (354,))

    def _content(self, smtp: smtplib.SMTP, wire: bytes) -> str:
        assert smtp.sock
        try:
            smtp.sock.settimeout(settings.MAIL_TIMEOUT_SECONDS)
            smtp.sock.sendall(wire)
        except OSError as error:
            # The end of the mail was not sent, so the server cannot have taken it.
            self.close()
            raise NotSent(self._words(error)) from error
        try:
            smtp.sock.settimeout(settings.SMTP_ACCEPT_SECONDS)
            smtp.sock.sendall(b".\r\n")
            code, said = smtp.getreply()
            smtp.sock.settimeout(settings.MAIL_TIMEOUT_SECONDS)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise OutcomeUnknown(self._words(error)) from error
        if not 200 <= code <= 599:
            self.close()
            raise OutcomeUnknown(as_text(said))
        if code >= 300:
            self._say_no(code, said)
        return as_text(said)

    def _expect(self, answer: tuple[int, bytes], wanted: tuple[int, ...], *, about: str = "") -> None:
        code, said = answer
        if code in wanted:
            return
        self._say_no(code, said, about=about)

    def _say_no(self, code: int, said: bytes, *, about: str = "") -> NoReturn:
        """A server's no: for good (5xx), or for now (4xx and anything that makes no sense before the end)."""
        text = f"{about + ': ' if about else ''}{code} {as_text(said)}"
        if code == 421:
            self.close()
        if 500 <= code <= 599:
            raise Refused(text)
        raise NotSent(text)

    def _words(self, error: Exception) -> str:
        if isinstance(error, smtplib.SMTPServerDisconnected):
            error = ConnectionResetError()
        if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
            return explain_network(error, host=self.server.host, port=self.server.port)
        return as_text(error)

    def close(self) -> None:
        """Hang up; the next mail opens a fresh connection."""
        if self._smtp is not None:
            with contextlib.suppress(Exception):
                self._smtp.close()
            self._smtp = None


def open_connection(server: Server) -> smtplib.SMTP:
    """A connection that is encrypted and signed in as the server's settings say. Raises CannotConnect."""
    try:
        password = open_sealed(server.sealed_password)
    except Unsealable:
        reason = _("The stored password cannot be opened: the key STORED_SECRETS_KEYS changed. Enter it again.")
        raise CannotConnect("sign-in", reason) from None
    try:
        smtp = _connect(server)
    except (smtplib.SMTPException, OSError) as error:
        raise CannotConnect("reach", _explain(error, server)) from error
    if not server.user or not password:
        return smtp
    try:
        smtp.login(server.user, password)
    except (smtplib.SMTPException, OSError) as error:
        smtp.close()
        raise CannotConnect("sign-in", _explain(error, server)) from error
    return smtp


def _connect(server: Server) -> smtplib.SMTP:
    seconds = settings.MAIL_TIMEOUT_SECONDS
    if server.security == Mailbox.Security.TLS:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=seconds, context=ssl.create_default_context()
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=seconds)
    try:
        # The end of a mail is a write of its own: it must not wait until the server has acknowledged the one before.
        if smtp.sock:
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        smtp.ehlo_or_helo_if_needed()
        if server.security == Mailbox.Security.STARTTLS:
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo()
    except BaseException:
        smtp.close()
        raise
    return smtp


def _explain(error: Exception, server: Server) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        values = {"user": server.user, "said": as_text(error.smtp_error)}
        return _("The server refused user “%(user)s” with this password: %(said)s") % values
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return _("The server does not offer what the mailbox asks for: %(said)s") % {"said": as_text(error)}
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return explain_network(ConnectionResetError(), host=server.host, port=server.port)
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {as_text(error.smtp_error)}"
    return explain_network(error, host=server.host, port=server.port)


class Lines:
    """The kept connections of one batch, one for each server."""

    def __init__(self) -> None:
        self._lines: dict[Server, Line] = {}

    def to(self, mailbox: Mailbox) -> Line:
        """The line that mail of this mailbox leaves by."""
        server = server_of(mailbox)
        return self._lines.setdefault(server, Line(server))

    def close(self) -> None:
        """Hang up everywhere."""
        for line in self._lines.values():
            line.close()


@contextlib.contextmanager
def kept_lines() -> Iterator[Lines]:
    """Lines that stay open for a batch and are closed after it."""
    lines = Lines()
    try:
        yield lines
    finally:
        lines.close()


def check_smtp(mailbox: Mailbox) -> list[Check]:
    """Try each step of sending up to the recipient: reach the server, sign in, be allowed as sender. Sends none."""
    reach, sign_in, sender = _("Reach the SMTP server"), _("Sign in to send"), _("Send as this address")
    server = server_of(mailbox)
    if not server.host:
        return [Check(reach, False, _("No SMTP server is named, so nothing can be sent."))]
    where = f"{server.host}:{server.port}"
    try:
        smtp = open_connection(server)
    except CannotConnect as error:
        if error.step == "reach":
            return [Check(reach, False, error.reason)]
        return [Check(reach, True, where), Check(sign_in, False, error.reason)]
    done = [Check(reach, True, where), Check(sign_in, True, server.user or _("No sign-in asked for"))]
    try:
        code, said = smtp.mail(mailbox.address)
        if code == 250:
            code, said = smtp.rcpt(mailbox.address)
        smtp.rset()
        text = mailbox.address if code in (250, 251) else f"{code} {as_text(said)}"
        return [*done, Check(sender, code in (250, 251), text)]
    except (smtplib.SMTPException, OSError) as error:
        return [*done, Check(sender, False, _explain(error, server))]
    finally:
        smtp.close()
