"""The Manage pages in a browser: the builder without page loads, the savebar, Try it, and accessibility."""

import re

import pytest
from django.contrib.auth import get_user_model
from model_bakery import baker
from playwright.sync_api import expect

from agents.models import LineOfBusiness, Rule
from agents.sections import SECTIONS, configuring, load
from tests.toy.models import Thing

PAGE = "/manage/toy/section/"
RED = {"join": "all", "items": [{"fact": "colour", "op": "is", "value": "red"}]}


@pytest.fixture
def priya(transactional_db):
    return get_user_model().objects.create(email="priya@haldenroe.example", name="Priya Raman", is_superuser=True)


@pytest.fixture
def open_page(new_page, sign_in, live_server, priya):
    """Open an address as an administrator who has saved the section twice; two things are red."""
    toy = SECTIONS["toy.section"]
    baker.make(LineOfBusiness, name="Trade and wholesale")
    baker.make(Thing, colour="red", title="Grinder", _quantity=2)
    baker.make(Thing, colour="blue", title="Kettle")
    saved = {"by": priya, "expected": None, "is_on": True}
    configuring.save(toy, values={"colour": "red", "coats": 1}, level="observe", **saved)
    rule = configuring.RuleDraft(None, "Red ones", RED, outcome={"colour": "blue"}, is_active=True)
    configuring.save(toy, values={"colour": "red", "coats": 2}, level="ask", rule=rule, **saved)

    def go(path, **look):
        page = new_page(**look)
        sign_in(page, priya, live_server.url)
        page.goto(live_server.url + path)
        return page

    return go


def test_nothing_overflows_and_axe_finds_nothing_on_any_manage_page(open_page, faults):
    rule = f"{PAGE}?rule="
    page = open_page("/manage/?pause=1")
    base = page.url.split("/manage/")[0]
    paths = ["/manage/?pause=1", "/manage/toy/", PAGE, f"{rule}new", f"{rule}{Rule.objects.get().pk}"]
    paths += [f"{PAGE}versions/1/", f"{PAGE}rules/{Rule.objects.get().pk}/delete/ask/"]
    paths += ["/manage/models/", "/manage/models/add/", "/manage/models/skills/", "/manage/models/calls/"]
    paths += ["/manage/lines/", "/manage/lines/add/", "/manage/calendars/add/"]
    for path in paths:
        page.goto(base + path)
        assert faults(page) == [], path


def test_the_savebar_counts_what_is_not_saved_and_saves_it(open_page):
    page = open_page(PAGE)
    bar = page.locator("#savebar")
    expect(bar).to_be_hidden()
    page.get_by_label("Coats").fill("5")
    expect(bar).to_contain_text("One change is not saved.")
    page.locator("label.level--auto").click()
    expect(bar).to_contain_text("2 changes are not saved.")
    page.keyboard.press("Control+s")
    expect(page.locator(".toasts")).to_contain_text("Saved as version 3")
    expect(bar).to_be_hidden()
    assert (load("toy.section").values["coats"], load("toy.section").level) == (5, "auto")


def test_the_builder_changes_and_previews_without_losing_the_page(open_page):
    page = open_page(f"{PAGE}?rule=new")
    matches = page.locator("#matches")
    page.get_by_label("Name").fill("Kettles")
    page.get_by_label("Value 1").fill("kett")
    page.get_by_label("Comparison 1").select_option("contains")
    expect(matches).to_contain_text(re.compile(r"1\s*things match now"))
    page.get_by_role("button", name="Condition", exact=True).click()
    expect(page.get_by_label("Fact 2")).to_be_focused()
    page.get_by_label("Fact 2").select_option("colour")
    expect(page.locator("select[name='c.1.value']")).to_be_visible()
    page.get_by_label("Value 2").select_option("red")
    expect(matches).to_contain_text(re.compile(r"0\s*things match now"))
    page.get_by_role("button", name="Remove condition 2").click()
    expect(matches).to_contain_text(re.compile(r"1\s*things match now"))
    page.get_by_label("Paint it").select_option("green")
    page.get_by_role("button", name="Save as version 3").click()
    expect(page.locator("#rules")).to_contain_text("Title contains “kett”")


def test_try_it_answers_beside_the_form(open_page):
    page = open_page(PAGE)
    page.get_by_label("Or paste a text").fill("Something")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("#try")).to_contain_text("No rule matches.")
    expect(page.get_by_role("button", name="Run again")).to_be_visible()
    assert Thing.objects.count() == 3


def test_a_rule_is_made_without_javascript(open_page):
    page = open_page(f"{PAGE}?rule=new", javascript=False)
    page.get_by_label("Name").fill("Big ones")
    page.get_by_label("Fact 1").select_option("size")
    page.get_by_role("button", name="Show the comparisons").click()
    page.get_by_label("Comparison 1").select_option("over")
    page.get_by_label("Value 1").fill("5")
    page.get_by_label("Paint it").select_option("green")
    page.get_by_role("button", name="Save as version 3").click()
    expect(page.locator("#rules")).to_contain_text("Size is over 5")
