"""The first page; the first run leads an administrator from nothing to a decision."""

import re
import zipfile
from io import BytesIO

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import Role
from accounts.people import create_person
from agents import sweeps
from agents.models import Entry, Suggestion, Version
from agents.sections import load
from cases.models import Case
from conversations.models import Mailbox
from hub import history, opening
from hub.models import Archive
from hub.summary import summarise
from tests.conversations.mails import make_mail

PASSWORD = "haldenroe-mails-42"


@pytest.fixture
def person(db):
    def make(role):
        roles = Role.objects.filter(code=role)
        return create_person(email=f"{role}@shop.example", name=role.title(), password=PASSWORD, by=None, roles=roles)

    return make


@pytest.fixture
def admin(person):
    return person("administrator")


@pytest.fixture
def box(db):
    return Mailbox.objects.create(name="Support", address="care@shop.example")


def work():
    """What the worker would do with everything that waits."""
    for name in ("hub.archives", "conversations.read", "conversations.route", "cases.own_mail", "cases.fields",
                 "cases.replies"):  # fmt: skip
        while sweeps.run(name):
            pass


def test_strangers_sign_in(client, person, box):
    person("author")
    assert client.get("/").url == reverse("account_login")


def test_administrators_are_led_to_the_first_run_until_there_is_a_mailbox_and_others_wait_calmly(client, person):
    client.force_login(person("administrator"))
    assert client.get("/").url == "/welcome/"
    assert client.get("/welcome/").url == "/welcome/mailbox/"
    client.force_login(person("representative"))
    assert client.get("/").status_code == 200
    assert "No mailbox is connected yet" in client.get("/welcome/").content.decode()
    for path in ("mailbox", "test", "history", "history/progress", "result", "decide"):
        assert client.get(f"/welcome/{path}/").status_code == 403, path


def test_the_first_administrator_needs_the_code_and_is_the_only_one(client, db, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    cache.clear()
    assert client.get("/").url == "/welcome/administrator/"
    assert client.get("/welcome/administrator/").status_code == 200
    file = tmp_path / "setup_code"
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    said = {"name": "Ada", "email": "Ada@Shop.example", "password": PASSWORD}
    wrong = client.post("/welcome/administrator/", {**said, "code": "0000"})
    assert (wrong.status_code, get_user_model().objects.filter(is_agent=False).count()) == (422, 0)
    weak = client.post("/welcome/administrator/", {**said, "code": file.read_text(), "password": "short"})
    assert weak.status_code == 422
    code = file.read_text()
    assert client.post("/welcome/administrator/", {**said, "code": code}).url == "/welcome/"
    ada = get_user_model().objects.get(is_agent=False)
    assert ada.has_perm("agents.manage")
    assert not file.exists()
    assert load("cases.resolution").level == "observe"
    client.logout()
    again = client.post("/welcome/administrator/", {**said, "email": "eve@shop.example", "code": code})
    assert (again.url, get_user_model().objects.filter(is_agent=False).count()) == ("/", 1)


def test_guesses_of_the_code_are_counted(db, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    cache.clear()
    said = {"email": "a@shop.example", "name": "A", "password": PASSWORD}
    for _guess in range(opening.GUESSES):
        with pytest.raises(opening.WrongCode, match="not the code"):
            opening.create_first_administrator(code="1", **said)
    with pytest.raises(opening.WrongCode, match="Too many"):
        opening.create_first_administrator(code=opening.setup_code(), **said)


def test_a_mailbox_may_be_tried_with_files_only_and_is_found_again(client, admin):
    client.force_login(admin)
    said = {"name": "Support", "address": "care@shop.example", "imap_port": 993, "imap_security": "tls",
            "smtp_port": 587, "smtp_security": "starttls"}  # fmt: skip
    refused = client.post("/welcome/mailbox/", said)
    assert refused.status_code == 422
    assert client.post("/welcome/mailbox/", {**said, "only_files": "on"}).url == "/welcome/history/"
    assert "care@shop.example" in client.get("/welcome/mailbox/").content.decode()
    assert client.get("/welcome/").url == "/welcome/history/"
    assert "No server to test" in client.get("/welcome/test/").content.decode()
    assert load("cases.fields").level == "observe"


def test_more_history_reads_the_folder_from_its_start(client, admin, box):
    Mailbox.objects.filter(pk=box.pk).update(imap_host="imap.shop.example", history_days=0, uidvalidity=5, last_uid=90)
    client.force_login(admin)
    assert client.post("/welcome/history/", {"days": 90}).url == "/welcome/history/"
    box.refresh_from_db()
    assert (box.history_days, box.uidvalidity, box.last_uid) == (90, None, 0)


def zip_of(mails):
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as box:
        for number, raw in enumerate(mails):
            box.writestr(f"../../{number}.eml", raw)
    return packed.getvalue()


def upload(client, box, name, content):
    return client.post("/welcome/history/upload/", {"mailbox": box.pk, "archive": SimpleUploadedFile(name, content)})


def test_an_uploaded_archive_becomes_history_with_numbers_that_add_up(client, admin, box):
    client.force_login(admin)
    asks = make_mail(message_id="<q@a.example>", to=box.address, subject="Broken pump", body="The pump is broken.")
    answers = make_mail(
        message_id="<r@shop.example>", sender=box.address, to="ellen@customer.example", subject="Re: Broken pump",
        body="Descale it.", in_reply_to="<q@a.example>", references="<q@a.example>",
    )  # fmt: skip
    upload(client, box, "old.zip", zip_of([asks, answers, asks, b""]))
    page = client.get("/welcome/history/").content.decode()
    assert 'hx-trigger="every 3s"' in page
    work()
    archive = Archive.objects.get()
    assert (archive.state, archive.mails, archive.refused) == ("done", 4, 1)
    assert not (history.settings.MEDIA_ROOT / archive.folder).exists()
    numbers = summarise()
    assert numbers.adds_up()
    assert (numbers.seen, numbers.messages, numbers.copies, numbers.refused) == (4, 2, 1, 1)
    assert (numbers.cases, numbers.resolved, numbers.became["ours"]) == (1, 1, 1)
    assert Suggestion.objects.exclude(state="observed").count() == 0
    assert 'hx-trigger="every 3s"' not in client.get("/welcome/history/progress/").content.decode()
    shown = client.get("/welcome/result/").content.decode()
    assert "Descale it." in shown
    upload(client, box, "old.zip", zip_of([asks, answers, asks, b""]))
    work()
    assert summarise().messages == 2


def test_a_file_without_mail_and_a_broken_zip_are_named(client, admin, box):
    client.force_login(admin)
    upload(client, box, "notes.mbox", b"nothing like a mail box\n")
    broken = zip_of([make_mail()] * 3)
    upload(client, box, "old.zip", broken[:40] + b"XXXX" + broken[44:])
    work()
    assert set(Archive.objects.values_list("state", flat=True)) <= {"failed", "done"}
    assert Archive.objects.filter(state="failed").exists()
    assert "Could not be read" in client.get("/welcome/history/").content.decode()
    assert client.post("/welcome/history/upload/", {"mailbox": box.pk}).status_code == 422


def test_an_archive_is_taken_in_in_sittings_and_by_one_worker_at_a_time(admin, box):
    mails = [make_mail(message_id=f"<{n}@a.example>", to=box.address, body=f"Question {n}") for n in range(5)]
    archive = history.keep_archive(SimpleUploadedFile("a.zip", zip_of(mails)), mailbox=box, by=admin)
    assert history.take_archive(archive.pk, seconds=0) is False
    archive.refresh_from_db()
    assert (archive.mails, archive.state) == (1, "waiting")
    Archive.objects.filter(pk=archive.pk).update(lease=archive.created_at.replace(year=2999))
    assert history.take_archive(archive.pk) is False
    Archive.objects.filter(pk=archive.pk).update(lease=archive.created_at)
    assert history.take_archive(archive.pk) is True
    archive.refresh_from_db()
    assert (archive.mails, archive.state) == (5, "done")


def test_the_decision_is_a_version_of_each_section_and_ends_the_first_run(client, admin, box):
    client.force_login(admin)
    assert client.post("/welcome/decide/", {"creates": "on", "fields_level": "auto"}).status_code == 422
    said = {"creates": "on", "fields_level": "ask", "replies_level": "observe"}
    assert client.post("/welcome/decide/", said).url == reverse("agents:manage")
    assert [load(f"cases.{name}").level for name in ("creation", "fields", "resolution")] == ["auto", "ask", "observe"]
    assert Version.objects.filter(target__startswith="section:cases.").count() == 3
    assert Entry.objects.filter(verb=opening.DECIDED, user=admin).exists()
    assert re.search(r"Done: </span>Observe or ask", client.get("/welcome/decide/").content.decode())


def test_filters_and_pages_of_the_result_are_cut_by_key(client, admin, box, django_assert_max_num_queries):
    client.force_login(admin)
    opening.start_observing(by=admin)
    mails = [make_mail(message_id=f"<{n}@a.example>", sender=f"c{n}@example.org", to=box.address, body=f"Where is {n}?")
             for n in range(12)]  # fmt: skip
    history.keep_archive(SimpleUploadedFile("a.zip", zip_of(mails)), mailbox=box, by=admin)
    work()
    assert Case.objects.count() == 12
    with django_assert_max_num_queries(60):
        first = client.get("/welcome/result/").content.decode()
    assert first.count('<article class="card"') == 10
    onward = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    assert client.get(onward).content.decode().count('<article class="card"') == 2
    assert client.get("/welcome/result/?show=drafted&after=nonsense").status_code == 200
    client.post(reverse("cases:adopt_open"))
    assert Case.objects.filter(arrived_as="live").count() == 12
