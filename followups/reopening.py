"""A customer says through the link in the closing mail that it is still not solved."""

import datetime as dt
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext as _

from agents import sections
from cases.lifecycle import lock_case, reopen_case
from cases.models import Case
from cases.replies import current_conversation, reply_subject
from conversations.models import Mailbox, Message
from conversations.receive import receive
from followups.models import Plan, Step
from followups.plans import SECTION

LONGEST = 4000


class Link(StrEnum):
    """What a link is good for."""

    GOOD = "good"
    USED = "used"
    EXPIRED = "expired"


def state_of(plan: Plan, now: dt.datetime) -> Link:
    """Whether the link of this plan may still be used."""
    if plan.reopened_at:
        return Link.USED
    days = int(sections.load(SECTION, plan.case.line_of_business).values.get("link_days") or 30)
    is_over = plan.ended_at is None or now - plan.ended_at > dt.timedelta(days=days)
    return Link.EXPIRED if is_over or plan.ended_as != Plan.EndedAs.CLOSED else Link.GOOD


def reopen_by_link(plan: Plan, text: str, *, now: dt.datetime) -> bool:
    """Open the case again and put the customer's words into it, once; False for a link that is used or expired.

    The words come in as a mail that answers the closing mail, through the path of every mail: they are data, threaded,
    read and offered like others. A case that is open already only gets the mail.
    """
    if state_of(plan, now) != Link.GOOD:
        return False
    with transaction.atomic():
        case = lock_case(plan.case_id)
        if not Plan.objects.filter(pk=plan.pk, reopened_at__isnull=True).update(reopened_at=now):
            return False
        if case.status == Case.Status.RESOLVED:
            reopen_case(case, by=None, why=_("The customer followed the link “still not solved”."), now=now)
            Case.objects.filter(pk=case.pk).update(is_unread=True, waiting_since=now)
        raw, mailbox = _write(plan, case, text, now)
        if raw:
            receive(raw, mailbox=mailbox, source="link", received_at=now, origin=f"plan {plan.pk}")
    return True


def _write(plan: Plan, case: Case, text: str, now: dt.datetime) -> tuple[bytes, Mailbox | None]:
    """The customer's words as a mail; nothing where the case has no customer or no mailbox."""
    conversation = current_conversation(case)
    mailbox = conversation.mailbox if conversation else None
    contact = case.contact
    if conversation is None or mailbox is None or contact is None:
        return b"", None
    answered = _closing_mail(plan) or case.last_message
    # One line for each header: a folded Message-ID would be encoded, and then names nothing.
    mail = EmailMessage(policy.default.clone(max_line_length=998))
    mail["From"] = formataddr((contact.name.replace("\n", " ").replace("\r", " "), contact.address))
    mail["To"] = mailbox.address
    subject = reply_subject(case, case.last_inbound) if case.last_inbound else f"Re: {case.title}"
    mail["Subject"] = " ".join(subject.split())
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<plan-{plan.pk}-{plan.reopen_key[:16]}@still-not-solved.invalid>"
    if answered and answered.message_id:
        mail["In-Reply-To"] = mail["References"] = answered.message_id
    said = text.replace("\0", "").strip()[:LONGEST]
    mail.set_content(said or _("It is still not solved."))
    return mail.as_bytes(), mailbox


def _closing_mail(plan: Plan) -> Message | None:
    step = Step.objects.filter(plan=plan, what=Step.What.CLOSE).select_related("message").first()
    return step.message if step else None
