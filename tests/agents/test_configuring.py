"""Saving sections: versions, conflicts, rules in order, restoring."""

import threading
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone
from model_bakery import baker

from agents.manage.checks import check_declarations, check_stored
from agents.models import Entry, LineOfBusiness, Rule, SectionSetting, Version
from agents.sections import SECTIONS, configuring, count_match, load, match_rule, versions
from agents.sections.configuring import Invalid, RuleDraft
from tests.toy.models import Thing

pytestmark = pytest.mark.django_db
RED = {"join": "all", "items": [{"fact": "colour", "op": "is", "value": "red"}]}
BIG = {"join": "all", "items": [{"fact": "size", "op": "over", "value": "5"}]}


@pytest.fixture
def toy():
    return SECTIONS["toy.section"]


@pytest.fixture
def save(toy, ann):
    def run(expected=None, line=None, rule=None, level="ask", is_on=True, **values):
        return configuring.save(
            toy,
            values={"colour": "red", "coats": 1, **values},
            level=level,
            is_on=is_on,
            by=ann,
            expected=expected,
            line_of_business=line,
            rule=rule,
        )

    return run


def draft(name, conditions=RED, **fields):
    return RuleDraft(None, name, conditions, is_active=True, outcome={"colour": "blue"}, **fields)


def test_a_save_makes_a_version_with_an_entry_and_the_same_again_makes_none(toy, save, ann):
    assert load(toy.name).is_on is False
    first = save(expected=0, coats=2)
    assert (first.number, load(toy.name).values["coats"], load(toy.name).version) == (1, 2, 1)
    assert {row["label"] for row in first.changes} >= {"Coats", "Painting"}
    assert save(coats=2).number == 1
    assert Entry.objects.filter(verb="agents.section_saved", user=ann).count() == 1


@pytest.mark.row("DESK-32")
def test_who_was_slower_is_told_who_was_faster_and_what_changed(toy, save, bob):
    save(expected=0)
    configuring.save(toy, values={"colour": "green", "coats": 1}, level="ask", is_on=True, by=bob, expected=1)
    with pytest.raises(versions.Conflict) as caught:
        save(expected=1, coats=5)
    assert caught.value.who == "Bob Adeyemi"
    assert [(row["label"], row["old"], row["new"]) for row in caught.value.changes] == [("Colour", "Red", "Green")]
    assert load(toy.name).values == {"colour": "green", "coats": 1}
    assert save(expected=2, coats=5).number == 3


def test_a_line_of_business_overrides_the_general_settings_until_it_forgets_its_own(toy, save, ann):
    trade = baker.make(LineOfBusiness, name="Trade")
    save(coats=1)
    save(coats=4, line=trade, level="observe")
    assert (load(toy.name, trade).values["coats"], load(toy.name, trade).level) == (4, "observe")
    assert (load(toy.name).values["coats"], load(toy.name).level) == (1, "ask")
    assert load(toy.name).version == load(toy.name, trade).version == 2
    configuring.drop_line(toy, trade, by=ann, expected=2)
    assert load(toy.name, trade).values["coats"] == 1


def test_the_first_active_rule_that_holds_decides_and_says_why(toy, save, ann):
    trade = baker.make(LineOfBusiness, name="Trade")
    save(rule=draft("Big", BIG))
    save(rule=draft("Red"))
    save(rule=draft("Trade only", {}, line_of_business=trade.pk)) if toy.rule_may_be_empty else None
    thing = baker.make(Thing, colour="red", size=9)
    assert match_rule(toy.name, thing, timezone.now())[0].name == "Big"
    red = Rule.objects.get(name="Red")
    configuring.move_rule(toy, red.pk, -1, by=ann)
    rule, why = match_rule(toy.name, thing, timezone.now())
    assert (rule.name, why) == ("Red", "Rule “Red”: Colour is Red")
    configuring.switch_rule(toy, red.pk, is_active=False, by=ann)
    assert match_rule(toy.name, thing, timezone.now())[0].name == "Big"
    assert match_rule(toy.name, baker.make(Thing, colour="blue"), timezone.now()) == (None, "No rule matches.")
    count_match(red, now=timezone.now())
    assert Rule.objects.get(name="Red").matched == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"coats": 9, "level": "auto"}, "coats"),
        ({"rule": draft("Empty", {})}, "rule.conditions"),
        ({"rule": draft("red")}, "rule.name"),
        ({"rule": draft("Odd", {"items": [{"fact": "gone", "op": "is", "value": "x"}]})}, "rule.conditions"),
    ],
)
def test_a_contradiction_is_refused_and_nothing_is_saved(save, given, field):
    save(rule=draft("Red"))
    with pytest.raises(Invalid) as caught:
        save(**given)
    assert field in caught.value.errors
    assert Version.objects.count() == 1
    assert Rule.objects.count() == 1


def test_a_deleted_rule_comes_back_with_the_version_that_has_it(toy, save, ann):
    save(rule=draft("Red"), coats=3)
    red = Rule.objects.get()
    configuring.delete_rule(toy, red.pk, by=ann)
    save(coats=7)
    with pytest.raises(Rule.DoesNotExist):
        configuring.move_rule(toy, red.pk, 1, by=ann)
    restored = configuring.restore(toy, 1, by=ann, expected=3)
    assert restored.number == 4
    assert Rule.objects.get().pk == red.pk
    assert load(toy.name).values["coats"] == 3


def test_a_program_changes_one_setting_and_leaves_the_rest(toy, save):
    configuring.change_settings(toy, by=None, is_on=True)
    assert (load(toy.name).is_on, load(toy.name).level) == (True, "ask")
    save(coats=4)
    configuring.change_settings(toy, by=None, level="observe")
    assert (load(toy.name).values["coats"], load(toy.name).level, load(toy.name).is_on) == (4, "observe", True)
    with pytest.raises(Invalid):
        configuring.change_settings(toy, by=None, level="auto", values={"coats": 9})


def test_two_rules_may_swap_their_names(toy, save, ann):
    save(rule=draft("A"))
    save(rule=draft("B", BIG))
    state = configuring.read_state(toy)
    state["rules"][0]["name"], state["rules"][1]["name"] = "B", "A"
    configuring.commit(toy, state, by=ann, expected=2)
    assert list(Rule.objects.order_by("order").values_list("name", flat=True)) == ["B", "A"]


def test_old_broken_rules_do_not_block_a_save_of_the_settings(save, toy):
    save(rule=draft("Red"))
    Rule.objects.update(conditions={"items": [{"fact": "gone", "op": "is", "value": "x"}]})
    assert save(coats=6).number == 2


def test_what_is_stored_and_contradicts_itself_is_a_system_check(save):
    save(rule=draft("Red"), coats=9)
    assert check_stored(databases=["default"]) == []
    assert check_declarations() == []
    Rule.objects.update(conditions={"items": []})
    SectionSetting.objects.update(level="auto")
    assert {found.id for found in check_stored(databases=["default"])} == {"agents.W001", "agents.W002"}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_wins_and_both_rules_stay():
    """Two settings saves from one version: one conflict. Two rule saves without a version: both are kept."""
    toy = SECTIONS["toy.section"]
    given = {"level": "ask", "is_on": True, "by": None, "expected": 0}

    def race(*calls):
        started, outcomes = threading.Barrier(len(calls)), []

        def run(call):
            started.wait()
            try:
                outcomes.append(call().number)
            except versions.Conflict:
                outcomes.append("conflict")
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=[call]) for call in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return outcomes

    outcomes = race(*(partial(configuring.save, toy, values={"coats": coats}, **given) for coats in (2, 3)))
    assert sorted(outcomes, key=str) == [1, "conflict"]
    outcomes = race(*(partial(configuring.save_rule, toy, draft(name), by=None) for name in ("A", "B", "C")))
    assert sorted(outcomes) == [2, 3, 4]
    assert set(Rule.objects.values_list("name", flat=True)) == {"A", "B", "C"}
