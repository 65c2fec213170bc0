"""What is wrong with a mail server, in words that say how to mend it."""

import socket
import ssl
from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Check:
    """One step of a connection test: its name, whether it went well, and what was found."""

    name: str
    ok: bool
    text: str


def explain_network(error: BaseException, *, host: str, port: int) -> str:
    """Why a server could not be reached, from the exception of a socket or of TLS."""
    values = {"host": host, "port": port}
    if isinstance(error, socket.gaierror):
        return _("No server is called “%(host)s”. Check the spelling of the name.") % values
    if isinstance(error, ConnectionRefusedError):
        return _("“%(host)s” accepts no connections on port %(port)s. Check the port and the security.") % values
    if isinstance(error, TimeoutError):
        return (
            _("“%(host)s” did not answer on port %(port)s in time. Check the port, or whether a firewall is between.")
            % values
        )
    if isinstance(error, ssl.SSLCertVerificationError):
        return _("The certificate of “%(host)s” is not valid: %(why)s.") % {**values, "why": error.verify_message}
    if isinstance(error, ssl.SSLError):
        return _("“%(host)s” does not speak TLS on port %(port)s. Try STARTTLS, or another port.") % values
    if isinstance(error, ConnectionError | EOFError):
        return _("“%(host)s” closed the connection on port %(port)s.") % values
    return _("“%(host)s” cannot be reached on port %(port)s: %(why)s.") % {**values, "why": str(error)[:200]}


def as_text(said: object) -> str:
    """What a server said, as one printable line of at most 300 characters."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]
