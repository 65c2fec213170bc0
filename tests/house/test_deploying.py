"""What a deployment rests on: migrations that match, checks that are silent, secrets that stay inside."""

import os
import subprocess
import sys

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from conversations.forms import MailboxForm
from tests.house.test_imports import MAY_IMPORT, ROOT

SECRET = ("password", "token", "secret", "sealed", "digest")


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_migrations_are_named():
    unnamed = [
        path.relative_to(ROOT).as_posix()
        for app in MAY_IMPORT
        for path in (ROOT / app).glob("migrations/0*.py")
        if "_auto_" in path.name
    ]
    assert unnamed == []


def test_the_checks_for_deployment_are_silent():
    production = {
        "PUBLIC_URL": "https://desk.example.com",
        "ALLOWED_HOSTS": "desk.example.com",
        "BEHIND_PROXY": "true",
        "TRUSTED_PROXIES": "1",
        "HSTS_SUBDOMAINS": "true",
        "SECRET_KEY": "k" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    # The browser tests of the same worker set it for themselves.
    inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    done = subprocess.run(command, cwd=ROOT, env={**inherited, **production}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_stored_secrets_are_named_so_and_no_form_shows_one():
    sealed = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in MAY_IMPORT
        for field in model._meta.fields
        if isinstance(field, models.BinaryField | models.TextField | models.CharField)
        and any(word in field.name for word in ("password", "sealed"))
    ]
    assert sealed
    shown = (ROOT / "templates").rglob("*.html")
    places = [name.split(".")[-1] for name in sealed if "User" not in name]
    for template in shown:
        text = template.read_text()
        assert not [place for place in places if f".{place} }}}}" in text or f".{place}|" in text], template
    for name, field in MailboxForm.base_fields.items():
        if "password" in name:
            assert getattr(field.widget, "render_value", False) is False
            assert field.widget.input_type == "password"
