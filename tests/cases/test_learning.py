"""Fields learn from what people confirmed, and write alone what they have promised to be right about."""

import datetime as dt

import pytest

from agents.models import TrainingRun
from cases import filling, learning
from cases.filling import Bars
from cases.models import Case, FieldDefinition, FieldMark, FieldOption
from tests.conversations.mails import NOON

TELLS = {"fault": "leaks drips broken smokes", "billing": "invoice charged refund receipt"}


def confirm(count, field="category", first=1):
    """So many cases whose category people confirmed, half of each."""
    words = [(label, word) for label, told in TELLS.items() for word in told.split()]
    picked = [words[at % len(words)] for at in range(count)]
    made = Case.objects.bulk_create(
        Case(number=9000 + first + at, title=f"About {word}", description=f"Mine is {word} again",
             category=label if field == "category" else "", custom={field: label})
        for at, (label, word) in enumerate(picked)
    )  # fmt: skip
    FieldMark.objects.bulk_create(FieldMark(case=case, field=field, set_by="person") for case in made)


@pytest.mark.row("DESK-470")
def test_confirmed_cases_train_a_field_once_and_new_cases_are_filled_by_it(come_in, catalogue, switch):
    learning.learn_fields(now=NOON)
    confirm(learning.FEWEST_CONFIRMED - 1)
    assert learning.learn_fields(now=NOON) == []
    confirm(60, first=500)
    assert learning.learn_fields(now=NOON) == ["category"]
    run = TrainingRun.objects.get()
    assert (run.scope, run.active, run.accuracy > 0.9) == ("category", True, True)
    assert learning.learn_fields(now=NOON + dt.timedelta(days=1)) == []
    assert (learning.learn_fields(now=NOON + dt.timedelta(days=8)), TrainingRun.objects.count()) == ([], 1)

    case = Case.objects.get(message_links__message=come_in(subject="Refund", body="You charged me, refund the receipt"))
    plan = filling.Plan({"category": Bars(0.5, 0.95)}, None, "", False)
    (found,), _answer = filling.predict_fields(case, plan)
    assert (found.value, found.level) == ("billing", "auto")
    assert found.evidence[0].kind == "examples"


@pytest.mark.row("DESK-471")
def test_what_is_written_alone_is_what_was_right_often_enough():
    assert Bars(0.5, 0.95).level(0.8, promise=0.96) == "auto"
    assert Bars(0.5, 0.95).level(0.8, promise=0.9) == "ask"
    assert Bars(0.5, 0.95).level(0.96) == "auto"
    assert Bars(0.5, 0.95).level(0.3, promise=0.5) is None


def test_fields_of_our_own_learn_too(db):
    FieldDefinition.objects.create(name="cause", label="Cause", type="choice")
    for value in TELLS:
        FieldOption.objects.create(field="cause", value=value, label=value)
    confirm(96, field="cause")
    assert learning.learn_fields(now=NOON) == ["cause"]
