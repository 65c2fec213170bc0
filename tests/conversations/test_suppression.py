"""Whom nothing more is sent to: one click or one complaint is enough, and nothing already approved slips out."""

import datetime as dt

import pytest
from cryptography.fernet import Fernet
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from agents.models import Effect, Entry
from conversations import blinding, suppression
from conversations.contacts import clear_bounce
from conversations.models import Contact, Message, Suppression, SuppressionKey
from conversations.outgoing import CannotSend, blockers, unsubscribe_url
from conversations.starting import start_conversation
from tests.api_clients import client_of, make_person, post
from tests.conversations.conftest import message_of
from tests.conversations.mails import NOON
from tests.conversations.test_outgoing import leave, outside, write

pytestmark = pytest.mark.django_db
live = pytest.mark.django_db(transaction=True)
ELLEN = "ellen@customer.example"
LINE = "To get no more of these mails:"
__all__ = ["outside"]


@pytest.fixture
def admin(db):
    return make_person("ada@example.com", "administrator")


@pytest.fixture
def thread(mailbox):
    """A conversation that we begin."""
    contact = Contact.objects.create(address=ELLEN, name="Ellen Roth")
    return start_conversation(contact, subject="Pumps", channel="mail", mailbox=mailbox, taker="sales", now=NOON)


def stop(address=ELLEN, **more):
    return suppression.suppress(address, **({"reason": "opt_out", "by": None, "now": NOON} | more))


def path_of(address):
    return reverse("conversations:unsubscribe", args=[blinding.write_token(address)])


@pytest.mark.row("DESK-200")
@live
def test_outreach_carries_one_click_and_whoever_clicks_gets_nothing_that_waits(thread, outside):
    mail = write(thread, unsubscribe_words=LINE, key="o:1", subject="Pumps that last")
    leave()
    (sent,) = outside.messages
    url = unsubscribe_url(ELLEN)
    assert sent.message["List-Unsubscribe"] == f"<{url}>"
    assert sent.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.text.rstrip().endswith(f"{LINE} {url}")
    assert ELLEN not in url
    assert f'href="{url}"' in mail.html
    second = write(thread, unsubscribe_words=LINE, key="o:2")
    answer = write(thread, key="answer:1")
    robot = Client(enforce_csrf_checks=True)
    done = robot.post(path_of(ELLEN), {"List-Unsubscribe": "One-Click"})
    assert (done.status_code, Suppression.objects.get().reason) == (200, "unsubscribed")
    leave()
    second.refresh_from_db()
    answer.refresh_from_db()
    assert (second.send_state, len(outside.messages)) == ("not_sent", 2), second.send_reason
    assert "no sales mail" in second.send_reason
    assert answer.send_state == "sent"


@pytest.mark.row("DESK-201")
def test_looking_at_the_link_changes_nothing_and_only_our_links_act(client, mailbox):
    page = client.get(path_of(ELLEN))
    assert page.status_code == client.head(path_of(ELLEN)).status_code == 200
    assert "Unsubscribe" in page.content.decode()
    assert page["X-Robots-Tag"].startswith("noindex")
    assert client.put(path_of(ELLEN)).status_code == 405
    token = blinding.write_token(ELLEN)
    for wrong in ("x", token[:-2], token[:10] + "AAAA" + token[14:], "é" * 64, "A" * 64, token + "A"):
        assert client.post(reverse("conversations:unsubscribe", args=[wrong])).status_code == 404, wrong
    assert not Suppression.objects.exists()
    assert "You are unsubscribed" in client.post(path_of("Ellen@Customer.example")).content.decode()
    assert client.post(path_of(ELLEN)).status_code == 200
    assert Suppression.objects.count() == 1
    assert suppression.is_suppressed(ELLEN, outreach=True)
    assert suppression.is_suppressed(ELLEN) is None


def test_a_link_outlives_the_contact_the_session_key_and_the_sealing_key(client, mailbox, settings):
    url = path_of(ELLEN)
    settings.SECRET_KEY = "another key of the operator's"
    settings.STORED_SECRETS_KEYS = [Fernet.generate_key().decode(), *settings.STORED_SECRETS_KEYS]
    assert client.post(url).status_code == 200
    assert suppression.is_suppressed(ELLEN, outreach=True)
    assert ELLEN not in str(Suppression.objects.values().get())


@live
def test_a_list_that_cannot_be_read_holds_all_mail(thread, outside, settings):
    stop("somebody@else.example")
    mail = write(thread, key="o:1")
    blinding._open.cache_clear()
    settings.STORED_SECRETS_KEYS = [Fernet.generate_key().decode()]
    leave()
    mail.refresh_from_db()
    assert (mail.send_state, outside.messages) == ("queued", [])
    assert "STORED_SECRETS_KEYS" in Effect.objects.get().held
    blinding._open.cache_clear()


def test_what_is_suppressed_cannot_be_written_or_approved_and_the_reason_is_told(thread, mailbox):
    for target in (ELLEN, "customer.example", "@CUSTOMER.example"):
        row = stop(target, reason="person")
        assert any("not written to" in why for why in blockers(thread))
        with pytest.raises(CannotSend), transaction.atomic():
            write(thread, key="o:1")
        assert suppression.lift(row.pk, reason="They asked again", by=None, now=NOON)
        assert blockers(thread) == []
        assert not suppression.lift(row.pk, reason="Again", by=None, now=NOON)
    stop(scope="outreach")
    assert blockers(thread) == []
    assert "no sales mail" in blockers(thread, outreach=True)[0]
    assert "one person" in blockers(thread, cc=["bo@x.example"], outreach=True)[0]
    assert Entry.objects.filter(verb="suppression.lifted").count() == 3


def test_domains_cover_what_is_below_them_and_nothing_beside(mailbox):
    stop("shop.example")
    asked = ["a@shop.example", "a@mail.shop.example", "a@workshop.example", "a@example", "shop.example@x.example"]
    assert set(suppression.find_suppressed(asked)) == {"a@shop.example", "a@mail.shop.example"}
    for wrong in ("", "@", "nobody", "a@", "a@b c.example", "x" * 400, "…", "a@b@", "com"):
        with pytest.raises(suppression.NoTarget):
            stop(wrong)


def test_each_reason_stands_by_itself_so_that_a_mended_address_is_still_of_somebody_who_said_no(arrive, thread, admin):
    write(thread, key="o:1")
    thread.messages.update(send_state="sent")
    stop(scope="outreach")
    raw = message_of(arrive()).conversation
    assert raw != thread
    report = Message.objects.get(direction="out")
    text = f"Your message could not be delivered\n\n{ELLEN}: 550 5.1.1 user unknown\n\nMessage-ID: {report.message_id}"
    daemon, subject = "Mail Delivery System <mailer-daemon@customer.example>", "Undelivered Mail Returned to Sender"
    arrive(sender=daemon, subject=subject, body=text, in_reply_to=report.message_id)
    assert suppression.is_suppressed(ELLEN).reason == "bounce"
    clear_bounce(Contact.objects.get(address=ELLEN), by=admin, now=NOON)
    assert suppression.is_suppressed(ELLEN) is None
    assert suppression.is_suppressed(ELLEN, outreach=True).reason == "opt_out"
    stop(scope="all")
    assert suppression.is_suppressed(ELLEN).scope == "all"
    stop(scope="outreach")
    assert suppression.is_suppressed(ELLEN).scope == "all"


def test_a_complaint_suppresses_whom_we_wrote_to_and_nobody_else(arrive, thread):
    sent = write(thread, key="o:1")

    def complain(rcpt, about):
        report = (
            f"From: fbl@provider.example\nTo: support@example.com\nSubject: Complaint\nMIME-Version: 1.0\n"
            f"Message-ID: <{rcpt}-{len(about)}@provider.example>\n"
            'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n--b\n'
            "Content-Type: text/plain\n\nAn email abuse report.\n--b\nContent-Type: message/feedback-report\n\n"
            f"Feedback-Type: abuse\nUser-Agent: X/1\nVersion: 1\nOriginal-Rcpt-To: <{rcpt}>\n--b\n"
            f"Content-Type: message/rfc822\n\nMessage-ID: {about}\nFrom: support@example.com\nTo: {rcpt}\n"
            "Subject: Hello\n\nHello\n--b--\n"
        )
        arrive(report.replace("\n", "\r\n").encode())

    complain("victim@other.example", "<made-up@x.example>")
    assert not Suppression.objects.exists()
    complain("hidden@provider.example", sent.message_id)
    row = suppression.is_suppressed(ELLEN)
    assert (row.reason, row.scope, row.message.nature) == ("complaint", "all", "complaint")
    assert suppression.is_suppressed("hidden@provider.example") is None


def test_a_list_is_imported_once_each_row_accounted_for(admin, client):
    client.force_login(admin)
    rows = "Name;E-Mail\nA;a@x.example\nB;B@X.example\nC;nobody\n;;\nD;shop.example\nA;a@x.example\nE;=cmd|'/c'!A1\n"

    def send(content, name="list.csv"):
        given = {"file": SimpleUploadedFile(name, content), "scope": "all", "note": "Old newsletter"}
        return client.post(reverse("conversations:import_suppressions"), given)

    page = send(("﻿" + rows).encode()).content.decode()
    assert "6 rows: 3 added, 1 known already, 2 not read" in page
    assert "Row 4: “nobody”" in page
    assert "6 rows: 0 added, 4 known already" in send(rows.encode("cp1252")).content.decode()
    assert suppression.is_suppressed("b@x.example")
    assert suppression.is_suppressed("z@shop.example")
    assert send(b"\x00\x01PK").status_code == 422
    assert send(b"a@x.example\n" * 460_000).status_code == 422
    assert "1 rows: 1 added" in send(b"plain@x.example").content.decode()
    assert Entry.objects.filter(verb="suppression.imported").count() == 3


def test_people_look_up_add_and_remove_with_a_reason_and_no_address_is_kept_or_logged(admin, client):
    client.force_login(admin)
    listed, add = reverse("conversations:suppressions"), reverse("conversations:add_suppression")
    assert "Nobody is suppressed" in client.get(listed).content.decode()
    assert client.post(add, {"address": "nobody", "scope": "all", "note": "x"}).status_code == 422
    assert client.post(add, {"address": ELLEN, "scope": "all", "note": ""}).status_code == 422
    client.post(add, {"address": ELLEN, "scope": "all", "note": "By phone"})
    row = Suppression.objects.get()
    assert (row.by, row.note) == (admin, "By phone")
    page = client.get(listed).content.decode()
    assert "By phone" in page
    assert ELLEN not in page.replace(f"{ELLEN} is not written to any more", "")
    find = reverse("conversations:find_suppression")
    assert "What keeps mail from" in client.post(find, {"address": "ELLEN@customer.example"}).content.decode()
    assert "Nothing keeps mail from" in client.post(find, {"address": "bo@customer.example"}).content.decode()
    assert "neither an address" in client.post(find, {"address": "<script>"}).content.decode()
    lift = reverse("conversations:lift_suppression", args=[row.pk])
    assert client.post(lift, {"reason": ""}).status_code == 422
    client.post(lift, {"reason": "Asked to hear from us again"})
    assert not Suppression.objects.exists()
    assert client.get(lift).status_code == 404
    assert Entry.objects.get(verb="suppression.lifted").why == "Asked to hear from us again"
    assert not any(ELLEN in str(entry) for entry in Entry.objects.values())


def test_programs_ask_add_and_lift_by_the_same_verbs(admin):
    client = client_of(admin)
    made = post(client, "/api/v1/suppressions/", {"address": ELLEN, "note": "CRM"})
    assert (made.status_code, made.json()["scope"], made.json()["by"]["name"]) == (201, "outreach", str(admin))
    assert post(client, "/api/v1/suppressions/", {"address": ELLEN}).json()["id"] == made.json()["id"]
    assert post(client, "/api/v1/suppressions/", {"address": "nobody"}).status_code == 400
    asked = post(client, "/api/v1/suppressions/check/", {"addresses": [ELLEN, "bo@x.example"]}).json()
    assert [bool(each["suppressed"]) for each in asked] == [True, False]
    mail = post(client, "/api/v1/suppressions/check/", {"addresses": [ELLEN], "outreach": False}).json()
    assert mail[0]["suppressed"] is None
    assert ELLEN not in client.get("/api/v1/suppressions/?reason=person").content.decode()
    lift = f"/api/v1/suppressions/{made.json()['id']}/lift/"
    assert post(client, lift, {}).status_code == 400
    assert post(client, lift, {"reason": "Wrong person"}).status_code == 204
    assert client.get("/api/v1/suppressions/").json()["results"] == []
    assert client_of(admin, "suppressions:read").post("/api/v1/suppressions/", {"address": ELLEN}).status_code == 403


def test_the_key_is_one_and_the_gate_asks_few_questions(thread, django_assert_max_num_queries):
    stop()
    blinding.make_key()
    assert SuppressionKey.objects.count() == 1
    with django_assert_max_num_queries(2):
        suppression.find_suppressed([f"p{n}@customer.example" for n in range(50)], outreach=True)
    assert dt.timedelta(0) == NOON - Suppression.objects.get().created_at
