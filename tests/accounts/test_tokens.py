"""Tokens, what they open, and requests that come twice."""

import datetime as dt
import re
import threading

import pytest
from django.urls import path
from django.utils import timezone
from rest_framework.authentication import SessionAuthentication
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from accounts import people, roles, tokens
from accounts.authentication import HasScope, TokenAuthentication
from accounts.idempotency import Idempotent, delete_old_answers
from accounts.models import ApiToken, IdempotentRequest, Role
from accounts.rights import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
done: list[dict] = []


class Counting(Idempotent, APIView):
    """Counts what was really done."""

    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [HasScope]
    required_permission = "cases.work"
    scopes = {"read": "cases:read", "write": "cases:write"}

    def get(self, request):
        return Response({"done": len(done)})

    def post(self, request):
        if request.data.get("fail"):
            raise RuntimeError("a mistake of ours")
        done.append(dict(request.data))
        return Response({"number": len(done)}, status=request.data.get("status", 201))


urlpatterns = [path("count/", Counting.as_view())]


@pytest.fixture(autouse=True)
def nothing_done():
    done.clear()


@pytest.fixture
def ada():
    roles.ensure_roles()
    role = Role.objects.get(code="representative")
    return people.create_person(email="ada@example.com", name="Ada", by=None, password="long words here", roles=[role])


@pytest.fixture
def secret(ada):
    return tokens.issue_token(ada, name="export", scopes=["cases:read", "cases:write"], by=ada)[1]


def client_with(secret, **options):
    client = APIClient(**options)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


@pytest.mark.row("DESK-34")
def test_a_token_is_shown_once_and_kept_as_a_digest(ada):
    token, secret = tokens.issue_token(ada, name="export", scopes=["cases:read"], by=ada)
    assert re.fullmatch(r"dh_[0-9a-f]{10}_[\w-]{43}", secret)
    row = ApiToken.objects.values().get(pk=token.pk)
    assert not any(secret[-43:] in str(value) for value in row.values())
    assert tokens.find_token(secret) == token
    for wrong in ("", "dh_", secret[:-1], secret + "x", secret.upper(), "dh_0000000000_" + secret[-43:], "ä" * 60):
        assert tokens.find_token(wrong) is None


def test_a_token_ends_by_time_by_revocation_and_with_its_owner(ada):
    token, secret = tokens.issue_token(ada, name="export", scopes=["cases:read"], by=ada, days=30)
    end = token.created_at + dt.timedelta(days=30)
    assert tokens.find_token(secret, now=end - dt.timedelta(seconds=1))
    assert tokens.find_token(secret, now=end) is None
    assert tokens.revoke_token(token, by=ada)
    assert not tokens.revoke_token(token, by=ada)
    assert tokens.find_token(secret) is None
    other = tokens.issue_token(ada, name="two", scopes=["cases:read"], by=ada)[1]
    ada.is_active = False
    ada.save()
    assert tokens.find_token(other) is None


def test_use_is_noted_once_a_minute(ada, secret, django_assert_num_queries):
    start = timezone.now()
    tokens.find_token(secret, now=start)
    with django_assert_num_queries(1):
        found = tokens.find_token(secret, now=start + dt.timedelta(seconds=59))
    assert found.last_used_at == start
    tokens.find_token(secret, now=start + dt.timedelta(seconds=61))
    assert ApiToken.objects.get().last_used_at > start


def test_a_token_is_made_for_oneself_with_scopes_and_an_end(ada):
    other = people.create_person(email="bob@example.com", name="Bob", by=None)
    for wish in ({"scopes": []}, {"scopes": ["cases:fly"]}, {"days": 0}, {"days": 366}, {"by": other}):
        with pytest.raises(Refused):
            tokens.issue_token(ada, **({"name": "x", "scopes": ["cases:read"], "by": ada} | wish))
    token = tokens.issue_token(ada, name="x", scopes=["cases:read"], by=ada, days=365)[0]
    with pytest.raises(Refused):
        tokens.revoke_token(token, by=other)
    agent = people.agent_user("sales")
    with pytest.raises(Refused):
        tokens.issue_token(agent, name="x", scopes=["cases:read"], by=agent)


@pytest.mark.row("DESK-34")
def test_scopes_and_roles_both_have_to_allow(ada, secret):
    reading = tokens.issue_token(ada, name="r", scopes=["cases:read"], by=ada)[1]
    assert client_with(secret).post("/count/", {}, format="json").status_code == 201
    assert client_with(reading).get("/count/").status_code == 200
    assert client_with(reading).post("/count/", {}, format="json").status_code == 403
    assert client_with("dh_nonsense").get("/count/").status_code == 401
    assert APIClient().get("/count/").status_code == 401
    ada.roles.clear()
    assert client_with(secret).get("/count/").status_code == 403


def test_a_session_needs_the_csrf_token_and_a_token_does_not(ada, secret):
    browser = APIClient(enforce_csrf_checks=True)
    browser.login(email=ada.email, password="long words here")
    assert browser.get("/count/").status_code == 200
    assert browser.post("/count/", {}, format="json").status_code == 403
    assert client_with(secret, enforce_csrf_checks=True).post("/count/", {}, format="json").status_code == 201


@pytest.mark.row("DESK-35")
def test_the_same_request_twice_is_done_once_and_answered_alike(secret):
    client = client_with(secret)
    first, again = (
        client.post("/count/", {"a": 1}, format="json", headers={"Idempotency-Key": "k1"}) for _ in range(2)
    )
    assert (first.status_code, first.json()) == (again.status_code, again.json()) == (201, {"number": 1})
    assert again.headers["Idempotency-Replayed"] == "true"
    other = client.post("/count/", {"a": 2}, format="json", headers={"Idempotency-Key": "k1"})
    assert other.status_code == 422
    assert client.post("/count/", {"a": 1}, format="json").json() == {"number": 2}
    assert len(done) == 2


def test_a_key_belongs_to_one_person(ada, secret):
    client_with(secret).post("/count/", {"a": 1}, format="json", headers={"Idempotency-Key": "k"})
    bob = people.create_person(email="bob@example.com", name="Bob", by=None, roles=list(ada.roles.all()))
    his = tokens.issue_token(bob, name="x", scopes=["cases:write"], by=bob)[1]
    answer = client_with(his).post("/count/", {"a": 2}, format="json", headers={"Idempotency-Key": "k"})
    assert answer.json() == {"number": 2}


def test_a_running_request_holds_its_key_and_a_dead_one_lets_go(secret):
    client = client_with(secret)
    client.post("/count/", {}, format="json", headers={"Idempotency-Key": "k"})
    IdempotentRequest.objects.update(status=None)
    assert client.post("/count/", {}, format="json", headers={"Idempotency-Key": "k"}).status_code == 409
    IdempotentRequest.objects.update(created_at=timezone.now() - dt.timedelta(minutes=6))
    assert client.post("/count/", {}, format="json", headers={"Idempotency-Key": "k"}).json() == {"number": 2}


def test_failures_of_ours_can_be_tried_again(secret):
    client = client_with(secret, raise_request_exception=False)
    for _try in range(2):
        answer = client.post("/count/", {"fail": True}, format="json", headers={"Idempotency-Key": "k"})
        assert answer.status_code == 500
    client.post("/count/", {"status": 429}, format="json", headers={"Idempotency-Key": "l"})
    assert not IdempotentRequest.objects.exists()


def test_answers_are_forgotten_after_a_day(secret):
    client = client_with(secret)
    client.post("/count/", {}, format="json", headers={"Idempotency-Key": "k"})
    assert delete_old_answers(now=timezone.now() + dt.timedelta(hours=23)) == 0
    IdempotentRequest.objects.update(created_at=timezone.now() - dt.timedelta(hours=25))
    assert client.post("/count/", {"x": 1}, format="json", headers={"Idempotency-Key": "k"}).json() == {"number": 2}
    assert delete_old_answers(now=timezone.now() + dt.timedelta(hours=25)) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_time_one_is_done(secret):
    answers = []

    def post():
        from django.db import connection

        answer = client_with(secret).post("/count/", {}, format="json", headers={"Idempotency-Key": "k"})
        answers.append(answer.status_code)
        connection.close()

    racers = [threading.Thread(target=post) for _ in range(4)]
    [racer.start() for racer in racers]
    [racer.join() for racer in racers]
    assert len(done) == 1
    assert set(answers) <= {201, 409}
