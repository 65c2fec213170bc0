"""Every way to sign in, and who it stays closed to."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts import people, roles
from accounts.models import Role, User
from accounts.signin import password_link

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
WRONG = "are not correct"


@pytest.fixture(autouse=True)
def fresh(settings):
    cache.clear()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    roles.ensure_roles()


@pytest.fixture
def person():
    role = Role.objects.get(code="representative")
    return people.create_person(email="Ada@Example.com", name="Ada", by=None, password=PASSWORD, roles=[role])


def sign_in(client, email, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def is_in(client):
    return client.get(reverse("accounts:profile")).status_code == 200


def test_people_sign_in_by_address_in_any_case_and_not_with_a_wrong_password(client, person):
    assert sign_in(client, "ada@example.com", "wrong").status_code == 200
    assert not is_in(client)
    assert sign_in(client, "ADA@example.com").status_code == 302
    assert is_in(client)


def test_every_refusal_reads_the_same(client, person):
    people.create_person(email="off@example.com", name="Off", by=None, password=PASSWORD)
    User.objects.filter(email="off@example.com").update(is_active=False)
    agent = people.agent_user("case-management")
    agent.set_password(PASSWORD)
    agent.save()
    pages = []
    for email, password in [
        ("nobody@example.com", PASSWORD),
        ("ada@example.com", "wrong"),
        ("off@example.com", PASSWORD),
        (agent.email, PASSWORD),
    ]:
        response = sign_in(client, email, password)
        assert response.status_code == 200
        page = re.sub(r'value="[^"]*"|"X-CSRFToken": "[^"]*"', "", response.content.decode())
        pages.append(page)
        assert not is_in(client)
    assert len(set(pages)) == 1
    assert UserSession.objects.count() == 0


@pytest.mark.row("DESK-33")
def test_an_agents_user_cannot_be_put_into_a_session(client, person):
    agent = people.agent_user("case-management")
    assert not agent.has_usable_password()
    client.force_login(agent)
    assert not is_in(client)
    client.force_login(person)
    assert is_in(client)


def test_nobody_adds_themselves(client):
    said = {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post(reverse("account_signup"), said).status_code == 302
    assert client.get(reverse("account_email")).status_code == 302
    assert not User.objects.filter(email="new@example.com").exists()


def test_a_reset_mails_a_link_to_people_only_and_says_the_same_to_all(client, person, settings):
    settings.PUBLIC_URL = "https://desk.example.com"
    agent = people.agent_user("case-management")
    User.objects.create_user("off@example.com", PASSWORD, name="Off", is_active=False)
    targets = []
    for email in ["ada@example.com", "off@example.com", "nobody@example.com", agent.email]:
        targets.append(client.post(reverse("account_reset_password"), {"email": email}).url)
    assert len(set(targets)) == 1
    assert [message.to for message in mail.outbox] == [["ada@example.com"]]
    assert "https://desk.example.com/accounts/password/reset/key/" in mail.outbox[0].body


def test_a_reset_is_answered_alike_when_the_mail_server_is_down(client, person, settings):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = (
        "tests.accounts.test_signin.DownBackend",
        "localhost",
        1,
    )
    down = client.post(reverse("account_reset_password"), {"email": "ada@example.com"})
    assert (down.status_code, down.url) == (302, reverse("account_reset_password_done"))


class DownBackend:
    """A mail server that refuses the connection."""

    def __init__(self, **options):
        self.options = options

    def send_messages(self, messages):
        raise ConnectionRefusedError


def follow(client, link, password):
    page = client.get(link.removeprefix("http://localhost:8000"), follow=True)
    return client.post(page.request["PATH_INFO"], {"password1": password, "password2": password})


def test_a_link_sets_a_password_once_and_not_for_somebody_switched_off(client, person):
    link = password_link(person)
    follow(client, link, "a whole new sentence")
    assert not is_in(client)
    assert sign_in(Client(), "ada@example.com").status_code == 200
    assert sign_in(client, "ada@example.com", "a whole new sentence").status_code == 302
    follow(Client(), link, "yet another sentence")
    assert sign_in(Client(), "ada@example.com", "yet another sentence").status_code == 200
    later = password_link(User.objects.get(pk=person.pk))
    User.objects.filter(pk=person.pk).update(is_active=False)
    follow(Client(), later, "yet another sentence")
    assert User.objects.get(pk=person.pk).check_password("a whole new sentence")


def test_a_session_ends_with_the_request_after_its_person_was_switched_off(client, person):
    admin = people.create_person(
        email="root@example.com", name="Root", by=None, roles=[Role.objects.get(code="administrator")]
    )
    sign_in(client, person.email)
    assert is_in(client)
    people.deactivate_person(person, by=admin)
    assert not is_in(client)
    assert UserSession.objects.count() == 0


def test_the_old_address_opens_nothing_after_it_was_changed(client, person):
    admin = people.create_person(
        email="root@example.com", name="Root", by=None, roles=[Role.objects.get(code="administrator")]
    )
    link = password_link(person)
    assert EmailAddress.objects.filter(user=person, email="ada@example.com").exists()
    people.change_person(person, email="ada@other.example", by=admin)
    assert sign_in(Client(), "ada@example.com").status_code == 200
    follow(Client(), link, "a whole new sentence")
    assert sign_in(Client(), "ada@other.example").status_code == 302


def test_guessing_is_slowed_down(client, person):
    for _try in range(6):
        sign_in(client, person.email, "wrong")
    assert not is_in(client)
    sign_in(client, person.email)
    assert not is_in(client)


def test_the_rights_of_a_role_change_with_the_next_request(client, person):
    assert person.has_perm("cases.work")
    assert not person.has_perm("accounts.manage")
    sign_in(client, person.email)
    assert client.get(reverse("accounts:people")).status_code == 403
    person.roles.set([Role.objects.get(code="administrator")])
    assert client.get(reverse("accounts:people")).status_code == 200
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert not User.objects.get(pk=person.pk).has_perm("cases.work")
