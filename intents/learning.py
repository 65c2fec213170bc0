"""The library as it is learned: once for each version and line of business, then kept."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
from django.db import transaction
from django.db.models import Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from agents import embeddings
from agents.models import LineOfBusiness
from intents import recognition
from intents.library import library_version
from intents.models import Example, Intent, Library, Review, TrainedLibrary
from intents.recognition import Learned

# A library with more examples than this is learned by the sweep alone; until then its version before is used.
LEARNED_AT_ONCE = 1500
VERSIONS_KEPT = 2


@dataclass(frozen=True)
class CurrentLibrary:
    """What messages of a line of business are compared with."""

    version: int
    artefact: bytes


def intents_of(line: LineOfBusiness | None) -> QuerySet[Intent]:
    """The approved intents a record of this line may have: the line's own and the general ones, a hard partition."""
    own = Q(line_of_business=None) | (Q(line_of_business=line) if line else Q())
    rows = Intent.objects.filter(own if line else Q(line_of_business=None), review_state=Review.APPROVED)
    return rows.order_by("key")


def _learner() -> str:
    """The vectors and the form of what is learned from them: a library of another kind is learned anew."""
    return f"{embeddings.engine()} {recognition.FORMAT}"


def current_library(line: LineOfBusiness | None, *, now: dt.datetime | None = None) -> CurrentLibrary | None:
    """The newest learned library of a line; learned now where that is quick. None where there is nothing to learn."""
    counts = Coalesce(Subquery(Library.objects.filter(pk=1).values("version")), 1)
    rows = TrainedLibrary.objects.filter(line_of_business=line, engine=_learner()).order_by("-version")
    row = rows.values_list("pk", "version", counts).first()
    if (row is None or row[1] != row[2]) and _is_quick(line):
        kept = learn_library(line, now=now or timezone.now())
    elif row:
        kept = _kept(line, row[0])
    else:
        return None
    return kept if kept.artefact else None


def _is_quick(line: LineOfBusiness | None) -> bool:
    rows = Example.objects.filter(intent__in=intents_of(line))
    return rows[: LEARNED_AT_ONCE + 1].count() <= LEARNED_AT_ONCE


_in_hand: dict[int | None, tuple[int, CurrentLibrary]] = {}


def _kept(line: LineOfBusiness | None, row: int) -> CurrentLibrary:
    """The artefact of a row, read once in a process: a row's key never comes back, as a version may after a restore."""
    pk = line.pk if line else None
    held, library = _in_hand.get(pk, (None, None))
    if held != row or library is None:
        version, artefact = TrainedLibrary.objects.values_list("version", "artefact").get(pk=row)
        library = CurrentLibrary(version, bytes(artefact))
        _in_hand[pk] = (row, library)
    return library


def learn_library(line: LineOfBusiness | None, *, now: dt.datetime) -> CurrentLibrary:
    """Learn a line's intents and keep what was learned; the same library learned twice is the same bytes."""
    version = library_version()
    learned = _learned(line)
    artefact = recognition.learn(learned) if learned else b""
    with transaction.atomic():
        TrainedLibrary.objects.update_or_create(
            version=version, line_of_business=line, engine=_learner(), defaults={"artefact": artefact}
        )
        rows = TrainedLibrary.objects.filter(line_of_business=line).order_by("-version")
        TrainedLibrary.objects.filter(pk__in=list(rows.values_list("pk", flat=True)[VERSIONS_KEPT:])).delete()
    return CurrentLibrary(version, artefact)


def _learned(line: LineOfBusiness | None) -> list[Learned]:
    rows = intents_of(line).prefetch_related("examples")
    return [
        Learned(
            key=row.key,
            label=row.name,
            definition=row.definition,
            texts=[one.text for one in row.examples.all()],
            ids=[one.pk for one in row.examples.all()],
            vectors=[read_vector(one) for one in row.examples.all()],
        )
        for row in rows
    ]


def read_vector(example: Example) -> np.ndarray | None:
    """The stored vector of an example, when the engine that made it is the one in use."""
    if example.vector is None or example.engine != embeddings.engine():
        return None
    return np.frombuffer(bytes(example.vector), np.float32)


def embed_examples(limit: int = 500) -> int:
    """Store the vectors of examples that have none of this engine; returns how many were made."""
    engine = embeddings.engine()
    rows = list(Example.objects.filter(~Q(engine=engine) | Q(vector=None)).order_by("id")[:limit])
    vectors = embeddings.embed([row.text for row in rows], engine)
    for row, vector in zip(rows, vectors, strict=True):
        row.vector, row.engine = vector.astype(np.float32).tobytes(), engine
    Example.objects.bulk_update(rows, ["vector", "engine"], batch_size=200)
    return len(rows)


def learn_changes(*, now: dt.datetime) -> int:
    """Make missing vectors and learn every line that has intents, for the version that counts now."""
    while embed_examples():
        pass
    version = library_version()
    lines: list[LineOfBusiness | None] = [None, *LineOfBusiness.objects.order_by("pk")]
    known = TrainedLibrary.objects.filter(version=version, engine=_learner())
    done = set(known.values_list("line_of_business", flat=True))
    due = [line for line in lines if (line.pk if line else None) not in done]
    for line in due:
        learn_library(line, now=now)
    return len(due)
