"""Who could get a case: the people of a queue with what they have, take and can do, and whose turn it was."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.capacity import DEFAULT_CAPACITY, capacity_of, count_loads
from accounts.models import User
from agents import sections
from agents.models import LineOfBusiness, Rule, Suggestion
from cases.choosing import PERSON, Candidate
from cases.models import Case, Turn
from conversations.models import Queue

SECTION, KIND = "cases.assignment", "cases.assign_case"


def lock_turns() -> None:
    """One assignment by rule at a time, until the transaction ends: nobody is counted twice or passed over."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [SECTION])


def count_open_cases(people: Collection[int]) -> dict[int, int]:
    """How many open cases each of these people has; those that wait for the customer count unless settings say no."""
    rows = Case.objects.filter(owner__in=people, status=Case.Status.OPEN)
    if not sections.load(SECTION).values.get("count_waiting", True):
        rows = rows.exclude(status_reason=Case.StatusReason.WAITING)
    return dict(rows.order_by().values_list("owner").annotate(Count("pk")))


def count_planned(case: Case) -> Counter[int]:
    """How many cases wait for a person's decision to go to each owner: their room is spoken for."""
    rows = Suggestion.objects.filter(kind=KIND, state=Suggestion.State.PENDING)
    rows = rows.exclude(content_type=ContentType.objects.get_for_model(Case), object_id=case.pk)
    return Counter(pk for pk in rows.values_list("proposed__owner", flat=True) if pk)


def people_who_work() -> QuerySet[User]:
    """People who may own a case."""
    able = User.objects.filter(is_active=True, is_agent=False, roles__permissions__contains=["cases.work"])
    return able.distinct().order_by("pk")


def find_pool(rule: Rule, queue: Queue | None, line: LineOfBusiness | None) -> tuple[QuerySet[User], str]:
    """The people a rule chooses among, and what they are called."""
    people = people_who_work()
    if rule.outcome.get("way") == PERSON:
        return people.filter(pk=rule.outcome.get("person") or 0), _("the rule")
    if queue is not None and queue.team_id:
        return people.filter(teams=queue.team_id), queue.name
    everywhere = Q(roles__visibility="all", roles__permissions__contains=["cases.work"])
    return people.filter(everywhere | Q(lines_of_business=line)), queue.name if queue else _("all who work cases")


def list_candidates(people: QuerySet[User], rule: Rule, case: Case, values: dict[str, Any]) -> list[Candidate]:
    """These people as the choice sees them; a handful of queries however many they are."""
    rows = list(people.prefetch_related("roles", "person_abilities"))
    loads, planned = count_loads([row.pk for row in rows]), count_planned(case)
    turns = dict(Turn.objects.filter(rule=rule.pk).values_list("person", "number")) if rule.pk else {}
    default = int(values.get("capacity") or DEFAULT_CAPACITY)
    return [
        Candidate(
            pk=row.pk,
            name=str(row),
            presence=row.presence,
            load=loads[row.pk] + planned[row.pk],
            capacity=capacity_of(row, default=default),
            levels={held.ability_id: held.level for held in row.person_abilities.all()},
            turn=turns.get(row.pk, 0),
        )
        for row in rows
    ]


def take_turn(rule: Rule, person: int) -> None:
    """This person was chosen: everybody else comes first now. Under ``lock_turns``."""
    last = Turn.objects.filter(rule=rule).aggregate(last=Max("number"))["last"] or 0
    Turn.objects.update_or_create(rule=rule, person_id=person, defaults={"number": last + 1})
