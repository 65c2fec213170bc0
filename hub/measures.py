"""What is counted: each measure over the rows its reader may see, with its definition in words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.access import visible_suggestions
from agents.models import Entry, Suggestion
from agents.models.levels import ArrivedAs
from cases.access import say_case, visible_cases
from cases.models import Case
from followups.access import visible_plans
from followups.models import Step
from knowledge.access import visible_articles
from knowledge.models import Article
from sales.access import visible_leads
from sales.models import Touch

State = Suggestion.State


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One number.

    rows(user): what it counts, within the user's sight. at, line: where a row keeps its time and line of business.
    of: the name of the measure it is a share of; "" for a count. better: "up", "down" or "" for neither.
    agent: whose work it is, or "" where a row says it itself in ``agent``. about(row, user): its text and its page.
    """

    name: str
    label: str | Promise
    definition: str | Promise
    rows: Callable[[Any], QuerySet[Any]]
    at: str
    about: Callable[[Any, Any], tuple[str, str]]
    line: str = "line_of_business"
    of: str = ""
    better: str = ""
    agent: str = ""


def _about_case(row: Any, user: Any) -> tuple[str, str]:
    return say_case(row, user), row.get_absolute_url()


def _about_suggestion(row: Suggestion, user: Any) -> tuple[str, str]:
    return row.label, reverse("agents:suggestion", args=[row.pk])


def _about_entry(row: Entry, user: Any) -> tuple[str, str]:
    return _about_case(row.subject, user)


def _about_step(row: Step, user: Any) -> tuple[str, str]:
    return _about_case(row.plan.case, user)


def _about_article(row: Article, user: Any) -> tuple[str, str]:
    return row.title, reverse("knowledge:article", args=[row.pk])


def _about_touch(row: Touch, user: Any) -> tuple[str, str]:
    return str(row.lead), row.lead.get_absolute_url()


def _entries(verb: str) -> Callable[[Any], QuerySet[Any]]:
    def find(user: Any) -> QuerySet[Any]:
        kind = ContentType.objects.get_for_model(Case)
        seen = visible_cases(user).filter(arrived_as=ArrivedAs.LIVE).values("pk")
        return Entry.objects.filter(verb=verb, content_type=kind, object_id__in=seen).prefetch_related("subject")

    return find


def _decided(*narrow: Q, **wanted: Any) -> Callable[[Any], QuerySet[Any]]:
    def find(user: Any) -> QuerySet[Any]:
        rows = visible_suggestions(user).filter(arrived_as=ArrivedAs.LIVE, decided_at__isnull=False)
        return rows.filter(*narrow, **({"state__in": [State.ACCEPTED, State.REJECTED]} | wanted))

    return find


def _steps(what: str) -> Callable[[Any], QuerySet[Any]]:
    def find(user: Any) -> QuerySet[Any]:
        rows = Step.objects.filter(what=what, state=Step.State.DONE, plan__in=visible_plans(user).values("pk"))
        return rows.select_related("plan__case")

    return find


def _touches(direction: str) -> Callable[[Any], QuerySet[Any]]:
    def find(user: Any) -> QuerySet[Any]:
        rows = Touch.objects.filter(direction=direction, lead__in=visible_leads(user).values("pk"))
        return rows.select_related("lead")

    return find


def _opened(user: Any) -> QuerySet[Any]:
    return visible_cases(user).filter(arrived_as=ArrivedAs.LIVE)


def _published(user: Any) -> QuerySet[Any]:
    return visible_articles(user).filter(state=Article.State.PUBLISHED, published_at__isnull=False)


EDITED = Q(final__isnull=False) & ~Q(final=F("proposed"))
_SUGGESTION: dict[str, Any] = {"at": "decided_at", "about": _about_suggestion}
_ENTRY: dict[str, Any] = {"at": "at", "about": _about_entry}
_STEP: dict[str, Any] = {
    "at": "at", "about": _about_step, "line": "plan__case__line_of_business", "agent": "case-management",
}  # fmt: skip
_TOUCH: dict[str, Any] = {"at": "at", "about": _about_touch, "line": "lead__line_of_business", "agent": "sales"}

MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure(
            name="opened", label=_("Cases opened"), at="created_at", rows=_opened, about=_about_case,
            agent="case-management",
            definition=_("Live cases opened in the period, by mail, by hand or by a program. History does not count."),
        ),
        Measure(
            name="resolved", label=_("Cases resolved"), rows=_entries("case.resolved"), better="up",
            agent="case-management", **_ENTRY,
            definition=_("How often a live case was resolved; a case resolved twice counts twice."),
        ),
        Measure(
            name="reopened", label=_("Reopened"), rows=_entries("case.reopened"), of="resolved", better="down",
            agent="case-management", **_ENTRY,
            definition=_("Reopenings in the period, as a share of what was resolved in it."),
        ),
        Measure(
            name="decided", label=_("Suggestions decided"), rows=_decided(), **_SUGGESTION,
            definition=_("Suggestions that were accepted or rejected, by people or by an agent."),
        ),
        Measure(
            name="accepted", label=_("Accepted"), rows=_decided(state__in=[State.ACCEPTED]), of="decided",
            better="up", **_SUGGESTION,
            definition=_("Of the suggestions decided, those that were accepted, edited or not."),
        ),
        Measure(
            name="by_people", label=_("Accepted by people"), **_SUGGESTION,
            rows=_decided(state__in=[State.ACCEPTED], decided_by_agent=False),
            definition=_("Suggestions that a person accepted, edited or not."),
        ),
        Measure(
            name="edited", label=_("Edited before accepting"), of="by_people", better="down", **_SUGGESTION,
            rows=_decided(EDITED, state__in=[State.ACCEPTED], decided_by_agent=False),
            definition=_("Of the suggestions people accepted, those they changed first."),
        ),
        Measure(
            name="alone", label=_("Done without a person"), of="decided", **_SUGGESTION,
            rows=_decided(state__in=[State.ACCEPTED], decided_by_agent=True),
            definition=_("Of the suggestions decided, those an agent accepted by itself at full automation."),
        ),
        Measure(
            name="follow_ups", label=_("Follow-ups sent"), rows=_steps(Step.What.FOLLOW_UP), **_STEP,
            definition=_("Follow-up mails to customers who went quiet."),
        ),
        Measure(
            name="closures", label=_("Closed by a plan"), rows=_steps(Step.What.CLOSE), **_STEP,
            definition=_("Cases a follow-up plan closed because no answer came."),
        ),
        Measure(
            name="published", label=_("Articles published"), rows=_published, at="published_at",
            about=_about_article, line="lines_of_business", agent="knowledge", better="up",
            definition=_("Articles that were published in the period and still are."),
        ),
        Measure(
            name="outreach", label=_("Outreach mails sent"), rows=_touches(Touch.Direction.OUT), **_TOUCH,
            definition=_("Mails to leads, first ones and later ones."),
        ),
        Measure(
            name="replies", label=_("Replies to outreach"), rows=_touches(Touch.Direction.IN), of="outreach",
            better="up", **_TOUCH,
            definition=_("Mails from leads, as a share of the mails sent to leads in the period."),
        ),
    )
}  # fmt: skip
