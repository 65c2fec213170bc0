"""Programs list, write and review intents, and read what was recognised."""

import pytest
from rest_framework.test import APIClient

from intents import library


def client_of(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.mark.row("DESK-126")
def test_intents_are_written_changed_and_reviewed_by_who_manages_agents(person, ann, trade):
    admin = client_of(person("Ada Admin", "administrator"))
    body = {
        "name": "Ask for a price", "examples": ["what does it cost"], "line_of_business": str(trade.uid),
        "attributes": [{"label": "Quantity", "question": "How many?", "type": "integer"}],
    }  # fmt: skip
    made = admin.post("/api/v1/intents/", body, format="json")
    assert made.status_code == 201, made.content
    assert made.json()["review_state"] == "pending"
    assert made.json()["attributes"][0]["name"] == "quantity"
    pk, version = made.json()["id"], made.json()["version"]
    assert admin.post("/api/v1/intents/", body, format="json").status_code == 400
    assert admin.post("/api/v1/intents/", {**body, "colour": "red"}, format="json").status_code == 400
    changed = admin.patch(f"/api/v1/intents/{pk}/", {"version": version, "name": "Ask for prices"}, format="json")
    assert (changed.status_code, changed.json()["name"]) == (200, "Ask for prices")
    late = admin.patch(f"/api/v1/intents/{pk}/", {"version": version, "name": "Late"}, format="json")
    assert late.status_code == 409
    assert client_of(ann).post(f"/api/v1/intents/{pk}/review/", {"review_state": "approved"}).status_code == 403
    assert client_of(ann).get(f"/api/v1/intents/{pk}/").status_code == 404
    done = admin.post(f"/api/v1/intents/{pk}/review/", {"review_state": "approved"}, format="json")
    assert done.json()["review_state"] == "approved"
    listed = admin.get(f"/api/v1/intents/?line={trade.uid}&review_state=approved").json()["results"]
    assert [row["name"] for row in listed] == ["Ask for prices"]


@pytest.mark.row("DESK-126")
def test_what_was_recognised_is_read_with_its_evidence_by_who_may_read_the_conversation(
    come_in, small_library, ann, person
):
    message = come_in(subject="Parcel", body="My parcel has still not come.")
    rows = client_of(ann).get(f"/api/v1/determinations/?conversation={message.conversation_id}&current=true").json()
    (row,) = rows["results"]
    assert (row["topic"], row["is_current"]) == ("where-is-my-order", True)
    assert row["evidence"][0]["kind"] == "examples"
    stranger = person("Sam Seller", "seller")
    assert client_of(stranger).get("/api/v1/determinations/").status_code == 403
    assert library.library_version() == row["library_version"]
