"""Presence and assignment in a browser: saying that one is there, skills, rules, what waits on a case."""

import pytest
from playwright.sync_api import expect

from accounts.models import Ability, PersonAbility, Role, User
from accounts.roles import ensure_roles
from agents.models import Rule, SectionSetting
from cases.intake import open_case
from cases.models import Assignment

pytestmark = pytest.mark.django_db(transaction=True)


def test_presence_is_said_beside_ones_name_and_every_page_of_assignment_is_whole(
    live_server, new_page, sign_in, faults
):
    ensure_roles()
    ann = User.objects.create_user("ann@haldenroe.example", "secret", name="Ann Weber")
    ann.roles.set(Role.objects.filter(code__in=["supervisor", "administrator"]))
    german = Ability.objects.create(name="German")
    PersonAbility.objects.create(person=ann, ability=german)
    SectionSetting.objects.create(section="cases.assignment", is_on=True, level="auto")
    rule = Rule.objects.create(
        section="cases.assignment", name="Everything", is_active=True, level="auto",
        conditions={"join": "all", "items": [{"fact": "status", "op": "is", "value": "open"}]},
        outcome={"way": "round_robin", "presence": "available", "abilities": [{"ability": german.pk, "level": 1}]},
    )  # fmt: skip
    case = open_case(title="Grinder", by=None)
    Assignment.objects.create(
        case=case, state="waiting", why="Nobody in Hardware is free: 2 are not there, 1 has no room."
    )
    page = new_page(width=1600)
    sign_in(page, ann, live_server.url)
    page.goto(f"{live_server.url}/manage/people/")
    page.locator("#presence summary").click()
    page.locator("#presence").get_by_role("button", name="Available").click()
    expect(page.locator("#presence summary")).to_contain_text("Available")
    ann.refresh_from_db()
    assert ann.presence == "available"
    page.locator("#presence summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#presence").get_by_role("button", name="Busy")).to_be_visible()
    assert faults(page) == []
    for path in (
        f"/manage/people/{ann.pk}/",
        "/manage/people/skills/",
        f"/manage/people/skills/{german.pk}/",
        f"/manage/case-management/assignment/?rule={rule.pk}",
        case.get_absolute_url(),
    ):
        page.goto(live_server.url + path)
        assert (path, faults(page)) == (path, [])
