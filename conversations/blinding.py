"""Addresses as digests under a key of this installation: compared, never read back; and tokens that carry one.

The key is made once and never changes, or every promise not to write again would be forgotten; what changes is
the operator's key that seals it.
"""

import base64
import binascii
import functools
import hashlib
import hmac
import secrets

from conversations.addresses import normalise_address
from conversations.credentials import open_sealed, seal
from conversations.models import SuppressionKey

KEY_ROW = 1
_MARK = 16
"""Bytes of a token's signature: nobody guesses 128 bits."""


@functools.lru_cache(maxsize=4)
def _open(sealed: str) -> bytes:
    return bytes.fromhex(open_sealed(sealed))


def find_key() -> bytes | None:
    """The key, when there is one already. Raises ``credentials.Unsealable`` when the operator's keys are lost."""
    sealed = SuppressionKey.objects.filter(pk=KEY_ROW).order_by().values_list("sealed", flat=True)
    return next((_open(each) for each in sealed if each), None)


def make_key() -> bytes:
    """The key, made on first need; two workers agree on one."""
    if key := find_key():
        return key
    fresh = seal(secrets.token_bytes(32).hex())
    row, _created = SuppressionKey.objects.get_or_create(pk=KEY_ROW, defaults={"sealed": fresh})
    return _open(row.sealed)


def digest_of(target: str, key: bytes) -> str:
    """The digest of a normalised address or domain."""
    return hmac.new(key, b"suppressed:" + target.encode(), hashlib.sha256).hexdigest()


def read_target(text: str) -> tuple[str, bool] | None:
    """A normalised address, or a domain (``example.com``, ``@example.com``) and True; None for anything else."""
    text = text.strip()
    if "@" in text.lstrip("@"):
        address = normalise_address(text)
        return (address, False) if address and not text.startswith("@") else None
    domain = normalise_address(f"x@{text.lstrip('@')}").removeprefix("x@")
    parts = domain.split(".")
    plausible = len(parts) > 1 and all(part.replace("-", "").isalnum() and len(part) < 64 for part in parts)
    return (domain, True) if plausible and len(domain) < 254 else None


def targets_of(address: str) -> list[str]:
    """What may stop mail to an address: itself, its domain, and the domains above it."""
    normal = normalise_address(address)
    if not normal:
        return []
    parts = normal.rpartition("@")[2].split(".")
    return [normal, *(".".join(parts[start:]) for start in range(max(1, len(parts) - 1)))]


def _sign(digest: bytes, key: bytes) -> bytes:
    return hmac.new(key, b"unsubscribe:" + digest, hashlib.sha256).digest()[:_MARK]


def write_token(address: str) -> str:
    """What an unsubscribe link carries: the address's digest, signed. It names nobody and never ends."""
    key = make_key()
    digest = bytes.fromhex(digest_of(normalise_address(address), key))
    return base64.urlsafe_b64encode(digest + _sign(digest, key)).decode().rstrip("=")


def read_token(token: str) -> str | None:
    """The digest that a token of ours carries; None for what we did not make."""
    key = find_key()
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    digest, mark = raw[:-_MARK], raw[-_MARK:]
    if key is None or len(digest) != 32 or not hmac.compare_digest(mark, _sign(digest, key)):
        return None
    return digest.hex()
