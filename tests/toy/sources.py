"""Toy sources: the messages and passages that toy evidence points into."""

from collections.abc import Iterable
from typing import Any

from agents.sources import Source, SourceText, register

# What there is, by id; a test fills and empties them. ``HIDDEN`` are ids that nobody sees.
MESSAGES: dict[int, SourceText] = {}
PASSAGES: dict[int, SourceText] = {}


def fetch_messages(ids: Iterable[int], user: Any) -> dict[int, SourceText]:
    """Those that there are."""
    return {ident: MESSAGES[ident] for ident in ids if ident in MESSAGES}


def fetch_passages(ids: Iterable[int], user: Any) -> dict[int, SourceText]:
    """Those that there are."""
    return {ident: PASSAGES[ident] for ident in ids if ident in PASSAGES}


# High ids, so that the sources of other apps never answer first.
register(Source("words", fetch_messages), Source("passage", fetch_passages))
