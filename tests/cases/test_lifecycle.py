"""What happens to a case stands in its record, with who did it: a rule, an agent, a person."""

import pytest
from django.urls import reverse
from django_q.models import OrmQ

from agents import queue
from agents.models import Entry
from agents.suggestions import accept
from cases import filling, lifecycle, resolving
from cases.models import Case
from tests.conversations.mails import NOON


@pytest.mark.row("CMA-A-14")
def test_every_act_on_a_case_is_on_record_with_who_did_it(come_in, switch, catalogue, publish, ann):
    switch(
        "cases.fields", "auto", fields=[{"field": "order_number", "suggest": 0.3, "fill": 0.8, "pattern": r"HR-\d{6}"}]
    )
    publish("Water leaks under the machine", "If water leaks under the machine, press the hose onto the clip.")
    message = come_in(subject="Leak", body="Water leaks under my machine. The order is HR-204118. What do I do?")
    case = Case.objects.get(message_links__message=message)
    filling.suggest_fields(case, now=NOON)
    (draft,) = resolving.suggest_next(Case.objects.get(), now=NOON)
    accept(draft.pk, by=ann)
    lifecycle.resolve_case(case, by=ann, resolution_type="solved", now=NOON)
    entries = Entry.objects.filter(object_id=case.pk, verb__startswith="case.")
    who = {entry.verb: (entry.actor, entry.agent, entry.user) for entry in entries}
    assert who["case.opened"] == ("system", "", None)
    assert who["case.changed"][:2] == ("agent", "case-management")
    assert who["case.answered"] == who["case.resolved"] == ("person", "", ann)


@pytest.mark.row("CMA-E-4")
def test_who_writes_for_the_first_time_becomes_a_contact_and_who_is_known_stays_one(come_in):
    first = come_in(sender="Nell Ito <nell@customer.example>")
    again = come_in(sender="Nell Ito <nell@customer.example>", subject="Another thing")
    one, two = (Case.objects.get(message_links__message=message) for message in (first, again))
    assert one != two
    assert one.contact == two.contact
    assert (one.contact.name, one.contact.address) == ("Nell Ito", "nell@customer.example")


@pytest.mark.row("CMA-A-3")
@pytest.mark.row("CMA-C-36")
def test_what_the_agent_needs_is_listed_with_its_state_and_a_way_to_mend_it(
    client, person, mailbox, desk, publish, switch
):
    client.force_login(person("Adam", "administrator"))

    def needs() -> dict[str, tuple[str, str]]:
        card = client.get(reverse("agents:manage_agent", args=["case-management"])).context["card"]
        return {str(one.label): (one.state, one.fix_url) for one in card["prerequisites"]}

    place = reverse("knowledge:articles")
    assert needs()["External articles are published"] == ("incomplete", place)
    publish("Water leaks under the machine", "Press the hose onto the clip.")
    assert needs()["External articles are published"] == ("ready", place)
    recognition, fields = "/manage/customer-intent/matching/", "/manage/case-management/fields/"
    assert needs()["Intents are recognised"] == ("in_progress", recognition)
    assert needs()["Fields are filled"] == ("ready", fields)
    switch("intents.matching", "auto")
    switch("cases.fields", "off")
    assert needs()["Intents are recognised"] == ("ready", recognition)
    assert needs()["Fields are filled"] == ("in_progress", fields)
    mailboxes = reverse("conversations:mailboxes")
    assert needs()["A mailbox can send"] == ("ready", mailboxes)
    mailbox.is_active = False
    mailbox.save()
    assert needs()["A mailbox can send"] == ("incomplete", mailboxes)


def rung(*bells):
    """Which of these bells wait for the worker, with the row they name, in order."""
    asked = [task.task["args"] for task in OrmQ.objects.order_by("id")]
    return [args for args in asked if args[0] in bells]


@pytest.mark.row("DESK-260")
def test_ending_a_case_is_an_act_that_compares_takes_back_what_waits_and_rings(come_in, publish, ann, monkeypatch):
    monkeypatch.setattr(queue, "_heard", {"case.resolved", "case.closed", "case.reopened"})
    publish("Water leaks under the machine", "If water leaks under the machine, press the hose onto the clip.")
    message = come_in(subject="Leak", body="Water leaks under my machine. What do I do?")
    case = Case.objects.get()
    (draft,) = resolving.suggest_next(case, now=NOON)
    end = {"by": ann, "resolution_type": "solved", "now": NOON}
    with pytest.raises(lifecycle.CaseChanged):
        lifecycle.resolve_case(case, seen_message=message.pk + 1, **end)
    assert (Case.objects.get().status, rung("case.resolved", "case.closed")) == ("open", [])
    lifecycle.resolve_case(case, resolution="A new clip.", seen_message=message.pk, **end)
    draft.refresh_from_db()
    case.refresh_from_db()
    assert (draft.state, draft.reason) == ("withdrawn", "The case was resolved.")
    assert (case.status, case.status_reason, case.resolution_type, case.resolution, case.resolved_at) == (
        "resolved", "solved", "solved", "A new clip.", NOON,
    )  # fmt: skip
    with pytest.raises(lifecycle.CaseChanged):
        lifecycle.close_case(case, by=ann)
    lifecycle.reopen_case(case, by=ann, why="By hand", now=NOON)
    lifecycle.close_case(case, by=ann, seen_message=message.pk, now=NOON)
    case.refresh_from_db()
    assert (case.status, case.status_reason, case.resolution_type) == ("resolved", "no_answer", "no_answer")
    lifecycle.reopen_case(case, by=ann, why="By hand", now=NOON)
    lifecycle.cancel_case(case, by=ann, reason="duplicate", now=NOON)
    order = ["closed", "resolved", "reopened", "closed", "reopened", "closed"]
    assert rung("case.resolved", "case.closed", "case.reopened") == [(f"case.{one}", case.pk) for one in order]
