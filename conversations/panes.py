"""What conversations adds to the navigation."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agents.panes import NavLink, register
from conversations.access import TASKS
from conversations.models import Delivery, Task


def _list_parked(user: Any) -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=Delivery.State.PARKED)


def _list_my_tasks(user: Any) -> QuerySet[Task]:
    return Task.objects.filter(owner=user, done_at=None)


_SHARED = {"group": "manage", "permission": "conversations.manage"}
register(
    NavLink(
        name="tasks",
        label=_("Tasks"),
        url_name="conversations:tasks",
        icon="list-todo",
        key="g t",
        order=15,
        permission=" ".join(TASKS.values()),
        count=_list_my_tasks,
    ),
    NavLink(
        name="mailboxes", label=_("Mailboxes"), url_name="conversations:mailboxes", icon="mailbox", order=20, **_SHARED
    ),
    NavLink(
        name="templates",
        label=_("Message templates"),
        url_name="conversations:templates",
        icon="file-text",
        order=25,
        **_SHARED,
    ),
    NavLink(
        name="parked",
        label=_("Parked mail"),
        url_name="conversations:parked",
        icon="mail-warning",
        order=30,
        count=_list_parked,
        **_SHARED,
    ),
    NavLink(
        name="suppressions",
        label=_("Suppressed addresses"),
        url_name="conversations:suppressions",
        icon="mail-x",
        order=28,
        **_SHARED,
    ),
    NavLink(
        name="queues",
        label=_("Queues"),
        url_name="conversations:queues",
        icon="list",
        order=25,
        **_SHARED,
    ),
)
