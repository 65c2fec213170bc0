"""An administrator has the customer to look for proposed and starts the Sales Agent, in Chromium."""

import pytest
from playwright.sync_api import expect

from accounts.models import Role, User
from accounts.roles import ensure_roles
from agents.models import SectionSetting
from sales.models import Lead
from sales.starting import is_started


@pytest.fixture
def ada(transactional_db):
    """An administrator, products described, research and qualification on, leads to take up."""
    ensure_roles()
    pitch = "We serve hotels with 50 to 400 employees at breakfast."
    general = {"mode": "research", "company_name": "Halden & Roe", "pitch": pitch}
    for name, values in (("general", general), ("research", {}), ("qualification", {}), ("selection", {})):
        is_on = name in ("general", "research", "qualification")
        SectionSetting.objects.create(section=f"sales.{name}", is_on=is_on, level="ask", values=values)
    SectionSetting.objects.filter(section="sales.selection").update(values={"lookback_days": 30})
    Lead.objects.create(name="Rosalind Achebe", company_name="Brightwater", email="r@brightwater.example")
    ada = User.objects.create_user("ada@haldenroe.example", "secret", name="Ada Admin")
    ada.roles.set(Role.objects.filter(code__in=["administrator", "seller"]))
    return ada


def test_the_customer_is_taken_over_and_the_agent_is_started_after_it_was_asked_once_more(
    ada, live_server, new_page, sign_in, faults
):
    page = new_page(width=1600)
    sign_in(page, ada, live_server.url)
    page.goto(live_server.url + "/manage/leads/start/")
    expect(page.get_by_role("button", name="Start")).to_be_disabled()
    assert faults(page) == []
    page.goto(live_server.url + "/manage/leads/customer/")
    expect(page.locator("#proposed")).to_contain_text("Hotels")
    assert faults(page) == []
    page.get_by_role("button", name="Take over").click()
    expect(page.locator("#settings textarea").first).to_have_value("Hotels")
    page.goto(live_server.url + "/manage/sales/general/")
    assert faults(page) == []
    page.goto(live_server.url + "/manage/sales/selection/")
    assert faults(page) == []
    page.get_by_role("link", name="Start or stop the Sales Agent").click()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("#start")).to_contain_text("1 lead that is there now is taken up")
    page.get_by_role("button", name="Start, takes up leads").click()
    expect(page.locator("h1")).to_have_text("The Sales Agent is on")
    assert is_started()
