"""Effects leave once, or are listed: queue, claim, gate, transmit, settle."""

import datetime as dt
import threading

import pytest
from django.db import connections, transaction
from django.utils import timezone

from agents import outbox
from agents.models import Effect, SectionSetting, Suggestion
from agents.outbox import Hold, NotSent, Refused, Stop, epoch, settling, transmission
from agents.outbox.gate import pass_gate
from agents.policy import pausing
from agents.suggestions import accept
from tests.toy import effects
from tests.toy.models import Thing

State = Effect.State


@pytest.fixture(autouse=True)
def own_mark(tmp_path, settings):
    """The mark outside the database lies in the test's own folder."""
    settings.VAR_DIR = tmp_path


@pytest.fixture
def accepted(suggest, thing, ann):
    suggestion = suggest(thing)
    accept(suggestion.pk, by=ann)
    return Effect.objects.get()


@pytest.fixture
def automatic(section, suggest, thing, settings):
    settings.AUTOMATIC_HOLD_SECONDS = 0
    SectionSetting.objects.update(level="auto")
    suggest(thing)
    return Effect.objects.get()


def leave():
    transmission.deliver_due()


def state_of(effect):
    effect.refresh_from_db()
    return effect.state


def test_an_accepted_suggestion_leaves_once(accepted, thing):
    leave()
    leave()
    thing.refresh_from_db()
    assert (state_of(accepted), effects.RECEIVED, thing.colour) == (State.SENT, [accepted.key], "green")
    assert accepted.provider_id == f"toy-{accepted.pk}"


def test_an_effect_is_queued_only_inside_a_transaction_and_once_per_key(db, django_db_blocker, monkeypatch):
    queue = {"key": "k1", "payload": {}, "authority": "person"}
    with transaction.atomic():
        first, second = outbox.queue("toy.send", **queue), outbox.queue("toy.send", **queue)
    assert (first.pk, Effect.objects.count()) == (second.pk, 1)
    monkeypatch.setattr("agents.outbox.connection", type("Outside", (), {"in_atomic_block": False}))
    with pytest.raises(RuntimeError, match="in the transaction"):
        outbox.queue("toy.send", **{**queue, "key": "k2"})


@pytest.mark.row("DESK-15")
def test_what_the_agent_sends_waits_for_the_hold_time_in_which_it_can_be_stopped(section, suggest, thing, ann):
    SectionSetting.objects.update(level="auto")
    suggest(thing)
    effect = Effect.objects.get()
    leave()
    assert (state_of(effect), effects.RECEIVED) == (State.QUEUED, [])
    settling.cancel(effect.pk, by=ann)
    Effect.objects.update(not_before=timezone.now())
    leave()
    assert (state_of(effect), effects.RECEIVED) == (State.CANCELLED, [])
    with pytest.raises(settling.TooLate):
        settling.cancel(effect.pk, by=ann)


@pytest.mark.row("DESK-16")
def test_lowering_the_level_stops_what_the_agent_has_queued_and_asks_a_person(automatic):
    SectionSetting.objects.update(level="ask")
    leave()
    again = Suggestion.objects.get(state="pending")
    assert (state_of(automatic), effects.RECEIVED) == (State.CANCELLED, [])
    assert (again.replaces_id, again.proposed, again.level) == (automatic.suggestion_id, {"text": "Hello"}, "ask")
    assert "level was lowered" in automatic.reason


@pytest.mark.row("DESK-17")
def test_a_persons_approval_stands_whatever_the_level_becomes(accepted):
    SectionSetting.objects.update(level="observe")
    leave()
    assert state_of(accepted) == State.SENT


@pytest.mark.row("DESK-18")
def test_a_pause_holds_and_resuming_lets_leave(accepted, ann):
    pause = pausing.pause("", by=ann, reason="Price list is wrong")
    leave()
    assert (state_of(accepted), accepted.held) == (State.QUEUED, "Paused")
    pausing.resume(pause.agent, by=ann)
    Effect.objects.update(not_before=timezone.now())
    leave()
    assert state_of(accepted) == State.SENT


def test_something_new_on_the_subject_stops_it_and_its_own_change_does_not(accepted, thing):
    assert Thing.objects.get(pk=thing.pk).last_message == 7
    Thing.objects.update(last_message=8)
    leave()
    assert (state_of(accepted), effects.RECEIVED) == (State.CANCELLED, [])
    assert accepted.reason == "Something new happened before it left."


def test_too_late_is_not_sent(accepted):
    Effect.objects.update(not_after=timezone.now() - dt.timedelta(minutes=1))
    leave()
    assert (state_of(accepted), effects.RECEIVED) == (State.CANCELLED, [])


def test_the_handlers_own_look_holds_or_stops(accepted):
    effects.VERDICT.append(Hold("OUTBOUND is hold", timezone.now() + dt.timedelta(hours=1)))
    leave()
    assert (state_of(accepted), accepted.held) == (State.QUEUED, "OUTBOUND is hold")
    effects.VERDICT[0] = Stop("Suppressed")
    Effect.objects.update(not_before=timezone.now())
    leave()
    assert (state_of(accepted), accepted.reason, effects.RECEIVED) == (State.CANCELLED, "Suppressed", [])


def test_only_what_provably_did_not_leave_is_tried_again(accepted):
    effects.ANSWERS.append(NotSent("451 try later"))
    leave()
    assert (state_of(accepted), accepted.held, accepted.attempts) == (State.QUEUED, "451 try later", 1)
    assert accepted.not_before > timezone.now()
    Effect.objects.update(not_before=timezone.now())
    leave()
    assert (state_of(accepted), effects.RECEIVED) == (State.SENT, [accepted.key])


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(Refused("550 no such user"), State.REFUSED), (NotSent("no mailbox", retry=False), State.REFUSED)],
)
def test_a_no_is_final(accepted, answer, expected):
    effects.ANSWERS.append(answer)
    leave()
    leave()
    assert (state_of(accepted), effects.RECEIVED) == (expected, [])


def test_after_two_days_it_is_given_up(accepted):
    Effect.objects.update(created_at=timezone.now() - dt.timedelta(hours=49))
    effects.ANSWERS.append(NotSent("451 try later"))
    leave()
    assert state_of(accepted) == State.REFUSED


@pytest.mark.row("DESK-14")
def test_an_outcome_that_is_not_known_is_never_sent_again_on_a_guess(accepted, ann, settings):
    settings.OUTBOX_GRACE_SECONDS = 0
    effects.ANSWERS.append(ConnectionResetError("after DATA"))
    leave()
    leave()
    assert (state_of(accepted), effects.RECEIVED) == (State.UNKNOWN, [accepted.key])
    later = timezone.now() + dt.timedelta(minutes=1)
    assert settling.find_overdue(now=later) == [accepted.pk]
    assert settling.settle_overdue(accepted.pk, now=later) == State.UNKNOWN
    effects.EVIDENCE[accepted.key] = True
    assert settling.settle_overdue(accepted.pk, now=later) == State.SENT


@pytest.mark.row("DESK-14")
def test_evidence_of_absence_sends_again_and_a_person_may_say_either(accepted, ann):
    Effect.objects.update(state=State.UNKNOWN, transmitting_at=timezone.now() - dt.timedelta(hours=2))
    effects.EVIDENCE[accepted.key] = False
    assert settling.settle_overdue(accepted.pk, now=timezone.now()) == State.QUEUED
    Effect.objects.update(state=State.UNKNOWN)
    settling.send_again(accepted.pk, by=ann)
    leave()
    assert (state_of(accepted), effects.RECEIVED) == (State.SENT, [accepted.key])
    Effect.objects.update(state=State.UNKNOWN)
    settling.mark_sent(accepted.pk, by=ann)
    assert state_of(accepted) == State.SENT
    with pytest.raises(settling.TooLate):
        settling.send_again(accepted.pk, by=ann)


def test_a_claim_whose_worker_died_is_queued_again_and_the_late_worker_may_not_transmit(accepted):
    (claimed,) = transmission._claim(timezone.now(), 10)
    Effect.objects.update(lease=timezone.now() - dt.timedelta(seconds=1))
    assert settling.requeue_expired(now=timezone.now()) == 1
    assert pass_gate(claimed) is False
    leave()
    assert [accepted.key] == effects.RECEIVED


def test_a_worker_that_died_on_the_wire_leaves_it_unknown_after_lease_and_grace(accepted, settings):
    (claimed,) = transmission._claim(timezone.now(), 10)
    assert pass_gate(claimed) is True
    now = timezone.now() + dt.timedelta(seconds=settings.OUTBOX_LEASE_SECONDS + 1)
    assert settling.requeue_expired(now=now) == 0
    assert settling.find_overdue(now=now) == []
    now += dt.timedelta(seconds=settings.OUTBOX_GRACE_SECONDS)
    assert settling.settle_overdue(accepted.pk, now=now) == State.UNKNOWN
    leave()
    assert effects.RECEIVED == []


def test_a_late_report_of_an_old_claim_changes_nothing(accepted):
    (claimed,) = transmission._claim(timezone.now(), 10)
    Effect.objects.update(token=99)
    assert outbox.settle(claimed, State.SENT) is False
    assert state_of(accepted) == State.CLAIMED


def test_a_worker_that_slept_since_its_claim_does_not_transmit(accepted, settings, monkeypatch):
    settings.OUTBOX_LEASE_SECONDS = 0.0001
    monkeypatch.setattr("agents.outbox.lease", lambda: dt.timedelta(hours=1))
    monkeypatch.setattr("agents.outbox.transmission.lease", lambda: dt.timedelta(hours=1))
    leave()
    assert (state_of(accepted), effects.RECEIVED, accepted.held) == (State.QUEUED, [], "The worker was asleep.")


@pytest.mark.row("DESK-1")
def test_a_restored_database_sends_nothing_until_a_person_confirms(accepted, thing, suggest, ann):
    leave()
    Effect.objects.filter(pk=accepted.pk).update(transmitting_at=None, state=State.QUEUED)
    leave()
    assert [accepted.key] == effects.RECEIVED
    assert epoch.is_confirmed() is False
    epoch.confirm()
    assert (state_of(accepted), epoch.is_confirmed()) == (State.UNKNOWN, True)
    leave()
    assert [accepted.key] == effects.RECEIVED


@pytest.mark.row("DESK-1")
def test_a_copy_of_the_database_on_another_machine_sends_nothing(accepted, settings, tmp_path):
    assert epoch.is_confirmed()
    settings.VAR_DIR = tmp_path / "elsewhere"
    leave()
    assert (state_of(accepted), effects.RECEIVED) == (State.QUEUED, [])


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_take_the_same_effect(section, suggest, ann):
    for number in range(20):
        suggestion = suggest(Thing.objects.create(title=f"Thing {number}"))
        accept(suggestion.pk, by=ann)
    epoch.is_confirmed()
    barrier = threading.Barrier(2)

    def work():
        barrier.wait()
        while transmission.deliver_due(limit=3):
            pass
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(effects.RECEIVED) == len(set(effects.RECEIVED)) == 20
    assert set(Effect.objects.values_list("state", flat=True)) == {State.SENT}


@pytest.mark.django_db(transaction=True)
def test_a_change_and_the_gate_at_once_end_in_one_of_two_ways(section, suggest, ann):
    """Either the change came first and nothing leaves, or it left before the change was stored."""
    for _ in range(10):
        thing = Thing.objects.create()
        accept(suggest(thing).pk, by=ann)
        barrier = threading.Barrier(2)

        def change(thing=thing, barrier=barrier):
            barrier.wait()
            with transaction.atomic():
                Thing.objects.select_for_update().get(pk=thing.pk)
                Thing.objects.filter(pk=thing.pk).update(last_message=99)
            connections.close_all()

        writer = threading.Thread(target=change)
        writer.start()
        barrier.wait()
        leave()
        writer.join()
        effect = Effect.objects.latest("id")
        assert (effect.state == State.SENT) == (effect.key in effects.RECEIVED)
        assert effect.state in (State.SENT, State.CANCELLED)


def test_outcomes_without_evidence_keep_no_newer_one_waiting(accepted, suggest, ann, settings):
    settings.OUTBOX_GRACE_SECONDS = 0
    old = timezone.now() - dt.timedelta(days=1)
    Effect.objects.update(state=State.UNKNOWN, transmitting_at=old)
    accept(suggest(Thing.objects.create()).pk, by=ann)
    late = Effect.objects.latest("id")
    Effect.objects.filter(pk=late.pk).update(
        state=State.TRANSMITTING, transmitting_at=timezone.now(), lease=old, token=1
    )
    assert settling.find_overdue(now=timezone.now(), limit=1) == [late.pk]
    assert settling.find_overdue(now=timezone.now(), limit=2) == [late.pk, accepted.pk]


@pytest.mark.django_db(transaction=True)
def test_a_sleeping_worker_that_holds_a_row_keeps_no_other_waiting(section, suggest, ann):
    for _ in range(2):
        accept(suggest(Thing.objects.create()).pk, by=ann)
    Effect.objects.update(state=State.CLAIMED, lease=timezone.now() - dt.timedelta(seconds=1))
    held, other = Effect.objects.order_by("id")
    asleep, awake = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Effect.objects.select_for_update(of=("self",)).get(pk=held.pk)
            asleep.set()
            awake.wait(10)
        connections.close_all()

    sleeper = threading.Thread(target=hold)
    sleeper.start()
    asleep.wait(10)
    assert settling.requeue_expired(now=timezone.now()) == 1
    assert (state_of(held), state_of(other)) == (State.CLAIMED, State.QUEUED)
    awake.set()
    sleeper.join()
    assert settling.requeue_expired(now=timezone.now()) == 1
