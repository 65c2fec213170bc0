"""The library of intents, and what was recognised in messages."""

from intents.models.determinations import Determination
from intents.models.library import Attribute, Example, Intent, IntentGroup, Library, Review, TrainedLibrary

__all__ = [
    "Attribute",
    "Determination",
    "Example",
    "Intent",
    "IntentGroup",
    "Library",
    "Review",
    "TrainedLibrary",
]
