"""Which cases, messages and files a user may see: fetch and authorise in one call."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from accounts.access import hidden_fields, read_only_fields, visible
from cases.models import Case
from conversations.models import Message

MODEL = "cases.case"


def visible_cases(user: Any) -> QuerySet[Case]:
    """The cases ``user`` may see; none for people who do not work cases."""
    return visible(Case.objects.all(), user, permission="cases.work")


def get_case(user: Any, number: int) -> Case:
    """The case of that number; Http404 whether it is missing or forbidden."""
    related = ("contact", "company", "owner", "queue", "line_of_business", "product", "subject", "last_inbound")
    case = (
        visible_cases(user)
        .select_related(*related)
        .defer("search", "last_inbound__search")
        .filter(number=number)
        .first()
    )
    if case is None:
        raise Http404
    return case


def visible_messages(user: Any) -> QuerySet[Message]:
    """The messages of the cases ``user`` may see."""
    return Message.objects.filter(case_link__case__in=visible_cases(user))


def may_change(user: Any, field: str) -> bool:
    """Whether ``user`` may set this field of a case."""
    if not user.has_perm("cases.work"):
        return False
    return field not in hidden_fields(user, MODEL) | read_only_fields(user, MODEL)


def say_case(case: Case, user: Any) -> str:
    """The case in one line, without its title where that is hidden from ``user``."""
    return f"#{case.number}" if "title" in hidden_fields(user, MODEL) else str(case)
