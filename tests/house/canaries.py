"""Secrets that are planted to be looked for: one of every sort that the application keeps."""

import base64

from allauth.mfa.totp.internal.auth import TOTP
from model_bakery import baker

from accounts import tokens
from accounts.models import User
from agents.models import LanguageModel
from agents.models.sealing import seal
from conversations.models import Mailbox

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
    TOTP.activate(baker.make(User, email="factor@haldenroe.example"), CANARIES["totp"])
    token, secret = tokens.issue_token(
        people["administrator"], name="Canary", scopes=["cases:read"], by=people["administrator"]
    )
    assert str(token).startswith("Canary")
    return CANARIES | {"token": secret}
