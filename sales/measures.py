"""The numbers of sales: mails to leads, what came back, who was handed over."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agents.measures import Measure, register
from sales.access import visible_leads
from sales.models import HandOver, Touch
from sales.selection import AGENT


def _about(row: Touch | HandOver, user: Any) -> tuple[str, str]:
    return str(row.lead), row.lead.get_absolute_url()


def _touches(direction: str) -> Callable[[Any], QuerySet[Any]]:
    def find(user: Any) -> QuerySet[Any]:
        rows = Touch.objects.filter(direction=direction, lead__in=visible_leads(user).values("pk"))
        return rows.select_related("lead")

    return find


def _handed_over(user: Any) -> QuerySet[Any]:
    rows = HandOver.objects.filter(state=HandOver.State.COMPLETED, lead__in=visible_leads(user).values("pk"))
    return rows.filter(target__in=[HandOver.Target.SELLER, HandOver.Target.PREVIOUS]).select_related("lead")


_LEAD: dict[str, Any] = {"about": _about, "line": "lead__line_of_business", "agent": AGENT}

register(
    Measure(
        name="outreach", order=50, label=_("Outreach mails sent"), rows=_touches(Touch.Direction.OUT), at="at", **_LEAD,
        definition=_("Mails to leads, first ones and later ones."),
    ),
    Measure(
        name="replies", order=51, label=_("Replies to outreach"), rows=_touches(Touch.Direction.IN), at="at", **_LEAD,
        of="outreach", better="up",
        definition=_("Mails from leads, as a share of the mails sent to leads in the period."),
    ),
    Measure(
        name="handed_over", order=52, label=_("Leads handed over"), rows=_handed_over, at="settled_at", **_LEAD,
        better="up",
        definition=_("Hand-overs of leads to a seller, or back to who had them, that somebody has taken."),
    ),
    course=("outreach", "replies"),
)  # fmt: skip
