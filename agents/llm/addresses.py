"""Which servers may be called: the address of a model is entered by a person, and our server calls it."""

import ipaddress
import socket
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from agents.fetch.addresses import Forbidden, check_address

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Where machines in clouds ask for their own keys; the others of these are link-local.
CLOUDS_OWN = ("168.63.129.16", "100.100.100.200", "fd00:ec2::254")


class ForbiddenAddressError(Exception):
    """The operator does not allow that this address is called; the text says which and why."""


def check_url(url: str) -> list[str]:
    """The addresses of its machine, all of which may be called.

    Raises ForbiddenAddressError when one may not, socket.gaierror for a name nobody knows.
    """
    host, port, is_secret = check_form(url)
    found = list(dict.fromkeys(str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    for one in found:
        check_peer(one, is_secret=is_secret)
    return found


def check_form(url: str) -> tuple[str, int, bool]:
    """Host, port, and whether it is https; raises ForbiddenAddressError for what is no address of a server."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise ForbiddenAddressError(_("An address begins with https:// and names a server."))
    if parts.username or parts.password:
        raise ForbiddenAddressError(_("An address holds no user and password; the key has a field of its own."))
    is_secret = parts.scheme == "https"
    return host, port or (443 if is_secret else 80), is_secret


def check_peer(text: str, *, is_secret: bool = True) -> None:
    """Raise ForbiddenAddressError when this address of a machine may not be called."""
    address = _unwrap(ipaddress.ip_address(text.partition("%")[0]))
    odd = address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved
    if odd or str(address) in CLOUDS_OWN:
        raise ForbiddenAddressError(_("%(address)s is never called: it is no server.") % {"address": address})
    if _is_public(address):
        if not is_secret:
            raise ForbiddenAddressError(_("Over the internet only https:// is allowed, or everybody reads the key."))
    elif not settings.MODEL_PRIVATE_ADDRESSES:
        said = _("%(address)s is in a private network. The operator allows that with MODEL_PRIVATE_ADDRESSES=true.")
        raise ForbiddenAddressError(said % {"address": address})


def _is_public(address: Address) -> bool:
    try:
        check_address(str(address))
    except Forbidden:
        return False
    return True


def _unwrap(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one, where there is one."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped or address.sixtofour:
            return address.ipv4_mapped or address.sixtofour or address
        if address in ipaddress.ip_network("64:ff9b::/96"):
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address
