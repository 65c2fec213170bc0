"""When the Sales Agent starts, what it takes up, and what goes on when it is stopped."""

import pytest
from django.urls import reverse
from django.utils import timezone

from agents import sections
from agents.models import Entry, Rule, SectionSetting, Version
from agents.sections import SECTIONS, configuring
from agents.sweeps import run
from sales import research, selection, starting
from sales.models import Lead

NOW = timezone.now()
CRITERIA = [{"name": "industry", "label": "Industry", "kind": "industry", "wanted": ["hotels"]}]


@pytest.fixture
def prepared(switch):
    """Every page of an agent that only drafts is ready."""
    general = {"mode": "research", "company_name": "Halden & Roe", "pitch": "We make espresso machines."}
    SectionSetting.objects.create(section="sales.general", is_on=True, values=general)
    switch("sales.research", "auto", read_website=False)
    switch("sales.qualification", "ask", criteria=CRITERIA)
    switch("sales.selection", "off", lookback_days=30)


@pytest.mark.row("SAL-A-26")
@pytest.mark.django_db
def test_the_agent_starts_only_when_every_page_is_ready_and_stopped_it_only_ends_what_it_began(
    client, ada, mei, lead, prepared, switch
):
    page = reverse("sales:start_agent")
    switch("sales.qualification", "ask", criteria=[])
    client.force_login(ada)
    shown = client.get(page).content.decode()
    assert "Not every page is ready." in shown
    assert {what for _one, lacks in starting.list_needs() for what in lacks} == {
        "A lead matches",
        "The customer you look for is described",
    }
    assert "Not started" in client.post(page, {"act": "start"}, follow=True).content.decode()
    with pytest.raises(configuring.Invalid, match="The customer you look for is described"):  # nor by its switch
        configuring.change_settings(SECTIONS["sales.selection"], by=ada, is_on=True)
    assert not starting.is_started()
    switch("sales.qualification", "ask", criteria=CRITERIA)
    first = lead(industry="Hotels")
    run("sales.select", now=NOW)
    first.refresh_from_db()
    assert first.status == "new"
    shown = client.get(page).content.decode()
    assert "Start the Sales Agent?" in shown  # it asks once more
    assert "1 lead that is there now is taken up" in shown
    assert "The Sales Agent is on" in client.post(page, {"act": "start"}, follow=True).content.decode()
    run("sales.select", now=NOW)
    first.refresh_from_db()
    assert first.status == "researching"
    assert not starting.start_agent(by=ada, now=NOW)
    client.post(page, {"act": "stop"})
    later = lead(industry="Hotels")
    run("sales.select", now=NOW)
    run("sales.research", now=NOW)
    first.refresh_from_db(), later.refresh_from_db()
    assert (first.research, later.status) == ("done", "new")
    assert list(Entry.objects.filter(verb__startswith="sales.st").values_list("verb", "user")) == [
        ("sales.started", ada.pk),
        ("sales.stopped", ada.pk),
    ]
    assert Version.objects.filter(target="section:sales.selection").count() >= 2
    client.force_login(mei)
    assert client.get(page).status_code == 403


@pytest.mark.django_db
def test_an_agent_that_engages_needs_its_other_pages_too(prepared, lead, ada):
    lead()
    assert starting.list_missing() == []
    SectionSetting.objects.filter(section="sales.general").update(
        values={"mode": "engage", "company_name": "H", "pitch": "P"}
    )
    missing = starting.list_missing()
    assert any("Outreach, not yet: It is switched on" in one for one in missing)
    assert any("Hand-over, not yet: Somebody takes leads" in one for one in missing)
    with pytest.raises(starting.NotReady):
        starting.start_agent(by=ada, now=NOW)


@pytest.mark.row("SAL-A-12")
@pytest.mark.django_db
def test_the_page_lists_the_leads_that_would_be_taken_up_and_at_least_one_is_needed(client, ada, lead, prepared, mei):
    agent_owned = lead(company_name="Owned", owner=selection.agent_user("sales"))
    rows = [
        lead(company_name="Taken"),
        lead(company_name="Partnered", source="Partner"),
        lead(company_name="", name="Nobody"),
        lead(company_name="Bare", email=""),
        lead(company_name="Hot", rating="hot"),
        lead(company_name="Old", arrived_as="history"),
        agent_owned,
    ]

    def told(*rules):
        Rule.objects.filter(section="sales.selection").delete()
        for order, (name, value, take) in enumerate(rules):
            items = [{"fact": "company_name", "op": "contains", "value": value}]
            Rule.objects.create(
                section="sales.selection", name=name, order=order, is_active=True, outcome={"take": take},
                conditions={"join": "all", "items": items},
            )  # fmt: skip
        loaded = sections.load("sales.selection")
        found = set(selection.matching_leads(Lead.objects.all(), loaded, now=NOW))
        assert found == {row for row in rows_now() if selection.judge_lead(row, loaded, now=NOW)[0]}
        return {row.company_name for row in found}

    def rows_now():
        return [Lead.objects.get(pk=row.pk) for row in rows]

    assert told() == {"Taken"}
    assert told(("No hot", "hot", False), ("All", "t", True)) == {"Taken", "Partnered"}
    client.force_login(ada)
    page = client.get(reverse("agents:manage_section", args=["sales", "selection"])).content.decode()
    assert "2 leads match as it is saved" in page
    assert "Partnered" in page.partition("Would be taken up now")[2]
    assert told(("None", "nothing", True)) == set()
    assert "No lead matches" in client.get(reverse("sales:start_agent")).content.decode()
    assert "Select leads, not yet: A lead matches." in starting.list_missing()
    assert research.due_leads(5) == []
