"""What a case is about: its topic follows the intent of its conversation, and a person's word stands."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import sections
from agents.actors import agent_user
from agents.audit import record
from agents.models import LineOfBusiness, Rule
from cases.fields import field_values
from cases.lifecycle import lock_case
from cases.models import Case, CaseConversation, FieldMark
from cases.reassigning import look_again
from cases.understanding import determination_of, find_conversation
from conversations.models import Conversation, Message
from intents import attributes, corrections
from intents.corrections import Correction
from intents.learning import intents_of
from intents.matching import current_determination
from intents.models import Determination, Intent
from intents.sections import AGENT
from intents.volumes import set_solution_rates

FIELD = "topic"
LINE_RULES = "cases.case_lines"
State = Determination.State


@transaction.atomic
def follow_topic(message_pk: int, *, now: dt.datetime) -> Case | None:
    """After a message was compared: the case takes the topic, unless a person chose one; attributes take its fields.

    Returns the case when something was written.
    """
    link = CaseConversation.objects.filter(conversation__messages=message_pk, is_current=True).first()
    if link is None:
        return None
    case = lock_case(link.case_id)
    row = determination_of(case)
    if row is None:
        return None
    attributes.fill_from_fields(row, field_values(case))
    if row.topic == case.topic or _is_chosen(case):
        return None
    _write_topic(case, row, by=agent_user(AGENT), now=now)
    return case


def due_messages(limit: int) -> list[int]:
    """Messages that decide what a conversation is about while its case says something else; oldest first."""
    rows = Determination.objects.filter(
        is_current=True, decided_by=None, conversation__case_links__is_current=True
    ).exclude(topic=F("conversation__case_links__case__topic"))
    chosen = FieldMark.objects.filter(
        case__links__conversation=OuterRef("conversation"), field=FIELD, set_by=FieldMark.By.PERSON
    )
    rows = rows.filter(conversation__topic=F("topic")).exclude(Exists(chosen)).order_by("pk")
    return list(rows.values_list("message_id", flat=True)[:limit])


def _is_chosen(case: Case) -> bool:
    """Whether a person said what the case is about."""
    return FieldMark.objects.filter(case=case, field=FIELD, set_by=FieldMark.By.PERSON).exists()


def _write_topic(case: Case, row: Determination | None, *, by: Any, now: dt.datetime) -> None:
    """Put a determination's topic on the locked case, with its mark and an entry."""
    old = case.topic_label
    case.topic, case.topic_label = (row.topic, row.topic_label) if row else ("", "")
    case.save(update_fields=["topic", "topic_label"])
    is_agent = by.is_agent
    FieldMark.objects.update_or_create(
        case=case,
        field=FIELD,
        defaults={
            "set_by": FieldMark.By.AGENT if is_agent else FieldMark.By.PERSON,
            "user": by,
            "suggestion": None,
            "confidence": row.confidence if row else None,
            "evidence": row.evidence if row else [],
            "at": now,
        },
    )
    change = {"field": FIELD, "label": _("Intent"), "old": old, "new": case.topic_label}
    record("case.changed", by=by, subject=case, changes=[change], now=now)
    look_again(case)


def take_topic(case: Case, conversation: Conversation, *, now: dt.datetime) -> None:
    """A case that was just opened takes what its conversation is about, in the opening transaction."""
    # A conversation carries the topic of its determination: without one there is nothing to look for.
    row = current_determination(conversation) if conversation.topic else None
    if row is not None and row.topic:
        _write_topic(case, row, by=agent_user(AGENT), now=now)
        attributes.fill_from_fields(row, field_values(case))


# ── wrong intent ──────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def correct_topic(
    case: Case, intent: Intent | None, *, by: Any, teach: bool = True, now: dt.datetime | None = None
) -> Correction | None:
    """A person says what the case is about; the library learns the customer's words. None without a conversation."""
    now = now or timezone.now()
    case = lock_case(case.pk)
    message = _telling_message(case)
    if message is None:
        return None
    done = corrections.correct_intent(message, intent, by=by, teach=teach, now=now)
    _write_topic(case, done.determination, by=by, now=now)
    attributes.fill_from_fields(done.determination, field_values(case))
    return done


def _telling_message(case: Case) -> Message | None:
    """The message whose intent is corrected: the one that decided, else the customer's last."""
    row = determination_of(case)
    return row.message if row else case.last_inbound


@transaction.atomic
def undo_correction(case: Case, *, by: Any, now: dt.datetime | None = None) -> bool:
    """Take the last correction back; what it taught leaves the library. False when there is none to take back."""
    now = now or timezone.now()
    case = lock_case(case.pk)
    row = determination_of(case)
    if row is None or row.decided_by_id is None:
        return False
    before = corrections.undo_correction(row, by=by, now=now)
    _write_topic(case, before, by=by, now=now)
    # From here on recognition may speak again.
    FieldMark.objects.filter(case=case, field=FIELD).delete()
    return True


def choosable_intents(case: Case) -> list[Intent]:
    """The intents a person may choose for a case: approved, general or of its line."""
    return list(intents_of(case.line_of_business).select_related("group").order_by("group__name", "name"))


# ── what becomes of the matter ────────────────────────────────────────────────────────────────────────────────────


def note_progress(case: Case) -> None:
    """Carry the case's state over to what was recognised: answered, worked on, completed, closed."""
    conversation = find_conversation(case)
    if conversation is None:
        return
    if case.status == Case.Status.RESOLVED:
        solved = case.status_reason == Case.StatusReason.SOLVED
        attributes.move_on(conversation, State.COMPLETED if solved else State.CLOSED)
    elif case.status == Case.Status.CANCELLED:
        attributes.move_on(conversation, State.CLOSED)
    elif case.last_direction == Message.Direction.OUT:
        attributes.move_on(conversation, State.FULFILLED)
    elif case.owner_id:
        attributes.move_on(conversation, State.IN_PROGRESS)


def count_solutions() -> int:
    """Tell the library which share of each intent's finished cases was solved; returns how many intents."""
    ended = Case.objects.exclude(topic="").exclude(status=Case.Status.OPEN).values("topic").order_by()
    rows = ended.annotate(every=Count("pk"), solved=Count("pk", filter=Q(status_reason=Case.StatusReason.SOLVED)))
    rates = {row["topic"]: round(row["solved"] / row["every"], 4) for row in rows}
    set_solution_rates(rates)
    return len(rates)


# ── line of business ──────────────────────────────────────────────────────────────────────────────────────────────


def assign_line(case: Case, rules: Sequence[Rule], *, now: dt.datetime) -> LineOfBusiness | None:
    """Give a case that was just opened the line of the first of these rules that matches, with the reason on record."""
    rule, why = sections.first_match(rules, case, now)
    line = LineOfBusiness.objects.filter(pk=rule.outcome.get("line_of_business") or 0).first() if rule else None
    if rule is None or line is None or line.pk == case.line_of_business_id:
        return None
    old, case.line_of_business = case.line_of_business, line
    case.save(update_fields=["line_of_business"])
    change = {"field": "line_of_business", "label": _("Line of business"), "old": str(old or ""), "new": line.name}
    record("case.changed", by=None, subject=case, why=why, changes=[change], now=now)
    sections.count_match(rule, now=now)
    return line
