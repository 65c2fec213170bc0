"""The numbers of cases: opened, resolved, opened again."""

from collections.abc import Callable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agents.measures import Measure, register
from agents.models import Entry
from agents.models.levels import ArrivedAs
from cases.access import say_case, visible_cases
from cases.models import Case

AGENT = "case-management"


def _opened(user: Any) -> QuerySet[Any]:
    return visible_cases(user).filter(arrived_as=ArrivedAs.LIVE)


def _about_case(row: Case, user: Any) -> tuple[str, str]:
    return say_case(row, user), row.get_absolute_url()


def _about_entry(row: Entry, user: Any) -> tuple[str, str]:
    case: Any = row.subject
    return _about_case(case, user)


def _entries(verb: str) -> Callable[[Any], QuerySet[Any]]:
    def find(user: Any) -> QuerySet[Any]:
        kind = ContentType.objects.get_for_model(Case)
        rows = Entry.objects.filter(verb=verb, content_type=kind, object_id__in=_opened(user).values("pk"))
        return rows.prefetch_related("subject")

    return find


register(
    Measure(
        name="opened", order=10, label=_("Cases opened"), at="created_at", rows=_opened, about=_about_case, agent=AGENT,
        definition=_("Live cases opened in the period, by mail, by hand or by a program. History does not count."),
    ),
    Measure(
        name="resolved", order=11, label=_("Cases resolved"), at="at", rows=_entries("case.resolved"),
        about=_about_entry, agent=AGENT, better="up",
        definition=_("How often a live case was resolved; a case resolved twice counts twice."),
    ),
    Measure(
        name="reopened", order=12, label=_("Reopened"), at="at", rows=_entries("case.reopened"), about=_about_entry,
        agent=AGENT, of="resolved", better="down",
        definition=_("Reopenings in the period, as a share of what was resolved in it."),
    ),
    course=("opened", "resolved"),
)  # fmt: skip
