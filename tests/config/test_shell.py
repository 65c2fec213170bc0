"""What stands around every page: navigation, pause box, sign-in pages, and pages for what is refused."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import time_machine
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.models import Notification, User
from agents import panes
from agents.models import AgentPause
from config.counting import count_rows
from config.shell import RefusedMethodPage, Shell

ME = {"email": "priya@haldenroe.example", "name": "Priya <b>Raman</b>"}
EMPTY_PAGE = '{% extends "base.html" %}{% block title %}T{% endblock %}{% block heading %}H{% endblock %}'


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user(password="correct horse battery", is_superuser=True, **ME)


def list_own(user: User) -> QuerySet[Notification]:
    return Notification.objects.filter(user=user)


def asked(path: str, user: User) -> HttpRequest:
    request = RequestFactory().get(path)
    request.user = user
    return request


@pytest.fixture
def two_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panes, "_links", {})
    panes.register(
        panes.NavLink(name="out", label="Leave", url_name="account_logout", icon="x", count=list_own, most=3, due=True),
        panes.NavLink(name="manage", label="Password", url_name="account_change_password", icon="x", group="manage"),
        panes.NavLink(name="gone", label="Nowhere", url_name="no-such-address", icon="x"),
    )


def test_the_navigation_shows_what_exists_and_marks_where_one_is(person: User, two_links: None) -> None:
    shell = Shell(asked(reverse("account_logout"), person))
    assert [(str(title), [shown.link.name for shown in links]) for title, links in shell.groups] == [
        ("Work", ["out"]),
        ("Manage", ["manage"]),
    ]
    assert [(shown.link.name, shown.current) for shown in shell.links] == [("manage", False), ("out", True)]
    assert shell.due == []
    for number in range(5):
        Notification.objects.create(user=person, title=f"News {number}", link=f"/{number}")
    shell = Shell(asked(reverse("account_logout"), person))
    assert [shown.count for shown in shell.due] == [3]
    assert shell.unread == 5
    page = engines["django"].from_string(EMPTY_PAGE).render({}, asked(reverse("account_logout"), person))
    assert page.count('aria-current="page"') == 1
    assert "Priya &lt;b&gt;Raman&lt;/b&gt;" in page
    assert "<b>Raman" not in page


def test_all_numbers_are_one_statement_that_follows_the_roles(
    person: User, django_assert_num_queries: Callable[[int], AbstractContextManager[None]]
) -> None:
    asked = {"own": (list_own, 2), "none": (lambda user: Notification.objects.none(), 2), "people": (people_of, 9)}
    assert count_rows(person, asked) == {"own": 0, "people": 1}
    Notification.objects.bulk_create(Notification(user=person, title=f"{number}", link=f"{number}") for number in "abc")
    with django_assert_num_queries(1):
        assert count_rows(person, asked) == {"own": 2, "people": 1}
    User.objects.filter(pk=person.pk).update(is_superuser=False)
    assert count_rows(User.objects.get(pk=person.pk), asked) == {"own": 2}


def test_no_number_of_the_navigation_depends_on_the_clock(person: User) -> None:
    counted = [link for link in panes._links.values() if link.count]
    person.is_superuser = True
    for link in counted:
        said = set()
        for day in (1, 9):
            with time_machine.travel(timezone.now() + dt.timedelta(days=day)):
                said.add(str(link.count(person).order_by().query))
        assert len(said) == 1, f"the statement of {link.name} is kept and would go on with an old time"
    assert len(counted) > 5


def people_of(user: User) -> QuerySet[User]:
    return User.objects.filter(pk=user.pk) if user.is_superuser else User.objects.none()


def test_the_pause_box_says_who_paused_and_leads_to_the_buttons(person: User, two_links: None) -> None:
    page = engines["django"].from_string(EMPTY_PAGE)
    assert "Agents are running" in page.render({}, asked("/", person))
    AgentPause.objects.create(agent="", started_by=person, started_at=timezone.now())
    paused = page.render({}, asked("/", person))
    assert "All agents are paused" in paused
    assert f'href="{reverse("account_change_password")}#pause"' in paused


def test_panes_of_a_slot_are_drawn_for_who_is_signed_in(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panes, "_panes", {})
    offered = {"text": "<b>Ready</b>", "look": "good"}
    panes.register(
        panes.Pane(name="a", slot="s", template="components/pill.html", context=lambda subject, user: offered)
    )
    page = engines["django"].from_string('{% panes "s" %}')
    drawn = page.render({}, asked("/", person))
    assert '<span class="pill pill--good">&lt;b&gt;Ready&lt;/b&gt;</span>' in drawn
    assert page.render({}, RequestFactory().get("/")) == ""


def test_nobody_signed_in_sees_a_navigation(db: None) -> None:
    request = RequestFactory().get("/")
    page = engines["django"].from_string(EMPTY_PAGE).render({}, request)
    assert 'id="nav"' not in page
    assert Shell(request).links == []


def test_every_registered_link_has_an_address() -> None:
    lost = []
    for link in panes._links.values():
        try:
            reverse(link.url_name)
        except NoReverseMatch:
            lost.append(link.url_name)
    assert lost == []


def test_a_wrong_method_gets_a_page_in_a_browser_and_nothing_more_elsewhere() -> None:
    @require_POST
    def decide(request: HttpRequest) -> HttpResponse:
        return HttpResponse("done")

    wrapped = RefusedMethodPage(decide)
    page = wrapped(RequestFactory().get("/", HTTP_ACCEPT="text/html"))
    assert (page.status_code, page["Allow"]) == (405, "POST")
    assert b"<h1" in page.content
    assert wrapped(RequestFactory().get("/", HTTP_ACCEPT="application/json")).content == b""
    assert wrapped(RequestFactory().post("/")).content == b"done"


def test_every_sign_in_page_is_in_our_look(client: Client, person: User) -> None:
    for name in ["account_login", "account_reset_password", "account_reset_password_done", "account_inactive"]:
        text = client.get(reverse(name)).content.decode()
        assert 'class="sheet"' in text, name
        assert text.count("<h1") == 1
    client.force_login(person)
    for name in ["account_change_password", "account_logout", "account_reauthenticate"]:
        text = client.get(reverse(name)).content.decode()
        assert 'class="sheet"' in text, name
        assert 'class="button button--primary' in text


def test_a_wrong_password_is_refused_in_words_and_the_right_one_signs_in(client: Client, person: User) -> None:
    url = reverse("account_login")
    wrong = client.post(url, {"login": ME["email"], "password": "guess"})
    assert "That did not match" in wrong.content.decode()
    right = client.post(url, {"login": ME["email"], "password": "correct horse battery"})
    assert right.status_code == 302
    assert client.session["_auth_user_id"] == str(person.pk)


def test_a_form_without_its_token_gets_a_page_that_says_nothing_was_sent(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post(reverse("account_login"), {"login": "a", "password": "b"})
    assert answer.status_code == 403
    assert "This page was open too long" in answer.content.decode()


def test_pages_may_load_nothing_inline_and_nothing_from_elsewhere(client: Client, db: None) -> None:
    policy = client.get(reverse("account_login"))["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert settings.FORM_RENDERER == "config.forms.PageFormRenderer"
