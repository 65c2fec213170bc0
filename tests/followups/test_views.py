"""The plan on the case page, the list of plans, what people do with one, the API, and the customer's link."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agents.models import Effect, Suggestion
from cases.models import Case
from conversations.models import Delivery, Message
from conversations.receive import read_delivery
from conversations.routing import route_message
from conversations.todos import create_task
from followups import links, starting
from followups.models import Plan
from tests.followups.conftest import DAY, NOW, leave, look


@pytest.fixture
def desk_of(person) -> Client:
    client = Client()
    client.force_login(person("Sue Pervisor", "supervisor"))
    return client


def act(client, plan, what, **given):
    return client.post(reverse(f"followups:{what}", args=[plan.pk]), given, follow=True).content.decode()


@pytest.mark.row("CMA-D-18", "CMA-D-13")
def test_the_case_page_shows_the_plan_and_the_suggested_step_with_its_decision(desk_of, begin):
    plan = begin("ask", ago=2 * DAY)
    page = desk_of.get(plan.case.get_absolute_url()).content.decode()
    assert "Follow-up plan" in page
    assert "Suggested next steps" not in page
    look(plan, NOW)
    page = desk_of.get(plan.case.get_absolute_url()).content.decode()
    waiting = Suggestion.objects.get(kind="followups.send_follow_up")
    for part in ("Suggested next steps", "The customer last wrote on", reverse("agents:accept", args=[waiting.pk]),
                 reverse("agents:edit", args=[waiting.pk]), reverse("agents:reject", args=[waiting.pk])):  # fmt: skip
        assert part in page
    step = plan.steps.get()
    for _time in range(2):
        desk_of.post(reverse("followups:rate", args=[step.pk]), {"rating": "1"})
    step.refresh_from_db()
    assert step.rating == 0
    desk_of.post(reverse("followups:rate", args=[step.pk]), {"rating": "-1"})
    step.refresh_from_db()
    assert step.rating == -1
    edited = desk_of.get(reverse("agents:edit", args=[waiting.pk])).content.decode()
    assert "we have not heard from you" in edited


@pytest.mark.row("CMA-D-15")
def test_a_reply_that_settles_nothing_suggests_an_answer(desk_of, begin, come_in):
    plan = begin("ask", ago=2 * DAY)
    asked = Message.objects.filter(direction="out").latest("pk").message_id
    come_in(body="No, it still leaks.", in_reply_to=asked, at=NOW, date=NOW)
    starting.consider_case(plan.case_id, now=NOW)
    page = desk_of.get(plan.case.get_absolute_url()).content.decode()
    assert "Reply to the customer" in page
    assert "ended the follow-up plan “Quiet customers”" in page


def test_a_person_sends_skips_moves_and_stops(desk_of, begin, smtp_sink):
    plan = begin("ask")
    assert "Step skipped" in act(desk_of, plan, "skip")
    plan.refresh_from_db()
    assert (plan.step, plan.steps.get().state) == (1, "skipped")
    assert "Nothing was done" in act(desk_of, plan, "move", at="2001-01-01T10:00")
    assert "cannot be read" in act(desk_of, plan, "move", at="soon")
    later = timezone.localtime() + DAY
    assert "Step moved" in act(desk_of, plan, "move", at=f"{later:%Y-%m-%dT%H:%M}")
    plan = look(plan, NOW)
    assert abs(plan.due_at - later) < DAY / 24
    assert "Follow-up queued" in act(desk_of, plan, "send")
    leave()
    assert len(smtp_sink.messages) == 1
    assert Suggestion.objects.get(kind="followups.send_follow_up").decided_by.name == "Sue Pervisor"
    assert "No follow-up is left" in act(desk_of, plan, "send")
    assert "No follow-up is left" in act(desk_of, plan, "skip")
    assert "Plan stopped" in act(desk_of, plan, "stop")
    for what in ("stop", "skip", "send"):
        assert "Nothing was done" in act(desk_of, plan, what)


def test_the_list_filters_by_state_rule_and_date(desk_of, begin, quiet):
    soon, later = begin("ask", ago=3 * DAY), begin("ask")
    look(soon, NOW)
    base = reverse("followups:plans")

    def numbers(query: str) -> set[int]:
        page = desk_of.get(f"{base}?{query}").content.decode()
        return {plan.case.number for plan in (soon, later) if f"#{plan.case.number} " in page}

    both, first = {soon.case.number, later.case.number}, {soon.case.number}
    assert (numbers(""), numbers("due=now"), numbers("due=person")) == (both, first, first)
    assert (numbers(f"rule={soon.rule_id}"), numbers("rule=999999"), numbers("state=ended")) == (both, set(), set())
    assert numbers("after=rubbish&due=&rule=x") == both


def test_who_may_not_see_a_case_may_not_see_its_plan(begin, person):
    plan = begin("ask")
    client = Client()
    client.force_login(person("Otto Other", "representative"))
    Case.objects.filter(pk=plan.case_id).update(queue=None, owner=None)
    plan.refresh_from_db()
    for what in ("send", "skip", "move", "stop"):
        answer = client.post(reverse(f"followups:{what}", args=[plan.pk]))
        assert (what, answer.status_code) in {(what, 404), (what, 302)}
    client.force_login(person("Willy Writer", "author"))
    assert client.post(reverse("followups:stop", args=[plan.pk])).status_code == 403
    assert client.get(reverse("followups:plans")).status_code == 403


def test_programs_list_skip_and_stop_plans(begin, person):
    plan = begin("ask")
    client = Client()
    client.force_login(person("Sue Pervisor", "supervisor"))
    (row,) = client.get("/api/v1/plans/?state=running").json()["results"]
    assert (row["case"], row["step"], row["steps"], row["next_action"]) == (plan.case.number, 0, 2, "send")
    assert client.post(f"/api/v1/plans/{plan.pk}/skip/").json()["step"] == 1
    stopped = client.post(f"/api/v1/plans/{plan.pk}/stop/").json()
    assert (stopped["state"], stopped["ended_as"]) == ("ended", "stopped")
    assert client.post(f"/api/v1/plans/{plan.pk}/stop/").status_code == 422
    assert client.post(f"/api/v1/plans/{plan.pk + 1}/stop/").status_code == 404
    assert client.get("/api/v1/plans/?colour=red").status_code == 400


@pytest.fixture
def closed(begin, smtp_sink, ann) -> Plan:
    """A plan at its end: the case is closed and the closing mail has left."""
    plan = look(begin("auto", ago=2 * DAY, steps=[{"wait": 1, "unit": "days", "template": None}]), NOW)
    create_task("Call her", subject=plan.case, owner=ann, by=ann)
    leave(NOW)
    plan = look(plan, NOW + 5 * DAY)
    leave()
    return plan


@pytest.mark.row("DESK-143")
def test_the_link_in_the_closing_mail_opens_the_case_by_one_press_and_never_by_looking(closed, smtp_sink):
    from conversations.todos import tasks_of

    assert tasks_of(closed.case).get().done_at
    sent = smtp_sink.messages[-1].message.get_body(("plain",)).get_content()
    address = links.reopen_url(closed)
    assert address in sent
    path, client = address.partition("//")[2].partition("/")[2], Client()
    for _scanner in range(3):
        assert client.get(f"/{path}").status_code == 200
        client.head(f"/{path}")
    closed.case.refresh_from_db()
    assert closed.case.status == "resolved"

    said = client.post(f"/{path}", {"text": "It leaks <b>again</b>\r\nBcc: x@evil.example"}).content.decode()
    assert "open again" in said
    delivery = Delivery.objects.get(source="link")
    message = read_delivery(delivery.pk).message
    route_message(message.pk)
    case = Case.objects.get(pk=closed.case_id)
    assert (case.status, case.last_inbound_id) == ("open", message.pk)
    assert "It leaks <b>again</b>" in message.newest_text
    assert message.from_address == "ellen@customer.example"
    assert "used already" in client.post(f"/{path}").content.decode()
    assert Delivery.objects.filter(source="link").count() == 1


@pytest.mark.row("DESK-144")
def test_a_link_that_is_forged_old_or_of_a_running_plan_does_nothing(closed, begin):
    good = links.reopen_url(closed).partition("/still")[2]
    client = Client()
    assert client.post("/still" + good.replace("-not-solved/", "-not-solved/9")).status_code == 404
    assert client.post("/still" + good[:-3] + "x/").status_code == 404
    Plan.objects.filter(pk=closed.pk).update(ended_at=NOW - 31 * DAY)
    assert "expired" in client.post("/still" + good).content.decode()
    closed.case.refresh_from_db()
    assert (closed.case.status, Delivery.objects.filter(source="link").count()) == ("resolved", 0)
    Plan.objects.filter(pk=closed.pk).update(reopen_key="other")
    assert client.post("/still" + good).status_code == 404
    assert Effect.objects.filter(key__startswith="closing:").count() == 1
