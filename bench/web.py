"""A small internet on this machine: names, a public address behind which a stub answers, doors that must stay shut.

The edge is faked where the operating system's resolver is asked, and nowhere else: the address ``PUBLIC`` is routed to
the stub, every name says what the table says. The fetcher under test is the real one, with its real checks.
"""

import contextlib
import http.server
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

PUBLIC = "93.184.215.14"
Write = Callable[[bytes], None]
Site = Callable[["Request"], None]


@dataclass
class Request:
    """What the stub was asked; ``answer`` or ``write`` says something back."""

    host: str
    path: str
    headers: Mapping[str, str]
    write: Write

    def answer(self, body: str | bytes = b"", status: int = 200, **headers: str) -> None:
        """A whole answer; headers by name with underscores."""
        content = body.encode() if isinstance(body, str) else body
        named = {"content-type": "text/html; charset=utf-8", "content-length": str(len(content))}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        self.write(f"HTTP/1.1 {status} OK\r\n{head}\r\n".encode() + content)


@dataclass
class Internet:
    """What went over it: requests to the stub, and connections that should never have been made."""

    names: dict[str, list[str]] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    lookups: list[str] = field(default_factory=list)

    def add(self, host: str, site: Site, *addresses: str) -> None:
        """A site that answers under a name; without addresses it is public."""
        self.names[host], self.sites[host] = list(addresses or [PUBLIC]), site


@contextlib.contextmanager
def small_internet() -> Iterator[Internet]:
    """Route the public address to a stub and count every connection that goes anywhere else."""
    net, real_lookup, real_connect = Internet(), socket.getaddrinfo, socket.socket.connect
    with _stub(net) as port, contextlib.ExitStack() as doors:
        for address in ("127.0.0.1", "::1"):
            for number in (80, 443):
                doors.enter_context(_door(address, number, net))

        def look_up(host: Any, number: Any, *rest: Any, **named: Any) -> Any:
            if host == PUBLIC:
                return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
            net.lookups.append(str(host))
            if host in net.names:
                return [_row(address, number) for address in net.names[host]]
            if str(host).endswith(".example"):
                raise socket.gaierror(-2, "Name or service not known")
            return real_lookup(host, number, *rest, **named)

        def connect(self: socket.socket, address: Any) -> Any:
            if self.family != socket.AF_UNIX and address[:2] != ("127.0.0.1", port):
                net.forbidden.append(str(address))
                raise ConnectionRefusedError(address)
            return real_connect(self, address)

        socket.getaddrinfo, socket.socket.connect = look_up, connect  # type: ignore[assignment,method-assign]
        try:
            yield net
        finally:
            socket.getaddrinfo, socket.socket.connect = real_lookup, real_connect  # type: ignore[method-assign]


def _row(address: str, port: Any) -> Any:
    if ":" in address:
        return (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))


@contextlib.contextmanager
def _stub(net: Internet) -> Iterator[int]:
    class Answering(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = self.headers.get("Host", "")
            request = Request(host, self.path, {name.lower(): value for name, value in self.headers.items()}, self.say)
            net.requests.append(request)
            with contextlib.suppress(OSError):
                if self.path == "/robots.txt" and host not in net.sites.get("robots", {}):  # type: ignore[operator]
                    request.answer("", 404)
                else:
                    net.sites[host](request)
            self.close_connection = True

        def say(self, content: bytes) -> None:
            self.wfile.write(content)
            self.wfile.flush()

        def log_message(self, *words: Any) -> None:
            return

    class Threads(socketserver.ThreadingMixIn, http.server.HTTPServer):
        daemon_threads, block_on_close = True, False

    with Threads(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


@contextlib.contextmanager
def _door(address: str, port: int, net: Internet) -> Iterator[None]:
    """A real listening socket on a forbidden address, where this user may open one: whoever knocks is counted."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        listening = socket.create_server((address, port), family=family)
    except OSError:
        yield
        return

    def count() -> None:
        with contextlib.suppress(OSError):
            while True:
                listening.accept()[0].close()
                net.forbidden.append(f"{address}:{port} accepted")

    threading.Thread(target=count, daemon=True).start()
    try:
        yield
    finally:
        time.sleep(0.02)
        listening.close()
