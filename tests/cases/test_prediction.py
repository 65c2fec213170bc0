"""Fields are filled from the customer's words and from confirmed cases, each with its evidence, or left open."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agents import skills
from cases.asking import ConfirmedExample, FieldOption, FieldTarget, MessageText, PredictFields

ROOT = Path(__file__).resolve().parents[2]
ORDER = FieldTarget(name="order_number", label="Order number", pattern=r"HR-\d{6}")
PRODUCT = FieldTarget(
    name="product",
    type="lookup",
    options=[
        FieldOption(value="1", label="Aroma 3", aliases=["Aroma Three"]),
        FieldOption(value="2", label="Aroma 3 Pro"),
        FieldOption(value="3", label="Kettle Classic"),
    ],
)


def predict(text, target, subject="", examples=(), before=(), **message):
    messages = [*before, MessageText(id=7, text=text, subject=subject, **message)]
    question = PredictFields(messages=messages, fields=[target], examples=list(examples))
    answer = skills.run("cases.predict_fields", question)
    found = answer.output.fields[0]
    for one in found.evidence:
        assert one.part == target.name
        if one.kind == "words":
            source = next(message.text for message in messages if message.id == one.message)
            assert source[one.start : one.end] == one.text
    return found


def test_an_order_number_is_copied_with_its_place_and_its_absence_is_said():
    found = predict("Where is my order HR-204118? I waited.", ORDER)
    assert (found.value, found.evidence[0].start) == ("HR-204118", 18)
    assert found.confidence > 0.9
    nothing = predict("Where is my order?", ORDER)
    assert (nothing.value, nothing.evidence, nothing.reason) == (None, [], "no source found")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Order HR-204118 is wrong. Sorry, the order is HR-204119", "HR-204119"),
        ("It is not HR-204118 but HR-204119.", "HR-204119"),
        ("Es geht um HR-204119, nicht HR-204118.", "HR-204119"),
        ("About HR-204119\n> your order HR-204118 has left", "HR-204119"),
        ("Thanks.\n\nOn Mon, 3 May 2026 Support wrote:\nyour order HR-204118", None),
    ],
)
def test_denied_quoted_and_corrected_numbers(text, value):
    assert predict(text, ORDER).value == value


def test_the_newest_message_wins_and_our_own_words_are_no_source():
    first = MessageText(id=1, text="My order is HR-204118")
    ours = MessageText(id=2, text="Do you mean HR-999999?", direction="out")
    assert predict("No, it is HR-204119", ORDER, before=[first, ours]).value == "HR-204119"
    assert predict("Thank you", ORDER, before=[first, ours]).value == "HR-204118"


def test_two_numbers_in_doubt_lower_the_confidence_and_a_subject_is_an_envelope():
    assert predict("HR-204118 and HR-204119 are late", ORDER).confidence < 0.7
    found = predict("It never came.", ORDER, subject="Re: HR-204118")
    assert (found.value, found.evidence[0].kind) == ("HR-204118", "envelope")


SERIAL = FieldTarget(name="serial_number", label="Serial number")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("It leaks. D58-11020 is the serial.", "D58-11020"),
        ("Meine Maschine, D58-11020 (Seriennummer), tropft.", "D58-11020"),
        ("D58-11020 is not the serial, it is the article.", None),
        ("D58-11020, the serial is on the plate I cannot reach.", None),
        ("D58-11020 leaks. The serial is worn off.", None),
    ],
)
def test_a_number_may_be_named_after_it(text, value):
    assert predict(text, SERIAL).value == value


@pytest.mark.row("DESK-510")
def test_a_number_that_looks_like_three_confirmed_ones_needs_nobody_to_announce_it():
    def confirmed(name, *values):
        return [ConfirmedExample(case=at, text="x", values={name: value}) for at, value in enumerate(values)]

    serials = confirmed("serial_number", "D58-11020", "S30-11924", "d54-20417")
    found = predict("The Duo 58 (D58-14402) drips on the USB-3 hub.", SERIAL, examples=serials)
    assert (found.value, found.evidence[0].text) == ("D58-14402", "D58-14402")
    assert 0.5 < found.confidence < 0.85
    assert predict("The Duo 58 (D58-14402) drips.", SERIAL, examples=serials[:2]).value is None
    assert predict("The hub D58-144 drips.", SERIAL, examples=serials).value is None
    assert (
        predict(
            "Call 4915112345 please.", SERIAL, examples=confirmed("serial_number", "1234567", "2345678", "3456789")
        ).value
        is None
    )
    orders = confirmed("order_number", "H2-204118", "H2-204119", "H3-204120")
    both = [SERIAL, FieldTarget(name="order_number", label="Order number")]
    question = PredictFields(
        messages=[MessageText(id=1, text="It is D58-14402.")], fields=both, examples=[*serials, *orders]
    )
    assert [one.value for one in skills.run("cases.predict_fields", question).output.fields] == [None, None]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("date", "I bought it on 3. Mai 2026.", "2026-05-03"),
        ("date", "Acheté le 12 février 2026", "2026-02-12"),
        ("date", "It broke yesterday.", "2026-05-09"),
        ("date", "on May 4th, 2026", "2026-05-04"),
        ("date", "am 31.02.2026", None),
        ("currency", "I paid 1.249,50 € for it", "1249.50"),
        ("currency", "you charged $1,249.50 twice", "1249.50"),
        ("currency", "EUR 20", "20.00"),
        ("email", "write to jo@other.example", "jo@other.example"),
    ],
)
def test_dates_amounts_and_addresses_are_read_in_four_languages(kind, text, value):
    assert predict(text, FieldTarget(name="x", type=kind), day="2026-05-10").value == value


def test_products_are_known_by_alias_and_through_a_slip_but_not_through_a_wrong_digit():
    assert predict("My Aroma Three leaks", PRODUCT).value == "1"
    assert predict("my aroma3 pro leaks", PRODUCT).value == "2"
    assert predict("The Ketle Clasic is broken", PRODUCT).value == "3"
    assert predict("The Aroma 4 is broken", PRODUCT).value is None
    assert predict("I do not have the Kettle Classic", PRODUCT).value is None


EXAMPLES = [
    ConfirmedExample(case=at, text=text, values={"category": label})
    for at, (text, label) in enumerate(
        [
            (f"{one} {two}", label)
            for label, firsts, seconds in [
                ("delivery", ["My parcel", "The package", "My shipment"], ["has not arrived", "is late", "got lost"]),
                ("billing", ["The invoice", "My bill", "The receipt"], ["is wrong", "is missing", "came twice"]),
            ]
            for one in firsts
            for two in seconds
        ],
        start=100,
    )
]  # fmt: skip
CATEGORY = FieldTarget(
    name="category",
    type="choice",
    options=[FieldOption(value="delivery", label="Delivery"), FieldOption(value="billing", label="Billing")],
)


def test_a_class_follows_from_three_confirmed_cases_and_never_from_two():
    found = predict("The package that I ordered has not arrived yet", CATEGORY, examples=EXAMPLES)
    (evidence,) = found.evidence
    assert found.value == "delivery"
    assert len(evidence.subjects) >= 3
    assert evidence.words
    few = [one for one in EXAMPLES if one.values["category"] == "delivery"][:2]
    assert predict("The package has not arrived", CATEGORY, examples=few).value is None
    assert found.confidence > predict("The package is gone", CATEGORY, examples=EXAMPLES[:4]).confidence


@pytest.mark.row("CMA-B-8")
def test_descriptions_tell_choices_apart_and_what_they_exclude_does_not_count():
    def choose(text, delivery, billing):
        options = [FieldOption(value="delivery", label="Delivery", description=delivery),
                   FieldOption(value="billing", label="Billing", description=billing)]  # fmt: skip
        return predict(text, CATEGORY.model_copy(update={"options": options}), examples=EXAMPLES)

    way, money = "Use when: courier, driver, tracking, dispatch", "Use when: amounts, bank, tax number"
    text = "Something with the tax number"
    right, swapped = choose(text, way, money), choose(text, money, way)
    assert (right.value, swapped.value) == ("billing", "delivery")
    assert right.confidence > choose(text, "", "").confidence
    assert choose(text, f"{way}. Not: tax number, bank, amounts", money).value == "billing"
    assert len(swapped.evidence[0].subjects) >= 3


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("URGENT: we need it today", "urgent"),
        ("Bitte dringend um Antwort", "urgent"),
        ("C'est urgent", "urgent"),
        ("Es urgente", "urgent"),
        ("There is smoke coming out", "high"),
        ("This is not urgent", None),
        ("How do I clean it?", None),
    ],
)
def test_priority_follows_words_of_urgency(text, value):
    assert predict(text, FieldTarget(name="priority", type="choice")).value == value


def test_the_title_is_the_subject_or_the_sentence_that_says_most():
    title = FieldTarget(name="title")
    assert predict("x", title, subject="AW: Re: [Case #123] Grinder leaks").value == "Grinder leaks"
    found = predict("Hello team,\nThe grinder leaks water since Monday.\nThanks\nJo", title, subject="Re: (no subject)")
    assert found.value == "The grinder leaks water since Monday."
    assert predict("Hi", title, subject="help").value is None


def test_the_description_keeps_the_weight_and_drops_greetings():
    text = "Hello,\n\nThe grinder leaks water. I cleaned it twice.\n\nThanks a lot"
    assert predict(text, FieldTarget(name="description")).value == "The grinder leaks water. I cleaned it twice."
    assert len(predict("The pump is broken again. " * 200, FieldTarget(name="description")).value) <= 600


def test_patterns_that_are_wrong_and_texts_that_are_odd_do_no_harm():
    broken = FieldTarget(name="n", pattern="HR-(")
    for text in ("", "\x00", "\ud800", "." * 5000, "a" * 50_000, "1 " * 5000):
        for target in (broken, ORDER, PRODUCT, CATEGORY, FieldTarget(name="title"), FieldTarget(name="d", type="date")):
            predict(text, target, examples=EXAMPLES)


def test_the_same_question_has_the_same_answer_in_another_process():
    question = PredictFields(
        messages=[MessageText(id=1, text="The package with the Aroma 3 is late, urgent", subject="HR-204118")],
        fields=[ORDER, PRODUCT, CATEGORY, FieldTarget(name="description")],
        examples=EXAMPLES,
    )
    code = (
        "import sys, django; django.setup()\n"
        "from agents import skills\n"
        "skill = skills.get('cases.predict_fields')\n"
        "answer = skills.run(skill.name, skill.Input.model_validate_json(sys.argv[1]))\n"
        "print(answer.output.model_dump_json(), answer.confidence, answer.version)"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code, question.model_dump_json()],
            cwd=ROOT, capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(printed) == 1
    assert "HR-204118" in printed.pop()
