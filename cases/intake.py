"""A message joins or opens a case, by rules, at once; and the activity monitor says what happened and why."""

import contextlib
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import sections
from agents.audit import record
from agents.models import LineOfBusiness, Rule
from agents.models.levels import ArrivedAs
from agents.queue import ring
from cases import lifecycle, topics
from cases.finding import add_words, find_words
from cases.models import AgentState, Case, CaseConversation, CaseMessage, FieldMark, IntakeOutcome
from cases.titles import describe_message, title_message
from conversations.models import Conversation, Message, Queue
from intents.matching import line_of

What = IntakeOutcome.What
LIST_FIELDS = [
    "message_count", "last_message", "last_direction", "last_message_at", "preview", "last_inbound", "is_unread",
    "waiting_since", "first_response_at", "status", "status_reason", "resolved_at",
]  # fmt: skip
Direction, Nature = Message.Direction, Message.Nature


@dataclass(frozen=True)
class Opening:
    """What the creation rules decided for a message: open a case or not, where, with which values, and why."""

    opens: bool
    why: str
    rule: Rule | None = None
    queue: Queue | None = None
    line_of_business: LineOfBusiness | None = None
    defaults: dict[str, Any] | None = None
    line_rules: Sequence[Rule] = ()


class CasesRoute:
    """Takes the conversations of support mailboxes."""

    name = "cases"
    purposes = frozenset({"support", "both"})

    def take(self, message: Message, *, now: dt.datetime) -> bool:
        """Put a message into a case; True when the conversation is ours from now on."""
        return _take(message, now).case_id is not None


@transaction.atomic
def take_message(message: Message, *, now: dt.datetime | None = None) -> IntakeOutcome:
    """Join or open the case of one message, once: a second call returns the first outcome."""
    Conversation.objects.select_for_update().values_list("pk").get(pk=message.conversation_id)
    return _take(message, now or timezone.now())


def _take(message: Message, now: dt.datetime) -> IntakeOutcome:
    """The same where the conversation is locked already, as it is while a message is offered."""
    with contextlib.suppress(IntakeOutcome.DoesNotExist):
        return IntakeOutcome.objects.get(message=message)
    try:
        link = CaseConversation.objects.get(conversation=message.conversation_id, is_current=True)
    except CaseConversation.DoesNotExist:
        return _begin(message, now)
    return _join(link.case_id, message, now)


def _begin(message: Message, now: dt.datetime) -> IntakeOutcome:
    """The first message of a conversation without a case: the rules say whether it opens one."""
    if message.nature not in (Nature.PERSON, Nature.COMPLAINT):
        return _outcome(message, What.NOTHING, _machine_words(message), now=now)
    opening = decide_opening(message, now=now)
    if not opening.opens:
        return _outcome(message, What.NOTHING, opening.why, rule=opening.rule, now=now)
    return _open(message.conversation, message, opening, now)


def decide_opening(message: Message, *, now: dt.datetime) -> Opening:
    """What the creation rules say about a message; nothing is written."""
    mailbox, line = message.mailbox, line_of(message)
    by_name = sections.load_many({"cases.creation": line, topics.LINE_RULES: None})
    loaded, line_rules = by_name["cases.creation"], by_name[topics.LINE_RULES].rules
    if not loaded.is_on:
        return Opening(False, _("Opening cases is switched off."))
    rule, why = sections.first_match(loaded.rules, message, now)
    outcome = rule.outcome if rule else {}
    if rule is None and not loaded.values.get("open_without_rule", True):
        return Opening(False, _("No creation rule matched."))
    if outcome.get("open") is False:
        return Opening(False, _("Rule %(rule)s opens no case.") % {"rule": rule.name}, rule)
    queue = _named(Queue, outcome.get("queue")) or (mailbox.queue if mailbox else None)
    line = _named(LineOfBusiness, outcome.get("line_of_business")) or line
    line = line or (queue.line_of_business if queue else None)
    if rule is None:
        why = _("Mail to %(mailbox)s belonged to no case.") % {"mailbox": mailbox or _("no mailbox")}
    return Opening(True, why, rule, queue, line, outcome.get("defaults") or {}, line_rules)


def _named(model: Any, pk: int | None) -> Any:
    return model.objects.filter(pk=pk).first() if pk else None


def _open(conversation: Conversation, message: Message, opening: Opening, now: dt.datetime) -> IntakeOutcome:
    case = open_case(
        first=message,
        title=title_message(message),
        description=describe_message(message),
        contact=message.contact if message.direction == Direction.IN else conversation.contact,
        queue=opening.queue,
        line_of_business=opening.line_of_business,
        origin=conversation.channel,
        defaults=opening.defaults or {},
        arrived_as=message.arrived_as,
        created_at=message.received_at,
        by=None,
        why=opening.why,
        now=now,
    )
    CaseConversation.objects.create(case=case, conversation=conversation)
    topics.take_topic(case, conversation, now=now)
    CaseMessage.objects.create(case=case, message=message)
    ring("case.message", case.pk)
    topics.assign_line(case, opening.line_rules, now=now)
    route = {"taker": "cases", "queue_id": case.queue_id, "line_of_business_id": case.line_of_business_id}
    if any(getattr(conversation, name) != value for name, value in route.items()):
        Conversation.objects.filter(pk=conversation.pk).update(**route)
    if opening.rule is not None:
        sections.count_match(opening.rule, now=now)
    return _outcome(message, What.OPENED, opening.why, case=case, rule=opening.rule, now=now)


def open_case(
    *,
    title: str,
    description: str = "",
    contact: Any = None,
    queue: Queue | None = None,
    line_of_business: LineOfBusiness | None = None,
    origin: str = Conversation.Channel.MAIL,
    defaults: dict[str, Any] | None = None,
    arrived_as: str = ArrivedAs.LIVE,
    created_at: dt.datetime | None = None,
    first: Message | None = None,
    by: Any,
    why: str = "",
    now: dt.datetime | None = None,
) -> Case:
    """A new case with the next number, inside the caller's transaction; ``defaults`` are marked as set by a rule.

    What lists show of its ``first`` message is written with it; the caller links that message.
    """
    now = now or timezone.now()
    case = Case(
        number=_next_number(),
        title=title[:300],
        description=description,
        contact=contact,
        company_id=contact.company_id if contact else None,
        queue=queue,
        line_of_business=line_of_business,
        origin=origin,
        arrived_as=arrived_as,
        created_at=created_at or now,
        last_message_at=created_at or now,
        waiting_since=now,
        **(defaults or {}),
    )
    words = [title, description, contact.name if contact else "", contact.address if contact else ""]
    if first is not None:
        _take_in(case, first, now)
        words += _words_of(first)
    case.search = find_words(*words)
    case.save(force_insert=True)
    del case.search  # an expression here, read anew by whoever asks
    FieldMark.objects.bulk_create(
        FieldMark(case=case, field=name.removesuffix("_id"), set_by=FieldMark.By.RULE, at=now)
        for name in (defaults or {})
    )
    record("case.opened", by=by, subject=case, why=why, now=now)
    return case


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('case_number')")
        return cursor.fetchone()[0]


def _join(case_id: int, message: Message, now: dt.datetime) -> IntakeOutcome:
    case = lifecycle.lock_case(case_id)
    speaks = message.nature in (Nature.PERSON, Nature.COMPLAINT)
    if not speaks:
        CaseMessage.objects.create(case=case, message=message)
        record("case.machine_mail", by=None, subject=case, why=_machine_words(message), now=now)
        if message.nature in (Nature.BOUNCE, Nature.OUT_OF_OFFICE):
            AgentState.objects.filter(case=case).update(machine_mail=message.pk)
        ring("case.machine_mail", case.pk)
        return _outcome(message, What.NOTED, _machine_words(message), case=case, now=now)
    if case.is_history and message.arrived_as == ArrivedAs.LIVE and message.direction == Direction.IN:
        if case.is_open or _is_within_window(case, message):
            case = lifecycle.adopt_case(case, by=None, why=_("The customer wrote again."), now=now)
    elif case.is_history:
        _add_message(case, message, now)
        return _outcome(message, What.JOINED, _("It belongs to the same conversation."), case=case, now=now)
    if case.is_open or message.direction == Direction.OUT:
        _add_message(case, message, now)
        return _outcome(message, What.JOINED, _("It belongs to the same conversation."), case=case, now=now)
    return _after_resolution(case, message, now)


def _after_resolution(case: Case, message: Message, now: dt.datetime) -> IntakeOutcome:
    """A customer's mail to a resolved case: inside the window it reopens it, later it starts the next case."""
    if _is_within_window(case, message):
        why = _("The customer wrote within %(days)d days of the resolution.")
        why %= {"days": lifecycle.reopening_window().days}
        case = lifecycle.reopen_case(case, by=None, why=why, now=now)
        _add_message(case, message, now)
        return _outcome(message, What.REOPENED, why, case=case, now=now)
    opening = decide_opening(message, now=now)
    if not opening.opens:
        CaseMessage.objects.create(case=case, message=message)
        return _outcome(message, What.NOTED, opening.why, case=case, rule=opening.rule, now=now)
    CaseConversation.objects.filter(case=case, conversation=message.conversation).update(is_current=False)
    return _open(message.conversation, message, opening, now)


def _is_within_window(case: Case, message: Message) -> bool:
    at = case.resolved_at
    return at is not None and message.received_at - at <= lifecycle.reopening_window()


def _add_message(case: Case, message: Message, now: dt.datetime) -> None:
    """Link a message and keep what lists show."""
    CaseMessage.objects.create(case=case, message=message)
    _take_in(case, message, now)
    # What waits is kept by the suggestions' own transaction steps, so this row in hand may not write it back.
    shown = {name: getattr(case, name) for name in LIST_FIELDS}
    Case.objects.filter(pk=case.pk).update(**shown, search=add_words(*_words_of(message)))
    if case.message_count > 1:  # about a case that began with this message nothing was suggested yet
        lifecycle.withdraw_after_message(case, inbound=message.direction == Direction.IN, now=now)
    ring("case.message", case.pk)


def _words_of(message: Message) -> list[str]:
    return [message.subject, message.newest_text, message.from_name]


def _take_in(case: Case, message: Message, now: dt.datetime) -> None:
    """What lists show of a case, with one message more, on the row in hand; on history who wrote last decides."""
    case.message_count += 1
    inbound = message.direction == Direction.IN
    newest_inbound = inbound and message.received_at >= (_last_inbound_at(case) or message.received_at)
    latest = case.last_message_id is None or message.received_at >= case.last_message_at
    if latest:
        case.last_message, case.last_direction = message, message.direction
        case.last_message_at = message.received_at
        case.preview = " ".join(message.newest_text.split())[:200]
    if newest_inbound:
        case.last_inbound = message
    if inbound and latest:
        case.is_unread, case.waiting_since = True, case.waiting_since or now
        if case.is_open and case.status_reason == Case.StatusReason.WAITING:
            case.status_reason = Case.StatusReason.IN_PROGRESS
    if not inbound and latest:
        note_answer(case, message, now)
    if case.is_history:
        _end_history(case, now)


def _last_inbound_at(case: Case) -> dt.datetime | None:
    """When the customer last wrote, mostly without a look at the message, whose texts may be long."""
    if case.last_inbound_id == case.last_message_id:
        return case.last_message_at if case.last_message_id else None
    return Message.objects.filter(pk=case.last_inbound_id).values_list("received_at", flat=True).first()


def note_answer(case: Case, message: Message, now: dt.datetime) -> None:
    """Our own message is the last word: the case waits for the customer (on the row in hand; the caller saves)."""
    case.first_response_at = case.first_response_at or message.received_at
    case.waiting_since = None
    if case.is_open:
        case.status_reason = Case.StatusReason.WAITING


def _end_history(case: Case, now: dt.datetime) -> None:
    answered = case.last_direction == Direction.OUT
    case.status = Case.Status.RESOLVED if answered else Case.Status.OPEN
    case.status_reason = Case.StatusReason.SOLVED if answered else Case.StatusReason.NEW
    case.resolved_at = case.last_message_at if answered else None


def add_own_message(case: Case, message: Message, *, now: dt.datetime) -> None:
    """Link a message of ours that was just composed, in the composing transaction."""
    _add_message(case, message, now)


def _outcome(
    message: Message, what: str, why: str, *, now: dt.datetime, case: Case | None = None, rule: Rule | None = None
) -> IntakeOutcome:
    return IntakeOutcome.objects.create(
        message=message, what=what, why=why[:300], case=case, rule=rule, rule_name=rule.name if rule else "", at=now
    )


def _machine_words(message: Message) -> str:
    label = Nature(message.nature).label
    return f"{label}: {message.nature_reason}" if message.nature_reason else str(label)
