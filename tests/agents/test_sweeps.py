"""Sweeps get to everything that is due, whatever fails."""

import datetime as dt
import threading

import pytest
from django.db import connections
from django.utils import timezone

from agents import skills, sweeps
from agents.models import Attempt, LanguageModel, ModelCall, SkillEngine
from agents.sweeps import SWEEPS, pool


def test_what_failed_for_good_does_not_keep_a_sweep_from_the_rest(db, monkeypatch):
    done = []

    class Poisoned(sweeps.Sweep):
        name, limit = "toy.poisoned", 3

        def find(self, now, limit):
            return [ident for ident in range(10) if ident not in done][:limit]

        def do(self, ident, now):
            if ident < 4:
                raise ValueError
            done.append(ident)

    monkeypatch.setitem(sweeps.SWEEPS, Poisoned.name, Poisoned())
    monkeypatch.setattr(sweeps, "ring_sweep", lambda name: None)
    at = timezone.now()
    for turn in range(12):
        sweeps.run(Poisoned.name, now=at + dt.timedelta(hours=turn))
    assert done == [4, 5, 6, 7, 8, 9]


@pytest.mark.django_db
def test_what_was_parked_is_taken_up_again_after_six_hours():
    now = timezone.now()
    old = Attempt.objects.create(sweep="toy", object_id=1, attempts=3, parked_at=now - dt.timedelta(hours=7))
    Attempt.objects.create(sweep="toy", object_id=2, attempts=3, parked_at=now - dt.timedelta(hours=5))
    Attempt.objects.create(sweep="toy", object_id=3, attempts=1)
    assert SWEEPS["agents.retry_parked"].run(now) == 1
    assert not Attempt.objects.filter(pk=old.pk).exists()
    assert Attempt.objects.count() == 2


@pytest.fixture
def slow_sweep(monkeypatch, settings):
    """A sweep over a skill that a model answers; what it found is done once and then forgotten."""
    settings.MODEL_PRIVATE_ADDRESSES = True
    done = []

    class Slow(sweeps.Sweep):
        name, bell, skill, limit = "toy.slow", "toy.rang", "toy.name_colour", 7

        def find(self, now, limit):
            return [ident for ident in range(40) if ident not in done][:limit]

        def do(self, ident, now):
            assert skills.run(self.skill, {"sentences": ["Paint it red."]}, skills.Scope()).engine == "stub-1"
            done.append(ident)

    monkeypatch.setitem(SWEEPS, Slow.name, Slow())
    monkeypatch.setattr(sweeps, "ring_sweep", done.append)
    return done


@pytest.mark.django_db(transaction=True)
def test_what_waits_for_a_model_is_done_side_by_side_each_piece_once(slow_sweep, model_stub):
    model = LanguageModel.objects.create(name="Stub", model="stub-1", base_url=model_stub.url, concurrency=8)
    SkillEngine.objects.create(skill="toy.name_colour", model=model)
    model_stub.say({"colour": "red", "sentence": 1})
    model_stub.seconds = 0.05
    others = threading.Thread(target=lambda: (sweeps.run("toy.slow"), connections.close_all()))
    others.start()
    sweeps.run("toy.slow")
    others.join()
    assert sorted(slow_sweep) == list(range(40))
    assert len(model_stub.asked) == 40
    assert 4 <= model_stub.most_at_once <= 8
    assert not Attempt.objects.exists()
    assert sweeps.answer("toy.rang", 3) == 1
    assert slow_sweep[-1] == "toy.slow"  # a bell asks for the whole sweep, which has many hands


@pytest.mark.django_db(transaction=True)
def test_what_a_model_did_not_answer_waits_is_parked_and_done_when_it_answers_again(slow_sweep, model_stub):
    model = LanguageModel.objects.create(name="Stub", model="stub-1", base_url=model_stub.url, retries=0)
    SkillEngine.objects.create(skill="toy.name_colour", model=model, on_failure="wait")
    model_stub.fail(400)
    now = timezone.now()
    for minutes in (0, 10, 30, 60):
        sweeps.run("toy.slow", now=now + dt.timedelta(minutes=minutes))
    assert slow_sweep == []
    parked = Attempt.objects.filter(parked_at__isnull=False, error__startswith="WaitsForPerson")
    assert parked.count() == 40
    assert ModelCall.objects.filter(outcome="refused").count() == 120
    model_stub.fail(200, times=0)
    model_stub.say({"colour": "red", "sentence": 1})
    for ident in range(40):
        sweeps.retry("toy.slow", ident)
    sweeps.run("toy.slow")
    assert sorted(slow_sweep) == list(range(40))


@pytest.mark.parametrize(("quick", "hands"), [(5.0, 10), (0.0, 8)])
def test_more_hands_than_places_help_a_quick_model_and_none_waits_for_a_slow_one(monkeypatch, quick, hands):
    monkeypatch.setattr(pool, "QUICK", quick)
    batches = [[Attempt(object_id=number) for number in range(200)]]
    feed = pool.Feed(lambda at: batches.pop() if batches else [], timezone.now())
    names = set()

    def carry_out(row, at):
        names.add(threading.current_thread().name)
        threading.Event().wait(0.002)
        return True

    assert pool.work_off(feed, carry_out, 8) == 200
    assert len(names) == hands
