"""Follow-ups in a browser: the list, the plan on a case, a rule with its dates, and the customer's page."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Role, User
from agents.models import Rule, SectionSetting, Suggestion
from cases.models import Case
from conversations.models import Message
from followups import links, plans, starting
from followups.models import Plan
from tests.browser.test_desk import case  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)
WAIT = {"wait": 2, "unit": "days", "template": None}
SHAPE = {
    "triggers": ["status"], "status_reason": "waiting", "steps": [WAIT, WAIT], "end": WAIT, "in_hours": True,
    "closing_mail": True, "resolution_type": "no_answer", "references": ["number"],
}  # fmt: skip


@pytest.fixture
def plan(case) -> Plan:  # noqa: F811
    """A quiet case whose first follow-up waits for a decision."""
    now = timezone.now()
    SectionSetting.objects.create(section=plans.SECTION, is_on=True, level="auto")
    tree = {"join": "all", "items": [{"fact": "status", "op": "is", "value": "open"}]}
    Rule.objects.create(
        section=plans.SECTION, name="Quiet customers", is_active=True, conditions=tree, level="ask", outcome=SHAPE
    )
    talk, at = case.last_message.conversation, now - dt.timedelta(days=3)
    ours = Message.objects.create(
        conversation=talk, direction="out", identity="ours", text="Any news?", newest_text="Any news?", received_at=at
    )
    Case.objects.filter(pk=case.pk).update(
        last_message=ours, last_direction="out", status_reason="waiting", last_message_at=at
    )
    started = starting.consider_case(case.pk, now=now)
    assert started
    plans.advance(started.pk, now=now)
    return Plan.objects.get(pk=started.pk)


@pytest.fixture
def open_as(live_server, new_page, sign_in, plan) -> Callable[..., Page]:
    """Open an address as somebody who administers and works."""
    ann = User.objects.create_user("ann@haldenroe.example", "secret", name="Ann Weber")
    ann.roles.set(Role.objects.filter(code__in=["supervisor", "administrator"]))

    def open_page(path: str, **options: object) -> Page:
        page = new_page(**options)
        sign_in(page, ann, live_server.url)
        page.goto(live_server.url + path)
        return page

    return open_page


@pytest.mark.parametrize(("width", "dark"), [(360, True), (1600, False)])
def test_nothing_overflows_and_axe_finds_nothing(open_as, plan, violations, overflow, width, dark):
    rule = f"/manage/case-management/follow-ups/?rule={plan.rule_id}"
    still = links.reopen_url(plan).partition("//")[2].partition("/")[2]
    for path in ("/desk/follow-ups/", "/desk/follow-ups/?state=ended", plan.case.get_absolute_url(), rule, f"/{still}"):
        page = open_as(path, width=width, dark=dark)
        assert (path, overflow(page), violations(page)) == (path, [], [])


def test_a_follow_up_is_accepted_from_the_case_and_steps_of_a_rule_change_without_a_page_load(open_as, plan):
    page = open_as(plan.case.get_absolute_url(), width=1600)
    page.locator("section.card--agent", has_text="Suggested next steps").get_by_role(
        "button", name="Accept and send"
    ).click()
    expect(page.locator(".toast").first).to_contain_text("Accepted")
    assert Suggestion.objects.get(kind="followups.send_follow_up").state == "accepted"
    page.goto(page.url.split("/desk/")[0] + f"/manage/case-management/follow-ups/?rule={plan.rule_id}")
    page.locator("#add-step").click()
    expect(page.locator("#steps li.step")).to_have_count(4)
    expect(page.locator("#dates")).to_contain_text("Follow-up 3")
    page.get_by_role("button", name="Remove step 1").click()
    expect(page.locator("#steps li.step")).to_have_count(3)
