"""Mail handed in by HTTP and by pipe."""

import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import OperationalError
from django.urls import reverse

from conversations.credentials import seal
from conversations.models import Delivery, Mailbox, Message, Raw
from conversations.receive import read_delivery
from tests.conversations.mails import make_mail

SECRET = "a long secret of the webhook"


def knock(client, mailbox, body=b"", *, secret: str = SECRET, **more):
    token = base64.b64encode(f"deskhand:{secret}".encode()).decode()
    given = {"content_type": "message/rfc822", "headers": {"Authorization": f"Basic {token}"}} | more
    return client.post(reverse("conversations:hand_in", args=[mailbox.pk]), body, **given)


@pytest.fixture
def hooked(mailbox) -> Mailbox:
    mailbox.webhook, mailbox.webhook_secret = "raw", seal(SECRET)
    mailbox.save()
    return mailbox


@pytest.mark.row("DESK-309")
def test_the_bytes_are_stored_before_the_answer_and_twice_is_one_message(client, hooked):
    raw = make_mail(subject="Leak", body="Water leaks.")
    assert knock(client, hooked, raw).status_code == 200
    assert knock(client, hooked, raw).status_code == 200, "a replay"
    assert bytes(Raw.objects.get().content) == raw
    delivery = Delivery.objects.get()
    assert (delivery.source, delivery.state, delivery.arrived_as) == ("webhook", "stored", "live")
    read_delivery(delivery.pk)
    assert knock(client, hooked, b"X-Relay: two\r\n" + raw).status_code == 200
    read_delivery(Delivery.objects.latest("id").pk)
    assert Message.objects.count() == 1
    assert Delivery.objects.latest("id").state == "copy"


@pytest.mark.row("DESK-310")
def test_a_wrong_secret_an_unknown_mailbox_and_one_that_takes_none_look_the_same(client, hooked, settings):
    raw = make_mail(subject="Leak", body="Water leaks.")
    assert knock(client, hooked, raw, secret="wrong").status_code == 403
    assert knock(client, hooked, raw, headers={}).status_code == 403
    assert knock(client, hooked, raw, headers={"Authorization": "Basic ///"}).status_code == 403
    assert knock(client, SimpleNamespace(pk=999), raw).status_code == 403
    for values in ({"is_active": False}, {"is_active": True, "webhook": ""}, {"webhook": "raw", "webhook_secret": ""}):
        Mailbox.objects.filter(pk=hooked.pk).update(**values)
        assert knock(client, hooked, raw).status_code == 403, values
        assert knock(client, hooked, raw, secret="").status_code == 403, values
    Mailbox.objects.filter(pk=hooked.pk).update(webhook_secret="sealed under a key that is gone")
    assert knock(client, hooked, raw).status_code == 403
    assert not Raw.objects.exists()


def test_what_is_too_large_or_no_mail_stays_with_the_provider(client, hooked, settings):
    settings.MAIL_SIZE_LIMIT = 2000
    assert knock(client, hooked, make_mail(subject="Big", body="x" * 3000)).status_code == 413
    assert knock(client, hooked, b"y" * 9000).status_code == 413
    assert knock(client, hooked, b" \r\n").status_code == 400
    Mailbox.objects.filter(pk=hooked.pk).update(webhook="postmark")
    for body in (b"{", b"[]", b"{}", b'{"RawEmail": 7}', b'{"RawEmail": ""}', b"\xff\xfe"):
        assert knock(client, hooked, body, content_type="application/json").status_code == 400, body
    assert not Raw.objects.exists()


def test_mailgun_signs_postmark_and_sendgrid_know_the_password(client, hooked):
    raw = make_mail(subject="Leak", body="Water leaks. " + "long " * 1_000_000)
    Mailbox.objects.filter(pk=hooked.pk).update(webhook="mailgun")
    stamp = str(int(time.time()))
    signature = hmac.new(SECRET.encode(), f"{stamp}token".encode(), hashlib.sha256).hexdigest()
    address = reverse("conversations:hand_in", args=[hooked.pk])
    form = {"timestamp": stamp, "token": "token", "signature": signature, "body-mime": raw.decode()}
    assert client.post(address, form | {"signature": "0" * 64}).status_code == 403
    assert client.post(address, form | {"signature": ""}).status_code == 403
    assert client.post(address, form).status_code == 200, "longer than Django lets a field be"
    assert bytes(Raw.objects.get().content).strip() == raw.strip()
    Mailbox.objects.filter(pk=hooked.pk).update(webhook="postmark")
    other = make_mail(subject="Two", body="Hello")
    body = json.dumps({"RawEmail": other.decode(), "Subject": "ignored"}).encode()
    assert knock(client, hooked, body, content_type="application/json").status_code == 200
    Mailbox.objects.filter(pk=hooked.pk).update(webhook="sendgrid")
    token = base64.b64encode(f"deskhand:{SECRET}".encode()).decode()
    third = {"email": make_mail(subject="Three", body="Hi").decode(), "note": SimpleUploadedFile("a.txt", b"x")}
    assert client.post(address, third, headers={"Authorization": f"Basic {token}"}).status_code == 200
    assert Delivery.objects.count() == 3


def pipe(monkeypatch, raw: bytes, address: str) -> int:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=BytesIO(raw)))
    try:
        call_command("receive", "--mailbox", address)
    except SystemExit as left:
        return int(left.code or 0)
    return 0


@pytest.mark.row("DESK-311")
def test_a_pipe_ends_with_the_codes_that_mail_servers_know(mailbox, monkeypatch, settings):
    raw = make_mail(subject="Leak", body="Water leaks.")
    assert pipe(monkeypatch, raw, "Support+abc123@Example.com") == 0
    assert pipe(monkeypatch, raw, "support@example.com") == 0
    assert Delivery.objects.get().source == "pipe"
    assert pipe(monkeypatch, raw, "nobody@example.com") == os.EX_NOUSER
    assert pipe(monkeypatch, b" \n", "support@example.com") == os.EX_DATAERR
    settings.MAIL_SIZE_LIMIT = 10
    assert pipe(monkeypatch, raw, "support@example.com") == os.EX_DATAERR
    settings.MAIL_SIZE_LIMIT = 10_000

    def away(*args, **kwargs):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("conversations.management.commands.receive.receive", away)
    assert pipe(monkeypatch, raw, "support@example.com") == os.EX_TEMPFAIL


def test_a_pipe_says_try_again_when_the_database_is_away(tmp_path):
    environment = os.environ | {"DATABASE_URL": "postgres://x:x@127.0.0.1:1/x", "DESKHAND_VAR": str(tmp_path)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    ended = subprocess.run(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "receive", "--mailbox", "support@example.com"],
        input=make_mail(subject="Leak", body="Water"), env=environment, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == os.EX_TEMPFAIL, ended.stderr[-500:]
