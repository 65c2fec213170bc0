"""Suggestions and lines of business by the API, with kinds of a toy."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import LineOfBusiness, Suggestion
from tests.api_clients import client_of, make_person, post
from tests.toy.models import Thing

SUGGESTIONS = "/api/v1/suggestions/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def client(ann):
    return client_of(ann)


def test_suggestions_are_narrowed_paged_and_read(client, suggest):
    made = [suggest(Thing.objects.create(title=f"Thing {number}")) for number in range(5)]
    page = client.get(SUGGESTIONS, {"limit": 3}).json()
    assert [row["id"] for row in page["results"]] == [each.pk for each in made[:1:-1]]
    rest = client.get(page["next"]).json()
    assert ([row["id"] for row in rest["results"]], rest["next"]) == ([made[1].pk, made[0].pk], None)
    for query, count in (({"state": "accepted"}, 0), ({"kind": "toy.fill"}, 0), ({"agent": "toy"}, 5)):
        assert len(client.get(SUGGESTIONS, query).json()["results"]) == count
    shown = client.get(f"{SUGGESTIONS}{made[0].pk}/").json()
    assert shown["title"] == "Send a note"
    assert shown["proposed"] == {"text": "Hello"}
    assert shown["about"] == {"type": "toy.thing", "id": made[0].object_id, "label": "Thing 0", "path": made[0].link}
    for wrong in ({"state": "x"}, {"line": "x"}, {"colour": "red"}):
        assert client.get(SUGGESTIONS, wrong).status_code == 400


def test_ten_suggestions_cost_as_many_queries_as_one(client, suggest, ann):
    counts = []
    for rows in (1, 10):
        while Suggestion.objects.count() < rows:
            suggest(Thing.objects.create(title="Thing"))
        Suggestion.objects.update(decided_by=ann)
        client.get(SUGGESTIONS)
        with CaptureQueriesContext(connection) as seen:
            client.get(SUGGESTIONS)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_of_two_who_decide_the_second_reads_who_and_when(client, suggest, thing, ann, bob):
    url = f"{SUGGESTIONS}{suggest(thing).pk}/"
    assert post(client, f"{url}accept/", {"edits": {"text": "Hi"}}).json()["final"] == {"text": "Hi"}
    for verb in ("accept", "reject"):
        late = post(client_of(bob), f"{url}{verb}/")
        assert late.status_code == 409
        assert (late.json()["who"], late.json()["outcome"]) == ({"id": ann.pk, "name": "Ann Weber"}, "accepted")
    thing.refresh_from_db()
    assert thing.note == "Hi"


def test_what_the_guard_refuses_waits_still(client, suggest, thing):
    suggestion = suggest(thing)
    url = f"{SUGGESTIONS}{suggestion.pk}/"
    answer = post(client, f"{url}accept/", {"edits": {"text": "forbidden"}})
    assert (answer.status_code, answer.json()["reasons"]) == (422, ["It says forbidden."])
    assert post(client, f"{url}accept/", {"edits": {"text": ""}}).json()["errors"].keys() == {"edits.text"}
    assert post(client, f"{url}accept/", {"edits": {"text": 7}}).status_code == 400
    assert post(client, f"{url}accept/", {"parts": "all"}).status_code == 400
    broken = post(client, f"{url}accept/", {"edits": {"text": "boom"}})
    assert (broken.status_code, broken.json()["type"]) == (500, "urn:deskhand:problem:internal")
    assert client.get(url).json()["state"] == "pending"
    assert post(client, f"{url}reject/", {"reason": "No"}).json()["reason"] == "No"


def test_parts_are_taken_and_undone_once(client, fill, thing):
    made = fill(thing, {"title": "Mill", "size": 3}, {"title": "ask", "size": "ask"})
    url = f"{SUGGESTIONS}{made[0].pk}/"
    assert post(client, f"{url}rate/", {"rating": "right"}).status_code == 422
    done = post(client, f"{url}accept/", {"parts": ["title"]}).json()
    assert (done["final"], done["left_out"], done["can_undo"]) == ({"values": {"title": "Mill"}}, ["size"], True)
    assert [post(client, f"{url}rate/", {"rating": n}).json()["rating"] for n in ("right", "wrong", "wrong")] == [
        "right", "wrong", "",
    ]  # fmt: skip
    assert [post(client, f"{url}rate/", given).status_code for given in ({}, {"rating": "so so"})] == [400, 400]
    assert post(client, f"{url}undo/").json()["can_undo"] is False
    assert post(client, f"{url}undo/").status_code == 422
    thing.refresh_from_db()
    assert (thing.title, thing.size) == ("Grinder", None)


def test_who_may_not_decide_sees_nothing_and_reading_is_not_deciding(suggest, thing, ann):
    url = f"{SUGGESTIONS}{suggest(thing).pk}/"
    nobody = client_of(make_person("nobody@example.com", "author"))
    assert nobody.get(SUGGESTIONS).json()["results"] == []
    assert nobody.get(url).status_code == post(nobody, f"{url}accept/").status_code == 404
    reading = client_of(ann, "suggestions:read")
    assert reading.get(url).status_code == 200
    for verb in ("accept", "reject", "undo", "rate"):
        assert post(reading, f"{url}{verb}/").status_code == 403
    assert client_of(ann, "cases:read").get(url).status_code == 403


@pytest.mark.row("INT-A-5")
def test_a_line_of_business_is_looked_up_by_name_and_by_uid(client):
    line = LineOfBusiness.objects.create(name="Machines and repairs")
    LineOfBusiness.objects.create(name="Trade")
    url = "/api/v1/lines-of-business/"
    assert [row["name"] for row in client.get(url).json()["results"]] == ["Machines and repairs", "Trade"]
    for query in ({"name": "machines AND repairs"}, {"uid": str(line.uid)}):
        assert [row["uid"] for row in client.get(url, query).json()["results"]] == [str(line.uid)]
    assert client.get(f"{url}{line.uid}/").json()["name"] == "Machines and repairs"
    assert client.get(url, {"name": "Nothing"}).json()["results"] == []
    assert client.get(f"{url}{line.uid}/".replace(str(line.uid)[:8], "00000000")).status_code == 404
    assert client.get(url, {"uid": "x"}).status_code == 400
