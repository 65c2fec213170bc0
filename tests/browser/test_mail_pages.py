"""The pages of mailboxes, templates and parked mail in a browser: tested, previewed, accessible, nothing cut off."""

import datetime as dt

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import expect

from conversations.blinding import write_token
from conversations.models import Delivery, Mailbox, MessageTemplate
from conversations.receive import read_delivery, receive
from conversations.suppression import suppress

BOMB = b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\n<script>\r\n" * 5_000
LONG = "The server refused user “trade@haldenroe.example” with this password: [AUTHENTICATIONFAILED] No such account."


@pytest.fixture
def open_page(transactional_db, new_page, sign_in, live_server):
    """Open an address as an administrator, with mailboxes in every state, a template and a parked mail."""
    priya = get_user_model().objects.create(email="priya@haldenroe.example", name="Priya Raman", is_superuser=True)
    now = dt.datetime.now(dt.UTC)
    shared = {"imap_host": "127.0.0.1", "imap_port": 1, "smtp_host": "127.0.0.1", "smtp_port": 1}
    shared |= {"imap_security": "none", "smtp_security": "none"}
    box = Mailbox.objects.create(
        name="Support", address="support@haldenroe.example", state="ok", last_read_at=now, **shared
    )
    Mailbox.objects.create(
        name="Trade", address="trade@haldenroe.example", state="wrong_password", state_reason=LONG, **shared
    )
    Mailbox.objects.create(name="Old", address="old@haldenroe.example", is_active=False, **shared)
    MessageTemplate.objects.create(name="Answer", body="Hello {{ contact.first_name }},\n\n{{ body }}")
    read_delivery(receive(BOMB, mailbox=box, source="test", received_at=now).pk)

    def go(path, **look):
        page = new_page(**look)
        sign_in(page, priya, live_server.url)
        page.goto(live_server.url + path)
        return page

    return go


def addresses() -> list[str]:
    """Every page of conversations."""
    trade = Mailbox.objects.get(name="Trade")
    parked = Delivery.objects.get(state="parked")
    paths = ["mailboxes/", "mailboxes/add/", f"mailboxes/{trade.pk}/", "templates/", "templates/add/"]
    paths += [f"templates/{MessageTemplate.objects.get().pk}/", "parked/", f"parked/{parked.pk}/"]
    row = suppress("ellen@customer.example", reason="person", by=None, note="By phone", now=dt.datetime.now(dt.UTC))
    paths += ["suppressions/", "suppressions/add/", "suppressions/import/", f"suppressions/{row.pk}/lift/"]
    return [*(f"/manage/{path}" for path in paths), f"/unsubscribe/{write_token('ellen@customer.example')}/"]


def test_nothing_overflows_and_axe_finds_nothing_on_the_pages_of_mail(open_page, faults):
    page = open_page("/manage/mailboxes/")
    base = page.url.split("/manage/")[0]
    wrong = []
    for path in addresses():
        page.goto(base + path)
        wrong += [f"{path} {said}" for said in faults(page)]
    assert wrong == []


def test_the_connection_test_answers_on_the_page_and_keeps_what_was_typed(open_page):
    page = open_page("/manage/mailboxes/")
    page.get_by_role("link", name="Support", exact=True).click()
    page.get_by_label("Name").fill("Care")
    page.get_by_role("button", name="Test the connection").click()
    expect(page.locator("#checks")).to_contain_text("accepts no connections on port 1")
    expect(page.get_by_label("Name")).to_have_value("Care")
    page.keyboard.press("Control+s")
    expect(page.locator("h1")).to_have_text("Care")


def test_a_template_is_previewed_while_it_is_written(open_page):
    page = open_page("/manage/templates/add/")
    body = page.get_by_label("Body")
    body.fill("Hi {{ contact.nam }}")
    expect(page.locator("#preview-body")).to_contain_text("Did you mean “contact.name”?")
    body.fill("Hi {{ contact.first_name }}")
    expect(page.locator("#preview-body")).to_contain_text("Hi Ellen")
