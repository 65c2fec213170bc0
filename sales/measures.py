"""The numbers of sales: mails to leads, what came back, who was handed over."""

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from agents.measures import Measure, register
from sales.access import visible_leads
from sales.models import HandOver, Touch
from sales.selection import AGENT

ANSWER = "sales.answer_question"


def _about(row: Touch | HandOver, user: Any) -> tuple[str, str]:
    return str(row.lead), row.lead.get_absolute_url()


def _touches(direction: str) -> Callable[[Any], QuerySet[Any]]:
    def find(user: Any) -> QuerySet[Any]:
        rows = Touch.objects.filter(direction=direction, lead__in=visible_leads(user).values("pk"))
        return rows.select_related("lead")

    return find


def _first_replies(user: Any) -> QuerySet[Any]:
    earlier = Touch.objects.filter(lead=OuterRef("lead"), direction=Touch.Direction.IN, id__lt=OuterRef("id"))
    return _touches(Touch.Direction.IN)(user).filter(~Exists(earlier))


def _outreach(user: Any) -> QuerySet[Any]:
    return _touches(Touch.Direction.OUT)(user).exclude(suggestion__kind=ANSWER)


def _answers(user: Any) -> QuerySet[Any]:
    return _touches(Touch.Direction.OUT)(user).filter(suggestion__kind=ANSWER)


def _handed_over(user: Any) -> QuerySet[Any]:
    rows = HandOver.objects.filter(state=HandOver.State.COMPLETED, lead__in=visible_leads(user).values("pk"))
    return rows.filter(target__in=[HandOver.Target.SELLER, HandOver.Target.PREVIOUS]).select_related("lead")


_LEAD: dict[str, Any] = {"about": _about, "line": "lead__line_of_business", "agent": AGENT}

register(
    Measure(
        name="outreach", order=50, label=_("Outreach mails sent"), rows=_outreach, at="at", **_LEAD,
        definition=_("Mails to leads, first ones and later ones; answers to their questions do not count."),
    ),
    Measure(
        name="replies", order=51, label=_("Replies to outreach"), rows=_touches(Touch.Direction.IN), at="at", **_LEAD,
        of="outreach", better="up",
        definition=_("Mails from leads, as a share of the outreach mails sent in the period."),
    ),
    Measure(
        name="responded", order=52, label=_("Leads that answered"), rows=_first_replies, at="at", **_LEAD,
        of="outreach", better="up",
        definition=_("Leads whose first answer came in the period, as a share of the outreach mails sent in it."),
    ),
    Measure(
        name="lead_answers", order=53, label=_("Questions of leads answered"), rows=_answers, at="at", **_LEAD,
        definition=_("Mails that answered a question of a lead from articles or settings, approved or sent alone."),
    ),
    Measure(
        name="handed_over", order=54, label=_("Leads handed over"), rows=_handed_over, at="settled_at", **_LEAD,
        better="up",
        definition=_("Hand-overs of leads to a seller, or back to who had them, that somebody has taken."),
    ),
    course=("outreach", "replies"),
)  # fmt: skip
