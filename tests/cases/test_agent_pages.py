"""Who has a case: taken over, given back, stopped and escalated by people, on its page, in the list and by programs."""

import pytest
from django.urls import reverse

from agents.models import Entry
from agents.proposals import Proposal, propose
from cases import attention
from cases.inbox import Filters, list_cases
from cases.models import AgentState, Case
from cases.payloads import ResolvePayload
from cases.replies import reply_fingerprint

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk_client(client, ann):
    client.force_login(ann)
    return client


def url(name, case):
    return reverse(f"cases:{name}", args=[case.number])


def page_of(client, case):
    return client.get(case.get_absolute_url()).content.decode()


def test_a_person_takes_a_case_over_and_gives_it_back(desk_client, case, ann):
    assert "Take over" in page_of(desk_client, case)
    desk_client.post(url("take_over", case))
    case.refresh_from_db()
    assert (case.owner, case.agent.status, case.agent.reason) == (ann, "paused", "taken_over")
    shown = page_of(desk_client, case)
    assert ("The agent does nothing" in shown, "Give back to the agent" in shown) == (True, True)
    again = desk_client.post(url("take_over", case), follow=True).content.decode()
    assert "Somebody has taken it over already" in again
    desk_client.post(url("give_back", case))
    assert AgentState.objects.get().status == "in_progress"
    assert "took this case from the agent" in page_of(desk_client, case)
    assert set(
        Entry.objects.filter(verb__in=["case.taken_over", "case.given_back"]).values_list("user", flat=True)
    ) == {ann.pk}


def test_what_the_agent_wants_besides_writing_is_decided_on_the_case(desk_client, case, ann):
    payload = ResolvePayload(resolution="Clip", said="Works <now>")
    proposal = Proposal(payload, reply_fingerprint(case), wanted="ask")
    (row,) = propose("cases.resolve_case", case, proposal)
    shown = page_of(desk_client, case)
    assert ("Works &lt;now&gt;" in shown, f"Closes #{case.number}" in shown) == (True, True)
    address = reverse("agents:accept", args=[row.pk])
    answer = desk_client.post(address, {"back": case.get_absolute_url()})
    case.refresh_from_db()
    assert (answer.url, case.status, case.resolution) == (case.get_absolute_url(), "resolved", "Clip")
    assert address not in page_of(desk_client, case)


@pytest.mark.row("CMA-C-33")
def test_supervisors_stop_and_escalate_one_or_many_with_a_reason(client, come_in, person):
    first, second = (
        Case.objects.get(message_links__message=come_in(sender=f"{name} <{name}@customer.example>"))
        for name in ("ivo", "zoe")
    )
    hold = reverse("cases:hold_selected")
    numbers = [first.number, second.number]
    client.force_login(person("Rob", "representative"))
    assert client.post(hold, {"number": numbers, "act": "stop", "why": "x"}).status_code == 403
    client.force_login(person("Sue", "supervisor"))
    assert "Say why" in client.post(hold, {"number": numbers, "act": "stop"}, follow=True).content.decode()
    assert AgentState.objects.count() == 0
    client.post(hold, {"number": numbers, "act": "escalate", "why": "Press is asking"})
    assert set(AgentState.objects.values_list("status", "reason", "details")) == {
        ("escalated", "by_hand", "Press is asking")
    }
    attention.give_back(first, by=person("Uma"))
    client.post(hold, {"number": [first.number], "act": "stop", "why": "Wrong tone"})
    assert set(AgentState.objects.values_list("status", "reason")) == {("escalated", "by_hand"), ("paused", "stopped")}
    assert Entry.objects.filter(verb="case.taken_over", why="Wrong tone").count() == 1


def test_the_list_finds_what_is_escalated_and_what_waits_for_the_customer(desk_client, come_in, ann):
    cases = [
        Case.objects.get(message_links__message=come_in(sender=f"{name} <{name}@customer.example>", subject=name))
        for name in ("escalated", "waiting", "plain")
    ]
    attention.escalate_case(cases[0], reason="rejects_solution", by=ann, details="Twice <b>no</b>")
    Case.objects.filter(pk=cases[1].pk).update(status_reason="waiting")
    for chosen in ("escalated", "waiting"):
        found = list_cases(ann, Filters(view="all", agent=chosen))
        assert [case.title for case in found] == [chosen]
    assert list_cases(ann, Filters(view="all")).count() == 3
    inbox = desk_client.get(reverse("cases:inbox"), {"view": "all", "agent": "escalated"}).content.decode()
    assert "Escalated" in inbox
    shown = page_of(desk_client, cases[0])
    assert "The answer did not help" in shown
    assert "Twice &lt;b&gt;no&lt;/b&gt;" in shown
    assert "Escalated: The answer did not help." in shown
