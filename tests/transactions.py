"""No outside work inside a transaction: what watches the sockets of a test for it."""

import functools
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections

WATCHED = ("connect", "connect_ex", "send", "sendall")


class OutsideWorkError(AssertionError):
    """Something was sent to another machine while rows were locked and could still be rolled back."""


def in_transaction_of_our_own() -> bool:
    """Whether this thread is inside an ``atomic`` block other than the one a test is wrapped in."""
    open_blocks = (block for opened in connections.all(initialized_only=True) for block in opened.atomic_blocks)
    return any(not block._from_testcase for block in open_blocks)


def _watched(name: str, original: Callable[..., Any], seen: list[str]) -> Callable[..., Any]:
    @functools.wraps(original)
    def call(self: socket.socket, *arguments: Any, **named: Any) -> Any:
        if self.family != getattr(socket, "AF_UNIX", None) and in_transaction_of_our_own():
            seen.append(f"socket.{name}{arguments[:1] if name.startswith('connect') else ''} inside a transaction")
            raise OutsideWorkError(seen[-1])
        return original(self, *arguments, **named)

    return call


@contextmanager
def watched_sockets(patch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Refuse and list what goes to a network socket inside a transaction (SMTP, HTTP, IMAP, a model).

    The database's own driver does not pass through here. Listed even when the code under test swallows the error.
    """
    seen: list[str] = []
    for name in WATCHED:
        patch.setattr(socket.socket, name, _watched(name, getattr(socket.socket, name), seen))
    yield seen
