"""What holds for the whole API: one error format, strict bodies, bounded sizes and rates, a description of itself."""

import json

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from rest_framework.test import APIClient

from accounts import people, roles, tokens
from accounts.models import Role

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"


@pytest.fixture
def ada():
    roles.ensure_roles()
    role = Role.objects.get(code="administrator")
    return people.create_person(email="ada@example.com", name="Ada", by=None, password="long words here", roles=[role])


@pytest.fixture
def client(ada):
    return client_of(ada)


def client_of(person):
    secret = tokens.issue_token(person, name="all", scopes=tokens.SCOPES, by=person)[1]
    found = APIClient(raise_request_exception=False)
    found.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return found


def assert_problem(answer, status, name):
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == PROBLEM
    told = answer.json()
    assert told["type"] == f"urn:deskhand:problem:{name}"
    assert told["status"] == status
    assert told["title"]
    assert told["detail"]
    return told


def test_the_start_says_where_to_go():
    answer = APIClient().get("/api/")
    assert set(answer.json()) == {"v1", "schema", "docs"}
    for name in ("schema", "docs"):
        assert APIClient().get(answer.json()[name]).status_code == 200


@pytest.mark.parametrize("method", ["get", "post", "patch", "put", "delete", "options"])
@pytest.mark.parametrize("path", ["/api/nothing/", "/api/v1/nothing/", "/api/v1/articles", "/api/v1/articles/x/"])
def test_an_unknown_address_is_a_problem_not_a_page(client, method, path):
    assert_problem(getattr(client, method)(path), 404, "not-found")


def test_every_refusal_has_the_one_format(client, settings):
    path = "/api/v1/articles/"
    told = assert_problem(APIClient().get(path), 401, "not-authenticated")
    assert "password" not in json.dumps(told)
    wrong = APIClient()
    wrong.credentials(HTTP_AUTHORIZATION="Bearer dh_0000000000_wrong")
    answer = wrong.get(path)
    assert_problem(answer, 401, "authentication-failed")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    answer = client.delete(path)
    assert_problem(answer, 405, "method-not-allowed")
    assert "POST" in answer.headers["Allow"]
    assert_problem(APIClient().delete(path), 405, "method-not-allowed")
    assert_problem(client.post(path, {"title": "x"}, format="multipart"), 415, "unsupported-media-type")
    assert_problem(client.get(f"{path}999/"), 404, "not-found")
    assert assert_problem(client.get(path, {"colour": "red"}), 400, "invalid")["errors"].keys() == {"colour"}
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert_problem(client.post(path, {"title": "x" * 200}, format="json"), 413, "too-large")


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff", b'{"title": "a\\u0000b"}', b'{"title": "\\ud800"}', b'{"a": 1e999}', b'{"a": NaN}',
     b"[" * 100_000, b'{"\\u0000": 1}'],
)  # fmt: skip
def test_a_body_that_cannot_be_kept_is_refused(client, body):
    answer = client.post("/api/v1/articles/", body, content_type="application/json")
    assert_problem(answer, 400, "parse-error")


def test_bodies_are_taken_at_their_word(client):
    wrong = {"title": 7, "body": None, "products": [True], "colour": "red", "version": 1}
    told = assert_problem(client.post("/api/v1/articles/", wrong, format="json"), 400, "invalid")
    assert told["errors"].keys() == {"title", "products", "colour", "version"}
    told = assert_problem(client.post("/api/v1/articles/", [1], format="json"), 400, "invalid")
    assert told["errors"].keys() == {"body"}


def test_what_breaks_here_is_not_told(client, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("secret words")

    monkeypatch.setattr("knowledge.articles.create_article", broken)
    answer = client.post("/api/v1/articles/", {"title": "x", "body": "y"}, format="json")
    assert_problem(answer, 500, "internal")
    assert "secret" not in answer.content.decode()
    assert APIClient().get("/nothing/").headers["Content-Type"].startswith("text/html")


def test_more_requests_than_allowed_wait_for_the_next_minute(ada, settings, time_machine):
    cache.clear()
    time_machine.move_to("2026-05-04T10:00:10Z", tick=False)
    client = client_of(ada)
    settings.API_REQUESTS_PER_MINUTE = 3
    codes = [client.get("/api/v1/me/").status_code for _ in range(5)]
    answer = client.get("/api/v1/me/")
    assert codes == [200, 200, 200, 429, 429]
    assert_problem(answer, 429, "throttled")
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    other = tokens.issue_token(ada, name="two", scopes=["cases:read"], by=ada)[1]
    assert APIClient().get("/api/v1/me/", headers={"Authorization": f"Bearer {other}"}).status_code == 200


def test_a_refusal_that_is_given_again_is_a_problem_still(client):
    for _try in range(2):
        answer = client.post("/api/v1/articles/", {}, format="json", headers={"Idempotency-Key": "k"})
        assert_problem(answer, 400, "invalid")
    assert answer.headers["Idempotency-Replayed"] == "true"


def test_a_browser_needs_the_csrf_token(ada):
    browser = APIClient(enforce_csrf_checks=True)
    browser.login(email=ada.email, password="long words here")
    assert browser.get("/api/v1/me/").json()["token"] is None
    assert_problem(browser.post("/api/v1/articles/", {}, format="json"), 403, "permission-denied")
    browser.get("/api/docs/?script=")
    token = browser.cookies["csrftoken"].value
    answer = browser.post("/api/v1/articles/", {"title": "a", "body": "b"}, format="json", HTTP_X_CSRFTOKEN=token)
    assert answer.status_code == 201


def test_the_description_is_complete():
    schema = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(schema)
    for path, methods in schema["paths"].items():
        assert path.startswith("/api/v1/")
        for method, operation in methods.items():
            assert operation["summary"], path
            assert operation["description"], path
            wanted = {"400", "401", "403", "404", "429"}
            wanted |= {"409", "413", "415", "422"} if method != "get" else set()
            assert wanted <= set(operation["responses"]), path
            headers = {each["name"] for each in operation.get("parameters", []) if each["in"] == "header"}
            assert ("Idempotency-Key" in headers) == (method != "get")
            for code, response in operation["responses"].items():
                if code >= "400":
                    assert list(response["content"]) == [PROBLEM]


def test_the_pages_about_it_need_nothing_inline():
    page = APIClient().get(reverse("api:docs"))
    text = page.content.decode()
    assert "<style" not in text
    assert all("src=" in piece.split(">")[0] for piece in text.split("<script")[1:])
    assert "img-src 'self' data:" in page.headers["Content-Security-Policy"]
    script = APIClient().get(reverse("api:docs") + "?script=")
    assert script.headers["Content-Type"].startswith("application/javascript")


@pytest.mark.row("DESK-46")
def test_without_a_database_a_page_says_so_and_comes_back_and_a_program_is_told_when(ada, client, monkeypatch):
    def away(*args, **kwargs):
        raise OperationalError("server closed the connection: secret words")

    browser = Client(raise_request_exception=False)
    browser.force_login(ada)
    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", away)
    page, sent = browser.get("/desk/"), browser.post("/desk/adopt/")
    client.raise_request_exception = False
    answer = client.get("/api/v1/me/")
    monkeypatch.undo()
    assert (page.status_code, page["Refresh"], page["Retry-After"]) == (503, "3", "3")
    assert "tries again by itself" in page.content.decode()
    assert "Refresh" not in sent
    assert "may not have been stored" in sent.content.decode()
    assert_problem(answer, 503, "database-away")
    assert "secret" not in f"{page.content}{sent.content}{answer.content}"
    assert browser.get("/desk/").status_code == 200
