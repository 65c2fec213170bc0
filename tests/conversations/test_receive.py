"""What arrives is stored first, becomes one message however often it comes, and is parked when it cannot be read."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django_q.models import OrmQ

from conversations import warnings
from conversations.models import Conversation, Delivery, Mailbox, Message, Raw
from conversations.receive import read_delivery, receive
from tests.conversations.conftest import message_of
from tests.conversations.mails import NOON, make_mail

Arrive = Callable[..., Delivery]
pytestmark = pytest.mark.django_db


def test_bytes_are_stored_before_anything_is_read_and_one_arrival_is_one_row(mailbox: Mailbox) -> None:
    raw = make_mail()
    first = receive(raw, mailbox=mailbox, source="imap", uidvalidity=7, uid=1, received_at=NOON)
    again = receive(raw, mailbox=mailbox, source="imap", uidvalidity=7, uid=1, received_at=NOON)
    other = receive(raw, mailbox=mailbox, source="imap", uidvalidity=8, uid=1, received_at=NOON)
    assert (first.pk, first.state, bytes(first.raw.content)) == (again.pk, Delivery.State.STORED, raw)
    assert other.pk != first.pk
    assert Raw.objects.count() == 1
    assert not Message.objects.exists()
    assert OrmQ.objects.count() == 2


@pytest.mark.row("DESK-5")
def test_a_second_copy_of_a_message_adds_a_delivery_not_a_message(arrive: Arrive) -> None:
    sales = Mailbox.objects.create(name="Sales", address="sales@example.com", history_before=NOON)
    raw = make_mail(to="support@example.com, sales@example.com")
    first, same, elsewhere = arrive(raw), arrive(raw), arrive(b"Received: by mx2\r\n" + raw, mailbox=sales)
    assert [each.state for each in (first, same, elsewhere)] == ["parsed", "copy", "copy"]
    assert {each.message_id for each in (first, same, elsewhere)} == {message_of(first).pk}
    assert Conversation.objects.get().message_count == 1


@pytest.mark.row("DESK-6")
def test_mails_without_or_with_a_reused_message_id_are_all_kept_and_marked(arrive: Arrive) -> None:
    nameless = [message_of(arrive(message_id="", body=f"Text {number}")) for number in range(3)]
    assert len({message.pk for message in nameless}) == 3
    first = message_of(arrive(message_id="<same@x.example>", body="The real one"))
    second = message_of(arrive(message_id="<same@x.example>", body="Made up", sender="mallory@x.example"))
    first.refresh_from_db()
    assert first.pk != second.pk
    assert first.newest_text == "The real one"
    assert warnings.warn(warnings.REUSED_ID) in first.warnings
    assert warnings.warn(warnings.REUSED_ID) in second.warnings
    assert not any(message.warnings for message in nameless)


def test_live_or_history_is_told_by_arrival_never_by_the_date_header(arrive: Arrive) -> None:
    old_date = arrive(date=NOON - dt.timedelta(days=900))
    new_date = arrive(date=NOON + dt.timedelta(days=9), at=NOON - dt.timedelta(days=2))
    nowhere = arrive(mailbox=None)
    assert [message_of(each).arrived_as for each in (old_date, new_date, nowhere)] == ["live", "history", "history"]
    assert message_of(new_date).conversation.arrived_as == "history"


@pytest.mark.row("DESK-8")
def test_what_cannot_be_read_is_parked_with_its_reason_and_delays_nobody(arrive: Arrive) -> None:
    bombs = [
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\n\r\n" * 100_000,
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(10_000)),
        b"Subject: " + b"x" * (10 * 1024 * 1024) + b"\r\n\r\nbody",
    ]
    parked = [arrive(bomb) for bomb in bombs]
    neighbour = arrive()
    assert [each.state for each in parked] == ["parked"] * 3
    assert all(each.error and bytes(each.raw.content) for each in parked)
    assert neighbour.state == "parsed"


def test_nul_and_unknown_charsets_are_text(arrive: Arrive) -> None:
    raw = make_mail(subject="Pump").replace(b"this morning", b"this\x00 morning").replace(b'"utf-8"', b'"x-unknown"')
    message = message_of(arrive(raw))
    assert "\x00" not in message.text
    assert "morning" in message.text


def test_a_mail_that_ends_its_worker_is_parked_at_the_fourth_try(mailbox: Mailbox) -> None:
    delivery = receive(make_mail(), mailbox=mailbox, source="test", received_at=NOON)
    Delivery.objects.filter(pk=delivery.pk).update(attempts=3)
    assert read_delivery(delivery.pk, now=NOON).state == "parked"
    fine = receive(make_mail(), mailbox=mailbox, source="test", received_at=NOON)
    Delivery.objects.filter(pk=fine.pk).update(attempts=2)
    assert read_delivery(fine.pk, now=NOON).state == "parsed"


def test_attachments_are_kept_once_under_made_up_names(arrive: Arrive) -> None:
    evil = ("../../etc/passwd <script>.html", b"<script>alert(1)</script>")
    first = message_of(arrive(attachments=(evil,)))
    second = message_of(arrive(attachments=(evil,)))
    one, two = first.attachments.get(), second.attachments.get()
    assert one.file.name == two.file.name == f"attachments/{one.digest[:2]}/{one.digest}"
    assert one.file.read() == evil[1]
    assert "/" not in one.name
    assert one.sniffed_type == "text/html"


@pytest.mark.django_db(transaction=True)
def test_copies_and_the_same_arrival_read_at_one_moment_are_one_message(mailbox: Mailbox) -> None:
    sales = Mailbox.objects.create(name="Sales", address="sales@example.com", history_before=NOON)
    errors: list[Exception] = []

    def read(pk: int, start: threading.Barrier) -> None:
        try:
            start.wait()
            read_delivery(pk, now=NOON)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    for turn in range(4):
        raw = make_mail(subject=f"Turn {turn}", sender=f"New <new{turn}@customer.example>")
        arrived = [receive(raw, mailbox=box, source="test", received_at=NOON).pk for box in (mailbox, sales)]
        start = threading.Barrier(3)
        threads = [threading.Thread(target=read, args=(pk, start)) for pk in (*arrived, arrived[0])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rows = Delivery.objects.filter(pk__in=arrived)
        assert sorted(row.state for row in rows) == ["copy", "parsed"]
        assert len({row.message_id for row in rows}) == 1
    assert errors == []
    assert Message.objects.count() == Conversation.objects.count() == 4
