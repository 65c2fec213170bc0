"""One request over the wire: to the address that was checked, within the deadline and the limit."""

import socket
import time
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import httpcore
from django.conf import settings
from django.utils.translation import gettext as _

from agents.fetch.addresses import Forbidden, Target, TooLarge, TooSlow, Unreachable, check_address


@dataclass(frozen=True)
class Answer:
    """What one request gave; the body only of a page (200)."""

    status: int
    headers: dict[str, str]
    body: bytes


_names = ThreadPoolExecutor(max_workers=4, thread_name_prefix="names")


def _resolve(host: str, port: int, ends: float) -> list[str]:
    """The addresses of a name, all of which must be public: one inside refuses the name."""
    try:
        found = _names.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM).result(seconds_left(ends))
    except TooLate:
        raise TooSlow(_("Its name was not found in time.")) from None
    except (OSError, UnicodeError):
        raise Unreachable(_("There is no host of this name.")) from None
    return list(dict.fromkeys(str(check_address(str(row[4][0]))) for row in found))


class _Timed(httpcore.NetworkStream):
    """A connection whose every read and write ends with the one deadline."""

    def __init__(self, stream: httpcore.NetworkStream, ends: float) -> None:
        self._stream, self._ends = stream, ends

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, seconds_left(self._ends))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, seconds_left(self._ends))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> "httpcore.NetworkStream":
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, seconds_left(self._ends)), self._ends)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Guard(httpcore.NetworkBackend):
    """Connects to nothing but public addresses: the name is resolved here and the checked address is dialled."""

    def __init__(self, ends: float) -> None:
        self._ends = ends

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = _resolve(host, port, self._ends)
        failed: Exception | None = None
        for address in addresses[:3]:
            try:
                return _Timed(httpcore.SyncBackend().connect_tcp(address, port, seconds_left(self._ends)), self._ends)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed or httpcore.ConnectError("no address")

    def connect_unix_socket(self, path: str, timeout: float | None = None, socket_options: Any = None) -> Any:
        raise Forbidden(_("Only http and https are opened."))


def seconds_left(ends: float) -> float:
    """What is left until the deadline; raises ``TooSlow`` when it is over."""
    left = ends - time.monotonic()
    if left <= 0:
        raise TooSlow(_("It did not end within the time allowed."))
    return left


def ask(target: Target, limit: int, ends: float) -> Answer:
    """One request, one hop, with a connection of its own that is closed afterwards."""
    if folder := settings.FETCH_DEMO_FOLDER:
        return _read_file(Path(folder), target)
    headers: dict[bytes | str, bytes | str] = {
        "Host": f"[{target.host}]" if ":" in target.host else target.host,
        "User-Agent": user_agent(),
        "Accept": "text/html,application/xhtml+xml,text/plain;q=0.9",
        "Accept-Encoding": "gzip, deflate",
        "Connection": "close",
    }
    url = httpcore.URL(
        scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
    )
    try:
        with (
            httpcore.ConnectionPool(network_backend=_Guard(ends), max_connections=1, retries=0) as pool,
            pool.stream("GET", url, headers=headers) as response,
        ):
            found = {
                name.decode("latin-1").lower(): value.decode("utf-8", "replace") for name, value in response.headers
            }
            is_page = response.status == 200
            body = _read_body(response.iter_stream(), found, limit, ends) if is_page else b""
            return Answer(response.status, found, body)
    except httpcore.TimeoutException:
        raise TooSlow(_("It did not end within the time allowed.")) from None
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError):
        raise Unreachable(_("The host does not answer as a web server does.")) from None


def _read_body(pieces: Iterable[bytes], headers: dict[str, str], limit: int, ends: float) -> bytes:
    """The body, unpacked while it streams; what is too large is left where it is."""
    size, coding = headers.get("content-length", ""), headers.get("content-encoding", "identity").strip().lower()
    if size.isdigit() and int(size) > limit:
        raise _too_large(limit)
    if coding not in ("identity", "", "gzip", "x-gzip", "deflate"):
        raise Unreachable(_("It is packed in a way that was not asked for."))
    unpack = _unpacker(coding)
    body, sent = bytearray(), 0
    for piece in pieces:
        seconds_left(ends)
        sent += len(piece)
        body += unpack(piece, limit + 1 - len(body))
        if sent > limit or len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


def _unpacker(coding: str) -> Callable[[bytes, int], bytes]:
    if coding in ("identity", ""):
        return lambda piece, most: piece
    # 47 takes gzip and zlib alike by their first bytes.
    unpacking = zlib.decompressobj(47)

    def unpack(piece: bytes, most: int) -> bytes:
        try:
            return unpacking.decompress(piece, most)
        except zlib.error:
            raise Unreachable(_("What it sent cannot be unpacked.")) from None

    return unpack


def _too_large(limit: int) -> TooLarge:
    return TooLarge(_("It is larger than %(size)s kB.") % {"size": limit // 1000})


def _read_file(folder: Path, target: Target) -> Answer:
    """The demo's sites are files; nothing is connected to, and no other site is there."""
    root = (folder / target.host).resolve()
    path = (root / target.path.partition("?")[0].lstrip("/")).resolve()
    if root.parent != folder.resolve() or not root.is_dir() or not path.is_relative_to(root):
        raise Unreachable(_("There is no host of this name."))
    path = path / "index.html" if path.is_dir() else path
    if not path.is_file():
        return Answer(404, {}, b"")
    kind = "text/plain" if path.suffix == ".txt" else "text/html"
    return Answer(200, {"content-type": f"{kind}; charset=utf-8"}, path.read_bytes())


def user_agent() -> str:
    """Who we say we are."""
    try:
        number = version("deskhand")
    except PackageNotFoundError:
        number = "0"
    return f"Deskhand/{number} (+{settings.PUBLIC_URL})"
