"""Every page of accounts for every role, and what its forms do."""

import pytest
from django.urls import reverse
from model_bakery import baker

from accounts import people, roles, tokens
from accounts.models import ApiToken, Role, Team, User

pytestmark = pytest.mark.django_db
CODES = ["administrator", "supervisor", "representative", "author", "seller"]


@pytest.fixture
def admin():
    roles.ensure_roles()
    return make("administrator", "root@example.com")


def make(code, email):
    held = list(Role.objects.filter(code=code))
    return people.create_person(email=email, name=f"A {code}", by=None, roles=held, password="long words here")


def pages(team, person, token):
    manage = [
        ("get", "people", ()),
        ("get", "add_person", ()),
        ("get", "person", (person.pk,)),
        ("post", "make_link", (person.pk,)),
        ("get", "roles", ()),
        ("get", "role", ("seller",)),
        ("post", "remove_role", ("seller",)),
        ("get", "teams", ()),
        ("get", "add_team", ()),
        ("get", "team", (team.pk,)),
        ("post", "remove_team", (team.pk,)),
        ("get", "tokens", ()),
        ("post", "revoke_token", (token.pk,)),
    ]
    return [(method, reverse(f"accounts:{name}", args=args)) for method, name, args in manage]


@pytest.mark.row("CMA-A-1")
@pytest.mark.parametrize("code", [*CODES, "none", "anonymous"])
def test_each_page_opens_for_whom_it_is_for(client, admin, code):
    team, person = baker.make(Team, name="North"), make("seller", "p@example.com")
    token = tokens.issue_token(person, name="x", scopes=["cases:read"], by=person)[0]
    if code != "anonymous":
        client.force_login(admin if code == "administrator" else make(code, "me@example.com"))
    for method, url in pages(team, person, token):
        response = getattr(client, method)(url)
        if code == "anonymous":
            assert response.status_code == 302, url
            assert response.url.startswith(reverse("account_login")), url
        elif code == "administrator":
            assert response.status_code in (200, 302), url
        else:
            assert response.status_code == 403, url
    expected = 302 if code == "anonymous" else 200
    assert client.get(reverse("accounts:profile")).status_code == expected


def test_a_person_is_added_with_a_link_and_changed(client, admin):
    client.force_login(admin)
    role = Role.objects.get(code="representative")
    said = {"name": "Ada <b>", "email": "Ada@Example.com", "roles": [role.pk]}
    page = client.post(reverse("accounts:add_person"), said)
    assert page.status_code == 200
    assert "/accounts/password/reset/key/" in page.content.decode()
    assert "Ada &lt;b&gt;" in page.content.decode()
    ada = User.objects.get(email="ada@example.com")
    assert not ada.has_usable_password()
    assert client.post(reverse("accounts:add_person"), said).status_code == 422
    weak = said | {"email": "b@example.com", "password": "password"}
    assert client.post(reverse("accounts:add_person"), weak).status_code == 422
    url = reverse("accounts:person", args=[ada.pk])
    assert client.post(url, said | {"name": "Ada"}).status_code == 302
    ada.refresh_from_db()
    assert (ada.name, ada.is_active) == ("Ada", False)


def test_the_page_says_why_ones_own_roles_stay(client, admin):
    client.force_login(admin)
    url = reverse("accounts:person", args=[admin.pk])
    page = client.post(url, {"name": "Root", "email": admin.email, "is_active": "on", "roles": []})
    assert page.status_code == 422
    assert "Nobody changes their own roles" in page.content.decode()
    assert admin.roles.filter(code="administrator").exists()


@pytest.mark.parametrize(
    "query", ["q=%00x", "role=%00", "team=abc", "page=-1", "page=99999999999", "state=x", "q=root"]
)
def test_the_list_is_searched_and_odd_questions_do_no_harm(client, admin, query):
    make("seller", "zoe@example.com")
    client.force_login(admin)
    page = client.get(reverse("accounts:people") + "?" + query)
    assert page.status_code == 200
    if query == "q=root":
        assert "zoe@example.com" not in page.content.decode()


def test_a_list_costs_the_same_for_one_and_for_ten(client, admin, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(admin)
    urls = [reverse(f"accounts:{name}") for name in ("people", "roles", "teams", "tokens")]
    counts = []
    for start in (0, 10):
        for number in range(start, start + 10 if start else 1):
            one = make("seller", f"p{number}@example.com")
            baker.make(Team, name=f"T{number}").members.add(one)
            tokens.issue_token(one, name="x", scopes=["cases:read"], by=one)
        client.get(urls[0])
        for url in urls:
            with CaptureQueriesContext(
                connection,
            ) as seen:
                assert client.get(url).status_code == 200
            counts.append(len(seen))
    assert counts[:4] == counts[4:]


def test_a_role_is_saved_from_its_page(client, admin):
    client.force_login(admin)
    url = reverse("accounts:role", args=["representative"])
    form = client.get(url).context["form"]
    said = {name: form[name].value() for name in form.fields}
    said |= {"visibility": "own", "permissions_0": ["cases.work"], "cases.case:serial_number": "hidden"}
    assert client.post(url, said).status_code == 302
    role = Role.objects.get(code="representative")
    assert (role.visibility, role.permissions) == ("own", ["cases.work"])
    assert role.hidden_fields == {"cases.case": ["serial_number"]}
    assert client.post(reverse("accounts:role", args=["administrator"]), said).status_code == 422


def test_a_token_is_shown_on_one_answer_and_revoked_by_its_owner_only(client, admin):
    ada = make("representative", "ada@example.com")
    client.force_login(ada)
    page = client.post(reverse("accounts:add_token"), {"name": "shop", "scopes": ["cases:read"], "days": 30})
    secret = page.context["secret"]
    assert secret in page.content.decode()
    assert secret not in client.get(reverse("accounts:profile")).content.decode()
    assert client.post(reverse("accounts:add_token"), {"name": "shop", "days": 900}).status_code == 422
    others = tokens.issue_token(admin, name="x", scopes=["cases:read"], by=admin)[0]
    assert client.post(reverse("accounts:revoke_own_token", args=[others.pk])).status_code == 404
    mine = ApiToken.objects.get(user=ada)
    assert client.post(reverse("accounts:revoke_own_token", args=[mine.pk])).status_code == 302
    assert tokens.find_token(secret) is None


def test_one_session_ends_another_of_the_same_person(client, admin):
    from allauth.usersessions.models import UserSession
    from django.test import Client

    other, stranger = Client(), Client()
    make("seller", "s@example.com")
    for browser, email in ((client, admin.email), (other, admin.email), (stranger, "s@example.com")):
        browser.post(reverse("account_login"), {"login": email, "password": "long words here"})
    page = client.get(reverse("accounts:profile"))
    (theirs,) = [session for session, _device, is_this in page.context["sessions"] if not is_this]
    assert stranger.post(reverse("accounts:end_session", args=[theirs.pk])).status_code == 404
    client.post(reverse("accounts:end_session", args=[theirs.pk]))
    assert other.get(reverse("accounts:profile")).status_code == 302
    assert client.get(reverse("accounts:profile")).status_code == 200
    assert UserSession.objects.filter(user=admin).count() == 1


def test_times_are_shown_in_ones_own_zone(client, admin):
    client.force_login(admin)
    said = {"name": "Root", "zone": "Asia/Tokyo", "theme": "dark", "keys": "on"}
    assert client.post(reverse("accounts:profile"), said).status_code == 302
    page = client.get(reverse("accounts:profile")).content.decode()
    assert 'data-theme="dark"' in page
    people.agent_user("sales")
    User.objects.filter(pk=admin.pk).update(last_login="2026-01-01T20:00:00Z")
    assert "05:00" in client.get(reverse("accounts:people")).content.decode()
