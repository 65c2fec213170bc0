"""Who may see which conversations, messages and files: missing and forbidden look the same."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from accounts.access import Paths, visible
from conversations.models import (
    Attachment,
    Conversation,
    Delivery,
    Mailbox,
    Message,
    MessageTemplate,
    Suppression,
    Task,
)

WORK = "cases.work"
MANAGE = "conversations.manage"


def visible_conversations(user: Any, *, permission: str = WORK) -> QuerySet[Conversation]:
    """The conversations ``user`` may read."""
    return visible(Conversation.objects.all(), user, permission=permission)


def visible_messages(user: Any, *, permission: str = WORK) -> QuerySet[Message]:
    """The messages of conversations ``user`` may read."""
    return visible(Message.objects.all(), user, permission=permission, rules=Paths.through("conversation"))


def get_message(user: Any, pk: int) -> Message:
    """One message ``user`` may read. Raises Http404."""
    found = visible_messages(user).select_related("conversation", "contact", "mailbox").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


# Which permission opens the tasks about rows of an app; tasks about nothing are opened by either.
TASKS = {"cases": WORK, "sales": "sales.work"}
TASK_PATHS = Paths(team="team")


def may_have_tasks(user: Any) -> bool:
    """Whether the page of tasks is for this person."""
    return any(user.has_perm(permission) for permission in TASKS.values())


def visible_tasks(user: Any) -> QuerySet[Task]:
    """Tasks of one's own, and those about what one may see by the permission that opens it."""
    if not may_have_tasks(user):
        return Task.objects.none()
    mine, seen = Q(owner=user) | Q(created_by=user), Q(pk__in=[])
    for app, permission in TASKS.items():
        if user.has_perm(permission):
            rows = visible(Task.objects.all(), user, permission=permission, rules=TASK_PATHS)
            about = Q(content_type__app_label=app) | Q(content_type__isnull=True)
            seen |= Q(pk__in=rows.values("pk")) & about
    return Task.objects.filter(mine | seen)


def get_task(user: Any, pk: int) -> Task:
    """One task this person may see. Raises Http404."""
    found = visible_tasks(user).select_related("owner").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def get_attachment(user: Any, pk: int) -> Attachment:
    """A file of a message ``user`` may read. Raises Http404."""
    found = Attachment.objects.filter(pk=pk, message__in=visible_messages(user)).first()
    if found is None:
        raise Http404
    return found


def _managed(user: Any, rows: QuerySet[Any], pk: int) -> Any:
    found = rows.filter(pk=pk).first() if user.has_perm(MANAGE) else None
    if found is None:
        raise Http404
    return found


def visible_mailboxes(user: Any) -> QuerySet[Mailbox]:
    """All mailboxes, for those who manage them."""
    return Mailbox.objects.filter(Q() if user.has_perm(MANAGE) else Q(pk__in=[]))


def get_mailbox(user: Any, pk: int) -> Mailbox:
    """One mailbox, for those who manage them. Raises Http404."""
    return _managed(user, Mailbox.objects.select_related("line_of_business", "queue"), pk)


def get_template(user: Any, pk: int) -> MessageTemplate:
    """One message template, for those who manage them. Raises Http404."""
    return _managed(user, MessageTemplate.objects.all(), pk)


def visible_suppressions(user: Any) -> QuerySet[Suppression]:
    """Who is not written to, for those who look after the list."""
    return Suppression.objects.filter(Q() if user.has_perm(MANAGE) else Q(pk__in=[]))


def get_suppression(user: Any, pk: int) -> Suppression:
    """One row of the list, for those who look after it. Raises Http404."""
    return _managed(user, Suppression.objects.select_related("by", "message"), pk)


def get_parked(user: Any, pk: int) -> Delivery:
    """One parked mail, for those who look after them. Raises Http404."""
    rows = Delivery.objects.select_related("mailbox", "raw").defer("raw__content")
    return _managed(user, rows.filter(state=Delivery.State.PARKED), pk)
