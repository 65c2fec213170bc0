"""Mail is read from a real IMAP server: once, in order, without a trace there unless asked for."""

import base64
import datetime as dt
import re
import time

import pytest
from django.db import transaction

from accounts.models import User
from agents.models import Effect
from agents.outbox import epoch
from agents.outbox.transmission import deliver_due
from conversations import fetch
from conversations.credentials import seal
from conversations.models import Delivery, Mailbox, Message
from conversations.outgoing import compose_reply
from conversations.receive import read_delivery
from conversations.sweeps import ReadDeliveries
from tests.conversations.dovecot import Dovecot
from tests.conversations.mails import make_mail
from tests.sink import Sink

pytestmark = pytest.mark.django_db(transaction=True)


def poll(mailbox: Mailbox, *, at: dt.datetime | None = None) -> Mailbox:
    """One look at the mailbox, whatever the clock says, and its row afterwards."""
    at = at or dt.datetime.now(dt.UTC)
    Mailbox.objects.filter(pk=mailbox.pk).update(next_poll_at=at, poll_lease=None)
    fetch.poll_due(now=at)
    mailbox.refresh_from_db()
    return mailbox


def read_all() -> list[Delivery]:
    sweep, now = ReadDeliveries(), dt.datetime.now(dt.UTC)
    return [read_delivery(pk, now=now) for pk in sweep.find(now, 1000)]


def test_new_mail_is_stored_once_and_nothing_is_marked_on_the_server(imap_mailbox: Mailbox, dovecot: Dovecot) -> None:
    user = imap_mailbox.imap_username
    dovecot.deliver(user, make_mail(subject="One"), make_mail(subject="Two"))
    assert poll(imap_mailbox).state == Mailbox.State.OK
    assert poll(imap_mailbox).last_uid == 2
    dovecot.deliver(user, make_mail(subject="Three"))
    poll(imap_mailbox)
    assert [each.state for each in read_all()] == ["parsed"] * 3
    assert list(Message.objects.order_by("id").values_list("subject", flat=True)) == ["One", "Two", "Three"]
    assert dovecot.seen(user) == 0
    Mailbox.objects.filter(pk=imap_mailbox.pk).update(marks_seen=True)
    dovecot.deliver(user, make_mail(subject="Four"))
    poll(imap_mailbox)
    assert dovecot.seen(user) == 1


def test_mail_from_before_the_connection_is_history_and_only_so_much_of_it_is_read(
    imap_mailbox: Mailbox, dovecot: Dovecot
) -> None:
    user, now = imap_mailbox.imap_username, time.time()
    dovecot.deliver(user, make_mail(subject="Very old"), date=now - 400 * 86400)
    dovecot.deliver(user, make_mail(subject="Last week", date=dt.datetime.now(dt.UTC)), date=now - 7 * 86400)
    dovecot.deliver(user, make_mail(subject="Now", date=dt.datetime(1999, 1, 1, tzinfo=dt.UTC)), date=now)
    poll(imap_mailbox)
    read_all()
    assert dict(Message.objects.values_list("subject", "arrived_as")) == {"Last week": "history", "Now": "live"}


def test_a_folder_numbered_anew_is_read_again_and_gives_copies(imap_mailbox: Mailbox, dovecot: Dovecot) -> None:
    user = imap_mailbox.imap_username
    dovecot.deliver(user, make_mail(), make_mail())
    before = poll(imap_mailbox).uidvalidity
    read_all()
    dovecot.stop()
    dovecot.renumber(user)
    Mailbox.objects.filter(pk=imap_mailbox.pk).update(uidvalidity=before - 1)
    dovecot.start()
    poll(imap_mailbox)
    assert sorted(each.state for each in read_all()) == ["copy", "copy"]
    assert Message.objects.count() == 2


def test_a_wrong_password_a_missing_folder_and_a_server_that_is_gone_are_states_in_words(
    imap_mailbox: Mailbox, dovecot: Dovecot
) -> None:
    now = dt.datetime.now(dt.UTC)
    rows = Mailbox.objects.filter(pk=imap_mailbox.pk)
    rows.update(imap_password=seal("wrong"))
    mailbox = poll(imap_mailbox, at=now)
    assert mailbox.state == Mailbox.State.WRONG_PASSWORD
    assert mailbox.imap_username in mailbox.state_reason
    waits = [(mailbox.next_poll_at - now).total_seconds()]
    rows.update(imap_password=seal("secret"), imap_folder="Nowhere")
    assert poll(imap_mailbox, at=now).state == Mailbox.State.BROKEN
    assert "Nowhere" in imap_mailbox.state_reason
    rows.update(imap_folder="INBOX", imap_port=1)
    assert poll(imap_mailbox, at=now).state == Mailbox.State.UNREACHABLE
    waits.append((imap_mailbox.next_poll_at - now).total_seconds())
    assert imap_mailbox.failures == 3
    assert waits[1] > 2 * waits[0]
    assert fetch.poll_due(now=now + dt.timedelta(seconds=1)) == 0
    rows.update(imap_port=dovecot.port)
    assert poll(imap_mailbox).state == Mailbox.State.OK
    assert (imap_mailbox.failures, imap_mailbox.state_reason) == (0, "")


def test_only_one_reader_has_a_mailbox_and_a_crashed_one_is_replaced(imap_mailbox: Mailbox, dovecot: Dovecot) -> None:
    now = dt.datetime.now(dt.UTC)
    dovecot.deliver(imap_mailbox.imap_username, make_mail())
    first = fetch._lease(imap_mailbox.pk, now)
    assert first is not None
    assert fetch.poll_mailbox(imap_mailbox.pk, now=now) is False
    assert fetch.poll_mailbox(imap_mailbox.pk, now=now + fetch.LEASE + dt.timedelta(seconds=1)) is True
    with pytest.raises(fetch.TakenOver):
        fetch.read_mailbox(first)
    assert Delivery.objects.count() == 1


def test_a_mail_over_the_size_limit_stays_on_the_server_and_is_parked(
    imap_mailbox: Mailbox, dovecot: Dovecot, settings
) -> None:
    settings.MAIL_SIZE_LIMIT = 20_000
    dovecot.deliver(
        imap_mailbox.imap_username, make_mail(subject="Big", body="x " * 20_000), make_mail(subject="Small")
    )
    poll(imap_mailbox)
    big, small = Delivery.objects.order_by("uid")
    assert (big.state, small.state) == ("parked", "stored")
    assert b"Big" in bytes(big.raw.content)
    assert big.raw.size < 2_000


@pytest.mark.row("DESK-27")
def test_the_connection_test_says_what_is_wrong(imap_mailbox: Mailbox, dovecot: Dovecot) -> None:
    dovecot.deliver(imap_mailbox.imap_username, make_mail())
    assert [check.ok for check in fetch.check_imap(imap_mailbox)] == [True, True, True]
    imap_mailbox.imap_folder = "Nowhere"
    assert "INBOX" in fetch.check_imap(imap_mailbox)[-1].text
    imap_mailbox.imap_host = "imap.invalid"
    (gone,) = fetch.check_imap(imap_mailbox)
    assert not gone.ok
    assert "imap.invalid" in gone.text
    imap_mailbox.imap_host, imap_mailbox.imap_security = "127.0.0.1", Mailbox.Security.TLS
    assert "TLS" in fetch.check_imap(imap_mailbox)[0].text


def test_our_mail_is_found_in_the_sent_folder_and_its_absence_proves_nothing(
    imap_mailbox: Mailbox, dovecot: Dovecot
) -> None:
    dovecot.deliver(imap_mailbox.imap_username, make_mail(message_id="<ours@example.com>"), folder="Sent")
    assert fetch.find_in_sent(imap_mailbox, "<ours@example.com>") is None
    imap_mailbox.sent_folder = "Sent"
    assert fetch.find_in_sent(imap_mailbox, "<ours@example.com>") is True
    assert fetch.find_in_sent(imap_mailbox, "<other@example.com>") is None


@pytest.mark.row("DESK-45")
def test_what_people_answer_from_another_program_is_read_from_the_sent_folder_once(
    imap_mailbox: Mailbox, dovecot: Dovecot, settings
) -> None:
    user, address = imap_mailbox.imap_username, imap_mailbox.address
    dovecot.deliver(user, make_mail(subject="Pump", message_id="<ask@customer.example>"))
    answer = make_mail(subject="Re: Pump", sender=address, to="ellen@customer.example", body="Turn it off and on.",
                       message_id="<mine@phone.example>", in_reply_to="<ask@customer.example>")  # fmt: skip
    dovecot.deliver(user, answer, folder="Sent")
    poll(imap_mailbox)
    assert len(read_all()) == 1, "nobody named the Sent folder"
    Mailbox.objects.filter(pk=imap_mailbox.pk).update(sent_folder="Nowhere")
    assert "Nowhere" in poll(imap_mailbox).sent_reason
    Mailbox.objects.filter(pk=imap_mailbox.pk).update(sent_folder="Sent")
    mailbox = poll(imap_mailbox)
    poll(imap_mailbox)
    assert (mailbox.sent_reason, mailbox.sent_last_uid, mailbox.state) == ("", 1, "ok")
    (delivery,) = read_all()
    asked, sent = Message.objects.order_by("id")
    assert (sent.direction, sent.nature, sent.conversation) == ("out", "person", asked.conversation)
    assert dovecot.seen(user) == 0
    assert delivery.source == "sent"


@pytest.mark.row("DESK-45")
def test_our_own_mail_in_the_sent_folder_is_a_copy_even_under_another_message_id(
    imap_mailbox: Mailbox, dovecot: Dovecot
) -> None:
    dovecot.deliver(imap_mailbox.imap_username, make_mail(subject="Pump", message_id="<ask@customer.example>"))
    poll(imap_mailbox)
    asked = read_all()[0].message
    assert asked is not None
    mia, now = User.objects.create(email="mia@example.com", name="Mia"), dt.datetime.now(dt.UTC)
    with transaction.atomic():
        sent = compose_reply(asked.conversation, body="Try this.", author=mia, authority="person", key="r:1", now=now)
    raw = base64.b64decode(Effect.objects.get().payload["raw"])
    renamed = re.sub(rb"(?m)^Message-ID: .*$", b"Message-ID: <provider-7@mail.example>", raw)
    assert renamed != raw
    Mailbox.objects.filter(pk=imap_mailbox.pk).update(sent_folder="Sent")
    dovecot.deliver(imap_mailbox.imap_username, raw, renamed, folder="Sent")
    poll(imap_mailbox)
    copies = read_all()
    assert [(each.state, each.message_id) for each in copies] == [("copy", sent.pk)] * 2


def test_a_real_account_is_read_answered_once_and_threaded(
    imap_mailbox: Mailbox, dovecot: Dovecot, smtp_sink: Sink, settings, tmp_path
) -> None:
    settings.OUTBOUND, settings.VAR_DIR = "live", tmp_path
    epoch.confirm()
    Mailbox.objects.filter(pk=imap_mailbox.pk).update(smtp_port=smtp_sink.port)
    dovecot.deliver(imap_mailbox.imap_username, make_mail(subject="Broken pump"))
    poll(imap_mailbox)
    asked = read_all()[0].message
    assert asked is not None
    mia = User.objects.create(email="mia@example.com", name="Mia")
    now = dt.datetime.now(dt.UTC)
    with transaction.atomic():
        compose_reply(asked.conversation, body="Try this.", author=mia, authority="person", key="reply:1", now=now)
    deliver_due()
    deliver_due()
    (sent,) = smtp_sink.messages
    back = make_mail(subject="Thanks", to=sent.message["Reply-To"], in_reply_to=sent.message["Message-ID"])
    dovecot.deliver(imap_mailbox.imap_username, back)
    poll(imap_mailbox)
    (answer,) = read_all()
    assert answer.message is not None
    assert answer.message.conversation == asked.conversation
    assert answer.message.conversation.messages.count() == 3
