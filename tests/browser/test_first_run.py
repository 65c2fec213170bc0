"""The first run in a browser: from no mailbox to a decision, at every width, light and dark."""

import zipfile
from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from playwright.sync_api import expect

from agents import sweeps
from conversations.models import Mailbox
from hub import history, opening
from tests.conversations.dovecot import BINARY, Dovecot, running_dovecot
from tests.conversations.mails import make_mail

STEPS = ("mailbox", "test", "history", "result", "decide")


@pytest.fixture
def priya(transactional_db):
    return get_user_model().objects.create(email="priya@shop.example", name="Priya Raman", is_superuser=True)


@pytest.fixture
def open_page(new_page, sign_in, live_server, priya):
    def go(path="/", **look):
        page = new_page(**look)
        sign_in(page, priya, live_server.url)
        page.goto(live_server.url + path)
        return page

    return go


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    if BINARY is None:
        pytest.skip("Dovecot is not installed")
    with running_dovecot() as server:
        yield server


def pack(path):
    """A zip of a question and our answer."""
    asks = make_mail(message_id="<q@customer.example>", to="care@shop.example")
    answers = make_mail(
        sender="care@shop.example", to="ellen@customer.example", subject="Re: Broken pump",
        body="Please send it in, we repair it.", in_reply_to="<q@customer.example>", message_id="<a@shop.example>",
    )  # fmt: skip
    with zipfile.ZipFile(path, "w") as box:
        box.writestr("1.eml", asks)
        box.writestr("2.eml", answers)
        box.writestr("3.eml", make_mail(subject="Invoice", to="care@shop.example", sender="bo@customer.example"))
    return path


def work():
    for name in ("hub.archives", "conversations.read", "conversations.route", "cases.own_mail", "cases.fields",
                 "cases.replies"):  # fmt: skip
        while sweeps.run(name):
            pass


def test_an_administrator_goes_from_no_mailbox_to_a_decision(open_page, dovecot, smtp_sink, tmp_path):
    page = open_page("/")
    expect(page).to_have_url(page.url.split("/welcome")[0] + "/welcome/mailbox/")
    page.get_by_label("Name", exact=True).fill("Customer care")
    page.get_by_label("Address", exact=True).fill("care@shop.example")
    for kind, port in (("IMAP", dovecot.port), ("SMTP", smtp_sink.port)):
        page.get_by_label(f"{kind} server").fill("127.0.0.1")
        page.get_by_label(f"{kind} port").fill(str(port))
        page.get_by_label(f"{kind} security").select_option("none")
    page.get_by_label("IMAP password").fill("wrong")
    page.get_by_role("button", name="Connect the mailbox and test it").click()
    page.get_by_role("button", name="Test the connection").click()
    expect(page.locator("#tested")).to_contain_text("Something is in the way", timeout=20_000)
    page.goto(page.url.replace("/test/", "/mailbox/"))
    page.get_by_label("IMAP password").fill("secret")
    page.get_by_role("button", name="Save the mailbox and test it").click()
    page.get_by_role("button", name="Test the connection").click()
    expect(page.locator("#tested")).to_contain_text("Mail can be read and sent", timeout=20_000)
    page.get_by_role("link", name="History").last.click()
    page.locator("input[type=file]").set_input_files(pack(tmp_path / "old.zip"))
    page.get_by_role("button", name="Take in this file").click()
    expect(page.locator("#progress")).to_contain_text("old.zip")
    work()
    expect(page.locator("#progress")).to_contain_text("Taken in", timeout=10_000)
    # The toast leaves by itself; until then it may lie over the link.
    expect(page.locator(".toast")).to_have_count(0, timeout=15_000)
    page.get_by_role("link", name="What they would have done").last.click()
    expect(page.locator("#mails")).to_contain_text("Mails seen")
    expect(page.get_by_text("Please send it in, we repair it.")).to_be_visible()
    page.get_by_role("button", name="Adopt the open ones").click()
    page.get_by_role("button", name="Keep observing").click()
    page.get_by_role("link", name="Observe or ask").last.click()
    for field in ("id_fields_level", "id_replies_level"):
        page.locator(f"#{field} label.level--ask").click()
    page.get_by_role("button", name="Save and finish").click()
    expect(page.locator(".toasts")).to_contain_text("Deskhand is set up")
    assert opening.is_decided()


def test_every_step_fits_and_axe_finds_nothing(open_page, priya, faults, tmp_path):
    call_command("createcachetable", verbosity=0)
    page = open_page("/welcome/mailbox/")
    base = page.url.split("/welcome/")[0]
    assert faults(page) == []
    box = Mailbox.objects.create(name="Care", address="care@shop.example", imap_host="imap.shop.example")
    opening.start_observing(by=priya)
    content = pack(tmp_path / "old.zip").read_bytes()
    history.keep_archive(SimpleUploadedFile("old.zip", content), mailbox=box, by=priya)
    page.goto(f"{base}/welcome/history/")
    assert faults(page) == []
    work()
    for step in STEPS:
        page.goto(f"{base}/welcome/{step}/")
        assert faults(page) == [], step


def test_the_page_of_the_first_administrator_fits(new_page, live_server, transactional_db, faults, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    page = new_page()
    page.goto(f"{live_server.url}/")
    expect(page.get_by_role("heading", name="Set up Deskhand")).to_be_visible()
    assert faults(page) == []
