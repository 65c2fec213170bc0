"""What a running plan should do now. Reads only; who carries it out compares once more."""

import contextlib
import datetime as dt
from dataclasses import dataclass

from django.db.models import Max
from django.utils.translation import gettext as _

from agents import conditions, sections, skills
from agents.cadence import Due, Kind
from agents.cadence.calendars import NeverOpen, hours_of, next_open
from agents.models import Calendar, Effect, Suggestion
from agents.models.levels import ArrivedAs
from agents.suggestions import of_subject
from cases.models import Case
from conversations.models import Delivery, Message
from followups import shapes
from followups.models import Plan, Step

SEND_KIND, CLOSE_KIND = "followups.send_follow_up", "followups.close_case"
KINDS = (SEND_KIND, CLOSE_KIND)
UNSENT_LOOK = dt.timedelta(minutes=10)
SWITCH_LOOK = dt.timedelta(minutes=5)
READING_LOOK = dt.timedelta(seconds=30)
CALENDAR_LOOK = dt.timedelta(days=1)
# A reaction below it is one that a person reads.
SURE_ENOUGH = 0.75
EndedAs, SendState = Plan.EndedAs, Message.SendState


@dataclass(frozen=True)
class Act:
    """Its next step is due."""

    due: Due


@dataclass(frozen=True)
class Wait:
    """Nothing now; looked at again at ``until``, or when a person has decided (None)."""

    until: dt.datetime | None
    why: str = ""
    due: Due | None = None


@dataclass(frozen=True)
class End:
    """It is over; ``reply`` is the customer's mail that ended it."""

    ended_as: str
    why: str
    reply: Message | None = None
    wants_answer: bool = True


@dataclass(frozen=True)
class Rebase:
    """We wrote by hand: silence is measured from that mail."""

    message: Message


@dataclass(frozen=True)
class Dismissed:
    """A person said no to the step: it counts as passed."""

    suggestion: Suggestion


Verdict = Act | Wait | End | Rebase | Dismissed


def judge(plan: Plan, loaded: sections.Loaded, now: dt.datetime) -> Verdict:
    """Each question in turn; the first that has something to say decides."""
    for ask in (_case_ended, _customer_wrote, _we_wrote, _cannot_be_reached, _rule_gone, _not_left, _undecided):
        if (verdict := ask(plan, now)) is not None:
            return verdict
    if not loaded.is_on:
        return Wait(now + SWITCH_LOOK, _("Follow-up and closure is switched off."))
    return _away(plan, now) or _when(plan, now)


def _case_ended(plan: Plan, now: dt.datetime) -> End | None:
    case = plan.case
    if case.is_history:
        return End(EndedAs.CASE_ENDED, _("The case is history."))
    if not case.is_open:
        return End(EndedAs.CASE_ENDED, _("The case is %(status)s.") % {"status": case.get_status_display().lower()})
    return None


def _customer_wrote(plan: Plan, now: dt.datetime) -> End | None:
    """A reply ends it, whatever it says; what it says decides what is suggested next."""
    reply = plan.case.last_inbound
    if reply is None or reply.pk == plan.seen_inbound_id:
        return None
    reaction, sure = read_reaction_of(plan.case, reply)
    if reaction == "accepts" and sure >= SURE_ENOUGH:
        return End(EndedAs.SOLVED, _("The customer says that it is solved."), reply)
    if reaction == "thanks" and sure >= SURE_ENOUGH:
        return End(EndedAs.REPLIED, _("The customer thanked."), reply, wants_answer=False)
    return End(EndedAs.REPLIED, _("The customer replied."), reply)


def read_reaction_of(case: Case, mail: Message) -> tuple[str, float]:
    """How the customer takes our last mails, by the skill that reads it for answers too."""
    ours = Message.objects.filter(case_link__case=case, direction=Message.Direction.OUT).order_by("-received_at")[:3]
    asked = {
        "message": mail.pk or 0,
        "text": mail.newest_text,
        "subject": mail.subject,
        "language": mail.language,
        "ours": [each.newest_text for each in ours],
    }
    answer = skills.run("cases.read_reaction", asked, skills.Scope(case.line_of_business_id))
    return answer.output.reaction, answer.confidence


def _we_wrote(plan: Plan, now: dt.datetime) -> Rebase | None:
    last = plan.case.last_message
    return Rebase(last) if last is not None and last.pk != plan.last_message_id else None


def _cannot_be_reached(plan: Plan, now: dt.datetime) -> End | None:
    contact, last = plan.case.contact, plan.last_message
    if contact is not None and contact.bounced_at:
        values = {"address": contact.address, "status": contact.bounce_status}
        return End(EndedAs.BOUNCED, _("Mail to %(address)s could not be delivered (%(status)s).") % values)
    if last.send_state == SendState.REFUSED:
        return End(EndedAs.BOUNCED, _("The server refused our last mail: %(why)s") % {"why": last.send_reason})
    return None


def _rule_gone(plan: Plan, now: dt.datetime) -> End | None:
    """The rule is asked again at every step, on the silence as it was when the plan began."""
    rule, case, shape = plan.rule, plan.case, plan.shape
    if rule is None or not rule.is_active:
        return End(EndedAs.CHANGED, _("The rule “%(rule)s” is not active any more.") % {"rule": plan.rule_name})
    if plan.trigger == Plan.Trigger.STATUS and case.status_reason != shape.get("status_reason"):
        values = {"status": case.get_status_reason_display()}
        return End(EndedAs.CHANGED, _("The status is now “%(status)s”.") % values)
    written_at, case.last_message_at = case.last_message_at, plan.quiet_since
    holds = conditions.holds(rule.conditions, case, now)
    case.last_message_at = written_at
    if not holds:
        return End(EndedAs.CHANGED, _("The conditions of “%(rule)s” hold no more.") % {"rule": rule.name})
    return None


def _not_left(plan: Plan, now: dt.datetime) -> Wait | End | None:
    """Nobody is silent about a mail that has not left."""
    last = plan.last_message
    if last.send_state == SendState.QUEUED:
        return Wait(now + UNSENT_LOOK, _("Our last mail has not left yet."))
    if last.send_state == SendState.NOT_SENT and not waiting_suggestion(plan.case):
        return End(EndedAs.STOPPED, _("Our last mail was not sent: %(why)s") % {"why": last.send_reason})
    return None


def _undecided(plan: Plan, now: dt.datetime) -> Wait | End | Dismissed | None:
    if waiting_suggestion(plan.case):
        return Wait(None, _("Waits for a person's decision."))
    what = Step.What.CLOSE if plan.step >= plan.count else Step.What.FOLLOW_UP
    step = plan.steps.filter(number=plan.step + 1, what=what).select_related("suggestion").first()
    if step is None or step.suggestion is None or step.suggestion.state != Suggestion.State.REJECTED:
        return None
    if what == Step.What.CLOSE:
        return End(EndedAs.KEPT_OPEN, _("A person dismissed the closing."))
    return Dismissed(step.suggestion)


def _away(plan: Plan, now: dt.datetime) -> Wait | None:
    """Somebody out of office is not silent: the next step waits until the day after their return."""
    away = Message.objects.filter(
        case_link__case=plan.case_id, nature=Message.Nature.OUT_OF_OFFICE, received_at__gte=plan.quiet_since
    )
    back = away.aggregate(back=Max("returns_on"))["back"]
    if back is None:
        return None
    hours = hours_of(calendar_of(plan.case))
    until = dt.datetime.combine(back + dt.timedelta(days=1), dt.time(), dt.UTC)
    if until <= now or until <= plan.due_at:
        return None
    with contextlib.suppress(NeverOpen):
        until = next_open(until, hours)
    return Wait(until, _("Out of office until %(day)s.") % {"day": back.isoformat()}, _due_at(plan, until))


def _due_at(plan: Plan, until: dt.datetime) -> Due | None:
    kind = Kind.STEP if plan.step < plan.count else Kind.END
    return Due(kind, plan.step + 1, until, is_due=False, is_missed=False)


def _when(plan: Plan, now: dt.datetime) -> Act | Wait:
    try:
        due = next_due_of(plan, now)
    except NeverOpen:
        return Wait(now + CALENDAR_LOOK, _("The calendar has no open hour."))
    if not due.is_due:
        return Wait(due.at, "", due)
    if due.kind == Kind.END and has_unread(plan.case, mailbox=True):
        return Wait(now + READING_LOOK, _("Mail that has arrived is read first."), due)
    return Act(due)


def next_due_of(plan: Plan, now: dt.datetime) -> Due:
    """What comes next, measured from the moment our last mail left; a person's own date stands above it."""
    hours = hours_of(calendar_of(plan.case))
    due = shapes.find_due(plan.shape, step=plan.step, since=silence_since(plan), hours=hours, now=now)
    if plan.moved_to is None:
        return due
    return Due(due.kind, due.number, plan.moved_to, plan.moved_to <= now, is_missed=False)


def silence_since(plan: Plan) -> dt.datetime:
    """When the silence began: our mail left, the step before was passed, or the case was adopted."""
    settled = None
    if plan.last_message.effect_key:
        settled = Effect.objects.filter(key=plan.last_message.effect_key).values_list("settled_at", flat=True).first()
    return max(at for at in (plan.since, settled, plan.case.adopted_at) if at is not None)


def waiting_suggestion(case: Case) -> Suggestion | None:
    """The follow-up or closing that waits for a person."""
    found: Suggestion | None = of_subject(case).filter(kind__in=KINDS, state=Suggestion.State.PENDING).first()
    return found


def has_unread(case: Case, *, mailbox: bool = False) -> bool:
    """Whether mail of this case's customer may have arrived that nobody has read yet."""
    rows = Message.objects.filter(
        conversation__case_links__case=case, direction=Message.Direction.IN, offered_at__isnull=True
    )
    if rows.exists():
        return True
    conversation = case.last_message.conversation if case.last_message else None
    if not mailbox or conversation is None or conversation.mailbox_id is None:
        return False
    return Delivery.objects.filter(
        mailbox=conversation.mailbox_id, state=Delivery.State.STORED, arrived_as=ArrivedAs.LIVE
    ).exists()


def calendar_of(case: Case) -> Calendar | None:
    """The business calendar of the case's line."""
    return case.line_of_business.calendar if case.line_of_business else None
