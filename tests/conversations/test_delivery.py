"""Each way an SMTP server can fail is known to be before or after the point of no return."""

import socket

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from agents.outbox import NotSent, Refused
from conversations import delivery
from conversations.credentials import seal
from conversations.delivery import Line, OutcomeUnknown, Server, to_wire
from conversations.models import Mailbox
from tests.conversations.smtp_script import HANG_UP, scripted_server

RAW = b"Subject: x\r\n\r\n.dot\r\nend"


@pytest.mark.parametrize(
    ("replies", "outcome"),
    [
        ({}, "sent"),
        ({"end": ["250"]}, "sent"),
        ({"banner": ["421 busy"]}, NotSent),
        ({"banner": [HANG_UP]}, NotSent),
        ({"MAIL": ["451 4.3.0 later"]}, NotSent),
        ({"MAIL": ["550 5.7.1 sender refused"]}, Refused),
        ({"MAIL": [HANG_UP]}, NotSent),
        ({"RCPT": ["250 ok", "452 4.2.2 full"]}, NotSent),
        ({"RCPT": ["250 ok", "550 5.1.1 unknown"]}, Refused),
        ({"RCPT": [HANG_UP]}, NotSent),
        ({"DATA": ["451 4.3.0 later"]}, NotSent),
        ({"DATA": ["554 5.5.1 no"]}, Refused),
        ({"DATA": [HANG_UP]}, NotSent),
        ({"end": ["451 4.3.0 later"]}, NotSent),
        ({"end": ["552 5.3.4 too large"]}, Refused),
        ({"end": [HANG_UP]}, OutcomeUnknown),
        ({"end": ["garbage"]}, OutcomeUnknown),
    ],
)
def test_each_failure_is_known_to_be_before_or_after_the_point_of_no_return(replies, outcome) -> None:
    with scripted_server(**replies) as server:
        line = Line(Server("127.0.0.1", server.port))
        if outcome == "sent":
            line.send(RAW, sender="a@example.com", recipients=["b@x.example", "c@x.example"])
            assert server.taken == [b"Subject: x\r\n\r\n..dot\r\nend\r\n"]
        else:
            with pytest.raises(outcome):
                line.send(RAW, sender="a@example.com", recipients=["b@x.example", "c@x.example"])
        line.close()


def test_a_server_that_says_nothing_is_left_in_time(settings) -> None:
    settings.MAIL_TIMEOUT_SECONDS = settings.SMTP_ACCEPT_SECONDS = 0.2
    with scripted_server(EHLO=[""]) as server, pytest.raises(NotSent):
        Line(Server("127.0.0.1", server.port)).send(RAW, sender="a@x.example", recipients=["b@x.example"])
    with pytest.raises(NotSent, match="no-such-host"):
        Line(Server("no-such-host.invalid", 25)).send(RAW, sender="a@x.example", recipients=["b@x.example"])


def test_a_connection_is_kept_and_opened_again_when_it_was_closed_while_idle() -> None:
    with scripted_server(RSET=["250 ok", HANG_UP]) as server:
        line = Line(Server("127.0.0.1", server.port))
        for _ in range(3):
            line.send(RAW, sender="a@x.example", recipients=["b@x.example"])
        line.close()
        assert (len(server.taken), server.connections) == (3, 2)


def test_the_end_of_a_mail_does_not_wait_for_an_acknowledgement() -> None:
    with scripted_server() as server:
        line = Line(Server("127.0.0.1", server.port))
        line.send(RAW, sender="a@example.com", recipients=["b@x.example"])
        assert line._smtp.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        line.close()


@pytest.mark.row("DESK-23")
@examples(deadline=None)
@given(st.binary(max_size=300))
def test_nothing_in_a_mail_can_end_it_early(raw: bytes) -> None:
    wire = to_wire(raw)
    assert wire.endswith(b"\r\n")
    assert b"\r\n.\r\n" not in b"\r\n" + wire
    assert b"\n" not in wire.replace(b"\r\n", b"")
    assert b"\r" not in wire.replace(b"\r\n", b"")


@pytest.mark.row("DESK-27")
def test_the_connection_test_says_what_is_wrong_with_sending(settings) -> None:
    settings.OUTBOUND = "live"
    mailbox = Mailbox(address="support@example.com", smtp_host="127.0.0.1", smtp_security=Mailbox.Security.NONE)
    with scripted_server(MAIL=["250 ok", "550 5.7.1 not yours"]) as server:
        mailbox.smtp_port = server.port
        assert [check.ok for check in delivery.check_smtp(mailbox)] == [True, True, True]
        assert delivery.check_smtp(mailbox)[-1].text == "550 5.7.1 not yours"
        mailbox.smtp_password = seal("secret")
        assert not delivery.check_smtp(mailbox)[1].ok
        mailbox.smtp_security = Mailbox.Security.STARTTLS
        assert not delivery.check_smtp(mailbox)[0].ok
    mailbox.smtp_port = 1
    assert "port 1" in delivery.check_smtp(mailbox)[0].text
