"""Mail addresses, reply tokens and Message-IDs of our own; and headers that carry one line only."""

import base64
import re
import secrets
import unicodedata
import uuid
from collections.abc import Iterable

TOKEN_BYTES = 20
TOKEN_LENGTH = 32
_TOKEN = r"[a-z2-7]{26,64}"  # noqa: S105  the shape of a token, not one
_PLUS_TOKEN = re.compile(rf"\+({_TOKEN})@", re.IGNORECASE)
_OWN_ID_TOKEN = re.compile(
    rf"<?[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}\.({_TOKEN})@([^\s<>@]+)", re.IGNORECASE
)
_NAMESPACE = uuid.UUID("6f0a3f0e-6c5e-5d0b-9d52-2f3c6b1f6a11")
_DOMAIN = re.compile(r"[a-z0-9.-]+|\[[0-9a-f.:]+\]", re.IGNORECASE)
_PLAIN = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")


def clean_header(value: str, *, limit: int = 998) -> str:
    """One line without control characters, cut to ``limit`` characters: what a header of ours may carry.

    Line breaks of every alphabet (also U+2028, U+0085) and tabs become one space; NUL, other control characters,
    lone surrogates and direction overrides are dropped, so that no value can start a second header.
    """
    value = re.sub(r"[\r\n\t\v\f\x1c-\x1e\x85\u2028\u2029]+", " ", value)
    kept = (c for c in value if unicodedata.category(c) not in ("Cc", "Cs") and c not in _DIRECTION)
    return "".join(kept).strip()[:limit].rstrip()


_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def normalise_address(address: str) -> str:
    """The address as we compare it: trimmed, lower case, domain in its ASCII form; empty when it is no address."""
    address = clean_header(address, limit=320).strip("<>\"' ").lower()
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain or " " in domain:
        return ""
    domain = domain.rstrip(".")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    return f"{local}@{domain}"


def can_be_written_to(address: str) -> bool:
    """Whether an address is one plain address: what a server or a header could read as two, or as more, is none."""
    return _PLAIN.fullmatch(normalise_address(address)) is not None


def new_token() -> str:
    """A reply token nobody can guess: 160 random bits as 32 lower-case base32 characters."""
    return base64.b32encode(secrets.token_bytes(TOKEN_BYTES)).decode("ascii").lower()


def reply_address(mailbox_address: str, token: str) -> str:
    """The address answers come back to: ``support+<token>@example.com`` for ``support@example.com``."""
    local, _, domain = normalise_address(mailbox_address).rpartition("@")
    if not local or not re.fullmatch(_TOKEN, token):
        raise ValueError("a reply address needs a mailbox address and a token")
    return f"{local.partition('+')[0]}+{token}@{domain}"


def find_tokens(addresses: Iterable[str], message_ids: Iterable[str] = (), *, own_domain: str = "") -> list[str]:
    """Reply tokens in plus-addresses and in Message-IDs of ours, lower-cased, in order, each once.

    With ``own_domain`` only Message-IDs of that domain count. A token found is a claim, not a proof: look it up.
    """
    found = [match.lower() for address in addresses for match in _PLUS_TOKEN.findall(address)]
    for message_id in message_ids:
        for token, domain in _OWN_ID_TOKEN.findall(message_id):
            if not own_domain or domain.lower() == own_domain.lower():
                found.append(token.lower())
    return list(dict.fromkeys(found))


def own_message_id(key: str, domain: str, *, token: str = "") -> str:
    """The Message-ID of the effect with this business ``key``: the same for life, so that a copy is recognised.

    With the thread's ``token`` the id carries it, and a reply finds its thread even where plus-addresses are lost.
    """
    if not _DOMAIN.fullmatch(domain):
        raise ValueError(f"not a domain: {domain!r}")
    suffix = f".{token}" if token else ""
    return f"<{uuid.uuid5(_NAMESPACE, key)}{suffix}@{domain.lower()}>"
