"""Which line of business a message and its conversation belong to, by rules, with the reason on record."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from agents import sections
from agents.audit import record
from agents.models import LineOfBusiness, Rule
from conversations.models import Conversation, Message

MAIL_RULES, CONVERSATION_RULES = "intents.mail_lines", "intents.conversation_lines"


def assign_by_message(pk: int, *, now: dt.datetime) -> LineOfBusiness | None:
    """Give the conversation of a message its line: by the rules of mails, then by those of conversations.

    Only a new conversation gets one; a line that is not the mailbox's usual one stays. None when no rule holds.
    """
    if not Rule.objects.filter(section__in=(MAIL_RULES, CONVERSATION_RULES), is_active=True).exists():
        return None
    rows = Message.objects.select_related("conversation__mailbox", "contact__company", "mailbox")
    message = rows.filter(pk=pk, direction=Message.Direction.IN).first()
    if message is None or not _is_free(message.conversation):
        return None
    found = decide_line(MAIL_RULES, message, now=now) or decide_line(CONVERSATION_RULES, message.conversation, now=now)
    if found is None:
        return None
    line, rule, why = found
    return _assign(message.conversation, line, rule, why, now=now)


def decide_line(
    section: str, subject: Message | Conversation, *, now: dt.datetime
) -> tuple[LineOfBusiness, Rule, str] | None:
    """The line that the rules of a section give, with the rule and why; writes nothing."""
    loaded = sections.load(section)
    if not loaded.is_on:
        return None
    rule, why = sections.first_match(loaded.rules, subject, now)
    line = LineOfBusiness.objects.filter(pk=rule.outcome.get("line_of_business") or 0).first() if rule else None
    return (line, rule, why) if line and rule else None


def _is_free(conversation: Conversation) -> bool:
    usual = conversation.mailbox.line_of_business_id if conversation.mailbox else None
    return not conversation.taker and conversation.line_of_business_id in (None, usual)


@transaction.atomic
def _assign(
    conversation: Conversation, line: LineOfBusiness, rule: Rule, why: str, *, now: dt.datetime
) -> LineOfBusiness | None:
    free = Conversation.objects.filter(pk=conversation.pk, taker="", line_of_business=conversation.line_of_business)
    if not free.update(line_of_business=line):
        return None
    conversation.line_of_business = line
    text = _("line of business %(line)s") % {"line": line.name}
    record("conversation.line_assigned", by=None, subject=conversation, text=text, why=why, now=now)
    sections.count_match(rule, now=now)
    return line
