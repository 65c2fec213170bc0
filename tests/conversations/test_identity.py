"""Two copies of one mail have one identity, two mails two."""

from conversations.parse import parse

MAIL = b"Message-ID: <1@x.example>\nFrom: a@x.example\nDate: Mon, 4 May 2026 09:00:00 +0200\nSubject: Lamp\n"


def test_a_copy_that_travelled_otherwise_has_the_same_identity() -> None:
    first = parse(b"Received: by one\n" + MAIL + b"To: support@d.example\n\nBroken.  \nYes.\n")
    second = parse(
        b"Received: by two\nDelivered-To: sales@d.example\n"
        + MAIL
        + b"To: sales@d.example\nContent-Transfer-Encoding: base64\n\nQnJva2VuLg0KWWVzLg0K\n"
    )
    assert first.identity == second.identity
    assert len(first.identity) == 64


def test_the_same_message_id_with_other_content_is_another_mail() -> None:
    mails = [
        MAIL + b"\nBroken.\n",
        MAIL + b"\nMended.\n",
        MAIL.replace(b"Lamp", b"Lamps") + b"\nBroken.\n",
        MAIL.replace(b"a@x", b"b@x") + b"\nBroken.\n",
        MAIL.replace(b"09:00", b"09:01") + b"\nBroken.\n",
        MAIL.replace(b"<1@", b"<2@") + b"\nBroken.\n",
        MAIL.partition(b"\n")[2] + b"\nBroken.\n",
    ]
    assert len({parse(raw).identity for raw in mails}) == len(mails)


def test_another_attachment_makes_another_mail() -> None:
    def with_file(content: bytes) -> bytes:
        head = MAIL + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n--b\n"
        return head + b"Content-Disposition: attachment; filename=a.bin\n\n" + content + b"\n--b--\n"

    assert parse(with_file(b"one")).identity != parse(with_file(b"two")).identity
