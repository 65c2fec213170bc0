"""Who has a case, the agent or people: where the loop stands, escalating, taking over, giving back."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.audit import record
from agents.models import Suggestion
from agents.queue import ring
from agents.suggestions import of_subject, withdraw, withdraw_stale
from cases import lifecycle
from cases.models import AgentState, Case
from cases.payloads import ReplyPayload
from cases.reassigning import look_again
from conversations.models import Message, Queue

Status, WaitsFor, LastAct, Outbound = AgentState.Status, AgentState.WaitsFor, AgentState.LastAct, AgentState.Outbound

LOOP_KINDS = ("cases.send_reply", "cases.resolve_case", "cases.escalate")


def state_of(case: Case) -> AgentState:
    """Where the agent stands with this case; an unsaved row when it never looked at it."""
    return AgentState.objects.filter(case=case).first() or AgentState(case=case)


def lock_state(case: Case) -> AgentState:
    """The state for writing, under the case's lock, in the caller's transaction."""
    lifecycle.lock_case(case.pk)
    return AgentState.objects.get_or_create(case=case)[0]


@transaction.atomic
def note_thought(
    case: Case,
    *,
    mode: str,
    why: str,
    reaction: str = "",
    intent: str = "",
    waits_for: str = WaitsFor.NOBODY,
    last_act: str = LastAct.NOTHING,
    reason: str = "",
) -> AgentState:
    """The agent considered the case: at which level, what it heard, and whom it waits for; a held case stays held.

    ``reason`` is why it leaves the case to people, where it does.
    """
    state = lock_state(case)
    state.mode, state.why, state.reaction, state.intent = mode, why[:300], reaction, intent[:120]
    if not state.is_held:
        state.waits_for = waits_for
        state.status = Status.IN_PROGRESS if waits_for == WaitsFor.PERSON else Status.IDLE
        state.reason, state.details = reason, ""
    state.last_act = last_act or state.last_act
    state.save()
    return state


def note_mail(case: Case, message: Message, payload: ReplyPayload, *, by_agent: bool) -> None:
    """A mail that the agent drafted is on its way: count it, and remember what it asked or was made of."""
    state = lock_state(case)
    state.last_mail, state.mails_sent = message, state.mails_sent + 1
    state.last_act = LastAct.SENT if by_agent else LastAct.DRAFTED
    if payload.act == "answer":
        state.last_outbound, state.solutions_sent = Outbound.SOLUTION, state.solutions_sent + 1
        state.tried = [*state.tried, *_articles(payload)]
    else:
        state.last_outbound, state.questions_sent = Outbound.QUESTION, state.questions_sent + 1
    state.asked = [*state.asked, *(name for name in payload.asks if name not in state.asked)]
    if not state.is_held:
        state.status, state.waits_for = Status.IDLE, WaitsFor.CUSTOMER
    state.save()


def _articles(payload: ReplyPayload) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for part in payload.sentences:
        quote = part.get("quote") or {}
        if quote.get("article"):
            row = found.setdefault(
                quote["article"], {"article": quote["article"], "title": quote.get("title", ""), "passages": []}
            )
            row["passages"] = sorted({*row["passages"], quote["passage"]})
    return list(found.values())


@transaction.atomic
def escalate_case(
    case: Case,
    *,
    reason: str,
    by: Any,
    details: str = "",
    queue: Queue | None = None,
    suggestion: Suggestion | None = None,
    now: dt.datetime | None = None,
) -> AgentState:
    """Give the case to people, with the reason and a note of what was tried; the agent sends nothing until released.

    A case that is escalated already keeps its first reason; CaseChanged when it is not open.
    """
    now, label = now or timezone.now(), str(AgentState.Reason(reason).label)
    state = lock_state(case)
    case = Case.objects.get(pk=case.pk)
    if not case.is_open:
        raise lifecycle.CaseChanged
    if state.status == Status.ESCALATED:
        return state
    state.status, state.waits_for, state.last_act = Status.ESCALATED, WaitsFor.PERSON, LastAct.ESCALATED
    state.escalated_at, state.reason, state.details = now, reason, details[:500]
    state.heard = case.last_inbound_id or 0
    state.save()
    record("case.escalated", by=by, subject=case, text=label, why=details or label, suggestion=suggestion, now=now)
    lifecycle.add_note(case, text=describe_escalation(state), by=by, now=now)
    if queue is not None and queue != case.queue:
        case = lifecycle.assign_case(case, by=by, owner=case.owner, queue=queue, why=label)
    elif case.owner_id is None:
        look_again(case)
    withdraw_stale(case, _("The case was escalated."), now=now)
    ring("case.escalated", case.pk)
    return state


def describe_escalation(state: AgentState) -> str:
    """The note for whoever takes it on: why, what was asked, what was tried."""
    lines = [_("Escalated: %(reason)s.") % {"reason": AgentState.Reason(state.reason).label}]
    if state.details:
        lines.append(state.details)
    if state.intent:
        lines.append(_("Intent: %(intent)s") % {"intent": state.intent})
    lines.append(_("Mails sent by the agent: %(count)d") % {"count": state.mails_sent})
    lines += [_("Tried: %(title)s") % {"title": each["title"]} for each in state.tried]
    if state.asked:
        lines.append(_("Asked for: %(names)s") % {"names": ", ".join(state.asked)})
    return "\n".join(lines)


@transaction.atomic
def take_over(
    case: Case, *, by: Any, why: str = "", reason: str = AgentState.Reason.TAKEN_OVER, now: dt.datetime | None = None
) -> AgentState:
    """A person takes the case from the agent: it neither drafts nor sends, and whoever takes it over owns it.

    With the reason "stopped" a supervisor only stops the agent; the owner stays.
    """
    now = now or timezone.now()
    state = lock_state(case)
    case = Case.objects.get(pk=case.pk)
    if not case.is_open or state.status == Status.PAUSED:
        raise lifecycle.CaseChanged
    state.status, state.waits_for = Status.PAUSED, WaitsFor.PERSON
    state.reason, state.details = reason, why[:500]
    state.save()
    withdraw_stale(case, _("Somebody took the case over."), now=now)
    record("case.taken_over", by=by, subject=case, text=str(AgentState.Reason(reason).label), why=why, now=now)
    if reason == AgentState.Reason.TAKEN_OVER and case.owner != by:
        lifecycle.assign_case(case, by=by, owner=by)
    return state


@transaction.atomic
def give_back(case: Case, *, by: Any, why: str = "", now: dt.datetime | None = None) -> AgentState:
    """Release a held case: the agent goes on with the customer's next mail, or with the last when it is unanswered."""
    state = lock_state(case)
    case = Case.objects.get(pk=case.pk)
    if not state.is_held or not case.is_open:
        raise lifecycle.CaseChanged
    state.status, state.waits_for, state.reason, state.details = Status.IN_PROGRESS, WaitsFor.NOBODY, "", ""
    state.heard, state.solutions_sent, state.questions_sent = case.last_inbound_id or 0, 0, 0
    state.save()
    Case.objects.filter(pk=case.pk).update(reply_seen=0)
    # What waited for people is thought about anew: the agent may do it by itself now.
    for row in of_subject(case).filter(state=Suggestion.State.PENDING, kind__in=LOOP_KINDS):
        withdraw(row.pk, _("The case was given back to the agent."), now=now)
    record("case.given_back", by=by, subject=case, why=why, now=now)
    ring("case.reply_due", case.pk)
    return state


@transaction.atomic
def ask_again(case: Case, actions: Iterable[str] = ("resolve",)) -> None:
    """Let the agent consider an open case once more: "enrich" its fields, "resolve" it, or both, soon.

    An equal suggestion is not made twice; fields are updated by the update rules, as after a mail.
    """
    wanted, rows = set(actions), Case.objects.filter(pk=case.pk, status=Case.Status.OPEN)
    if "enrich" in wanted:
        # Not 0, which is a case never read: its fields are filled without a rule.
        last = rows.values_list("last_inbound", flat=True).first() or 0
        rows.update(fields_seen=max(last - 1, 0))
        ring("case.message", case.pk)
    if "resolve" in wanted:
        rows.update(reply_seen=0)
        ring("case.reply_due", case.pk)
