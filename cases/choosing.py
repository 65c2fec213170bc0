"""Who of several people gets a case, and why, in words. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

NOBODY, PERSON, ROUND_ROBIN, MOST_FREE = "nobody", "person", "round_robin", "capacity"
WAYS: list[tuple[str, str | Promise]] = [
    (NOBODY, gettext_lazy("Nobody: it stays in the queue")),
    (ROUND_ROBIN, gettext_lazy("Round robin: each in turn")),
    (MOST_FREE, gettext_lazy("Whoever has most room")),
    (PERSON, gettext_lazy("The person named below")),
]
AVAILABLE, PRESENT, ANYBODY = "available", "present", "anybody"
WHO_COUNTS: list[tuple[str, str | Promise]] = [
    (AVAILABLE, gettext_lazy("Only who is available")),
    (PRESENT, gettext_lazy("Who is available or busy")),
    (ANYBODY, gettext_lazy("Everybody, there or not")),
]
PRESENCES = {AVAILABLE: ("available",), PRESENT: ("available", "busy")}


@dataclass(frozen=True)
class Candidate:
    """Somebody who could get it: how much they have and take, what they can do, when it was last their turn."""

    pk: int
    name: str
    presence: str
    load: int
    capacity: int
    levels: dict[int, int] = field(default_factory=dict)
    turn: int = 0


@dataclass(frozen=True)
class Need:
    """What somebody must bring: presence, skills by their least level; and who gave it back."""

    presence: str = AVAILABLE
    abilities: dict[int, int] = field(default_factory=dict)
    returned_by: frozenset[int] = frozenset()

    def refusal(self, one: Candidate) -> str:
        """Why this person does not get it; empty when they may."""
        if one.pk in self.returned_by:
            return "returned"
        if any(one.levels.get(pk, 0) < level for pk, level in self.abilities.items()):
            return "unskilled"
        if one.presence not in PRESENCES.get(self.presence, (one.presence,)):
            return "absent"
        return "full" if one.load >= one.capacity else ""


@dataclass(frozen=True)
class Choice:
    """Somebody, or nobody and whether the case waits for somebody."""

    person: Candidate | None
    why: str
    waits: bool = False


def choose(people: Sequence[Candidate], way: str, need: Need, pool: str) -> Choice:
    """One of ``people``, by turn or by room, the same for the same people whoever asks; ``pool`` says who they are."""
    if way == NOBODY:
        return Choice(None, _("The rule leaves it in the queue."))
    refusals = {one.pk: need.refusal(one) for one in people}
    able = [one for one in people if not refusals[one.pk]]
    if not able:
        return Choice(None, _say_nobody(list(refusals.values()), pool), waits=True)
    if way == MOST_FREE:
        found = max(able, key=lambda one: (one.capacity - one.load, -one.turn, -one.pk))
        words = _("Most room among %(count)d of %(pool)s: %(name)s, %(load)d of %(capacity)d")
    else:
        found = min(able, key=lambda one: (one.turn, one.pk))
        words = _("Round robin among %(count)d of %(pool)s: %(name)s, %(load)d of %(capacity)d")
    if way == PERSON:
        words = _("The rule names %(name)s, %(load)d of %(capacity)d")
    said = {"count": len(able), "pool": pool, "name": found.name, "load": found.load + 1, "capacity": found.capacity}
    return Choice(found, words % said)


def _say_nobody(refusals: Sequence[str], pool: str) -> str:
    if not refusals:
        return _("Nobody works in %(pool)s.") % {"pool": pool}
    counts = Counter(refusals)
    said = [
        words % {"count": counts[code]}
        for code, words in (
            ("absent", ngettext("%(count)d is not there", "%(count)d are not there", counts["absent"])),
            ("full", ngettext("%(count)d has no room", "%(count)d have no room", counts["full"])),
            ("unskilled", ngettext("%(count)d lacks a skill", "%(count)d lack a skill", counts["unskilled"])),
            ("returned", ngettext("%(count)d gave it back", "%(count)d gave it back", counts["returned"])),
        )
        if counts[code]
    ]
    return _("Nobody in %(pool)s is free: %(reasons)s.") % {"pool": pool, "reasons": ", ".join(said)}
