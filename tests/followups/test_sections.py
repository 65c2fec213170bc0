"""The Manage page of follow-ups: what a rule says, what it may not say, the dates, and Try it."""

import pytest
from django.core.checks import run_checks
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from agents.models import Rule
from agents.sections import SECTIONS, configuring, load
from cases.models import Case
from conversations.models import MessageTemplate
from followups.checking import check_shape
from followups.models import Plan
from followups.plans import SECTION
from tests.followups.conftest import SHAPE

PAGE = "/manage/case-management/follow-ups/"


@pytest.fixture
def admin(person, mailbox) -> Client:
    client = Client()
    client.force_login(person("Ada Admin", "administrator"))
    return client


def form(**changes):
    return {
        "expected": "0", "is_on": "on", "settings-oldest_days": "60", "settings-link_days": "30", "settings-footer": "",
        "rule-name": "Quiet", "rule-level": "ask", "rule-is_active": "on",
        "c.join": "all", "c.0.fact": "status", "c.0.op": "is", "c.0.value": "open",
        "outcome-triggers": ["status"], "outcome-status_reason": "waiting", "outcome-in_hours": "on",
        "outcome-wait-1": "2", "outcome-unit-1": "days", "outcome-template-1": "",
        "outcome-wait-2": "3", "outcome-unit-2": "business_days", "outcome-template-2": "",
        "outcome-end_wait": "4", "outcome-end_unit": "days", "outcome-resolution_type": "no_answer",
        "outcome-resolution": "", "outcome-closing_mail": "on", "outcome-sent_on": "2026-06-09", **changes,
    }  # fmt: skip


@pytest.mark.row("CMA-D-1", "CMA-D-2", "CMA-D-8")
def test_a_rule_is_saved_with_all_that_makes_a_plan_and_the_switch(admin):
    answer = admin.post(PAGE + "?rule=new", form(**{"outcome-references": ["number", "title"]}))
    assert answer.status_code == 302
    rule = Rule.objects.get(section=SECTION)
    assert (rule.name, rule.level, rule.is_active, rule.conditions["items"][0]["fact"]) == (
        "Quiet", "ask", True, "status",
    )  # fmt: skip
    outcome = rule.outcome
    assert [(step["wait"], step["unit"]) for step in outcome["steps"]] == [(2, "days"), (3, "business_days")]
    assert (outcome["end"], outcome["triggers"], outcome["references"]) == (
        {"wait": 4, "unit": "days"}, ["status"], ["number", "title"],
    )  # fmt: skip
    assert load(SECTION).is_on
    shown = admin.get(PAGE).content.decode()
    assert "2 follow-ups after 2 days, 3 business days, closed after 4 days" in shown
    admin.post(PAGE, {key: value for key, value in form(expected="1").items() if key != "is_on"})
    assert not load(SECTION).is_on


@pytest.mark.row("DESK-142")
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"c.0.fact": "", "c.0.op": "", "c.0.value": ""}, "rule-conditions"),
        ({"outcome-end_wait": ""}, "required"),
        ({"outcome-triggers": []}, "required"),
        ({"outcome-wait-1": "0"}, "greater than or equal to 1"),
        ({"outcome-resolution": "Hi {{ case.nummer }}"}, "There is no placeholder “case.nummer”."),
    ],
)
def test_a_rule_without_condition_start_or_end_or_with_an_unknown_placeholder_is_a_form_error(admin, changes, told):
    answer = admin.post(PAGE + "?rule=new", form(**changes))
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not Rule.objects.exists()


def test_templates_that_cannot_be_filled_in_are_refused_wherever_a_rule_is_saved_and_found_by_the_check(admin, ann):
    bad = MessageTemplate.objects.create(name="Bad", language="en", body="Hi {{ case.nummer }}")
    answering = MessageTemplate.objects.create(name="Answer", language="en", body="Hi\n{{ body }}")
    gone = MessageTemplate.objects.create(name="Gone", language="en", body="Hi", is_active=False)
    for template, told in ((bad, "case.nummer"), (answering, "place for an answer"), (gone, "switched off")):
        shape = {**SHAPE, "steps": [{"wait": 1, "unit": "days", "template": template.pk}]}
        assert told in check_shape(shape)[0]
        tree = {"join": "all", "items": [{"fact": "status", "op": "is", "value": "open"}]}
        with pytest.raises(configuring.Invalid):
            configuring.save_rule(SECTIONS[SECTION], configuring.RuleDraft(None, "X", tree, outcome=shape), by=ann)
        rule = Rule.objects.create(section=SECTION, name=template.name, is_active=True, conditions={}, outcome=shape)
        warned = [str(found.msg) for found in run_checks(databases=["default"]) if found.id == "agents.W001"]
        assert any(told in text for text in warned)
        rule.delete()
    assert len(check_shape({"steps": [{}] * 6})) == 3
    assert check_shape(SHAPE) == []


def test_steps_are_added_and_removed_and_the_dates_follow_without_a_script(admin):
    more = admin.post(PAGE + "?rule=new", form(change="step:add")).content.decode()
    assert 'name="outcome-wait-3"' in more
    fewer = admin.post(PAGE + "?rule=new", form(change="step:remove:1")).content.decode()
    assert 'name="outcome-wait-2"' not in fewer
    assert 'value="3"' in fewer, "the second step moved up"
    assert "June 2026" in more
    assert "Close the case" in more
    assert not Rule.objects.exists()


def test_try_it_shows_the_dates_and_the_first_mail_and_begins_nothing(admin, quiet, ann):
    case = quiet()
    tried = admin.post(PAGE + "?rule=new", form(**{"try": "1", "try_choice": str(case.number)})).content.decode()
    assert "Follow-up 1" in tried
    assert escape("we have not heard from you since our last mail") in tried
    Case.objects.update(status_reason="on_hold")
    tried = admin.post(PAGE + "?rule=new", form(**{"try": "1", "try_choice": str(case.number)})).content.decode()
    assert "No plan would begin" in tried
    assert not Plan.objects.exists()


def test_the_page_says_how_many_plans_run(admin, begin):
    begin("ask")
    assert "1 plan running" in admin.get(PAGE).content.decode()
    assert reverse("followups:plans") in admin.get(PAGE).content.decode()
