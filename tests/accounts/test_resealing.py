"""The operator's key is turned: everything sealed is found, sealed again, and what no key opens is named."""

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.core.management.base import CommandError
from model_bakery import baker

from accounts.resealing import reseal_secrets
from agents.models import Entry, LanguageModel
from agents.models.sealing import open_sealed, seal
from conversations import blinding
from conversations.models import Mailbox
from tests.api_clients import make_person


@pytest.mark.row("DESK-500")
def test_a_new_key_takes_over_everything_and_a_secret_without_a_key_is_named(db, settings, capsys):
    old, new = settings.STORED_SECRETS_KEYS, Fernet.generate_key().decode()
    mailbox = baker.make(Mailbox, imap_password=seal("one"), smtp_password=seal("two"), webhook_secret="")
    model = baker.make(LanguageModel, name="Stub", model="stub-1", key=seal("three"))
    factor = Authenticator.objects.create(
        user=make_person("ann@example.com", "administrator"), type="totp", data={"secret": seal("four"), "used": 3}
    )
    key = blinding.make_key()

    settings.STORED_SECRETS_KEYS = [new, *old]
    call_command("reseal_secrets")
    assert "5 secrets" in capsys.readouterr().out
    assert Entry.objects.filter(verb="accounts.secrets_resealed").exists()

    settings.STORED_SECRETS_KEYS = [new]
    mailbox.refresh_from_db()
    model.refresh_from_db()
    factor.refresh_from_db()
    sealed = (mailbox.imap_password, mailbox.smtp_password, mailbox.webhook_secret, model.key, factor.data["secret"])
    assert [open_sealed(each) for each in sealed] == ["one", "two", "", "three", "four"]
    assert factor.data["used"] == 3
    assert blinding.find_key() == key, "whom not to write to is still known"

    Mailbox.objects.update(imap_password=Fernet(Fernet.generate_key()).encrypt(b"lost").decode())
    with pytest.raises(CommandError, match=f"Mailbox {mailbox.pk} imap_password"):
        call_command("reseal_secrets")
    assert reseal_secrets().done == 4, "what is opened by the newest key stays readable"
    mailbox.refresh_from_db()
    assert open_sealed(mailbox.smtp_password) == "two"
