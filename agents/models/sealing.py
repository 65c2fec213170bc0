"""What administrators entrust to us (passwords, keys): sealed under the operator's key and never shown again."""

from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class Unsealable(Exception):  # noqa: N818
    """A stored secret that none of the operator's keys opens: the key was changed without keeping the old one."""


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.STORED_SECRETS_KEYS])


def seal(text: str) -> str:
    """The text as it may be stored; empty stays empty."""
    return _keys().encrypt(text.encode()).decode() if text else ""


def open_sealed(sealed: str) -> str:
    """The text again. Raises Unsealable."""
    if not sealed:
        return ""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unsealable("no key in STORED_SECRETS_KEYS opens this secret") from None


def reseal(sealed: str) -> str:
    """The same secret under the newest key, for the rotation of keys. Raises Unsealable."""
    try:
        return _keys().rotate(sealed.encode()).decode() if sealed else ""
    except InvalidToken:
        raise Unsealable("no key in STORED_SECRETS_KEYS opens this secret") from None


class SealedField(models.TextField):
    """Text that is stored sealed only, so that a rotation of keys finds all of it. To the database it is plain text."""

    def deconstruct(self) -> Any:
        """As the field it is stored in: sealing is no matter of the schema."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs
