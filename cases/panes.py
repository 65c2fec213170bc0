"""What cases offer to the navigation, and what stands beside a case: its intent, its tasks."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.capacity import count_with
from agents.panes import Finder, NavLink, Pane, register
from cases.finding import find_cases, find_contacts
from cases.inbox import Filters, list_cases
from cases.models import Case
from cases.pools import count_open_cases
from cases.task_pages import show_tasks
from cases.topic_pages import show_intent


def list_mine(user: Any) -> QuerySet[Case]:
    """My open cases."""
    return list_cases(user, Filters())


register(
    Pane(
        name="case_intent",
        slot="case.context",
        subject_type="cases.Case",
        template="cases/parts/intent.html",
        permission="cases.work",
        order=20,
        context=show_intent,
    ),
    Pane(
        name="case_tasks",
        slot="case.context",
        subject_type="cases.Case",
        template="cases/parts/tasks.html",
        permission="cases.work",
        order=80,
        context=show_tasks,
    ),
    Finder(name="cases", label=_("Cases"), icon="messages-square", permission="cases.work", order=10, find=find_cases),
    Finder(name="contacts", label=_("Contacts"), icon="user", permission="cases.work", order=30, find=find_contacts),
    NavLink(
        name="inbox",
        label=_("Inbox"),
        url_name="cases:inbox",
        icon="messages-square",
        key="g i",
        order=10,
        permission="cases.work",
        count=list_mine,
    ),
    NavLink(
        name="fields",
        label=_("Fields of cases"),
        url_name="cases:definitions",
        icon="text-cursor-input",
        group="manage",
        order=45,
        permission="agents.manage",
    ),
)

count_with(count_open_cases)
