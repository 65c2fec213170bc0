"""The numbers of every agent's suggestions: decided, accepted, edited, done alone."""

from collections.abc import Callable
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agents.access import visible_suggestions
from agents.measures import Measure, register
from agents.models import Suggestion
from agents.models.levels import ArrivedAs

State = Suggestion.State
EDITED = Q(final__isnull=False) & ~Q(final=F("proposed"))


def _about(row: Suggestion, user: Any) -> tuple[str, str]:
    return row.label, reverse("agents:suggestion", args=[row.pk])


def _decided(*narrow: Q, **wanted: Any) -> Callable[[Any], QuerySet[Any]]:
    def find(user: Any) -> QuerySet[Any]:
        rows = visible_suggestions(user).filter(arrived_as=ArrivedAs.LIVE, decided_at__isnull=False)
        return rows.filter(*narrow, **({"state__in": [State.ACCEPTED, State.REJECTED]} | wanted))

    return find


def _measure(name: str, order: int, rows: Callable[[Any], QuerySet[Any]], **words: Any) -> Measure:
    return Measure(name=name, order=order, rows=rows, at="decided_at", about=_about, **words)


register(
    _measure(
        "decided", 20, _decided(), label=_("Suggestions decided"),
        definition=_("Suggestions that were accepted or rejected, by people or by an agent."),
    ),
    _measure(
        "accepted", 21, _decided(state__in=[State.ACCEPTED]), label=_("Accepted"), of="decided", better="up",
        definition=_("Of the suggestions decided, those that were accepted, edited or not."),
    ),
    _measure(
        "by_people", 22, _decided(state__in=[State.ACCEPTED], decided_by_agent=False), label=_("Accepted by people"),
        definition=_("Suggestions that a person accepted, edited or not."),
    ),
    _measure(
        "edited", 23, _decided(EDITED, state__in=[State.ACCEPTED], decided_by_agent=False), of="by_people",
        better="down", label=_("Edited before accepting"),
        definition=_("Of the suggestions people accepted, those they changed first."),
    ),
    _measure(
        "alone", 24, _decided(state__in=[State.ACCEPTED], decided_by_agent=True), of="decided",
        label=_("Done without a person"),
        definition=_("Of the suggestions decided, those an agent accepted by itself at full automation."),
    ),
    course=("accepted", "edited", "alone"),
)  # fmt: skip
