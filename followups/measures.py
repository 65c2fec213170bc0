"""The numbers of follow-ups: mails sent, cases closed."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agents.measures import Measure, register
from cases.access import say_case
from followups.access import visible_plans
from followups.models import Step


def _about(row: Step, user: Any) -> tuple[str, str]:
    return say_case(row.plan.case, user), row.plan.case.get_absolute_url()


def _steps(what: str) -> Callable[[Any], QuerySet[Any]]:
    def find(user: Any) -> QuerySet[Any]:
        rows = Step.objects.filter(what=what, state=Step.State.DONE, plan__in=visible_plans(user).values("pk"))
        return rows.select_related("plan__case")

    return find


_STEP: dict[str, Any] = {
    "at": "at", "about": _about, "line": "plan__case__line_of_business", "agent": "case-management",
}  # fmt: skip

register(
    Measure(
        name="follow_ups", order=30, label=_("Follow-ups sent"), rows=_steps(Step.What.FOLLOW_UP), **_STEP,
        definition=_("Follow-up mails to customers who went quiet."),
    ),
    Measure(
        name="closures", order=31, label=_("Closed by a plan"), rows=_steps(Step.What.CLOSE), **_STEP,
        definition=_("Cases a follow-up plan closed because no answer came."),
    ),
    course=("follow_ups", "closures"),
)  # fmt: skip
