"""A reply is frozen once, leaves once, comes back into its thread, and never goes to a machine."""

import datetime as dt
from collections.abc import Callable
from email import message_from_bytes, policy

import pytest
import time_machine
from django.db import transaction
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accounts.models import User
from agents.models import Effect
from agents.outbox import NotSent, epoch
from agents.outbox.transmission import _claim as claim
from agents.outbox.transmission import deliver_due
from conversations.composing import Letter, write_mail
from conversations.contacts import clear_bounce
from conversations.effects import SendMail
from conversations.models import Contact, Conversation, Delivery, Mailbox, Message
from conversations.outgoing import CannotSend, blockers, compose_reply
from conversations.parsed import Address
from conversations.routing import route_message
from tests.conversations.conftest import message_of
from tests.conversations.mails import NOON, make_mail
from tests.sink import DROP_AFTER_KEEPING, Sink

Arrive = Callable[..., Delivery]
live = pytest.mark.django_db(transaction=True)


@pytest.fixture
def outside(mailbox: Mailbox, smtp_sink: Sink, settings, tmp_path) -> Sink:
    """The mailbox sends to a real server, and this database may send."""
    settings.VAR_DIR = tmp_path
    epoch.confirm()
    settings.OUTBOUND = "live"
    Mailbox.objects.filter(pk=mailbox.pk).update(smtp_port=smtp_sink.port)
    return smtp_sink


def write(conversation: Conversation, *, key: str = "reply:1", body: str = "Try this.", **more: object) -> Message:
    author, _ = User.objects.get_or_create(email="mia@example.com", defaults={"name": "Mia"})
    values = {"body": body, "author": author, "authority": "person", "key": key, "now": NOON, **more}
    with transaction.atomic():
        return compose_reply(conversation, **values)


def leave(at: dt.datetime = NOON) -> None:
    with time_machine.travel(at, tick=False):
        deliver_due(now=at)


@live
def test_a_reply_leaves_once_and_its_answer_comes_back_into_the_thread(arrive: Arrive, outside: Sink) -> None:
    first = message_of(arrive(message_id="<a@x.example>", subject="Broken pump"))
    reply = write(first.conversation, cc=["bo@customer.example"])
    assert write(first.conversation, body="Other words").pk == reply.pk
    leave()
    leave()
    (sent,) = outside.messages
    reply.refresh_from_db()
    assert (reply.send_state, sent.recipients) == ("sent", ["ellen@customer.example", "bo@customer.example"])
    mail = sent.message
    assert (mail["Message-ID"], mail["In-Reply-To"], mail["References"]) == (
        reply.message_id,
        "<a@x.example>",
        "<a@x.example>",
    )
    assert (mail["Subject"], mail["Auto-Submitted"]) == ("Re: Broken pump", None)
    answer = message_of(arrive(make_mail(to=mail["Reply-To"], in_reply_to=mail["Message-ID"], subject="Thanks")))
    assert answer.conversation == first.conversation
    assert SendMail().find_evidence(Effect.objects.get()) is True


@pytest.mark.row("DESK-13")
@live
def test_what_the_operator_does_not_let_out_waits_and_says_so(arrive: Arrive, outside: Sink, settings) -> None:
    reply = write(message_of(arrive()).conversation)
    for mode, words in (("hold", "operator"), ("allowlist", "list")):
        settings.OUTBOUND = mode
        Effect.objects.update(not_before=NOON)
        leave()
        assert words in Effect.objects.get().held
    settings.OUTBOUND_ALLOWLIST = ["@customer.example"]
    Effect.objects.update(not_before=NOON)
    leave()
    reply.refresh_from_db()
    assert (reply.send_state, len(outside.messages)) == ("sent", 1)


@live
def test_the_sink_takes_everything_whatever_the_mailbox_says(arrive: Arrive, outside: Sink, settings) -> None:
    settings.OUTBOUND, settings.OUTBOUND_SINK = "sink", f"127.0.0.1:{outside.port}"
    Mailbox.objects.update(smtp_host="", smtp_password="not even sealed")
    write(message_of(arrive()).conversation)
    leave()
    assert len(outside.messages) == 1


@live
def test_the_message_shows_what_became_of_it(arrive: Arrive, outside: Sink) -> None:
    conversation = message_of(arrive()).conversation
    outside.answer("RCPT", "550 5.1.1 no such user")
    refused = write(conversation)
    leave()
    refused.refresh_from_db()
    assert (refused.send_state, "5.1.1" in refused.send_reason) == ("refused", True)
    contact = Contact.objects.get()
    assert contact.bounce_status == "5.1.1"
    assert any("5.1.1" in reason for reason in blockers(conversation))
    with pytest.raises(CannotSend):
        write(conversation, key="reply:2")
    clear_bounce(contact, by=None, now=NOON)
    outside.answer("DATA", DROP_AFTER_KEEPING)
    lost = write(conversation, key="reply:2")
    leave()
    lost.refresh_from_db()
    assert lost.send_state == "unknown"
    leave(NOON + dt.timedelta(days=3))
    assert len(outside.messages) == 1


@pytest.mark.django_db
def test_sending_that_is_impossible_is_refused_with_the_reason(arrive: Arrive, mailbox: Mailbox) -> None:
    conversation = message_of(arrive()).conversation
    assert blockers(conversation) == []
    Mailbox.objects.update(smtp_host="")
    conversation.mailbox.refresh_from_db()
    assert "SMTP" in blockers(conversation)[0]
    Mailbox.objects.update(is_active=False)
    conversation.mailbox.refresh_from_db()
    assert "switched off" in blockers(conversation)[0]
    conversation.mailbox = None
    assert len(blockers(conversation, to=[])) == 2
    assert "no e-mail address" in blockers(conversation, to=["nobody"])[1]
    assert "ours" in blockers(conversation, to=["support@example.com"])[1]
    old = message_of(arrive(mailbox=None)).conversation
    assert "history" in blockers(old)[-1]
    assert not Effect.objects.exists()


def offered(delivery: Delivery) -> Message:
    """The message of a delivery, after whoever takes conversations has looked at it."""
    route_message(message_of(delivery).pk, now=NOON)
    return message_of(delivery)


@pytest.mark.row("DESK-21")
@live
def test_an_echo_that_strips_every_header_is_stopped_by_the_cap(arrive: Arrive, outside: Sink, settings) -> None:
    settings.AUTOMATIC_PER_ADDRESS_AND_HOUR = 3
    left = []
    for number in range(6):
        heard = offered(arrive(subject=f"Hello {number}", body=f"Echo {number}"))
        write(heard.conversation, key=f"auto:{number}", is_automatic=True, authority="agent", not_before=NOON)
        leave(NOON + dt.timedelta(minutes=number))
        left.append(Effect.objects.get(key=f"auto:{number}").state)
    assert left == ["sent"] * 3 + ["cancelled"] * 3
    assert "3 automatic mails" in Message.objects.get(effect_key="auto:5").send_reason
    write(heard.conversation, key="by-hand")
    leave(NOON + dt.timedelta(minutes=9))
    assert Effect.objects.get(key="by-hand").state == "sent"
    later = offered(arrive(body="Much later"))
    write(later.conversation, key="auto:later", is_automatic=True, authority="agent", not_before=NOON)
    leave(NOON + dt.timedelta(minutes=90))
    assert Effect.objects.get(key="auto:later").state == "sent"


@pytest.mark.row("DESK-22")
@live
def test_a_machine_is_never_answered_automatically(arrive: Arrive, outside: Sink) -> None:
    absent = message_of(arrive(subject="Out of office", body="I am away.", Auto_Submitted="auto-replied"))
    assert absent.nature != "person"
    with pytest.raises(CannotSend):
        write(absent.conversation, is_automatic=True, authority="agent", to=["ellen@customer.example"])
    person = message_of(arrive(message_id="<p@x.example>"))
    write(person.conversation, is_automatic=True, authority="agent", not_before=NOON)
    arrive(in_reply_to="<p@x.example>", subject="Out of office", Auto_Submitted="auto-replied")
    leave()
    assert Effect.objects.get().state == "cancelled"
    assert not outside.messages


@live
def test_automatic_mail_says_what_it_is(arrive: Arrive, outside: Sink) -> None:
    write(offered(arrive()).conversation, is_automatic=True, authority="agent", not_before=NOON)
    leave()
    mail = outside.messages[0].message
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-replied", "All")
    came_back = message_of(arrive(outside.messages[0].raw.replace(b"Try this", b"> Try this")))
    assert came_back.nature == "own_loop"
    assert arrive(outside.messages[0].raw).message == Message.objects.get(direction="out")


def bounce_of(reply: Message, *, recipient: str) -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example\r\nTo: support@example.com\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        "Message-ID: <b1@mx.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {reply.message_id}\r\nSubject: x\r\n\r\nx\r\n--b--\r\n"
    ).encode()


@live
def test_a_bounce_finds_its_mail_and_marks_only_whom_we_wrote_to(arrive: Arrive, outside: Sink) -> None:
    victim = message_of(arrive(sender="victim@other.example")).contact
    conversation = message_of(arrive()).conversation
    reply = write(conversation)
    leave()
    forged = message_of(arrive(bounce_of(reply, recipient="victim@other.example")))
    assert (forged.nature, forged.conversation) == ("bounce", conversation)
    victim.refresh_from_db()
    assert victim.bounced_at is None
    arrive(bounce_of(reply, recipient="ellen@customer.example").replace(b"<b1@", b"<b2@"))
    assert Contact.objects.get(address="ellen@customer.example").bounce_status == "5.1.1"
    assert not Contact.objects.filter(address__startswith="mailer-daemon").exists()


@pytest.mark.django_db
def test_an_answer_to_mail_that_is_still_waiting_is_threaded(arrive: Arrive) -> None:
    conversation = message_of(arrive()).conversation
    reply = write(conversation)
    assert message_of(arrive(in_reply_to=reply.message_id)).conversation == conversation


nasty = st.text(st.characters(blacklist_categories=()), max_size=60) | st.just("x\r\nBcc: all@x.example\r\n\r\nbody")


@pytest.mark.row("DESK-23")
@examples(deadline=None)
@given(name=nasty, subject=nasty, identity=nasty, body=nasty)
def test_whatever_stands_in_a_field_makes_one_mail_and_no_extra_header(name, subject, identity, body) -> None:
    raw = write_mail(
        Letter(
            sender=Address(name=name, address="support@example.com"),
            to=[Address(name=name, address=f"a{identity}@x.example")],
            cc=[Address(name=name, address="c@x.example")],
            reply_to="support+abc@example.com",
            subject=subject,
            text=body,
            message_id="<one@example.com>",
            in_reply_to=f"<{identity}>",
            references=[identity, f"<{identity}@x.example>"],
            date=NOON,
        )
    )
    mail = message_from_bytes(raw, policy=policy.compat32)
    wanted = {"From", "To", "Cc", "Reply-To", "Date", "Message-ID", "Content-Type", "MIME-Version"}
    assert set(mail.keys()) - {"In-Reply-To", "References", "Subject"} == wanted
    assert len(mail.keys()) == len(set(mail.keys()))
    assert len(mail.get_payload()) == 2
    assert raw.isascii() or not identity.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_a_long_message_id_is_never_folded_into_an_encoded_word() -> None:
    long = f"<{'x' * 90}@example.com>"
    letter = Letter(
        sender=Address(address="a@x.example"),
        to=[Address(address="b@x.example")],
        subject="Grüße " * 30,
        text="x",
        message_id=long,
        in_reply_to=long,
        references=[f"<{n}{'y' * 60}@example.com>" for n in range(40)],
        date=NOON,
    )
    mail = message_from_bytes(write_mail(letter), policy=policy.default)
    assert (mail["Message-ID"], mail["In-Reply-To"]) == (long, long)
    assert mail["References"].split()[0].startswith("<0y")
    assert len(mail["References"].split()) == 12
    assert mail["Subject"] == ("Grüße " * 30).strip()


@live
def test_a_mailbox_that_cannot_be_read_at_the_wire_leaves_the_mail_queued(arrive: Arrive, outside: Sink) -> None:
    """Nothing has left then: it may not end as a mail of unknown outcome."""
    write(message_of(arrive()).conversation)
    (claimed,) = claim(NOON, 10)
    claimed.payload["mailbox"] = 0
    with SendMail().session() as session, pytest.raises(NotSent):
        session.transmit(claimed)
    assert outside.messages == []
