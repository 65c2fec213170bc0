"""What follow-ups offer: the plan and the suggested next steps on the case page, a link in the navigation."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.panes import Finder, NavLink, Pane, register
from followups.finding import find_plans
from followups.listing import Filters, list_plans
from followups.models import Plan
from followups.showing import show_next, show_plan


def list_due(user: Any) -> QuerySet[Plan]:
    """Plans that wait for a person."""
    return list_plans(user, Filters(due="person"), timezone.now())


register(
    Finder(
        name="plans", label=_("Follow-up plans"), icon="alarm-clock", permission="cases.work", order=35, find=find_plans
    ),
    NavLink(
        name="followups",
        label=_("Follow-ups"),
        url_name="followups:plans",
        icon="alarm-clock",
        key="g f",
        order=25,
        permission="cases.work",
        count=list_due,
    ),
    Pane(
        name="followups.next",
        slot="case.context",
        subject_type="cases.Case",
        template="followups/parts/next.html",
        context=show_next,
        order=10,
    ),
    Pane(
        name="followups.plan",
        slot="case.context",
        subject_type="cases.Case",
        template="followups/parts/plan.html",
        context=show_plan,
        order=40,
    ),
)
