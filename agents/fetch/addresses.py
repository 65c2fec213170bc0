"""Which web addresses may be opened at all. Pure: names are resolved elsewhere, and each answer is checked here."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

PORTS = {"http": 80, "https": 443}

# What no address of a page may be, whatever its name: RFC 6890 and its successors, and the clouds' own addresses.
_REFUSED = """
0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.31.196.0/24
192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4
240.0.0.0/4 168.63.129.16/32 2001::/23 2001:db8::/32 2002::/16 3fff::/20
"""
_REFUSED_NETWORKS = [ipaddress.ip_network(text) for text in _REFUSED.split()]
_GLOBAL_SIX = ipaddress.ip_network("2000::/3")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})+")
_LOCAL_NAMES = (".local", ".localhost", ".localdomain", ".internal", ".intranet", ".lan", ".home.arpa", ".onion")
_ODD = re.compile(r"[\x00-\x20\x7f\\\u200b-\u200f\u2028\u2029\u202a-\u202e\ufeff]")


class FetchError(Exception):
    """No page came of it; the text says why, in words."""


class Forbidden(FetchError):  # noqa: N818
    """An address that is not opened: not public, not plain, or not wished by the site."""


class TooLarge(FetchError):  # noqa: N818
    """More bytes than allowed, as sent or once unpacked."""


class TooSlow(FetchError):  # noqa: N818
    """It did not end within the deadline."""


class Unreachable(FetchError):  # noqa: N818
    """No such name, no answer, an error instead of a page, or no text."""


@dataclass(frozen=True)
class Target:
    """An address whose form was checked; its name is still to be resolved."""

    scheme: str
    host: str
    path: str

    @property
    def port(self) -> int:
        """80 or 443."""
        return PORTS[self.scheme]

    @property
    def origin(self) -> str:
        """What robots.txt and politeness are kept by."""
        return f"{self.scheme}://{self.host}"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}{self.path}"


def check_url(url: str) -> Target:
    """An address taken apart, when its form may be opened at all; raises ``Forbidden`` with the reason."""
    url = url.strip()
    if not url or len(url) > 2000 or _ODD.search(url):
        raise Forbidden(_("This is no plain web address."))
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise Forbidden(_("This is no plain web address.")) from None
    if parts.scheme not in PORTS:
        raise Forbidden(_("Only http and https are opened."))
    if "@" in parts.netloc or "%" in parts.netloc or ("[" in parts.netloc and ":" not in host):
        raise Forbidden(_("An address with a user name or coded characters in its host is not opened."))
    if port not in (None, PORTS[parts.scheme]):
        raise Forbidden(_("Only the usual ports 80 and 443 are opened."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, _check_host(host), _quote(path))


def _check_host(host: str) -> str:
    """The host in its ASCII form: a public name with a dot, or a public address in its one plain form."""
    if ":" in host:
        return str(check_address(host))
    try:
        name = host.rstrip(".") if host.isascii() else host.encode("idna").decode("ascii").rstrip(".")
    except UnicodeError:
        raise Forbidden(_("This is no name of a public host.")) from None
    name = name.lower()
    last = name.rpartition(".")[2]
    if last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last):
        # Browsers would read 127.1, 0x7f.1 or 2130706433 as an address: only four plain decimal numbers are one.
        if name != host:
            raise Forbidden(_("This is no name of a public host."))
        return str(check_address(name))
    if not _HOST.fullmatch(name) or f".{name}".endswith(_LOCAL_NAMES):
        raise Forbidden(_("This is no name of a public host."))
    return name


def check_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """A public unicast address; raises ``Forbidden`` for every other, and for every other way to write one."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise Forbidden(_("This is no address of a public host.")) from None
    six = address if isinstance(address, ipaddress.IPv6Address) else None
    public = address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
    if six is not None:
        public = public and six in _GLOBAL_SIX and not six.scope_id and six.ipv4_mapped is None
    if not public or any(address in network for network in _REFUSED_NETWORKS if network.version == address.version):
        raise Forbidden(_("It leads to an address that is not public."))
    return address


def _quote(path: str) -> str:
    """The path and query as they go over the wire: ASCII, nothing that could start a second line."""
    return re.sub(r"[^\x21-\x7e]", lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), path)
