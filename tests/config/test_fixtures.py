"""What the fixtures of all tests promise."""

import smtplib

import pytest
from django.conf import settings
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from tests.sink import DROP, DROP_AFTER_KEEPING, Sink
from tests.transactions import OutsideWorkError, watched_sockets


def _send(sink: Sink, to: str = "b@example.org") -> None:
    with smtplib.SMTP(sink.host, sink.port, timeout=5) as smtp:
        smtp.sendmail("a@example.org", [to], b"Subject: Hello\r\n\r\nBody\r\n")


def test_the_sink_keeps_a_message_with_its_envelope_and_answers_as_told(smtp_sink: Sink) -> None:
    _send(smtp_sink)
    assert smtp_sink.to("b@example.org")[0].message["Subject"] == "Hello"
    assert smtp_sink.messages[0].sender == "a@example.org"

    smtp_sink.answer("RCPT", "550 5.1.1 no such user")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        _send(smtp_sink)
    smtp_sink.answer("DATA", "451 4.3.0 try later", DROP, DROP_AFTER_KEEPING)
    with pytest.raises(smtplib.SMTPDataError):
        _send(smtp_sink)
    for kept in (1, 2):
        with pytest.raises(smtplib.SMTPServerDisconnected):
            _send(smtp_sink)
        assert len(smtp_sink.messages) == kept


@pytest.mark.django_db
def test_mail_inside_a_transaction_is_refused_and_mail_after_it_is_not(smtp_sink: Sink) -> None:
    with pytest.MonkeyPatch.context() as patch, watched_sockets(patch) as seen:
        _send(smtp_sink)
        assert not seen
        with transaction.atomic(), pytest.raises(OutsideWorkError):
            _send(smtp_sink)
        assert "connect" in seen[0]


@given(st.text())
def test_property_tests_run_under_the_watch(text: str) -> None:
    assert isinstance(text, str)


@pytest.mark.django_db
def test_the_run_has_a_server_of_its_own_with_pgvector_for_a_role_without_power() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)
        cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
        cursor.execute("SELECT '[1,2]'::vector <-> '[1,3]'::vector")
        assert cursor.fetchone() == (1.0,)
    assert settings.DATABASES["default"]["NAME"].startswith("test_")
