"""Conditions: one answer in Python and in the database, words, and errors."""

import datetime as dt
import string
import unicodedata
from decimal import Decimal
from typing import Any

import pytest
from django.db.models.expressions import RawSQL
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model_bakery import baker

from agents import conditions
from agents.conditions.folding import fold
from agents.conditions.operators import OPERATORS
from agents.facts import Type, facts_of
from tests.toy.models import Tag, Thing

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 9, 8, 24, tzinfo=dt.UTC)
WORDS = ["", "cafe", "Café", "CAFÉ", "straße", "STRASSE", "ΣΊΣΥΦΟΣ", "σίσυφος", "%", "_", "a_b", "İstanbul", "ﬁn", "ñ"]
LETTERS = st.characters(codec="utf-8", exclude_categories=["Cs", "Cn", "Co"], exclude_characters="\x00")
texts = st.one_of(st.sampled_from(WORDS), st.text(LETTERS, max_size=6), st.text(string.ascii_letters, max_size=3))
numbers = st.sampled_from([-3, 0, 1, 2, 7])
moments = st.sampled_from(
    [NOW + dt.timedelta(**step) for step in [{}, {"hours": -1}, {"days": -1}, {"days": -2}, {"days": 1}, {"days": -60}]]
    + [NOW - dt.timedelta(days=1, microseconds=1), dt.datetime(2026, 6, 9, tzinfo=dt.UTC)]
)
spans = st.sampled_from(["1 hour", "1 day", "2 days", "3 weeks", "90 minutes"])
dates = st.sampled_from(["2026-06-08", "2026-06-09", "2026-06-09T08:24", "2026-06-07T08:24:00+02:00"])


@st.composite
def things(draw: Any) -> dict[str, Any]:
    """The columns of one thing; each may be empty."""
    return {
        "title": draw(texts),
        "note": draw(st.none() | texts),
        "colour": draw(st.sampled_from(["", "red", "green"])),
        "size": draw(st.none() | numbers),
        "weight": draw(st.none() | st.sampled_from([Decimal("0.10"), Decimal("2.50"), Decimal(7)])),
        "ratio": draw(st.none() | st.sampled_from([0.1, 2.5, 7.0])),
        "is_active": draw(st.none() | st.booleans()),
        "seen_at": draw(st.none() | moments),
        "took": draw(st.none() | st.sampled_from([dt.timedelta(hours=1), dt.timedelta(days=2), dt.timedelta(days=40)])),
        "tags": draw(st.sets(st.integers(0, 2))),
        "parent": draw(st.none() | st.integers(0, 2)),
    }


def operand(draw: Any, kind: Type, code: str, name: str) -> Any:
    """A value that fits the operator, sometimes one that does not."""
    takes = OPERATORS[kind][code].takes
    if takes == "nothing":
        return None
    one = {
        Type.TEXT: texts,
        Type.NUMBER: st.sampled_from(["0.1", "2.5", "0", "1", "7", "-3", "x"]),
        Type.TIME: spans if code in ("in_last", "older_than") else dates,
        Type.DURATION: spans,
        Type.CHOICE: st.sampled_from(["red", "green", "blue"]) if name == "colour" else st.just("1"),
        Type.USER: st.just("1"),
        Type.SET: st.sampled_from(TAGS),
    }[kind]
    if takes == "many":
        return draw(st.lists(one, max_size=3))
    return [draw(one), draw(one)] if takes == "two" else draw(one)


TAGS: list[int] = []


@st.composite
def trees(draw: Any, depth: int = 2) -> dict[str, Any]:
    """Any tree over the facts of a thing."""
    if depth and draw(st.booleans()):
        return {
            "join": draw(st.sampled_from(["all", "any"])),
            "items": draw(st.lists(trees(depth=depth - 1), max_size=3)),
        }
    fact = draw(st.sampled_from(list(facts_of(Thing).values())))
    code = draw(st.sampled_from(list(OPERATORS[fact.type])))
    return {"fact": fact.name, "op": code, "value": operand(draw, fact.type, code, fact.name)}


@pytest.fixture
def tags() -> list[Tag]:
    """Three tags, and their keys for the strategies."""
    made = [baker.make(Tag, name=name) for name in "abc"]
    TAGS[:] = [tag.pk for tag in made]
    return made


def make_things(rows: list[dict[str, Any]], tags: list[Tag]) -> list[Thing]:
    """The rows in the database; a parent is one of those made before."""
    made: list[Thing] = []
    for given_row in rows:
        row = dict(given_row)
        marks, parent = row.pop("tags"), row.pop("parent")
        thing = Thing.objects.create(**row, parent=made[parent % len(made)] if made and parent is not None else None)
        thing.tags.set([tags[mark] for mark in marks])
        made.append(thing)
    return made


@pytest.mark.row("DESK-31")
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_a_condition_gives_one_answer_in_python_and_in_the_database(data: Any, tags: list[Tag]) -> None:
    Thing.objects.all().delete()
    make_things(data.draw(st.lists(things(), min_size=1, max_size=5)), tags)
    for _round in range(4):
        item = data.draw(trees())
        tree = item if "items" in item else {"items": [item]}
        by_python = sorted(thing.pk for thing in Thing.objects.all() if conditions.holds(tree, thing, NOW))
        by_database = sorted(Thing.objects.filter(conditions.compile(tree, Thing, NOW)).values_list("pk", flat=True))
        assert by_python == by_database, tree


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(LETTERS, max_size=40))
def test_folding_is_the_same_in_the_database(text: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT agents_fold(%s)", [text])
        assert cursor.fetchone()[0] == fold(text)
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))


def test_case_and_accents_do_not_count_in_texts() -> None:
    thing = baker.make(Thing, title="Café Straße", colour="red")
    assert conditions.holds({"items": [{"fact": "title", "op": "is", "value": "CAFE STRASSE"}]}, thing, NOW)
    assert not conditions.holds({"items": [{"fact": "title", "op": "contains", "value": "caffe"}]}, thing, NOW)


def test_what_is_empty_is_not_red_and_no_condition_holds_for_an_unknown_fact() -> None:
    thing = baker.make(Thing, title="x", colour="", note=None)
    assert conditions.holds({"items": [{"fact": "colour", "op": "is_not", "value": "red"}]}, thing, NOW)
    assert conditions.holds({"items": [{"fact": "note", "op": "not_contains", "value": "y"}]}, thing, NOW)
    assert conditions.holds({}, thing, NOW)
    assert not conditions.holds({"items": [{"fact": "gone", "op": "is_not", "value": "red"}]}, thing, NOW)


def test_a_condition_is_told_in_words() -> None:
    tree = {
        "items": [
            {"fact": "colour", "op": "any_of", "value": ["red", "blue"]},
            {
                "join": "any",
                "items": [
                    {"fact": "size", "op": "over", "value": "5"},
                    {"fact": "note", "op": "is_empty"},
                ],
            },
        ]
    }
    assert conditions.describe(tree, Thing) == "Colour is any of Red or Blue, and (Size is over 5, or Note is empty)"
    assert conditions.describe({}, Thing) == "Always"
    assert "gone (no longer known)" in conditions.describe({"items": [{"fact": "gone", "op": "is"}]}, Thing).lower()


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([], "at least one"),
        ([{"fact": "gone", "op": "is", "value": "x"}], "not known"),
        ([{"fact": "size", "op": "over", "value": "many"}], "number"),
        ([{"fact": "colour", "op": "is", "value": "mauve"}], "not among the choices"),
        ([{"fact": "age", "op": "over", "value": "soon"}], "30 minutes"),
        ([{"join": "any", "items": []}], "group is empty"),
        ([{"fact": "colour", "op": "is", "value": v} for v in ("red", "blue")], "cannot meet"),
        (
            [{"fact": "size", "op": "over", "value": "9"}, {"fact": "size", "op": "under", "value": "5"}],
            "cannot meet",
        ),
        (
            [{"fact": "note", "op": "is_empty"}, {"items": [{"fact": "note", "op": "contains", "value": "x"}]}],
            "cannot meet",
        ),
        ([{"fact": "active", "op": "is_true"}, {"fact": "active", "op": "is_false"}], "cannot meet"),
        ("nonsense", "items"),
    ],
)
def test_what_can_never_hold_or_be_read_is_an_error(items: Any, words: str) -> None:
    assert any(words in error for error in conditions.check({"items": items}, Thing))
    assert conditions.check({"items": [{"fact": "size", "op": "over", "value": "5"}]}, Thing) == []


def test_a_contradiction_under_any_is_no_error() -> None:
    items = [{"fact": "colour", "op": "is", "value": v} for v in ("red", "blue")]
    assert conditions.check({"join": "any", "items": items}, Thing) == []
    assert conditions.check({"join": "all", "items": items}, Thing)


def test_a_tree_too_deep_is_refused_before_it_is_walked() -> None:
    tree: dict[str, Any] = {"items": []}
    for _level in range(3000):
        tree = {"items": [tree]}
    with pytest.raises(conditions.Malformed):
        conditions.parse(tree)


def test_a_preview_counts_to_a_thousand_and_shows_twenty() -> None:
    Thing.objects.bulk_create([Thing(colour="red", size=number) for number in range(1005)])
    tree = {"items": [{"fact": "colour", "op": "is", "value": "red"}]}
    small = {"items": [{"fact": "size", "op": "under", "value": "10"}]}
    tiny = {"items": [{"fact": "size", "op": "under", "value": "3"}]}
    rows = Thing.objects.order_by("pk")
    found = conditions.preview(tree, rows, NOW, earlier=[tiny, small])
    assert (found.count, found.is_more, len(found.rows)) == (1000, True, 20)
    assert found.taken == [(1, 3), (2, 7)]
    assert conditions.preview(small, rows, NOW).count == 10


def test_a_preview_that_takes_too_long_gives_up_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    baker.make(Thing, colour="red")
    monkeypatch.setattr("agents.conditions.previewing.LONGEST_MS", 50)
    asleep = RawSQL("(SELECT 1 FROM pg_sleep(5))", [])
    rows = Thing.objects.annotate(asleep=asleep).order_by("asleep")
    assert conditions.preview({}, rows, NOW).took_too_long
    assert conditions.preview({}, Thing.objects.order_by("pk"), NOW).count == 1
