"""The first page, the search over everything, parked work and insights."""

import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.access import forget_reach
from accounts.models import Role, Team
from agents import sweeps
from agents.measures import MEASURES
from agents.models import Attempt, Entry, Suggestion
from agents.policy import pausing
from cases import lifecycle
from cases.models import Case
from conversations import todos
from conversations.models import Queue
from hub.home import home_of
from hub.insights import Period, read_course, read_numbers
from hub.search import find_everything
from tests.api_clients import make_person

DAY = dt.timedelta(days=1)


def texts(groups) -> dict[str, list[str]]:
    return {group.finder.name: [one.text for one in group.results] for group in groups}


@pytest.mark.row("DESK-305")
def test_everybody_finds_their_own_on_the_first_page(client, db, come_in, publish, switch):
    publish("Water leaks", "If water leaks under the machine, press the hose onto the clip.")
    come_in(subject="Leak", body="Water leaks under my machine. The order is HR-204118. What do I do?")
    admin, seller = make_person("ada@example.com", "administrator"), make_person("sid@example.com", "seller")
    rep = make_person("rob@example.com", "supervisor")
    todos.create_task("Call Ellen", owner=rep, due_at=timezone.now() - DAY, by=admin)
    Case.objects.update(owner=rep)
    pausing.pause("", reason="Wrong prices", by=admin)
    pages = {}
    for who in (admin, seller, rep):
        client.force_login(who)
        pages[who.pk] = client.get("/").content.decode()
    assert "Case Management Agent" in pages[admin.pk]
    assert "Wrong prices" in pages[admin.pk]
    assert "Model cost today" not in pages[seller.pk]
    assert "Leak" not in pages[seller.pk]
    shown = home_of(rep, now=timezone.now())
    assert {own["name"]: own["number"] for own in shown["mine"]} == {"cases": 1, "tasks": 1, "overdue": 1}
    assert [row.title for row in shown["news"]] == ["New task: Call Ellen"]
    assert not shown["agents"]


@pytest.mark.row("DESK-306")
def test_the_search_finds_by_number_words_and_address_and_only_what_one_may_see(client, db, come_in, publish):
    publish("Descaling", "Descale the machine twice a year.")
    come_in(subject="Grinder cracked", body="The hopper has a crack.", sender="Ivo Marsh <ivo@customer.example>")
    case = Case.objects.get()
    rep, seller = make_person("rob@example.com", "supervisor"), make_person("sid@example.com", "seller")
    assert texts(find_everything(rep, f"#{case.number}", limit=5))["cases"] == [str(case)]
    assert texts(find_everything(rep, "hopper", limit=5))["cases"] == [str(case)]
    assert texts(find_everything(rep, "ivo@customer", limit=5))["contacts"] == ["Ivo Marsh"]
    assert texts(find_everything(rep, "descale", limit=5))["articles"] == ["Descaling"]
    assert "cases" not in texts(find_everything(seller, "hopper", limit=5))
    assert "contacts" not in texts(find_everything(seller, "ivo", limit=5))
    assert find_everything(rep, "h", limit=5) == [] == find_everything(rep, "\0 ' OR 1=1 --%", limit=5)
    admin = make_person("ada@example.com", "administrator")
    assert "Creation" in texts(find_everything(admin, "creation", limit=5))["settings"]
    assert texts(find_everything(admin, "rob@", limit=5))["people"] == ["rob"]
    client.force_login(rep)
    palette = client.get(reverse("hub:search"), {"q": "hopper"}, headers={"HX-Request": "true"}).content.decode()
    assert palette.startswith('<a class="palette__item"')
    assert "Nothing matches" in client.get(reverse("hub:search"), {"q": "<b>zzz</b>"}).content.decode()


def test_a_hidden_title_is_neither_searched_nor_shown_and_other_teams_cases_are_not_found(db, come_in):
    come_in(subject="Secretword broken", body="Hello")
    case = Case.objects.get()
    rep = make_person("rob@example.com", "representative")
    Case.objects.update(queue=None)
    assert texts(find_everything(rep, "secretword", limit=5))["cases"] == [str(case)]
    Role.objects.filter(code="representative").update(hidden_fields={"cases.case": ["title"]})
    forget_reach(rep)
    assert texts(find_everything(rep, str(case.number), limit=5))["cases"] == [f"#{case.number}"]
    Case.objects.update(queue=Queue.objects.create(name="Theirs", team=Team.objects.create(name="Theirs")))
    assert texts(find_everything(rep, str(case.number), limit=5)) == {}


@pytest.mark.row("DESK-307")
def test_parked_work_is_listed_without_its_text_tried_again_or_given_up(client, db):
    now = timezone.now()
    for number, error in ((1, "ValueError: Ellen Marsh owes 40"), (2, "")):
        Attempt.objects.create(sweep="conversations.read", object_id=number, attempts=3, parked_at=now, error=error)
    client.force_login(make_person("ada@example.com", "administrator"))
    page = client.get(reverse("hub:parked_work")).content.decode()
    assert "<code>ValueError</code>" in page
    assert "Ellen" not in page
    first, second = Attempt.objects.order_by("object_id")
    client.post(reverse("hub:retry_work", args=[first.pk]))
    assert not Attempt.objects.filter(pk=first.pk).exists()
    client.post(reverse("hub:give_up_work", args=[second.pk]))
    assert "Nothing is parked" in client.get(reverse("hub:parked_work")).content.decode()
    assert not sweeps.attempt("conversations.read", 2, now=now), "given up is not tried again by a bell either"
    assert client.post(reverse("hub:retry_work", args=[second.pk])).status_code == 404
    assert list(Entry.objects.order_by("id").values_list("verb", flat=True))[-2:] == ["work.retried", "work.given_up"]


@pytest.mark.row("DESK-308")
def test_every_number_counts_what_its_page_lists_and_stands_beside_the_period_before(client, db, come_in, ann):
    come_in(subject="One", body="Where is my parcel?")
    come_in(subject="Two", body="Where is my other parcel?", sender="Ivo <ivo@customer.example>")
    first, second = Case.objects.order_by("id")
    now, today = timezone.now(), timezone.localdate()
    Case.objects.filter(pk=first.pk).update(created_at=now - 7 * DAY)
    Case.objects.filter(pk=second.pk).update(created_at=now)
    for case in (first, second):
        lifecycle.resolve_case(case, by=ann, resolution_type="", resolution="", now=now)
    lifecycle.reopen_case(Case.objects.get(pk=second.pk), by=ann, why="Not yet")
    period = Period(today - 6 * DAY, today)
    numbers = {one.measure.name: one for one in read_numbers(ann, period, base_url="/insights/")}
    assert (numbers["opened"].value, numbers["opened"].before) == (1, 1)
    assert (numbers["resolved"].value, numbers["reopened"].value, numbers["reopened"].before) == (2, 50.0, None)
    assert numbers["replies"].value is None
    assert sum(read_course(ann, period, ("opened",))["series"][0][1]) == 1
    client.force_login(ann)
    for name, one in numbers.items():
        page = client.get(one.url)
        assert page.status_code == 200
        assert len(page.context["rows"]) == one.count, name
    seller = make_person("sid@example.com", "seller")
    assert {one.value for one in read_numbers(seller, period, base_url="") if not one.measure.of} == {0}


def test_periods_that_cannot_be_read_give_the_last_four_weeks_and_the_page_costs_the_same_for_more(
    client, db, ann, come_in
):
    client.force_login(ann)
    address = reverse("hub:insights")
    odd = (
        "?since=2026-06-12&until=2026-06-01",
        "?since=0001-01-01",
        "?since=x&line=9' OR&agent=%00",
        "?days=999999999",
    )
    for query in odd:
        assert client.get(address + query).context["period"].days == 28, query
    assert client.get(address + "?days=365&line=999999999&agent=case-management").status_code == 200

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        return len(asked)

    client.get(address)
    before = count()
    come_in(subject="One", body="Where is my parcel?")
    assert count() == before


def test_the_export_has_no_formula_and_says_what_is_counted(client, db, ann, monkeypatch):
    measure = MEASURES["opened"]
    monkeypatch.setitem(MEASURES, "opened", type(measure)(**{**measure.__dict__, "label": "=cmd|' /C calc'!A0"}))
    client.force_login(ann)
    text = client.get(reverse("hub:export_insights") + "?days=7").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[1][0] == "'=cmd|' /C calc'!A0"
    assert all(len(row) == 7 and row[6] for row in rows)
    assert Suggestion.objects.count() == 0
