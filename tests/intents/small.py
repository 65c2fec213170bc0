"""A small library of intents for the tests of several apps."""

import pytest

from intents import library
from intents.models import Intent

ORDER = [
    "where is my parcel",
    "my order has not arrived yet",
    "when will the delivery come",
    "the tracking does not move",
    "I am still waiting for my package",
]
LEAK = [
    "water under the machine",
    "there is a puddle below it",
    "the machine leaks from the bottom",
    "it drips all over the counter",
    "the tank loses water",
]
TWICE = ["you charged my card twice", "two payments for one order", "I was billed double"]


@pytest.fixture
def teach(ann):
    """An approved intent with examples: ``teach("Where is my order", *texts)``."""

    def make(name: str, *examples: str, **fields) -> Intent:
        intent = library.save_intent(None, by=ann, name=name, review_state="approved", **fields)
        library.add_examples(intent, examples, by=ann)
        return intent

    return make


@pytest.fixture
def small_library(teach, switch):
    """Three general intents, and the agent switched on."""
    switch("intents.matching", "auto")
    return {
        "order": teach("Where is my order", *ORDER),
        "leak": teach("Machine leaks", *LEAK),
        "twice": teach("Charged twice", *TWICE),
    }
