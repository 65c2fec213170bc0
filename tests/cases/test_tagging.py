"""Where values stand is learned from confirmed conversations; what is promised was right on those held back."""

import subprocess
import sys
from pathlib import Path

import pytest

from agents.models import TrainingRun
from cases import learning
from cases.asking import EVERY_FIELD, FieldTarget, PredictFields
from cases.filling import trained_fields
from cases.models import Case, CaseMessage, FieldDefinition, FieldMark
from cases.prediction import predict_fields
from cases.tagging import Lesson, find_values, learn, places_of, words_in
from intents.reading import MessageText
from tests.conversations.mails import NOON

pytest.importorskip("pycrfsuite")
CITIES = ["Lisbon", "Oslo", "Bern", "Turin", "Ghent", "Malmo", "Cork", "Leeds", "Porto", "Lyon"]
SAYS = ("I want to fly from {0} to {1} on Monday.", "Book me {0} to {1}, seat {2}", "It goes to {1}, I start from {0}")


def said(at, text=""):
    one, other = CITIES[at % 10], CITIES[(at * 3 + 1) % 10]
    text = text or SAYS[at % 3].format(one, other, f"{at % 30 + 1}C")
    return [MessageText(id=at + 1, text=text)], {"start": one, "goal": other}


def lessons(count):
    return [Lesson(at, (told := said(at))[0], places_of(*told)) for at in range(count)]


@pytest.fixture(scope="module")
def learned():
    return learn(lessons(60))


@pytest.mark.row("DESK-472")
def test_values_are_found_by_how_they_are_said_with_their_words(learned):
    content, held_back, count = learned
    assert (held_back > 0.9, count) == (True, 60)
    messages = [MessageText(id=9, text="Hello, book me Zagreb to Split, seat 12A")]
    found = {one.place.field: one for one in find_values(content, messages)}
    assert {name: one.value for name, one in found.items()} == {"start": "Zagreb", "goal": "Split"}
    place = found["goal"].place
    assert messages[0].text[place.start : place.end] == "Split"
    assert find_values(content, [MessageText(id=9, text="Hello, where is my invoice?")]) == []
    assert find_values(content, [MessageText(id=9, direction="out", text="Book me Oslo to Bern")]) == []


@pytest.mark.row("DESK-472")
def test_a_learned_value_is_predicted_and_a_pattern_or_a_stranger_kind_is_not_overruled(learned):
    messages = [MessageText(id=1, text="Book me Zagreb to Split, seat 12A")]
    fields = [FieldTarget(name="goal"), FieldTarget(name="start", type="integer"),
              FieldTarget(name="start", pattern=r"\d{4}")]  # fmt: skip
    goal, number, numbered = predict_fields(
        PredictFields(messages=messages, fields=fields, trained={EVERY_FIELD: learned[0]})
    )
    assert (goal.value, goal.evidence[0].text, goal.promise > 0.8) == ("Split", "Split", True)
    assert number.value is None
    assert numbered.value is None


def test_places_are_whole_words_and_nothing_is_learned_without_one():
    messages = [MessageText(id=1, text="Mail jo@x.example, or call +44 20 1234. Order 20!")]
    assert [word.text for word in words_in("a 12:30, (b-c).")] == ["a", "12:30", "b-c"]
    (mail, order) = places_of(messages, {"mail": "JO@x.example", "order": "order 20", "none": "1234 5", "empty": ""})
    assert (messages[0].text[mail.start : mail.end], order.field) == ("jo@x.example", "order")
    with pytest.raises(ValueError, match="no value"):
        learn([Lesson(1, messages, [])])


@pytest.mark.row("DESK-477")
def test_a_value_no_person_confirmed_is_found_by_the_company_its_word_keeps_in_other_conversations():
    """Bare answers: form and place say nothing, only other conversations tell towns from dishes."""
    words = [one + two for two in ("rin", "dova", "no", "lek", "mar", "sta", "po", "zu") for one in ("ka", "mo", "li")]
    words += [one + two for two in ("rin", "dova", "no", "lek", "mar", "sta", "po", "zu") for one in ("be", "ta", "so")]
    towns, dishes = words[::2], words[1::2]
    ways = (("i fly to {} on monday", towns), ("from {} please", towns), ("can i eat {} there", dishes),
            ("two plates of {} now", dishes))  # fmt: skip
    others = [[MessageText(id=1, text=way.format(word))] for way, kind in ways for word in kind]
    confirmed = []
    for at in range(48):
        town, dish = towns[at % 24], dishes[at * 5 % 24]
        messages = [MessageText(id=1, text=town), MessageText(id=2, text=dish)][:: 1 if at < 24 else -1]
        if at % 24 < 16:
            confirmed.append(Lesson(at, messages, places_of(messages, {"goal": town})))
        else:
            others.append(messages)

    def found(content):
        return {word for word in words if find_values(content, [MessageText(id=1, text=word)])}

    assert found(learn(confirmed, others)[0]) == set(towns)
    assert len(found(learn(confirmed)[0]) & set(towns[16:])) < 8


@pytest.mark.row("DESK-473")
@pytest.mark.nightly
def test_the_same_lessons_make_the_same_model_whatever_the_seed_of_hashes(learned):
    code = (
        "import django, hashlib; django.setup()\n"
        "from tests.cases.test_tagging import lessons, learn\n"
        "print(hashlib.sha256(learn(lessons(60))[0]).hexdigest())"
    )
    import hashlib
    import os

    environment = {**os.environ, "PYTHONHASHSEED": "77", "DJANGO_SETTINGS_MODULE": "tests.settings"}
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == hashlib.sha256(learned[0]).hexdigest(), done.stderr[-500:]


@pytest.mark.row("DESK-470")
def test_confirmed_text_fields_train_one_model_for_all(come_in):
    message = come_in(subject="A flight", body="Book me Oslo to Bern, seat 3C").pk
    field = FieldDefinition.objects.create(name="goal", label="Goal")
    first = Case.objects.get(message_links__message=message)
    Case.objects.filter(pk=first.pk).update(custom={"goal": "Bern"})
    FieldMark.objects.create(case=first, field="goal", set_by="person")
    assert learning.learn_fields(now=NOON) == []
    made = Case.objects.bulk_create(Case(number=9000 + at, title="x", custom={"goal": "-"}) for at in range(30))
    FieldMark.objects.bulk_create(FieldMark(case=case, field="goal", set_by="person") for case in made)
    come_in(subject="Trains", body="Kyoto or Nara.\n" * 9, sender="kim@example.com")
    assert CaseMessage.objects.exclude(case=first).count() == 1
    assert learning.learn_fields(now=NOON) == [EVERY_FIELD]
    assert (TrainingRun.objects.get().scope, field.name) == (EVERY_FIELD, "goal")
    trained = trained_fields([learning.case_fields()["goal"]])
    assert list(trained) == [EVERY_FIELD]
    assert b'"kyoto"' in trained[EVERY_FIELD]
    assert learning.learn_fields(now=NOON) == []
