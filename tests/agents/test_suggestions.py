"""Propose, decide, carry out: one pattern for every act."""

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, connections
from django.utils import timezone
from pydantic import ValidationError

from agents import suggestions
from agents.actors import agent_user
from agents.models import AgentPause, Effect, Entry, Rule, SectionSetting, Suggestion
from agents.models.levels import ArrivedAs
from agents.proposals import Proposal, propose
from agents.suggestions import NotAllowed, NotPending, accept, reject, undo, withdraw_stale
from tests.toy.models import Thing
from tests.toy.suggestions import NotePayload, SendNote

State = Suggestion.State


def set_level(level, *, is_on=True):
    SectionSetting.objects.filter(section="toy.section").update(level=level, is_on=is_on)


@pytest.mark.row("CMA-A-17")
def test_level_ask_waits_for_a_person_and_accepting_carries_it_out(suggest, thing, ann):
    suggestion = suggest(thing)
    assert (suggestion.state, suggestion.level) == (State.PENDING, "ask")
    accept(suggestion.pk, by=ann)
    suggestion.refresh_from_db()
    thing.refresh_from_db()
    assert (suggestion.state, suggestion.decided_by, thing.note) == (State.ACCEPTED, ann, "Hello")
    assert Effect.objects.get().authority == Effect.Authority.PERSON
    assert list(Entry.objects.order_by("id").values_list("verb", "actor")) == [
        ("toy.send_note.suggested", "agent"),
        ("toy.send_note.accepted", "person"),
    ]


@pytest.mark.row("CMA-A-17")
def test_level_auto_is_accepted_by_the_agent_and_waits_the_hold_time(section, suggest, thing, settings):
    set_level("auto")
    suggestion = suggest(thing)
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.decided_by_agent) == (State.ACCEPTED, True)
    assert suggestion.decided_by == agent_user("toy")
    effect = Effect.objects.get(suggestion=suggestion)
    assert effect.authority == Effect.Authority.AGENT
    assert (effect.not_before - effect.created_at).total_seconds() == settings.AUTOMATIC_HOLD_SECONDS


@pytest.mark.row("CMA-A-17")
@pytest.mark.parametrize(("level", "expected"), [("off", None), ("observe", State.OBSERVED)])
def test_off_makes_nothing_and_observe_never_waits(section, suggest, thing, level, expected):
    set_level(level)
    suggestion = suggest(thing)
    assert (suggestion and suggestion.state) == expected
    assert Effect.objects.count() == 0


@pytest.mark.row("DESK-3")
def test_history_is_only_observed_even_on_full_automation(section, suggest, thing):
    set_level("auto")
    suggestion = suggest(thing, arrived_as=ArrivedAs.HISTORY)
    assert (suggestion.state, Effect.objects.count()) == (State.OBSERVED, 0)


def test_the_level_is_the_least_of_rule_switch_pause_and_ceiling(section, suggest, ann, settings):
    rule = Rule.objects.create(section="toy.section", name="Always", level="auto", is_active=True)
    assert suggest(Thing.objects.create(), rule=rule).level == "auto"
    settings.AGENT_CEILING = "observe"
    assert suggest(Thing.objects.create(), rule=rule).level == "observe"
    settings.AGENT_CEILING = "auto"
    pause = AgentPause.objects.create(agent="toy", started_by=ann)
    assert suggest(Thing.objects.create(), rule=rule) is None
    pause.delete()
    set_level("auto", is_on=False)
    assert suggest(Thing.objects.create(), rule=rule) is None


@pytest.mark.row("CMA-A-17")
def test_a_lines_own_settings_win_over_the_general_ones(section, suggest, thing):
    from agents.models import LineOfBusiness

    trade = LineOfBusiness.objects.create(name="Trade")
    SectionSetting.objects.create(section="toy.section", line_of_business=trade, is_on=True, level="observe")
    assert suggest(thing, line_of_business=trade).state == State.OBSERVED


def test_a_newer_suggestion_withdraws_the_older_one(suggest, thing):
    older, newer = suggest(thing, "One"), suggest(thing, "Two")
    older.refresh_from_db()
    assert (older.state, newer.state) == (State.WITHDRAWN, State.PENDING)
    assert older.reason == "A newer suggestion replaced it."


def test_an_equal_proposal_is_not_made_again_not_even_after_a_rejection(suggest, thing, ann):
    first = suggest(thing)
    assert suggest(thing).pk == first.pk
    reject(first.pk, by=ann, reason="Wrong tone")
    assert suggest(thing).pk == first.pk
    assert Suggestion.objects.count() == 1


def test_nothing_is_proposed_from_a_snapshot_that_is_out_of_date(section, thing):
    proposal = Proposal(payload=NotePayload(text="Hi"), fingerprint=SendNote().fingerprint(thing))
    Thing.objects.filter(pk=thing.pk).update(last_message=3)
    assert propose("toy.send_note", thing, proposal) == []


def test_accepting_after_the_subject_changed_withdraws_instead(suggest, thing, ann):
    suggestion = suggest(thing)
    Thing.objects.filter(pk=thing.pk).update(last_message=3)
    with pytest.raises(NotPending) as refusal:
        accept(suggestion.pk, by=ann)
    assert refusal.value.suggestion.state == State.WITHDRAWN
    assert Effect.objects.count() == 0


def test_withdraw_stale_takes_back_only_what_no_longer_holds(suggest, thing):
    other = Thing.objects.create(title="Duo")
    stale, fresh = suggest(thing), suggest(other)
    Thing.objects.filter(pk=thing.pk).update(last_message=3)
    thing.refresh_from_db()
    assert withdraw_stale(thing, "The customer wrote again.") == 1
    assert withdraw_stale(other, "The customer wrote again.") == 0
    stale.refresh_from_db()
    fresh.refresh_from_db()
    assert (stale.state, stale.reason, fresh.state) == (State.WITHDRAWN, "The customer wrote again.", State.PENDING)


def test_a_refusal_by_the_guard_leaves_it_pending_with_the_reason(suggest, thing, ann):
    suggestion = suggest(thing, "forbidden")
    with pytest.raises(NotAllowed) as refusal:
        accept(suggestion.pk, by=ann)
    suggestion.refresh_from_db()
    assert (refusal.value.reasons, suggestion.state) == (["It says forbidden."], State.PENDING)
    accept(suggestion.pk, by=ann, edits={"text": "allowed"})
    assert Thing.objects.get(pk=thing.pk).note == "allowed"


def test_what_the_guard_refuses_the_agent_waits_for_a_person(section, suggest, thing):
    set_level("auto")
    suggestion = suggest(thing, "forbidden")
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.level) == (State.PENDING, "ask")
    assert "It says forbidden." in suggestion.why


def test_a_failing_apply_leaves_everything_as_it_was(suggest, thing, ann):
    suggestion = suggest(thing, "boom")
    with pytest.raises(RuntimeError, match="apply failed"):
        accept(suggestion.pk, by=ann)
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.final, Effect.objects.count()) == (State.PENDING, None, 0)
    assert Entry.objects.filter(verb__endswith="accepted").count() == 0


def test_edits_are_checked_and_kept_beside_what_was_proposed(suggest, thing, ann):
    suggestion = suggest(thing)
    with pytest.raises(ValidationError):
        accept(suggestion.pk, by=ann, edits={"text": ""})
    accept(suggestion.pk, by=ann, edits={"text": "Edited"})
    suggestion.refresh_from_db()
    assert (suggestion.proposed, suggestion.final) == ({"text": "Hello"}, {"text": "Edited"})


def test_only_who_may_see_the_subject_may_decide(suggest, thing, ann, bob):
    suggestion = suggest(thing)
    Thing.objects.filter(pk=thing.pk).update(owner=bob)
    for act in (accept, reject):
        with pytest.raises(PermissionDenied):
            act(suggestion.pk, by=ann)
    with pytest.raises(PermissionDenied):
        accept(suggestion.pk, by=agent_user("toy"))
    accept(suggestion.pk, by=bob)


def test_visible_and_access_give_one_answer(thing, ann, bob):
    kind = SendNote()
    for owner in (None, ann, bob):
        Thing.objects.filter(pk=thing.pk).update(owner=owner)
        thing.refresh_from_db()
        for user in (ann, bob):
            assert kind.access(thing, user) == kind.visible(user).filter(pk=thing.pk).exists()


def test_parts_are_split_into_what_the_agent_takes_and_what_a_person_is_asked(section, fill, thing, ann):
    set_level("auto")
    taken, asked = fill(thing, {"title": "Grinder G2", "size": 7}, {"title": "auto", "size": "ask"})
    taken.refresh_from_db()
    thing.refresh_from_db()
    assert (taken.state, taken.final, asked.state, asked.proposed) == (
        State.ACCEPTED, {"values": {"title": "Grinder G2"}}, State.PENDING, {"values": {"size": 7}},
    )  # fmt: skip
    assert (thing.title, thing.size) == ("Grinder G2", None)
    accept(asked.pk, by=ann)
    assert Thing.objects.get(pk=thing.pk).size == 7


def test_parts_left_out_are_on_record_as_rejected(section, fill, thing, ann):
    (asked,) = fill(thing, {"title": "G2", "size": 7}, {"title": "ask", "size": "ask"})
    with pytest.raises(NotAllowed):
        accept(asked.pk, by=ann, parts=[])
    accept(asked.pk, by=ann, parts=["size"])
    asked.refresh_from_db()
    thing.refresh_from_db()
    assert (asked.left_out, thing.title, thing.size) == (["title"], "Grinder", 7)


@pytest.mark.row("DESK-19")
def test_undo_applies_the_inverse_once_and_mail_has_none(section, fill, suggest, thing, ann):
    (asked,) = fill(thing, {"size": 7}, {"size": "ask"})
    accept(asked.pk, by=ann)
    undo(asked.pk, by=ann)
    asked.refresh_from_db()
    assert (Thing.objects.get(pk=thing.pk).size, asked.state, asked.undone_by) == (None, State.ACCEPTED, ann)
    with pytest.raises(NotAllowed, match="undone already"):
        undo(asked.pk, by=ann)
    thing.refresh_from_db()
    note = suggest(thing)
    accept(note.pk, by=ann)
    with pytest.raises(NotAllowed, match="cannot be undone"):
        undo(note.pk, by=ann)


@pytest.mark.row("DESK-20")
@pytest.mark.row("DESK-422")
def test_what_was_done_is_rated_taken_back_and_on_record(suggest, thing, ann, bob):
    suggestion = suggest(thing)
    with pytest.raises(NotAllowed, match="was done"):
        suggestions.rate(suggestion.pk, "right", by=ann)
    accept(suggestion.pk, by=ann)
    Thing.objects.filter(pk=thing.pk).update(owner=ann)
    for other in (bob, agent_user("toy")):
        with pytest.raises(PermissionDenied):
            suggestions.rate(suggestion.pk, "right", by=other)
    done = [suggestions.rate(suggestion.pk, said, by=ann) for said in ("right", "wrong", "wrong")]
    assert [(row.rating, row.rated_by) for row in done] == [("right", ann), ("wrong", ann), ("", None)]
    said = Entry.objects.filter(verb="toy.send_note.rated", user=ann).order_by("id").values_list("text", flat=True)
    assert list(said) == ["Right", "Wrong", "Taken back"]


def test_the_record_cannot_be_changed(suggest, thing):
    suggest(thing)
    entry = Entry.objects.get()
    entry.why = "something else"
    with pytest.raises(Exception, match="append-only"):
        entry.save()


@pytest.mark.row("DESK-10")
@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_press_accept_one_wins_and_the_other_reads_who(suggest, thing, ann, bob):
    suggestion = suggest(thing)
    barrier, outcomes = threading.Barrier(2), {}

    def press(person):
        barrier.wait()
        try:
            accept(suggestion.pk, by=person)
            outcomes[person.name] = "won"
        except NotPending as late:
            outcomes[person.name] = late.suggestion.decided_by.name
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=[person]) for person in (ann, bob)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = next(name for name, outcome in outcomes.items() if outcome == "won")
    loser = next(name for name in outcomes if name != winner)
    assert outcomes[loser] == winner
    assert Effect.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_propose_at_once_leave_one_pending(suggest, thing):
    barrier = threading.Barrier(2)

    def work(text):
        barrier.wait()
        suggest(thing, text)
        connections.close_all()

    threads = [threading.Thread(target=work, args=[text]) for text in ("One", "Two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Suggestion.objects.filter(state=State.PENDING).count() == 1
    assert connection.is_usable()
    assert timezone.now() >= Suggestion.objects.latest("id").created_at
    assert suggestions.of_subject(thing).count() == 2
