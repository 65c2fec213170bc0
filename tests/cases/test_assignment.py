"""Queue and owner by rules: whose turn it is, who has room, who can do it; what waits, and what people decided."""

import datetime as dt
import threading
from collections import Counter

import pytest
from django.db import connection, transaction

from accounts import capacity, presence
from accounts.models import Ability, Notification, PersonAbility, Team, User
from agents import suggestions, sweeps
from agents.models import Entry, SectionSetting, Suggestion
from agents.policy import pausing
from agents.sections import SECTIONS, configuring, load
from cases import assignment, lifecycle, topics
from cases.intake import open_case
from cases.models import Assignment, Case
from conversations.models import Conversation, Queue
from intents import library
from intents.models import IntentGroup
from tests.conversations.mails import NOON

LATER = NOON + dt.timedelta(hours=1)
SECTION = "cases.assignment"


@pytest.fixture
def team(db) -> Team:
    return Team.objects.create(name="Hardware")


@pytest.fixture
def hardware(team) -> Queue:
    return Queue.objects.create(name="Hardware", team=team)


@pytest.fixture
def worker(person, team):
    """Somebody of Hardware who is available."""

    def make(name: str, *, room: int = 10, said: str = "available", **levels: int) -> User:
        user = person(name, "representative")
        user.teams.add(team)
        User.objects.filter(pk=user.pk).update(capacity=room, presence=said)
        for ability, level in levels.items():
            held = Ability.objects.get_or_create(name=ability)[0]
            PersonAbility.objects.create(person=user, ability=held, level=level)
        return user

    return make


@pytest.fixture
def go_round(switch, rule, hardware):
    """Full automation, and one rule that goes round in Hardware."""
    switch(SECTION, "auto")
    return rule(
        SECTION, "Everything", level="auto", order=5, queue=hardware.pk, way="round_robin", presence="available"
    )


def open_cases(count: int, **more) -> list[Case]:
    """So many cases, a minute apart."""
    with transaction.atomic():
        return [
            open_case(title=f"Case {place}", by=None, created_at=NOON + dt.timedelta(minutes=place), now=NOON, **more)
            for place in range(count)
        ]


def owners(*cases: Case) -> list[str]:
    """First names, in the order of the cases."""
    rows = Case.objects.in_bulk([case.pk for case in cases])
    return [rows[case.pk].owner.first_name if rows[case.pk].owner else "" for case in cases]


@pytest.mark.row("DESK-405")
def test_each_gets_one_in_turn_and_who_was_away_or_is_new_comes_first_once(go_round, worker, hardware, client, ann):
    ada, ben, _cleo = worker("Ada"), worker("Ben"), worker("Cleo")
    first = open_cases(4)
    sweeps.run("cases.assign", now=LATER)
    assert owners(*first) == ["Ada", "Ben", "Cleo", "Ada"]
    case = Case.objects.get(pk=first[0].pk)
    assert case.queue == hardware
    assert case.routed_why == "Round robin among 3 of Hardware: Ada, 1 of 10"
    (done,) = Suggestion.objects.filter(object_id=case.pk)
    assert (done.state, done.decided_by_agent, done.evidence[0]["name"]) == ("accepted", True, "Everything")
    said = Entry.objects.get(verb="case.assigned", object_id=case.pk)
    assert (said.why, said.suggestion, said.actor) == (case.routed_why, done, "agent")
    told = Notification.objects.filter(user=ada, kind="assigned")
    assert {row.link for row in told} == {first[0].get_absolute_url(), first[3].get_absolute_url()}
    client.force_login(ann)
    assert "Round robin among 3 of Hardware: Ada" in client.get(case.get_absolute_url()).content.decode()
    presence.set_presence(ben, "away", by=ben)
    worker("Dora")
    second = open_cases(3)
    sweeps.run("cases.assign", now=LATER)
    assert owners(*second) == ["Dora", "Cleo", "Ada"]
    presence.set_presence(ben, "available", by=ben)
    third = open_cases(4)
    sweeps.run("cases.assign", now=LATER)
    assert owners(*third) == ["Ben", "Dora", "Cleo", "Ada"]
    sweeps.run("cases.assign", now=LATER)
    assert Entry.objects.filter(verb="case.assigned").count() == 11, "what was assigned is not assigned again"


@pytest.mark.row("INT-D-23", "DESK-406")
def test_most_room_first_and_what_finds_nobody_waits_in_order_until_somebody_is_free(
    go_round, worker, hardware, switch, ann
):
    go_round.outcome["way"] = "capacity"
    go_round.save()
    ada, ben = worker("Ada", room=3), worker("Ben", room=2)
    cases = open_cases(8)
    sweeps.run("cases.assign", now=LATER)
    assert owners(*cases) == ["Ada", "Ada", "Ben", "Ada", "Ben", "", "", ""]
    waiting = Case.objects.get(pk=cases[5].pk)
    assert waiting.queue == hardware
    row = waiting.assignment
    assert (row.state, row.why) == ("waiting", "Nobody in Hardware is free: 2 have no room.")
    assert Assignment.objects.get(pk=cases[0].pk).why == "Most room among 2 of Hardware: Ada, 1 of 3"
    assert assignment.assign_waiting(now=LATER) == 0
    lifecycle.resolve_case(Case.objects.get(pk=cases[2].pk), by=ben, resolution_type="solved")
    sweeps.answer(presence.READY_BELL, None, now=LATER)
    assert owners(*cases[5:]) == ["Ben", "", ""]
    Case.objects.filter(pk=cases[7].pk).update(priority="urgent")
    switch(SECTION, "auto", order="priority")
    capacity.change_work(ada, by=None, capacity=4)
    sweeps.run("cases.assign_waiting", now=LATER)
    assert owners(*cases[5:]) == ["Ben", "", "Ada"]
    Case.objects.filter(pk=cases[0].pk).update(status_reason="waiting")
    assert assignment.assign_waiting(now=LATER) == 0
    switch(SECTION, "auto", count_waiting=False)
    assert assignment.assign_waiting(now=LATER) == 1
    assert owners(*cases[5:]) == ["Ben", "Ada", "Ada"]
    with pausing_of("case-management", ann):
        extra = open_cases(1)
        assert sweeps.run("cases.assign", now=LATER) == 0
    sweeps.run("cases.assign", now=LATER)
    assert Assignment.objects.get(pk=extra[0].pk).state == "waiting"


class pausing_of:  # noqa: N801 - reads as what it does
    """An agent is paused meanwhile."""

    def __init__(self, agent: str, by: User) -> None:
        self.agent, self.by = agent, by

    def __enter__(self) -> None:
        pausing.pause(self.agent, reason="", by=self.by, now=NOON)

    def __exit__(self, *_error: object) -> None:
        pausing.resume(self.agent, by=self.by, now=NOON)


@pytest.mark.row("INT-D-11", "INT-D-12", "INT-D-13", "INT-D-15", "DESK-407")
def test_intent_group_and_line_choose_the_queue_and_skills_the_person(
    switch, rule, worker, hardware, small_library, come_in, ann, trade, person
):
    delivery = IntentGroup.objects.create(name="Delivery", review_state="approved")
    library.save_intent(small_library["order"], by=ann, group=delivery)
    other = Team.objects.create(name="Billing desk")
    billing = Queue.objects.create(name="Billing tier 2", team=other)
    bea = person("Bea", "representative")
    bea.teams.add(other)
    User.objects.filter(pk=bea.pk).update(presence="available")
    worker("Ada", parcels=1)
    worker("Ben", parcels=3)
    worker("Cleo", said="busy", parcels=3)
    parcels = Ability.objects.get()
    needs = [{"ability": parcels.pk, "level": 2}]
    switch(SECTION, "auto")
    urgent = rule(
        SECTION, "Urgent parcels", ("intent_group", "is", delivery.pk), ("priority", "is", "urgent"), level="auto",
        order=1, queue=hardware.pk, way="round_robin", presence="present", abilities=needs,
    )  # fmt: skip
    rule(SECTION, "Parcels", ("intent", "is", "where-is-my-order"), level="auto", order=2, queue=hardware.pk,
         way="round_robin", presence="available", abilities=needs)  # fmt: skip
    rule(SECTION, "Money", ("intent", "is", "charged-twice"), level="auto", order=3, queue=billing.pk, way="capacity")
    rule(SECTION, "The rest", ("line", "is_empty", None), level="auto", order=9, way="nobody")
    come_in(subject="Parcel", body="Hello, my parcel has still not come. Order HR-204118.\n\nEllen")
    parcel = Case.objects.get()
    assert sweeps.run("cases.assign", now=NOON) == 0, "fields come first"
    (money,) = open_cases(1, defaults={"topic": "charged-twice"})
    (hello,) = open_cases(1)
    sweeps.run("cases.fields", now=NOON)
    sweeps.run("cases.assign", now=NOON)
    assert owners(parcel, money, hello) == ["Ben", "Bea", ""]
    assert Case.objects.get(pk=money.pk).queue == billing
    assert Conversation.objects.get(case_links__case=parcel).queue == hardware
    assert Assignment.objects.get(pk=hello.pk).why == "The rule leaves it in the queue."
    PersonAbility.objects.update(level=1)
    (again,) = open_cases(1, defaults={"topic": "where-is-my-order", "priority": "urgent"})
    sweeps.run("cases.assign", now=LATER)
    row = Assignment.objects.get(pk=again.pk)
    assert (row.rule, row.why) == (urgent, "Nobody in Hardware is free: 3 lack a skill.")
    PersonAbility.objects.filter(person__name="Cleo").update(level=2)
    assignment.assign_waiting(now=LATER)
    assert owners(again) == ["Cleo"]
    (of_trade,) = open_cases(1, line_of_business=trade)
    sweeps.run("cases.assign", now=LATER)
    assert Assignment.objects.get(pk=of_trade.pk).why == "No rule matches."


@pytest.mark.row("DESK-408")
def test_levels_decide_who_assigns_and_what_waits_for_a_person_takes_up_room(
    go_round, worker, hardware, ann, client, switch
):
    ada, ben = worker("Ada", room=2), worker("Ben", room=1)
    for level, state in (("off", None), ("observe", "observed")):
        type(go_round).objects.update(level=level)
        (case,) = open_cases(1)
        sweeps.run("cases.assign", now=LATER)
        made = Suggestion.objects.filter(object_id=case.pk).first()
        assert (made.state if made else None) == state
        assert owners(case) == [""]
        assert sweeps.run("cases.assign", now=LATER) == 0
        lifecycle.cancel_case(case, by=ann, reason="not_a_case")
    type(go_round).objects.update(level="ask")
    cases = open_cases(4)
    sweeps.run("cases.assign", now=LATER)
    assert owners(*cases) == ["", "", "", ""]
    asked = Suggestion.objects.filter(state="pending").order_by("pk")
    assert Counter(row.proposed["owner"] for row in asked) == {ada.pk: 2, ben.pk: 1, None: 1}
    assert Case.objects.get(pk=cases[0].pk).waiting_kinds == ["cases.assign_case"]
    client.force_login(ann)
    page = client.get(cases[0].get_absolute_url()).content.decode()
    assert "Assign the case" in page
    assert f"/review/{asked[0].pk}/" in client.get("/review/").content.decode()
    assert "Round robin among" in client.get(f"/review/{asked[0].pk}/").content.decode()
    other = ada if asked[0].proposed["owner"] == ben.pk else ben
    suggestions.accept(asked[0].pk, by=ann, edits={"owner": other.pk})
    assert owners(cases[0]) == [other.first_name]
    row = Assignment.objects.get(pk=cases[0].pk)
    assert (row.state, row.why) == ("kept", "Chosen in place of what the rule said.")
    refused = asked.exclude(pk=asked[0].pk)[1]
    suggestions.reject(refused.pk, by=ann, reason="Not her")
    row = Assignment.objects.get(pk=refused.object_id)
    assert (row.state, row.why) == ("kept", "")
    assert assignment.assign_by_rules(row.pk, now=LATER) is None
    second = asked.exclude(pk=asked[0].pk)[0]
    lifecycle.assign_case(Case.objects.get(pk=second.object_id), by=ann, owner=ann)
    second.refresh_from_db()
    assert (second.state, second.reason) == ("withdrawn", "The case was assigned in the meantime.")


@pytest.mark.row("DESK-409")
def test_undo_puts_it_back_and_from_then_on_people_decide(go_round, worker, queue, ann):
    worker("Ada")
    first, second = open_cases(2, queue=queue)
    sweeps.run("cases.assign", now=LATER)
    done = Suggestion.objects.get(object_id=first.pk)
    suggestions.undo(done.pk, by=ann)
    case = Case.objects.get(pk=first.pk)
    assert (case.owner, case.queue) == (None, queue)
    assert sweeps.run("cases.assign", now=LATER) == 0
    assert assignment.assign_by_rules(case.pk, now=LATER) is None
    lifecycle.assign_case(Case.objects.get(pk=second.pk), by=ann, owner=ann)
    with pytest.raises(suggestions.NotAllowed, match="Somebody moved"):
        suggestions.undo(Suggestion.objects.get(object_id=second.pk).pk, by=ann)


@pytest.mark.row("INT-D-18", "DESK-410")
def test_what_people_decided_stays_and_what_they_give_back_goes_to_another(
    go_round, worker, hardware, queue, rule, ann
):
    ada, ben = worker("Ada"), worker("Ben")
    (case,) = open_cases(1)
    lifecycle.assign_case(case, by=ann, owner=ann)
    assert sweeps.run("cases.assign", now=LATER) == 0
    lifecycle.assign_case(case, by=ann, owner=None)
    sweeps.run("cases.assign", now=LATER)
    assert owners(case) == ["Ada"]
    lifecycle.assign_case(Case.objects.get(pk=case.pk), by=ada, owner=None)
    sweeps.run("cases.assign", now=LATER)
    assert owners(case) == ["Ben"]
    lifecycle.assign_case(Case.objects.get(pk=case.pk), by=ben, owner=None)
    sweeps.run("cases.assign", now=LATER)
    assert Assignment.objects.get().why == "Nobody in Hardware is free: 2 gave it back."
    # Put into a queue by hand: rules for other queues move it nowhere, those for this one choose its owner.
    (moved,) = open_cases(1)
    lifecycle.assign_case(moved, by=ann, owner=None, queue=queue)
    sweeps.run("cases.assign", now=LATER)
    moved.refresh_from_db()
    assert (moved.queue, moved.owner) == (queue, None)
    rule(SECTION, "There", level="auto", order=1, way="person", person=ada.pk, presence="anybody")
    configuring.change_settings(SECTIONS[SECTION], by=ann, level="auto")
    sweeps.run("cases.assign", now=LATER)
    moved.refresh_from_db()
    assert (moved.queue, moved.owner) == (queue, ada)
    assert moved.routed_why == "The rule names Ada, 1 of 10"


@pytest.mark.row("DESK-411")
def test_another_intent_assigns_anew_only_while_no_person_touched_the_case(
    switch, rule, worker, hardware, small_library, come_in, ann
):
    ada, ben = worker("Ada"), worker("Ben")
    switch(SECTION, "auto")
    for place, (topic, who) in enumerate((("where-is-my-order", ada), ("charged-twice", ben))):
        rule(SECTION, topic, ("intent", "is", topic), level="auto", order=place, way="person", person=who.pk)
    first, touched = open_cases(2, defaults={"topic": "where-is-my-order"})
    sweeps.run("cases.assign", now=NOON)
    assert owners(first, touched) == ["Ada", "Ada"]
    lifecycle.add_note(touched, text="Called her.", by=ada)
    for case in (first, touched):
        with transaction.atomic():
            Case.objects.filter(pk=case.pk).update(topic="charged-twice")
            topics.look_again(case)
    sweeps.run("cases.assign", now=LATER)
    assert owners(first, touched) == ["Ben", "Ada"]
    Case.objects.filter(pk=first.pk).update(topic="something-else")
    topics.look_again(first)
    sweeps.run("cases.assign", now=LATER)
    assert owners(first) == ["Ben"], "without a rule whoever has it keeps it"


@pytest.mark.row("INT-D-17", "DESK-415")
def test_a_person_lets_the_rules_decide_anew_by_another_intent_or_by_what_the_library_knows_now(
    switch, rule, worker, hardware, small_library, teach, come_in, ann, client
):
    ada, ben = worker("Ada"), worker("Ben")
    switch(SECTION, "auto")
    for place, (topic, who) in enumerate((("where-is-my-order", ada), ("charged-twice", ben), ("kettle-cold", ben))):
        rule(SECTION, topic, ("intent", "is", topic), level="auto", order=place, way="person", person=who.pk)
    parcel = come_in(subject="Parcel", body="Hello, my parcel has still not come. Order HR-204118.\n\nEllen")
    kettle = come_in(subject="Cold", body="The kettle stays cold all day.", sender="Ivo <ivo@customer.example>")
    first, second = (Case.objects.get(message_links__message=message) for message in (parcel, kettle))
    for name in ("cases.fields", "cases.assign"):
        sweeps.run(name, now=NOON)
    assert owners(first, second) == ["Ada", ""]
    client.force_login(ann)
    page = client.get(first.get_absolute_url()).content.decode()
    assert "Let the rules decide anew" in page
    client.post(f"/desk/cases/{first.number}/intent/", {"intent": "charged-twice", "route": "1"})
    teach("Kettle cold", "The kettle stays cold all day.", "My kettle does not heat", "the kettle never gets warm")
    sweeps.run("intents.learn", now=LATER)
    assert client.post(f"/api/v1/cases/{second.number}/route/").status_code == 202
    for bell in ("message.stored", "message.determined"):
        sweeps.answer(bell, kettle.pk, now=LATER)
    sweeps.run("cases.assign", now=LATER)
    assert owners(first, second) == ["Ben", "Ben"]
    lifecycle.resolve_case(first, by=ann, resolution_type="solved")
    assert client.post(f"/api/v1/cases/{first.number}/route/").status_code == 409
    client.post(f"/desk/cases/{first.number}/route/")
    assert owners(first) == ["Ben"]


@pytest.mark.row("INT-D-16")
def test_queue_and_rule_share_a_line_and_only_the_queues_own_people_get_its_cases(
    go_round, worker, hardware, client, person, trade, queue
):
    client.force_login(person("Root", "administrator"))
    given = {"name": "Hardware", "team": hardware.team_id, "line_of_business": trade.pk}
    assert client.post(f"/manage/queues/{hardware.pk}/", given).status_code == 302
    section, draft = SECTIONS[SECTION], {"outcome": {"queue": hardware.pk, "way": "round_robin"}}
    other = type(trade).objects.create(name="Home")
    assert section.check_rule({**draft, "line_of_business": other.pk}) == [
        "The queue Hardware belongs to another line of business."
    ]
    assert section.check_rule({**draft, "line_of_business": trade.pk}) == []
    stranger = person("Zoe", "representative")
    User.objects.filter(pk=stranger.pk).update(presence="available")
    (case,) = open_cases(1, line_of_business=trade)
    sweeps.run("cases.assign", now=LATER)
    assert Assignment.objects.get(pk=case.pk).why == "Nobody works in Hardware."
    worker("Ada")
    assignment.assign_waiting(now=LATER)
    assert owners(case) == ["Ada"]


@pytest.mark.row("DESK-412")
def test_the_page_of_assignment_previews_tries_and_refuses_what_cannot_work(go_round, worker, hardware, client, person):
    worker("Ada", german=2)
    (case,) = open_cases(1, queue=hardware)
    client.force_login(person("Root", "administrator"))
    address = "/manage/case-management/assignment/"
    page = client.get(f"{address}?rule={go_round.pk}").content.decode()
    for words in ("Skills it needs", "german", "Round robin: each in turn", "Only who is available"):
        assert words in page
    section = SECTIONS[SECTION]
    loaded = load(SECTION)
    user = User.objects.get(name="Root")
    trial = section.try_it(str(case.number), loaded, user=user)
    assert [claim.value for claim in trial.claims] == ["Hardware", "Ada"]
    assert trial.claims[1].becomes == "Round robin among 1 of Hardware: Ada, 1 of 10"
    assert section.try_it("no case", loaded, user=user).error
    assert not Assignment.objects.exists()
    assert case.pk in section.preview(user).values_list("pk", flat=True)
    words = section.describe_outcome({**go_round.outcome, "abilities": [{"ability": 0, "level": 2}]})
    assert words == (
        "Moves to Hardware · Round robin: each in turn · Only who is available · a skill that is gone: Good"
    )
    german = Ability.objects.get()
    form = section.rule_form({"way": "round_robin", "presence": "available", f"ability-{german.pk}": "2"})
    assert form.is_valid()
    assert form.cleaned_data["abilities"] == [{"ability": german.pk, "level": 2}]
    assert not section.rule_form({"way": "person", "presence": "available"}).is_valid()
    for outcome in ({"way": "person", "person": 0}, {"way": "capacity", "abilities": [{"ability": 0, "level": 1}]}):
        assert section.check_rule({"outcome": outcome})


@pytest.mark.row("DESK-413")
def test_history_and_lines_that_are_off_are_never_assigned_and_an_adopted_case_is(go_round, worker, trade):
    worker("Ada")
    SectionSetting.objects.create(section=SECTION, line_of_business=trade, is_on=False)
    (elsewhere,) = open_cases(1, line_of_business=trade)
    assert [sweeps.run("cases.assign", now=LATER) for _turn in range(2)] == [1, 0]
    assert owners(elsewhere) == [""]
    (case,) = open_cases(1, arrived_as="history")
    assert sweeps.run("cases.assign", now=LATER) == 0
    assert assignment.assign_by_rules(case.pk, now=LATER) is None
    lifecycle.adopt_case(case, by=None)
    sweeps.run("cases.assign", now=LATER)
    assert owners(case) == ["Ada"]


@pytest.mark.row("DESK-414")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("count", "room"), [(18, 4), pytest.param(50, 10, marks=pytest.mark.nightly)])
def test_two_workers_at_once_fill_everybody_in_turn_and_nobody_beyond_their_room(
    go_round, worker, hardware, count, room
):
    for name in ("Ada", "Ben", "Cleo"):
        worker(name, room=room)
    cases = open_cases(count)
    start, errors = threading.Barrier(2), []

    def work() -> None:
        try:
            start.wait()
            for case in cases:
                assignment.assign_by_rules(case.pk, now=LATER)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _worker in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Counter(owners(*cases)) == {"Ada": room, "Ben": room, "Cleo": room, "": count - 3 * room}
    given = Suggestion.objects.filter(proposed__owner__isnull=False).order_by("pk")
    turns = [User.objects.get(pk=row.proposed["owner"]).name for row in given if row.proposed["owner"]]
    assert turns == ["Ada", "Ben", "Cleo"] * room
    assert Assignment.objects.filter(state="waiting").count() == count - 3 * room
