"""The pages of mailboxes, templates and parked mail; files and bodies of messages."""

from collections.abc import Callable
from email.message import EmailMessage

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import ensure_roles
from agents.models import Entry
from conversations import credentials
from conversations.display import show_body
from conversations.models import Delivery, Mailbox, MessageTemplate
from tests.conversations.conftest import message_of
from tests.conversations.mails import make_mail

Arrive = Callable[..., Delivery]
pytestmark = pytest.mark.django_db
BOMB = b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\n<script>\r\n" * 5_000


def sign_in(role: str) -> Client:
    """A browser of somebody with one role."""
    ensure_roles()
    user, _ = User.objects.get_or_create(email=f"{role}@example.com", defaults={"name": role.title()})
    user.roles.set(user.roles.model.objects.filter(code=role))
    client = Client()
    client.force_login(user)
    return client


def values_of(mailbox: Mailbox, **changes: object) -> dict[str, object]:
    """What a browser posts for a mailbox."""
    values = {
        "name": mailbox.name, "address": mailbox.address, "purpose": "support", "imap_host": "127.0.0.1",
        "imap_port": 1, "imap_security": "none", "imap_folder": "INBOX", "smtp_host": "127.0.0.1", "smtp_port": 1,
        "smtp_security": "none", "history_before": "2026-06-09T12:00", "history_days": 30, "expected": mailbox.version,
        "uses_plus_address": "on",
    }  # fmt: skip
    return values | changes


@pytest.mark.parametrize("name", ["mailboxes", "add_mailbox", "templates", "add_template", "parked"])
def test_pages_open_for_administrators_and_for_nobody_else(mailbox: Mailbox, name: str) -> None:
    url = reverse(f"conversations:{name}")
    assert sign_in("administrator").get(url).status_code == 200
    assert sign_in("representative").get(url).status_code == 403
    assert Client().get(url).status_code == 302


@pytest.mark.row("DESK-28")
def test_a_mailbox_is_connected_and_its_password_never_shown_again() -> None:
    browser = sign_in("administrator")
    new = Mailbox(name="Care", address="Care@Example.com")
    answer = browser.post(reverse("conversations:add_mailbox"), values_of(new, imap_password="tops3cret", expected=0))
    mailbox = Mailbox.objects.get()
    assert answer.status_code == 302
    assert (mailbox.address, credentials.open_sealed(mailbox.imap_password)) == ("care@example.com", "tops3cret")
    page = browser.get(reverse("conversations:mailbox", args=[mailbox.pk])).content.decode()
    assert "tops3cret" not in page
    assert mailbox.imap_password not in page
    browser.post(reverse("conversations:mailbox", args=[mailbox.pk]), values_of(mailbox, name="Care team"))
    mailbox.refresh_from_db()
    assert (mailbox.name, credentials.open_sealed(mailbox.imap_password)) == ("Care team", "tops3cret")
    assert list(Entry.objects.order_by("id").values_list("verb", flat=True)) == ["mailbox.connected", "mailbox.changed"]
    assert "tops3cret" not in str(list(Entry.objects.values()))
    empty = values_of(mailbox, imap_host="", smtp_host="")
    assert browser.post(reverse("conversations:add_mailbox"), empty).status_code == 422


def test_two_people_change_a_mailbox_and_the_second_is_told(mailbox: Mailbox) -> None:
    browser, url = sign_in("administrator"), reverse("conversations:mailbox", args=[mailbox.pk])
    first = browser.post(url, values_of(mailbox, name="First"))
    mailbox.refresh_from_db()
    second = browser.post(url, values_of(mailbox, name="Second", expected=mailbox.version))
    late = browser.post(url, values_of(mailbox, name="Late"))
    assert (first.status_code, second.status_code, late.status_code) == (302, 302, 422)
    assert "Administrator" in late.content.decode()
    assert Mailbox.objects.get().name == "Second"


def test_changing_the_folder_reads_it_anew_and_changing_the_name_does_not(mailbox: Mailbox) -> None:
    browser, url = sign_in("administrator"), reverse("conversations:mailbox", args=[mailbox.pk])
    browser.post(url, values_of(mailbox))
    Mailbox.objects.update(uidvalidity=7, last_uid=99, poll_token=5, state="ok")
    mailbox.refresh_from_db()
    browser.post(url, values_of(mailbox, name="Renamed"))
    mailbox.refresh_from_db()
    assert (mailbox.last_uid, mailbox.poll_token, mailbox.state) == (99, 5, "ok")
    browser.post(url, values_of(mailbox, imap_folder="Archive"))
    mailbox.refresh_from_db()
    assert (mailbox.last_uid, mailbox.poll_token, mailbox.state) == (0, 6, "new")


def test_the_connection_test_answers_in_words_and_stores_nothing(mailbox: Mailbox) -> None:
    browser, url = sign_in("administrator"), reverse("conversations:test_mailbox", args=[mailbox.pk])
    answer = browser.post(url, values_of(mailbox, name="Not saved"), headers={"HX-Request": "true"}).content.decode()
    assert answer.count("127.0.0.1") == 2
    assert "<html" not in answer
    assert Mailbox.objects.get().name == "Support"
    assert "<html" in browser.post(url, values_of(mailbox)).content.decode()


def test_a_mailbox_is_switched_off_and_on(mailbox: Mailbox) -> None:
    browser, url = sign_in("administrator"), reverse("conversations:switch_mailbox", args=[mailbox.pk])
    for wanted in ("0", "1"):
        browser.post(url, {"on": wanted})
        mailbox.refresh_from_db()
        assert mailbox.is_active is (wanted == "1")
    assert sign_in("representative").post(url, {"on": "0"}).status_code == 403
    assert [entry.verb for entry in Entry.objects.order_by("id")] == ["mailbox.switched_off", "mailbox.switched_on"]


def test_a_template_with_an_unknown_placeholder_is_refused_and_previewed_with_examples() -> None:
    browser, url = sign_in("administrator"), reverse("conversations:add_template")
    values = {"name": "Answer", "purpose": "reply", "language": "en", "subject": "", "body": "Hi {{ contact.nam }}"}
    refused = browser.post(url, values)
    assert refused.status_code == 422
    assert "contact.name" in refused.content.decode()
    fine = values | {"body": "Hi {{ contact.first_name }}"}
    assert browser.post(url, fine | {"expected": 0, "is_active": "on"}).status_code == 302
    assert MessageTemplate.objects.get().version == 1
    preview = browser.post(reverse("conversations:preview_template"), {"subject": "x", "body": fine["body"]})
    assert "Hi Ellen" in preview.content.decode()


@pytest.mark.row("DESK-9")
def test_a_parked_mail_is_looked_at_exported_retried_and_discarded(arrive: Arrive) -> None:
    parked, browser = arrive(BOMB), sign_in("administrator")
    page = browser.get(reverse("conversations:parked_mail", args=[parked.pk])).content.decode()
    assert "&lt;script&gt;" in page
    assert "<script>\r\n" not in page
    export = browser.get(reverse("conversations:export_parked", args=[parked.pk]))
    assert export.content == BOMB
    assert export["Content-Disposition"].startswith("attachment")
    browser.post(reverse("conversations:retry_parked", args=[parked.pk]))
    parked.refresh_from_db()
    assert (parked.state, parked.attempts) == ("stored", 0)
    again = arrive(BOMB)
    browser.post(reverse("conversations:discard_parked", args=[again.pk]), {"reason": "spam"})
    again.refresh_from_db()
    assert (again.state, bytes(again.raw.content)) == ("discarded", BOMB)
    assert sign_in("representative").get(reverse("conversations:parked_mail", args=[again.pk])).status_code == 403
    assert browser.get(reverse("conversations:parked_mail", args=[again.pk])).status_code == 404


def test_a_file_is_only_ever_saved_and_only_by_who_sees_the_conversation(arrive: Arrive) -> None:
    evil = message_of(arrive(attachments=(('"><script>.html', b"<script>alert(1)</script>"),))).attachments.get()
    url = reverse("conversations:attachment", args=[evil.pk])
    answer = sign_in("representative").get(url)
    assert answer["Content-Disposition"].startswith("attachment")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert sign_in("author").get(url).status_code == 403
    line = evil.message.conversation
    line.line_of_business_id = _other_line()
    line.save()
    assert sign_in("representative").get(url).status_code == 404


def _other_line() -> int:
    from agents.models import LineOfBusiness

    return LineOfBusiness.objects.create(name="Other").pk


@pytest.mark.row("DESK-44")
def test_pictures_of_a_mail_are_shown_in_it_and_nothing_else_that_came_with_it(arrive: Arrive) -> None:
    html = '<p>See <img src="cid:photo@x" alt="Photo"> <img src="cid:page@x" alt="Page"> <img src="cid:none@x"></p>'
    raw = make_related(
        html, {"photo@x": b"\x89PNG\r\n\x1a\n" + b"0" * 40, "page@x": b"<html><script>alert(1)</script>"}
    )
    message = message_of(arrive(raw))
    photo, page = (message.attachments.get(content_id=key) for key in ("photo@x", "page@x"))
    address = reverse("conversations:picture", args=[photo.pk])
    body = show_body(message)
    assert f'<img src="{address}" alt="Photo"' in body.html
    assert str(body.html).count("<img") == 1
    assert body.blocked == 0
    answer = sign_in("representative").get(address)
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert b"".join(answer.streaming_content).startswith(b"\x89PNG")
    assert sign_in("representative").get(reverse("conversations:picture", args=[page.pk])).status_code == 404
    assert sign_in("author").get(address).status_code == 403


def make_related(html: str, files: dict[str, bytes]) -> bytes:
    """A mail whose HTML shows files of its own; each claims to be a PNG."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ellen@customer.example", "support@haldenroe.example", "A photo"
    mail["Message-ID"] = "<related@customer.example>"
    mail.set_content("See the photo")
    mail.add_alternative(html, subtype="html")
    for key, content in files.items():
        related = mail.get_payload()[-1]
        related.add_related(content, maintype="image", subtype="png", cid=f"<{key}>", filename=f"{key[:4]}.png")
    return mail.as_bytes()


def test_a_body_is_harmless_and_remote_images_load_on_a_page_of_their_own(arrive: Arrive) -> None:
    html = '<p onclick="x()">Hello<script>alert(1)</script><img src="https://track.example/p.gif"></p>'
    raw = make_mail(subject="<script>alert(2)</script>").replace(b"text/plain", b"text/html")
    raw = raw.replace(b"The pump stopped this morning.", html.encode())
    message = message_of(arrive(raw))
    body = show_body(message)
    assert body.blocked == 1
    assert "<script" not in body.html
    assert "onclick" not in body.html
    assert "<img" not in body.html
    page = sign_in("representative").get(body.images_url)
    assert '<img src="https://track.example/p.gif"' in page.content.decode()
    assert "<script>alert" not in page.content.decode()
    assert "https:" in page["Content-Security-Policy"]
