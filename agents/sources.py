"""Where the words of evidence come from: apps offer the texts that evidence points into.

An app's ``sources.py`` registers them and is found at start-up; ``agents`` itself knows no message and no article.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SourceText:
    """A text as it is shown beside a claim: ``text`` is plain, and evidence counts its characters."""

    title: str
    text: str
    at: dt.datetime | None = None
    url: str = ""
    icon: str = "mail"


@dataclass(frozen=True)
class Source:
    """The texts behind one kind of evidence: "words" by the ids of messages, "passage" by the ids of passages.

    ``fetch(ids, user)`` answers in one query, and leaves out what the user may not see and what is gone.
    """

    kind: str
    fetch: Callable[[Iterable[int], Any], dict[int, SourceText]]


_sources: dict[str, list[Source]] = {}


def register(*sources: Source) -> None:
    """Offer texts; several apps may offer the same kind, and the first that knows an id answers."""
    for source in sources:
        known = _sources.setdefault(source.kind, [])
        if source not in known:
            known.append(source)


def fetch_texts(kind: str, ids: Iterable[int], user: Any) -> dict[int, SourceText]:
    """The texts of these ids that ``user`` may see; one question for each source."""
    wanted, found = set(ids), dict[int, SourceText]()
    for source in _sources.get(kind, []):
        if missing := wanted - found.keys():
            found.update(source.fetch(sorted(missing), user))
    return found
