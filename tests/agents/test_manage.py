"""The Manage pages, as a browser without scripts uses them."""

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from model_bakery import baker

from agents.models import AgentPause, Calendar, LineOfBusiness, Rule, Version
from agents.policy import pausing
from agents.sections import SECTIONS, configuring, load
from tests.toy.models import Tag, Thing

pytestmark = pytest.mark.django_db
PAGE = "/manage/toy/section/"
SETTINGS = {"is_on": "on", "level": "ask", "settings-colour": "red", "settings-coats": "2"}
RULE = {
    "rule-name": "Red ones",
    "rule-level": "ask",
    "rule-is_active": "on",
    "outcome-colour": "blue",
    "c.join": "all",
    "c.0.fact": "colour",
    "c.0.op": "is",
    "c.0.value": "red",
}


@pytest.fixture
def page(client, ann):
    client.force_login(ann)
    return client


def text(response):
    return response.content.decode()


@pytest.mark.parametrize(
    "url",
    [
        "/manage/",
        "/manage/toy/",
        PAGE,
        PAGE + "?rule=new",
        "/manage/lines/",
        "/manage/lines/add/",
        "/manage/calendars/add/",
    ],
)
def test_every_page_is_for_administrators_alone(client, page, url):
    assert page.get(url).status_code == 200
    page.logout()
    assert client.get(url).status_code == 302
    client.force_login(get_user_model().objects.create(email="rep@haldenroe.example", name="Rep"))
    assert client.get(url).status_code == 403


def test_an_address_of_no_agent_is_left_to_other_apps(page):
    assert page.get("/manage/nobody/").status_code == 404
    assert page.get("/manage/toy/nothing/").status_code == 404


def test_settings_are_saved_as_a_version(page, ann):
    tag = baker.make(Tag)
    response = page.post(PAGE, {**SETTINGS, "settings-tags": tag.pk, "expected": 0}, follow=True)
    assert "Saved as version 1" in text(response)
    assert "Save as version 2" in text(response)
    assert load("toy.section").values == {"colour": "red", "coats": 2, "tags": [tag.pk], "is_thorough": False}
    assert load("toy.section").is_on


def test_what_is_wrong_is_said_beside_the_field_and_kept(page):
    response = page.post(PAGE, {**SETTINGS, "settings-coats": "9", "level": "auto", "expected": 0})
    assert response.status_code == 422
    assert "Nine coats need a person." in text(response)
    assert 'value="9"' in text(response)
    assert not Version.objects.exists()


def test_the_slower_of_two_reads_who_was_faster_and_keeps_what_they_wrote(page, bob):
    page.post(PAGE, {**SETTINGS, "expected": 0})
    configuring.save(
        SECTIONS["toy.section"], values={"colour": "green", "coats": 2}, level="ask", is_on=True, by=bob, expected=1
    )
    response = page.post(PAGE, {**SETTINGS, "settings-coats": "7", "expected": 1})
    assert response.status_code == 409
    assert "Bob Adeyemi saved version 2 while you were editing" in text(response)
    assert "Green" in text(response)
    assert 'value="7"' in text(response)
    again = page.post(PAGE, {**SETTINGS, "settings-coats": "7", "expected": 2}, follow=True)
    assert "Saved as version 3" in text(again)


def test_a_rule_is_added_moved_switched_and_deleted_by_plain_forms(page):
    for name, colour in (("Red ones", "red"), ("Green ones", "green")):
        page.post(PAGE + "?rule=new", {**SETTINGS, **RULE, "rule-name": name, "c.0.value": colour, "expected": ""})
        assert not Rule.objects.filter(name=name).exists()  # the version is needed
        page.post(
            PAGE + "?rule=new",
            {
                **SETTINGS,
                **RULE,
                "rule-name": name,
                "c.0.value": colour,
                "expected": configuring.version_of(SECTIONS["toy.section"]),
            },
        )
    red, green = Rule.objects.order_by("order")
    assert red.conditions["items"] == [{"fact": "colour", "op": "is", "value": "red"}]
    act = lambda pk, verb: page.post(reverse("agents:change_rule", args=["toy", "section", pk, verb]))  # noqa: E731
    act(green.pk, "up")
    assert list(Rule.objects.order_by("order")) == [green, red]
    act(green.pk, "deactivate")
    assert load("toy.section").rules == [red]
    assert "Delete rule" in text(page.get(reverse("agents:ask_delete", args=["toy", "section", red.pk])))
    act(red.pk, "delete")
    assert list(Rule.objects.all()) == [green]
    assert act(red.pk, "up").status_code == 302
    assert act(red.pk, "explode").status_code == 404


def test_buttons_of_the_builder_change_the_form_and_save_nothing(page):
    given = {**SETTINGS, **RULE, "expected": 0}
    added = text(page.post(PAGE + "?rule=new", {**given, "change": "add:c"}))
    assert 'name="c.1.fact"' in added
    nested = text(page.post(PAGE + "?rule=new", {**given, "change": "group:c"}))
    assert 'name="c.1.0.fact"' in nested
    removed = text(page.post(PAGE + "?rule=new", {**given, "change": "remove:c.0"}))
    assert 'name="c.0.fact"' not in removed
    other = text(page.post(PAGE + "?rule=new", {**given, "c.0.fact": "seen", "change": "refresh"}))
    assert "is in the last" in other
    assert not Version.objects.exists()


def test_the_preview_counts_what_matches_and_what_an_earlier_rule_would_match_first(page):
    baker.make(Thing, colour="red", size=9, title="Grinder")
    baker.make(Thing, colour="red", size=1, _quantity=2)
    page.post(
        PAGE + "?rule=new",
        {**SETTINGS, **RULE, "rule-name": "Big", "c.0.fact": "size", "c.0.op": "over", "c.0.value": "5", "expected": 0},
    )
    shown = text(page.post(PAGE + "?rule=new", {**SETTINGS, **RULE, "expected": 1, "change": "refresh"}))
    assert "<strong>3</strong>" in shown
    assert "1 of them would match active rule 1 first" in shown
    assert "Grinder" in shown


def test_try_it_uses_what_is_in_the_form_and_writes_nothing(page):
    given = {**SETTINGS, "settings-colour": "green", "expected": 0, "try": "1"}
    assert "green" in text(page.post(PAGE, {**given, "try_text": "A grinder"}))
    assert "Choose a message or paste a text." in text(page.post(PAGE, given))
    assert not Version.objects.exists()
    assert not Thing.objects.exists()


@pytest.mark.row("DESK-32")
def test_an_older_version_is_compared_and_restored(page):
    page.post(PAGE, {**SETTINGS, "expected": 0})
    page.post(PAGE, {**SETTINGS, "settings-coats": "5", "expected": 1})
    url = reverse("agents:manage_version", args=["toy", "section", 1])
    assert "Restore version 1 as version 3" in text(page.get(url))
    assert "Compare again" in text(page.post(url, {"expected": 1}, follow=True))
    assert "Version 1 restored as version 3" in text(page.post(url, {"expected": 2}, follow=True))
    assert load("toy.section").values["coats"] == 2


def test_a_line_of_business_gets_settings_of_its_own_and_forgets_them(page):
    trade = baker.make(LineOfBusiness, name="Trade")
    page.post(PAGE, {**SETTINGS, "expected": 0})
    page.post(f"{PAGE}?line={trade.pk}", {**SETTINGS, "settings-coats": "8", "expected": 1})
    assert load("toy.section", trade).values["coats"] == 8
    assert "Drop what Trade has" in text(page.get(f"{PAGE}?line={trade.pk}"))
    page.post(reverse("agents:forget_line", args=["toy", "section", trade.pk]))
    assert load("toy.section", trade).values["coats"] == 2


@pytest.mark.row("CMA-A-3")
def test_the_admin_center_says_what_is_off_missing_and_paused(page, ann):
    shown = text(page.get("/manage/"))
    assert "Case Management Agent" in shown
    assert "to mend" in shown
    assert "None yet" in shown
    page.post("/manage/pause/", {"agent": "all", "until": "4", "reason": "New prices at 11"})
    assert pausing.is_paused("toy", now=AgentPause.objects.get().started_at)
    shown = text(page.get("/manage/"))
    assert "All agents are paused" in shown
    assert "New prices at 11" in shown
    page.post("/manage/resume/", {"agent": ""})
    assert "Agents are running" in text(page.get("/manage/"))


def test_only_who_may_pause_pauses(client):
    client.force_login(get_user_model().objects.create(email="rep@haldenroe.example", name="Rep"))
    assert client.post("/manage/pause/", {"agent": "all", "until": "0"}).status_code == 403
    assert not AgentPause.objects.exists()


def test_a_calendar_is_saved_with_its_hours_and_holidays_and_wrong_hours_are_named(page):
    given = {"name": "Office", "zone": "Europe/Berlin", "day_0": "09:00-12:30, 13:30-17:00", "day_4": "09:00-15:00"}
    wrong = page.post("/manage/calendars/add/", {**given, "day_1": "17:00-09:00", "holidays": "Christmas"})
    assert wrong.status_code == 422
    assert "Write hours such as" in text(wrong)
    assert "does not begin with a date" in text(wrong)
    page.post("/manage/calendars/add/", {**given, "holidays": "2026-12-25 Christmas Day"})
    office = Calendar.objects.get()
    assert office.hours == {"0": [["09:00", "12:30"], ["13:30", "17:00"]], "4": [["09:00", "15:00"]]}
    assert office.holidays.get().name == "Christmas Day"
    page.post("/manage/lines/add/", {"name": "Trade", "calendar": office.pk, "is_active": "on"})
    assert "Trade" in text(page.get("/manage/lines/"))
    page.post(f"/manage/calendars/{office.pk}/", {**given, "holidays": ""})
    assert not office.holidays.exists()


def test_the_number_of_queries_of_a_section_page_does_not_grow_with_its_rules(page):
    def count(number):
        for place in range(number):
            baker.make(Rule, section="toy.section", name=f"Rule {place} of {number}", is_active=True)
        with CaptureQueriesContext(connection) as seen:
            assert page.get(PAGE).status_code == 200
        return len(seen)

    assert count(1) == count(9)


def test_a_prerequisite_that_cannot_be_checked_does_not_take_the_page_down(page, monkeypatch):
    def break_down(self):
        raise RuntimeError("no answer")

    monkeypatch.setattr(type(SECTIONS["toy.section"]), "prerequisites", break_down)
    assert "Could not be checked" in text(page.get("/manage/toy/"))
