"""Mails for tests, written as bytes the way a server hands them over."""

import datetime as dt
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import count

NOON = dt.datetime(2026, 6, 10, 12, tzinfo=dt.UTC)
_numbers = count(1)


def make_mail(
    *,
    sender: str = "Ellen Roth <ellen@customer.example>",
    to: str = "support@example.com",
    subject: str = "Broken pump",
    body: str = "The pump stopped this morning.",
    message_id: str | None = None,
    date: dt.datetime = NOON,
    attachments: tuple[tuple[str, bytes], ...] = (),
    **headers: str,
) -> bytes:
    """A mail; ``message_id=""`` leaves the header out, None makes a fresh one; ``in_reply_to=…`` adds headers."""
    mail = EmailMessage(policy.default.clone(max_line_length=998))
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Date"] = format_datetime(date)
    if message_id is None:
        message_id = f"<test-{next(_numbers)}@customer.example>"
    if message_id:
        mail["Message-ID"] = message_id
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(body)
    for name, content in attachments:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()
