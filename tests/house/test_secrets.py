"""Secrets that were planted are on no page, in no answer, export, log line and plain column."""

import base64
import logging

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.db import connection
from django.test import Client
from model_bakery import baker

from accounts import tokens
from agents.models import LanguageModel
from agents.models.sealing import seal
from conversations.models import Mailbox
from tests.house.routes import UNNAMED
from tests.house.world import BACKEND, WIRES, address_of, all_routes

CANARIES = {
    "imap_password": "canary-imap-5f1c9a",
    "smtp_password": "canary-smtp-8d02be",
    "webhook_secret": "canary-hook-71aa3d",
    "key": "sk-canary-model-4e77c0",
    "totp": base64.b32encode(b"canary of the second").decode(),
}


def plant(people, things) -> dict[str, str]:
    """Every sort of secret the application keeps; their plain texts by name, tokens among them."""
    sealed = {name: seal(CANARIES[name]) for name in ("imap_password", "smtp_password", "webhook_secret")}
    Mailbox.objects.filter(pk=things["mailbox"].pk).update(webhook="raw", **sealed)
    baker.make(LanguageModel, key=seal(CANARIES["key"]))
    TOTP.activate(people["administrator"], CANARIES["totp"])
    token, secret = tokens.issue_token(
        people["administrator"], name="Canary", scopes=["cases:read"], by=people["administrator"]
    )
    assert str(token).startswith("Canary")
    return CANARIES | {"token": secret}


def test_no_page_answer_export_or_log_line_holds_a_secret(people, things, caplog):
    secrets = plant(people, things)
    caplog.set_level(logging.DEBUG)
    found, asked = [], 0
    for who in ("administrator", "representative"):
        client = Client(raise_request_exception=False)
        client.force_login(people[who], backend=BACKEND)
        for name, parameters in all_routes():
            if name in UNNAMED or name in WIRES or name == "account_logout":
                continue
            answer = client.get(address_of(name, parameters, things))
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            shown = body.decode("utf-8", "replace") + str(answer.headers)
            asked += answer.status_code == 200
            found += [f"{secret} in {name} for {who}" for secret, text in secrets.items() if text in shown]
    assert asked > 100
    assert found == []
    assert [name for name, text in secrets.items() if text in caplog.text] == []


def test_no_table_holds_a_secret_in_plain(people, things):
    secrets = plant(people, things)
    assert Authenticator.objects.exists()
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = connection.ops.quote_name(model._meta.db_table)
            for name, text in secrets.items():
                cursor.execute(f"SELECT count(*) FROM {table} row WHERE row::text LIKE %s", [f"%{text}%"])
                if cursor.fetchone()[0]:
                    found.append(f"{name} in {table}")
    assert found == []


@pytest.mark.row("DESK-312")
def test_what_is_planted_is_what_is_looked_for(people, things):
    secrets = plant(people, things)
    box = Mailbox.objects.get(pk=things["mailbox"].pk)
    assert secrets["imap_password"] not in box.imap_password
    assert Client().get("/").status_code == 302
    client = Client()
    client.force_login(people["administrator"], backend=BACKEND)
    page = client.get(f"/manage/mailboxes/{box.pk}/").content.decode()
    assert "never shown" in page
    assert "canary" not in page
