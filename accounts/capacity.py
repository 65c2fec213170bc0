"""How much work people take, and what they can do: capacity in open cases, and skills with a level."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Ability, PersonAbility, User
from accounts.presence import READY_BELL
from accounts.rights import MANAGE_PEOPLE, Refused, change
from agents.audit import record
from agents.queue import ring

DEFAULT_CAPACITY, MOST_CAPACITY = 10, 1000
UNCHANGED: Any = object()
# Each says how much of one sort of open work these people have: {person: number}.
_COUNTS: list[Callable[[Collection[int]], Mapping[int, int]]] = []


def count_with(count: Callable[[Collection[int]], Mapping[int, int]]) -> None:
    """Count one sort of open work; the app that knows it says how."""
    _COUNTS.append(count)


def count_loads(people: Collection[int]) -> dict[int, int]:
    """How much open work each of these people has, of every sort."""
    total: Counter[int] = Counter(dict.fromkeys(people, 0))
    for count in _COUNTS:
        total.update(count(people))
    return dict(total)


def capacity_of(person: User, *, default: int = DEFAULT_CAPACITY) -> int:
    """How many open cases somebody takes: as said for them, else the most that one of their roles says."""
    if person.capacity is not None:
        return person.capacity
    of_roles = [role.capacity for role in person.roles.all() if role.capacity is not None]
    return max(of_roles, default=default)


@transaction.atomic
def change_work(
    person: User,
    *,
    by: User | None,
    capacity: int | None = UNCHANGED,
    abilities: Mapping[int, int] | None = None,
    now: dt.datetime | None = None,
) -> User:
    """Say how much somebody takes and what they can do ({ability: level}, all of it). Raises ``Refused``."""
    if by is not None and not by.has_perm(MANAGE_PEOPLE):
        raise Refused(gettext("Who looks after people says that."))
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    changes = [*_change_capacity(person, capacity), *_change_abilities(person, abilities)]
    if changes:
        text = gettext("changed what %(name)s takes on") % {"name": person.name}
        record("accounts.work_changed", by=by, subject=person, text=text, changes=changes, now=now)
        ring(READY_BELL)
    return person


def _change_capacity(person: User, capacity: int | None) -> list[dict[str, Any]]:
    if capacity is UNCHANGED or capacity == person.capacity:
        return []
    if capacity is not None and not 0 <= capacity <= MOST_CAPACITY:
        raise Refused(gettext("Between 0 and %(most)d.") % {"most": MOST_CAPACITY})
    old, person.capacity = person.capacity, capacity
    person.save(update_fields=["capacity"])
    return [change("capacity", _("Capacity"), old, capacity)]


def _change_abilities(person: User, wanted: Mapping[int, int] | None) -> list[dict[str, Any]]:
    if wanted is None:
        return []
    if set(wanted.values()) - set(PersonAbility.Level.values):
        raise Refused(gettext("Choose from what is offered."))
    if Ability.objects.filter(pk__in=wanted).count() != len(wanted):
        raise Refused(gettext("There is no such skill."))
    before = _say(person.person_abilities.select_related("ability"))
    person.person_abilities.exclude(ability__in=wanted).delete()
    for pk, level in wanted.items():
        PersonAbility.objects.update_or_create(person=person, ability_id=pk, defaults={"level": level})
    after = _say(person.person_abilities.select_related("ability"))
    return [] if before == after else [change("abilities", _("Skills"), before, after)]


def _say(rows: Iterable[PersonAbility]) -> str:
    return ", ".join(map(str, rows))


@transaction.atomic
def save_ability(ability: Ability | None, *, name: str, by: User | None) -> Ability:
    """Add a skill to the catalogue, or give one another name. Raises ``Refused`` for a name that is taken."""
    name = " ".join(name.split())
    others = Ability.objects.filter(name__iexact=name)
    if not name or (others.exclude(pk=ability.pk) if ability else others).exists():
        raise Refused(gettext("There is a skill of that name already."))
    old = ability.name if ability else ""
    ability = ability or Ability()
    ability.name = name
    ability.save()
    text = gettext("changed the skill %(name)s") % {"name": name}
    words = [change("name", _("Name"), old, name)]
    record("accounts.ability_saved", by=by, subject=ability, text=text, changes=words)
    return ability


@transaction.atomic
def delete_ability(ability: Ability, *, by: User | None) -> None:
    """Take a skill out of the catalogue and from everybody; a rule that asks for it finds nobody."""
    text = gettext("deleted the skill %(name)s") % {"name": ability}
    record("accounts.ability_deleted", by=by, subject=ability, text=text)
    ability.delete()
