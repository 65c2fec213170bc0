"""A case opened by a person or a program, without a mail."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.models import LineOfBusiness
from cases.fields import set_fields
from cases.intake import open_case
from cases.models import Assignment, Case, CaseConversation
from cases.reassigning import look_again
from conversations.contacts import find_or_add_contact
from conversations.models import Contact, Conversation, Queue
from conversations.starting import start_conversation


@transaction.atomic
def open_by_hand(
    *,
    title: str,
    by: Any,
    description: str = "",
    address: str = "",
    name: str = "",
    queue: Queue | None = None,
    line_of_business: LineOfBusiness | None = None,
    fields: dict[str, Any] | None = None,
    now: dt.datetime | None = None,
) -> Case:
    """A new live case of the customer with this address, with a conversation in which they can be answered.

    ``fields`` are further values by name, marked as set by ``by``. Raises ValidationError for an impossible address,
    field or value.
    """
    now = now or timezone.now()
    contact = _contact(address, name, now) if address else None
    line = line_of_business or (queue.line_of_business if queue else None)
    case = open_case(
        title=title,
        description=description,
        contact=contact,
        queue=queue,
        line_of_business=line,
        origin=Conversation.Channel.API,
        by=by,
        now=now,
    )
    if contact:
        conversation = start_conversation(
            contact, subject=case.title, queue=queue, line_of_business=line, taker="cases", now=now
        )
        CaseConversation.objects.create(case=case, conversation=conversation)
    if queue is not None and not by.is_agent:
        Assignment.objects.create(case=case, keeps_queue=True, at=now)
    if fields:
        set_fields(case, fields, by=by, now=now)
    look_again(case)
    return case


def _contact(address: str, name: str, now: dt.datetime) -> Contact:
    contact = find_or_add_contact(address, name=name, now=now)
    if contact is None:
        raise ValidationError({"contact.address": [_("This is no e-mail address that mail can be sent to.")]})
    return contact
