"""Secrets that were planted are in no plain column and on no page; every address is looked at in test_routes.py."""

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import connection
from django.test import Client

from conversations.models import Mailbox
from tests.house.canaries import plant
from tests.house.world import BACKEND


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
