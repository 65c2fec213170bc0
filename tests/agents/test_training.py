"""A training run repeats byte for byte, is measured on held-back rows, and replaces only what is no better."""

from datetime import UTC, datetime

import pytest

from agents.models import TrainingRun
from agents.skills.training import Artefact, Labelled, TooFewExamplesError, active_artefact, guess, store_run, train
from bench.quality.bare import without_encoder

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SUBJECTS = {"delivery": "parcel shipment courier", "billing": "invoice refund receipt"}
ROWS = [
    Labelled(at, f"The {word} number {at} is {state}", label)
    for at, (label, word, state) in enumerate(
        (label, word, state)
        for label, words in SUBJECTS.items()
        for word in words.split()
        for state in ("missing", "wrong", "late", "lost", "damaged", "double")
    )
]


def test_training_repeats_guesses_and_names_the_rows_that_decided():
    one, other = train(ROWS), train(list(reversed(ROWS)))
    assert one.content == other.content
    assert one.held_back_accuracy > 0.8
    found = guess(one.content, "my courier lost the shipment")
    assert (found.label, len(found.subjects) >= 3) == ("delivery", True)
    assert "shipment" in found.words
    assert 0.5 < found.probability < 1
    assert found.promise == 0, "36 held-back rows promise nothing"
    with pytest.raises(TooFewExamplesError):
        train(ROWS[:8])


def test_without_the_encoder_words_that_were_never_seen_are_known_by_their_letters():
    with without_encoder():
        artefact = train(ROWS)
        assert artefact.content == train(list(reversed(ROWS))).content
        found = [guess(artefact.content, text) for text in ("couriers", "invoicing")]
    assert [one.label for one in found] == ["delivery", "billing"]


def test_a_label_of_one_row_is_seen_and_says_how_little_stands_behind_it():
    rare = Labelled(99, "Somebody broke into the warehouse at night", "security")
    found = guess(train([*ROWS, rare]).content, "somebody broke into our warehouse")
    assert (found.label, found.subjects) == ("security", [99])


@pytest.mark.django_db
def test_a_run_is_switched_on_only_when_it_is_no_worse():
    def run(accuracy, digest):
        return store_run(
            "cases.predict_fields", "category", Artefact(digest.encode(), accuracy, (1, 0), 36, digest), now=NOW
        )

    assert run(0.8, "a").active
    worse, better = run(0.7, "b"), run(0.8, "c")
    assert (worse.version, worse.active, better.version, better.active) == (2, False, 3, True)
    assert run(0.9, "b") == worse
    assert active_artefact("cases.predict_fields", "category") == b"c"
    assert active_artefact("cases.predict_fields", "type") is None
    assert TrainingRun.objects.filter(active=True).count() == 1
    assert run(0.79, "d").active, "what chance explains is no loss"
    assert set(TrainingRun.objects.filter(active=False).values_list("artefact", flat=True)) == {b""}
