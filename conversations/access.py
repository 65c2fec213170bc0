"""Who may see which conversations, messages and files: missing and forbidden look the same."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from accounts.access import Paths, visible
from conversations.models import Attachment, Conversation, Delivery, Mailbox, Message, MessageTemplate, Suppression

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
