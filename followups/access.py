"""Which plans a user may see: those of the cases they may see. Fetch and authorise in one call."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from cases.access import visible_cases
from followups.models import Plan, Step


def visible_plans(user: Any) -> QuerySet[Plan]:
    """The plans ``user`` may see."""
    return Plan.objects.filter(case__in=visible_cases(user))


def get_plan(user: Any, pk: int) -> Plan:
    """The plan; Http404 whether it is missing or forbidden."""
    plan = visible_plans(user).select_related("case").filter(pk=pk).first()
    if plan is None:
        raise Http404
    return plan


def get_step(user: Any, pk: int) -> Step:
    """The step; Http404 whether it is missing or forbidden."""
    step = Step.objects.filter(plan__in=visible_plans(user)).select_related("plan__case").filter(pk=pk).first()
    if step is None:
        raise Http404
    return step
