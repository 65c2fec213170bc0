"""People and machines told apart, above all without losing a person."""

from datetime import UTC, date, datetime

import pytest

from conversations.absence import find_return
from conversations.parse import parse
from conversations.parsed import Nature, ParsedMessage

OWN = {"own_addresses": frozenset({"support@deskhand.example"}), "own_domain": "deskhand.example"}


def read(headers: str = "", body: str = "My lamp is broken.", *, sender: str = "ines@kunde.example") -> ParsedMessage:
    head = f"From: {sender}\nDate: Mon, 04 May 2026 09:00:00 +0200\n{headers}".strip()
    return parse(f"{head}\n\n{body}".encode(), **OWN)


@pytest.mark.parametrize(
    ("headers", "nature"),
    [
        ("Auto-Submitted: auto-generated", Nature.ROBOT),
        ("Auto-Submitted: auto-replied", Nature.AUTO_REPLY),
        ("Auto-Submitted: auto-notified; x=y", Nature.ROBOT),
        ("Return-Path: <>", Nature.ROBOT),
        ("Precedence: bulk", Nature.LIST),
        ("Precedence: JUNK", Nature.LIST),
        ("Precedence: list", Nature.LIST),
        ("Precedence: auto_reply", Nature.AUTO_REPLY),
        ("X-Auto-Response-Suppress: All", Nature.ROBOT),
        ("X-Auto-Response-Suppress: dr, rn", Nature.ROBOT),
        ("List-Id: <news.x.example>", Nature.LIST),
        ("List-Unsubscribe: <https://x.example/u>", Nature.LIST),
        ("X-Autoreply: yes", Nature.AUTO_REPLY),
        ("X-Autorespond: yes", Nature.AUTO_REPLY),
        ("X-Loop: x", Nature.ROBOT),
        ("Message-ID: <x@deskhand.example>", Nature.OWN_LOOP),
        ("Content-Type: multipart/report; boundary=b", Nature.BOUNCE),
        ("X-Failed-Recipients: gone@kunde.example", Nature.BOUNCE),
    ],
)
def test_a_header_gives_a_machine_away(headers: str, nature: Nature) -> None:
    message = read(headers)
    assert message.nature is nature
    assert message.nature_reason
    assert read().nature is Nature.PERSON


@pytest.mark.parametrize(
    "headers",
    [
        "Auto-Submitted: no",
        "Precedence: normal",
        "X-Auto-Response-Suppress: None",
        "Return-Path: <ines@kunde.example>",
        "Subject: Re: Out of Office printer",
        "Subject: Undeliverable parcel",
        "Subject: Returned item, where is my money?",
        "Subject: Re: Delivery failed",
        "Subject: Fwd: Undelivered Mail Returned to Sender",
        "Subject: On vacation rental insurance",
        "Message-ID: <x@kunde.example>",
        "In-Reply-To: <x@deskhand.example>",
    ],
)
def test_a_person_stays_a_person(headers: str) -> None:
    assert read(headers).nature is Nature.PERSON


@pytest.mark.parametrize(
    "sender", ["MAILER-DAEMON@x.example", "postmaster@x.example", "no-reply@x.example", "do_not_reply@x.example"]
)
def test_senders_that_nobody_reads_are_robots_but_a_form_speaks_for_its_customer(sender: str) -> None:
    assert read(sender=sender).nature is Nature.ROBOT
    assert read(sender="norah.reply@x.example").nature is Nature.PERSON
    assert read("Reply-To: ines@kunde.example", sender="noreply@shop.example").nature is Nature.PERSON
    assert read("Reply-To: help@shop.example", sender="noreply@shop.example").nature is Nature.ROBOT


def test_our_own_mail_is_a_loop_and_a_colleagues_is_not() -> None:
    own_id = "Message-ID: <0b9f2c1e-1111-5222-8333-444455556666@deskhand.example>"
    colleague = "Message-ID: <0b9f2c1e-1111-4222-8333-444455556666@deskhand.example>"
    assert read(sender="support@deskhand.example").nature is Nature.OWN_LOOP
    assert read(own_id, sender="eva@deskhand.example").nature is Nature.OWN_LOOP
    assert read(colleague, sender="eva@deskhand.example").nature is Nature.PERSON


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("until 18 May 2026", date(2026, 5, 18)),
        ("from 6 to 18 May", date(2026, 5, 18)),
        ("back on May 18th", date(2026, 5, 18)),
        ("bis zum 18.05.2026", date(2026, 5, 18)),
        ("bis 18.5.", None),
        ("2026-05-18", date(2026, 5, 18)),
        ("05/18/2026", date(2026, 5, 18)),
        ("jusqu'au 18 mai", date(2026, 5, 18)),
        ("until 3 January", date(2027, 1, 3)),
        ("since 2 May 2020", None),
        ("until 31 February", None),
        ("soon", None),
    ],
)
def test_the_day_of_return_is_read_where_it_is_said(words: str, day: date | None) -> None:
    sent = datetime(2026, 5, 4, 9, tzinfo=UTC)
    assert find_return(f"I am away {words}", sent) in ((day,) if day else (None, date(2026, 5, 18)))
    assert find_return(f"I am away {words}", None) is None


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("Undeliverable: Your order", "Delivery has failed to these recipients:\n\ngone@kunde.example\nUser unknown"),
        ("Unzustellbar: Ihre Bestellung", "Die Nachricht konnte nicht zugestellt werden an:\n<gone@kunde.example>"),
        ("Non remis : commande", "Votre message n'a pas été remis à gone@kunde.example."),
        ("No se pudo entregar: pedido", "No se ha podido entregar a: gone@kunde.example"),
        ("Impossibile recapitare: ordine", "Il messaggio non è stato consegnato a gone@kunde.example"),
        ("Não é possível entregar: pedido", "Não foi entregue a gone@kunde.example"),
        ("Onbestelbaar: bestelling", "Kon niet worden bezorgd: gone@kunde.example"),
        ("Kan inte levereras: order", "Kunde inte levereras till gone@kunde.example"),
        ("Nie można dostarczyć: zamówienie", "Nie dostarczono do gone@kunde.example"),
        ("Nelze doručit: objednávka", "Nelze doručit na gone@kunde.example"),
        ("Не удалось доставить: заказ", "Не удалось доставить: gone@kunde.example"),
        ("メールを配信できませんでした", "配信できません: gone@kunde.example"),
        ("failure notice", "For help contact support@isp.example\n\n<gone@kunde.example>:\n550 No such user here"),
        ("Mail delivery failed", "Write to h@x.example.\nNo recipient\n\nOriginal Message:\nTo: gone@kunde.example\n"),
    ],
)  # fmt: skip
def test_a_bounce_in_words_names_whom_it_did_not_reach(subject: str, words: str) -> None:
    headers = f"Subject: {subject}\nTo: support@deskhand.example\nContent-Type: text/plain; charset=utf-8"
    bounce = read(headers, words, sender="MAILER-DAEMON@isp.example")
    assert (bounce.nature, bounce.failed_recipient) == (Nature.BOUNCE, "gone@kunde.example")
    assert read(headers, "Where is my parcel?").nature is Nature.PERSON


def test_a_report_in_several_parts_names_the_recipient_of_the_part_that_does() -> None:
    part = "--b\nContent-Type: message/delivery-status\n\n"
    report = f"{part}This message could not be sent.\n\n{part}Reporting-MTA: dns; x\n\n"
    report += "Final-Recipient: rfc822; <gone@kunde.example>\nAction: failed\nStatus: 5.3.0\n\n--b--\n"
    found = read("Content-Type: multipart/report; report-type=delivery-status; boundary=b", report)
    assert (found.nature, found.failed_recipient, found.bounce_status) == (Nature.BOUNCE, "gone@kunde.example", "5.3.0")
