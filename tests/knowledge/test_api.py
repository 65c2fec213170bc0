"""Articles, products and subjects by the API."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import LineOfBusiness
from knowledge.models import Article, Product, Subject
from tests.api_clients import client_of, make_person, post

pytestmark = pytest.mark.django_db
ARTICLES = "/api/v1/articles/"


@pytest.fixture
def ada(db):
    return make_person("ada@example.com", "author")


def test_an_article_is_written_changed_published_and_archived(ada):
    line, product = LineOfBusiness.objects.create(name="Kettles"), Product.objects.create(name="Kettle")
    subject = Subject.objects.create(name="Care")
    client = client_of(ada)
    body = {
        "title": "Descale it", "body": "# Descale\n\nUse vinegar.\n", "audience": "external", "language": "en",
        "lines_of_business": [str(line.uid)], "products": [product.pk], "subjects": [subject.pk],
    }  # fmt: skip
    made = post(client, ARTICLES, body)
    assert made.status_code == 201, made.content
    shown = made.json()
    assert (shown["state"], shown["version"], shown["body"]) == ("draft", 1, body["body"])
    assert shown["lines_of_business"] == [{"uid": str(line.uid), "name": "Kettles"}]
    url = f"{ARTICLES}{shown['id']}/"
    changed = client.patch(url, {"version": 1, "title": "Descale the kettle"}, format="json").json()
    assert (changed["version"], changed["title"], changed["body"]) == (2, "Descale the kettle", body["body"])
    late = client.patch(url, {"version": 1, "title": "Other"}, format="json")
    assert (late.status_code, late.json()["type"]) == (409, "urn:deskhand:problem:changed-meanwhile")
    assert (late.json()["who"]["id"], late.json()["version"]) == (ada.pk, 2)
    assert client.patch(url, {"title": "Other"}, format="json").json()["errors"].keys() == {"version"}
    assert post(client, f"{url}publish/", {"version": 1}).status_code == 409
    assert post(client, f"{url}publish/", {"version": 2}).json()["state"] == "published"
    assert post(client, f"{url}archive/").json()["state"] == "archived"
    assert client.patch(url, {"version": 2, "title": "Other"}, format="json").status_code == 403
    assert post(client, f"{url}take-back/").json()["state"] == "draft"


def test_what_cannot_stand_in_an_article_is_named(ada):
    wrong = {
        "title": " ", "body": "x", "audience": "x", "language": "English", "lines_of_business": ["x"], "products": [0],
        "subjects": [10**40],
    }  # fmt: skip
    answer = post(client_of(ada), ARTICLES, wrong)
    assert answer.status_code == 400
    assert answer.json()["errors"].keys() == set(wrong) - {"body"}
    assert not Article.objects.exists()


def test_reading_writing_and_publishing_are_different_rights(ada, write):
    article = write("Descale it", "Use vinegar.", index=False)
    draft = write("Secret plan", "Nobody reads it.", state="draft", index=False)
    rita = make_person("rita@example.com", "representative")
    client = client_of(rita)
    assert [row["id"] for row in client.get(ARTICLES).json()["results"]] == [article.pk]
    assert client.get(f"{ARTICLES}{draft.pk}/").status_code == 404
    assert client.get(f"{ARTICLES}{article.pk}/").json()["body"] == "Use vinegar."
    url = f"{ARTICLES}{article.pk}/"
    assert post(client, ARTICLES, {"title": "a", "body": "b"}).status_code == 403
    assert client.patch(url, {"version": 1, "title": "x"}, format="json").status_code == 403
    for verb in ("publish", "archive", "take-back"):
        assert post(client, f"{url}{verb}/").status_code == 403
    reading = client_of(ada, "articles:read")
    assert reading.get(url).status_code == 200
    assert post(reading, ARTICLES, {"title": "a", "body": "b"}).status_code == 403
    assert client_of(ada, "cases:read").get(url).status_code == 403


def test_articles_of_another_line_are_not_there(write):
    mine, other = (LineOfBusiness.objects.create(name=name) for name in ("Machines", "Trade"))
    article = write("Descale it", "Use vinegar.", lines_of_business=[other], index=False)
    client = client_of(make_person("ada@example.com", "author", lines=[mine]))
    url = f"{ARTICLES}{article.pk}/"
    assert client.get(url).status_code == 404
    assert client.patch(url, {"version": 1, "title": "x"}, format="json").status_code == 404
    assert post(client, f"{url}archive/").status_code == 404
    assert client_of(make_person("bo@example.com", "author", lines=[other])).get(url).status_code == 200


def test_search_returns_the_passage_and_its_sentence(ada, write):
    write("Descale the kettle", "Fill it with water and vinegar. Wait ten minutes. Rinse the kettle twice.")
    client = client_of(ada)
    found = client.get(f"{ARTICLES}search/", {"q": "How do I descale my kettle with vinegar?"})
    assert found.status_code == 200
    assert found.json()["results"][0]["title"] == "Descale the kettle"
    for wrong in ({}, {"q": ""}, {"q": "x", "limit": "0"}, {"q": "x", "line": "y"}, {"q": "x", "colour": "red"}):
        assert client.get(f"{ARTICLES}search/", wrong).status_code == 400


def test_lists_are_narrowed_and_cost_the_same_for_ten_as_for_one(ada, write):
    client, counts = client_of(ada), []
    for rows in (1, 10):
        while Article.objects.count() < rows:
            write(f"Kettle {Article.objects.count()}", "Text", by=ada, index=False)
        Product.objects.all().delete()
        for number in range(rows):
            Product.objects.create(name=f"Kettle {number}")
        client.get(ARTICLES)
        for url in (ARTICLES, "/api/v1/products/", "/api/v1/subjects/"):
            with CaptureQueriesContext(connection) as seen:
                assert client.get(url).status_code == 200
            counts.append(len(seen))
    assert counts[:3] == counts[3:]
    assert len(client.get(ARTICLES, {"q": "kettle 3"}).json()["results"]) == 1
    assert len(client.get(ARTICLES, {"state": "draft"}).json()["results"]) == 0
    assert len(client.get("/api/v1/products/", {"q": "kettle 3"}).json()["results"]) == 1
    assert client.get(ARTICLES, {"state": "gone"}).status_code == 400
