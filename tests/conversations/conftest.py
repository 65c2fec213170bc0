"""A mailbox, mail that arrives in it, and a real IMAP server."""

import datetime as dt
import os
from collections.abc import Callable, Iterator

import pytest

from conversations.credentials import seal
from conversations.models import Delivery, Mailbox, Message
from conversations.receive import read_delivery, receive
from tests.conversations.dovecot import BINARY, Dovecot, running_dovecot
from tests.conversations.mails import NOON, make_mail


@pytest.fixture
def mailbox(db: None) -> Mailbox:
    """A support mailbox that was connected a day before noon."""
    return Mailbox.objects.create(
        name="Support",
        address="support@example.com",
        history_before=NOON - dt.timedelta(days=1),
        imap_host="127.0.0.1",
        smtp_host="127.0.0.1",
        smtp_security=Mailbox.Security.NONE,
    )


@pytest.fixture
def arrive(mailbox: Mailbox) -> Callable[..., Delivery]:
    """Let a mail arrive and be read: bytes, or what ``make_mail`` takes; ``at`` is when it reached the server."""
    box = mailbox

    def arrive_mail(
        raw: bytes | None = None, *, mailbox: Mailbox | None = box, at: dt.datetime = NOON, **mail: object
    ) -> Delivery:
        raw = raw if raw is not None else make_mail(**mail)  # type: ignore[arg-type]
        return read_delivery(receive(raw, mailbox=mailbox, source="test", received_at=at).pk, now=at)

    return arrive_mail


def message_of(delivery: Delivery) -> Message:
    """The message a delivery became."""
    assert delivery.message is not None, delivery.error
    return delivery.message


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    """A real IMAP server; without one installed the tests that need it are skipped by hand, and fail under CI."""
    if BINARY is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Dovecot is not installed")
        pytest.skip("Dovecot is not installed")
    with running_dovecot() as server:
        yield server


@pytest.fixture
def imap_mailbox(mailbox: Mailbox, dovecot: Dovecot, request: pytest.FixtureRequest) -> Mailbox:
    """The support mailbox on the real server, with an inbox of its own for each test."""
    user = f"box{abs(hash(request.node.name))}"
    Mailbox.objects.filter(pk=mailbox.pk).update(
        imap_port=dovecot.port,
        imap_security=Mailbox.Security.NONE,
        imap_username=user,
        imap_password=seal("secret"),
        history_before=dt.datetime.now(dt.UTC) - dt.timedelta(hours=1),
    )
    mailbox.refresh_from_db()
    return mailbox
