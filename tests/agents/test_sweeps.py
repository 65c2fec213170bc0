"""Sweeps get to everything that is due, whatever fails."""

import datetime as dt

import pytest
from django.utils import timezone

from agents import sweeps
from agents.models import Attempt
from agents.sweeps import SWEEPS


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
