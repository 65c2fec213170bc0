"""The library of intents, what was recognised in messages, and what discovery found."""

from intents.models.determinations import Determination
from intents.models.discovery import Candidate, DiscoveryRun
from intents.models.library import Attribute, Example, Intent, IntentGroup, Library, Review, TrainedLibrary

__all__ = [
    "Attribute",
    "Candidate",
    "Determination",
    "DiscoveryRun",
    "Example",
    "Intent",
    "IntentGroup",
    "Library",
    "Review",
    "TrainedLibrary",
]
