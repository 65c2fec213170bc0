"""Attributes are found in the customer's words, asked for once, and live through the states of an intent."""

import datetime as dt

import pytest

from intents import attributes, library, matching
from intents.asking import list_open, note_asked, was_asked
from intents.models import Determination
from tests.conversations.conftest import message_of
from tests.conversations.mails import NOON

ATTRIBUTES = [
    {"label": "Order number", "question": "What is your order number?", "pattern": r"HR-\d{6}"},
    {
        "label": "Wish", "question": "A refund or a replacement?", "type": "choice",
        "options": [
            {"value": "refund", "label": "Refund", "aliases": ["money back"]}, {"value": "new", "label": "Replacement"},
        ],
    },
    {"label": "What is broken", "question": "What is broken?", "type": "free"},
    {"label": "Bought on", "question": "When did you buy it?", "type": "date", "is_required": False},
]  # fmt: skip


@pytest.fixture
def damage(teach, switch, ann):
    switch("intents.matching", "auto")
    row = teach("Report transport damage", "the parcel arrived broken", "the box was crushed", "it came in pieces")
    return library.save_intent(row, by=ann, attributes=ATTRIBUTES)


def names(rows) -> list[str]:
    return [row.name for row in rows]


@pytest.mark.row("INT-A-15")
def test_what_the_customer_said_is_known_with_its_words_and_the_rest_is_missing(arrive, damage):
    body = "The parcel arrived broken, order HR-204118. I bought it on 3 May 2026. I want my money back."
    row = matching.determine_message(message_of(arrive(body=body)).pk, now=NOON)
    known = {name: value.get("value") for name, value in row.values.items()}
    assert known == {"order_number": "HR-204118", "wish": "refund", "what_is_broken": None, "bought_on": "2026-05-03"}
    for name in ("order_number", "wish", "bought_on"):
        (words,) = row.values[name]["evidence"]
        assert row.values[name]["state"] == "fulfilled"
        assert body[words["start"] : words["end"]] == words["text"]
    assert names(list_open(row)) == ["what_is_broken"]
    assert row.state == "active"


@pytest.mark.row("DESK-124")
def test_what_is_missing_is_asked_for_once_and_never_twice(arrive, damage):
    first = message_of(arrive(subject="Damage", body="The box was crushed.", message_id="<a@customer.example>"))
    row = matching.determine_message(first.pk, now=NOON)
    assert [was_asked(row, name) for name in row.values] == [False] * 4
    note_asked(row, ["order_number", "what_is_broken"], now=NOON)
    row.refresh_from_db()
    assert [name for name in row.values if was_asked(row, name)] == ["order_number", "what_is_broken"]
    assert names(list_open(row)) == ["order_number", "wish", "what_is_broken"]
    again = message_of(
        arrive(
            subject="Re: Damage", body="The parcel arrived broken: the tray has a crack.",
            in_reply_to="<a@customer.example>", at=NOON + dt.timedelta(hours=1),
        )
    )  # fmt: skip
    newer = matching.determine_message(again.pk, now=NOON)
    current = matching.current_determination(again.conversation)
    assert newer == current
    assert names(list_open(current)) == ["order_number", "wish"]
    assert [was_asked(current, name) for name in ("order_number", "wish")] == [True, False]
    assert current.values["what_is_broken"]["evidence"][0]["message"] == again.pk


@pytest.mark.row("INT-A-14")
def test_a_recognised_intent_goes_through_its_states_and_its_values_are_open_or_fulfilled(arrive, damage, ann):
    message = message_of(arrive(subject="Damage", body="The box was crushed.", message_id="<a@customer.example>"))
    row = matching.determine_message(message.pk, now=NOON)
    assert row.state == "active"
    assert {value["state"] for value in row.values.values()} == {"open"}
    for name, value in (("order_number", "HR-1"), ("wish", "refund"), ("what_is_broken", "the tray")):
        row = attributes.set_value(row, name, value, by=ann)
    assert (row.state, row.values["wish"]["state"]) == ("filled", "fulfilled")
    assert attributes.set_value(row, "wish", "", by=ann).state == "active"
    for state in ("fulfilled", "in_progress", "item", "completed"):
        assert attributes.move_on(message.conversation, state) == 1
    assert attributes.move_on(message.conversation, "fulfilled") == 0
    row.refresh_from_db()
    assert (row.state, row.harvest) == ("completed", "solution")
    assert list_open(row) == []
    assert {str(label) for label in Determination.State.labels} >= {"Attributes filled", "Closed", "Discarded"}


def test_a_denied_option_is_no_value_and_a_guess_is_none(arrive, damage):
    body = "The parcel arrived broken. I do not want a replacement!"
    row = matching.determine_message(message_of(arrive(body=body)).pk, now=NOON)
    assert row.values["wish"]["state"] == "open"
    assert row.values["order_number"]["state"] == "open"
