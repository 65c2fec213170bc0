"""The second factor: set up, asked for, required, lost."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from accounts.models import User
from agents.models import Entry
from tests.api_clients import PASSWORD, make_person


def code_for(secret: str, *, ahead: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


def sign_in(client: Client, person: User) -> str:
    cache.clear()
    answer = client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert answer.status_code == 302
    return answer.headers["Location"]


def set_up(client: Client, person: User) -> tuple[str, list[str]]:
    """Sign in, set it up; the secret and the recovery codes."""
    sign_in(client, person)
    assert client.get(reverse("mfa_activate_totp")).status_code == 302, "the password is asked for again"
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    assert client.get(reverse("accounts:second_factor_qr")).content.startswith(b"<?xml")
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert wrong.context["form"].errors
    secret = wrong.context["form"].secret
    assert client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)}).status_code == 302
    return secret, client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]


@pytest.mark.row("DESK-303")
def test_it_is_set_up_with_a_picture_asked_at_sign_in_and_a_code_works_once(
    client, db, django_capture_on_commit_callbacks
):
    ann = make_person("ann@example.com", "administrator")
    with django_capture_on_commit_callbacks(execute=True):
        secret, codes = set_up(client, ann)
    assert client.get(reverse("accounts:second_factor_qr")).status_code == 404
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert codes[0] not in stored
    fresh = Client()
    assert sign_in(fresh, ann) == reverse("mfa_authenticate")
    assert fresh.get(reverse("accounts:profile")).status_code == 302, "the password alone opens nothing"
    assert fresh.post(reverse("mfa_authenticate"), {"code": "123"}).status_code == 200
    code = code_for(secret, ahead=1)
    assert fresh.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert fresh.get(reverse("accounts:profile")).status_code == 200
    again = Client()
    again.post(reverse("account_login"), {"login": ann.email, "password": PASSWORD})
    assert again.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200, "a code that was read is used up"
    assert again.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == 302
    third = Client()
    sign_in(third, ann)
    assert third.post(reverse("mfa_authenticate"), {"code": codes[0]}).status_code == 200
    assert Entry.objects.filter(verb="accounts.second_factor", text="set up a second factor").count() == 1


def test_codes_cannot_be_guessed_for_ever(client, db):
    ann = make_person("ann@example.com", "administrator")
    secret, _codes = set_up(client, ann)
    fresh = Client()
    sign_in(fresh, ann)
    for number in range(12):
        fresh.post(reverse("mfa_authenticate"), {"code": f"{number:06}"})
    answer = fresh.post(reverse("mfa_authenticate"), {"code": code_for(secret, ahead=1)})
    assert fresh.get(reverse("accounts:profile")).status_code == 302, answer.status_code


@pytest.mark.row("DESK-304")
def test_who_must_have_one_sees_nothing_else_and_cannot_switch_it_off(client, db, monkeypatch):
    ann, bob = make_person("ann@example.com", "administrator"), make_person("bob@example.com", "representative")
    monkeypatch.setattr(settings, "REQUIRE_SECOND_FACTOR", "administrators")
    sign_in(client, ann)
    for name in ("accounts:profile", "agents:manage", "api:me-list"):
        assert client.get(reverse(name)).headers["Location"] == reverse("mfa_activate_totp")
    assert client.post(reverse("accounts:add_person"), {}).headers["Location"] == reverse("mfa_activate_totp")
    set_up(client, ann)
    assert client.get(reverse("agents:manage")).status_code == 200
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(user=ann, type="totp").exists()
    other = Client()
    sign_in(other, bob)
    assert other.get(reverse("accounts:profile")).status_code == 200


def test_who_lost_it_is_let_in_by_another_administrator_or_on_the_command_line(client, db, capsys):
    ann, bob = make_person("ann@example.com", "administrator"), make_person("bob@example.com", "administrator")
    set_up(client, ann)
    assert client.post(reverse("accounts:reset_factor", args=[ann.pk])).status_code == 302
    assert Authenticator.objects.filter(user=ann).exists(), "nobody takes their own away past the question"
    boss = Client()
    sign_in(boss, bob)
    boss.post(reverse("accounts:reset_factor", args=[ann.pk]))
    assert not Authenticator.objects.filter(user=ann).exists()
    assert client.get(reverse("accounts:profile")).status_code == 302, "their sessions have ended"
    assert Entry.objects.get(verb="accounts.second_factor_reset").user == bob
    with pytest.raises(CommandError, match="no second factor"):
        call_command("reset_second_factor", "ann@example.com")
    set_up(client, ann)
    call_command("reset_second_factor", "ANN@example.com")
    assert "password alone" in capsys.readouterr().out
    with pytest.raises(CommandError, match="Nobody"):
        call_command("reset_second_factor", "eve@example.com")
