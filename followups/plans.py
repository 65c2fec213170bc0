"""Running plans: claimed when they are due, judged, their next step suggested, moved on, ended."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext as _

from accounts.notifications import notify
from agents import policy, sections
from agents.actors import agent_user
from agents.audit import record
from agents.cadence import Kind
from agents.cadence.calendars import NeverOpen, hours_of
from agents.kinds import get_kind
from agents.models import Suggestion
from agents.models.levels import Level
from agents.proposals import Proposal, propose
from agents.suggestions import of_subject, withdraw
from cases.lifecycle import add_note, lock_case
from cases.models import Case
from conversations.models import Message
from followups import composing, judging, shapes
from followups.judging import CLOSE_KIND, KINDS, SEND_KIND, Act, Dismissed, End, Rebase, Wait
from followups.models import Plan, Step

SECTION = "followups.follow_ups"
AGENT = "case-management"
# A claim holds so long; a worker that died gives its plans back after it.
CLAIM = dt.timedelta(minutes=2)
LOOK_AGAIN = dt.timedelta(minutes=5)
RELATED = (
    "case__contact__company", "case__line_of_business__calendar", "case__owner", "case__last_inbound__conversation",
    "case__last_message__conversation", "rule", "last_message",
)  # fmt: skip


def running_plan(case: Case) -> Plan | None:
    """The plan of a case that has not ended."""
    return Plan.objects.filter(case=case, state=Plan.State.RUNNING).first()


def plan_fingerprint(case: Case) -> dict[str, Any]:
    """The last message of each side, open or closed, and how far the case's plan is: what a step rests on.

    The customer's by itself: what reached the server before our mail, and was read after it, is not the last message.
    """
    running = Plan.objects.filter(case=case, state=Plan.State.RUNNING)
    plan: dict[str, Any] = running.values("pk", "step").first() or {}  # type: ignore[assignment]
    return {
        "last_message": case.last_message_id,
        "last_inbound": case.last_inbound_id,
        "status": case.status,
        "plan": plan.get("pk"),
        "step": plan.get("step"),
    }


def claim_due(now: dt.datetime, limit: int) -> list[int]:
    """Take up to ``limit`` plans that are to be looked at, oldest first; what another worker takes is left to it."""
    due = Plan.objects.filter(state=Plan.State.RUNNING, look_at__lte=now).order_by("look_at", "pk")
    if not due.exists():
        return []  # most turns: one look at the index, no transaction
    with transaction.atomic():
        free = due.select_for_update(skip_locked=True, of=("self",))
        taken = list(free.values_list("pk", flat=True)[:limit])
        if taken:
            Plan.objects.filter(pk__in=taken).update(look_at=now + CLAIM)
    return taken


def advance(pk: int, *, now: dt.datetime) -> None:
    """Look at one plan and do what is due; safe to call at any time, by several at once."""
    plan = Plan.objects.select_related(*RELATED).filter(pk=pk, state=Plan.State.RUNNING).first()
    if plan is None:
        return
    loaded = sections.load(SECTION, plan.case.line_of_business)
    match judging.judge(plan, loaded, now):
        case Act(due):
            _suggest(plan, due.kind, due.number, due.at, now)
        case Wait(until, why, due):
            _hold(plan, until, why, due)
        case End() as end:
            _end_by_itself(plan, end, now)
        case Rebase(message):
            _rebase(plan, message, now)
        case Dismissed(suggestion):
            _pass_step(plan, Step.State.REJECTED, suggestion.decided_at or now, why=suggestion.reason)


def _same(plan: Plan) -> Any:
    """The plan's row, as long as nobody moved it on since it was read."""
    return Plan.objects.filter(pk=plan.pk, state=Plan.State.RUNNING, step=plan.step, last_message=plan.last_message_id)


def _hold(plan: Plan, until: dt.datetime | None, why: str, due: Any) -> None:
    values: dict[str, Any] = {"look_at": until, "held": why[:200]}
    if due is not None:
        values |= {"due_at": due.at, "next_action": _action(due.kind)}
    _same(plan).update(**values)


def _action(kind: str) -> str:
    return Plan.Action.SEND if kind == Kind.STEP else Plan.Action.CLOSE


def _rebase(plan: Plan, message: Message, now: dt.datetime) -> None:
    """A person wrote: their mail begins the silence anew, the steps that were done stay done."""
    _same(plan).update(
        last_message=message, since=message.received_at, quiet_since=message.received_at, look_at=now, moved_to=None,
        held="",
    )  # fmt: skip


def _suggest(plan: Plan, kind: str, number: int, due_at: dt.datetime, now: dt.datetime) -> None:
    """Propose the due step; what becomes of it is for the policy, the person, or the agent."""
    is_step = kind == Kind.STEP
    # Taken before anything is composed: a plan that moves on meanwhile makes the proposal stale.
    fingerprint = plan_fingerprint(plan.case)
    if (fingerprint["plan"], fingerprint["step"]) != (plan.pk, plan.step):
        return
    payload: Any
    payload, risks = composing.draft_step(plan, number) if is_step else composing.draft_closing(plan)
    if plan.last_message.send_state == Message.SendState.UNKNOWN:
        risks.append(_("It is not known whether our last mail left."))
    name = SEND_KIND if is_step else CLOSE_KIND
    proposal = Proposal(
        payload=payload,
        fingerprint=fingerprint,
        evidence=composing.rule_evidence(plan),
        risks=risks,
        confidence=1.0,
        engine="rules",
        rule=plan.rule,
        why=plan.why,
        wanted=Level.ASK if risks else Level.AUTO,
        line_of_business=plan.case.line_of_business,
        channel=plan.case.origin,
        topic=plan.case.topic,
        topic_label=plan.case.topic_label,
        arrived_as=plan.case.arrived_as,
    )
    made = propose(name, plan.case, proposal, now=now)
    _after_proposal(plan, name, number, due_at, made[0] if made else None, now)


def _after_proposal(
    plan: Plan, kind: str, number: int, due_at: dt.datetime, made: Suggestion | None, now: dt.datetime
) -> None:
    what = Step.What.FOLLOW_UP if kind == SEND_KIND else Step.What.CLOSE
    if made is None:
        rule, line = plan.rule, plan.case.line_of_business
        verdict = policy.effective_level(get_kind(kind), rule=rule, line_of_business=line, now=now)
        why = "; ".join(verdict.why) if verdict.level == Level.OFF else ""
        _hold(plan, now + LOOK_AGAIN, why, None)
        return
    made.refresh_from_db()
    if made.state == Suggestion.State.OBSERVED:
        note_step(plan, what, number, Step.State.OBSERVED, now=now, due_at=due_at, suggestion=made)
        if what == Step.What.CLOSE:
            end_plan(plan, Plan.EndedAs.OBSERVED, _("It would have closed the case."), by=agent_user(AGENT), now=now)
        else:
            _pass_step(plan, Step.State.OBSERVED, now, suggestion=made)
    elif made.state == Suggestion.State.PENDING:
        note_step(plan, what, number, Step.State.SUGGESTED, now=now, due_at=due_at, suggestion=made)
        # It may have been decided while this was written: note_pending then rang, and look_at is not empty.
        waits = Suggestion.objects.filter(pk=made.pk, state=Suggestion.State.PENDING).exists()
        _hold(plan, None if waits else now, made.why if made.level == Level.ASK and made.risks else "", None)
    elif made.state != Suggestion.State.ACCEPTED:
        _hold(plan, now + LOOK_AGAIN, "", None)


def note_step(plan: Plan, what: str, number: int, state: str, *, now: dt.datetime, **more: Any) -> Step:
    """Write down what became of one step; a step that is tried again keeps its row and counts."""
    values = {"state": state, "at": now, "source_id": plan.last_message_id, **more}
    step, made = Step.objects.get_or_create(plan=plan, what=what, number=number, defaults=values)
    if not made:
        again = {"attempts": Least(F("attempts") + 1, Value(100))} if state == Step.State.SUGGESTED else {}
        Step.objects.filter(pk=step.pk).update(**values, **again)
    return step


@transaction.atomic
def _pass_step(plan: Plan, state: str, at: dt.datetime, *, why: str = "", suggestion: Suggestion | None = None) -> None:
    """Count the next step as passed without a mail; the wait for the one after it begins."""
    lock_case(plan.case_id)
    fresh = _same(plan).select_for_update(of=("self",)).first()
    if fresh is None:
        return
    what, number = Step.What.FOLLOW_UP, plan.step + 1
    more = {"suggestion": suggestion} if suggestion else {}
    note_step(plan, what, number, state, now=at, why=why, **more)
    go_on(fresh, step=number, since=at, now=at)


def go_on(plan: Plan, *, step: int, since: dt.datetime, now: dt.datetime) -> None:
    """Set a locked plan to its next step."""
    plan.step, plan.since, plan.moved_to, plan.held = step, since, None, ""
    try:
        hours = hours_of(judging.calendar_of(plan.case))
        due = shapes.find_due(plan.shape, step=step, since=since, hours=hours, now=now)
        plan.due_at, plan.look_at, plan.next_action = due.at, due.at, _action(due.kind)
    except NeverOpen:
        plan.due_at = plan.look_at = now + judging.CALENDAR_LOOK
    plan.save(update_fields=["step", "since", "moved_to", "held", "due_at", "look_at", "next_action", "last_message"])


def _end_by_itself(plan: Plan, end: End, now: dt.datetime) -> None:
    agent = agent_user(AGENT)
    ended = end_plan(
        plan, end.ended_as, end.why, by=agent, reply=end.reply, wants_answer=end.wants_answer, now=now
    )  # fmt: skip
    if not ended or end.ended_as != Plan.EndedAs.BOUNCED:
        return
    told = _("The follow-up plan ended: %(why)s Find another way to reach the customer, or close the case.")
    add_note(plan.case, text=told % {"why": end.why}, by=agent, now=now)
    title = _("%(case)s: the customer cannot be reached") % {"case": plan.case}
    notify(plan.case.owner, title, link=plan.case.get_absolute_url(), kind="problem", now=now)


@transaction.atomic
def end_plan(
    plan: Plan,
    ended_as: str,
    why: str,
    *,
    by: Any,
    reply: Message | None = None,
    wants_answer: bool = True,
    now: dt.datetime,
) -> bool:
    """End a running plan and take back what waits because of it; False when it had ended."""
    case = lock_case(plan.case_id)
    solved = ended_as == Plan.EndedAs.SOLVED
    ended = Plan.objects.filter(pk=plan.pk, state=Plan.State.RUNNING).update(
        state=Plan.State.ENDED,
        ended_at=now,
        ended_as=ended_as,
        ended_why=why,
        ended_by=by,
        look_at=None,
        held="",
        moved_to=None,
        has_replied=reply is not None,
        is_confirmed=solved if reply is not None else None,
        next_action=Plan.Action.REPLY if ended_as == Plan.EndedAs.REPLIED and wants_answer else Plan.Action.NONE,
    )
    if not ended:
        return False
    if reply is None:
        # The same silence does not begin another plan; a reply is looked at as any other mail.
        seen = Greatest(F("silence_seen"), Value(case.last_message_id or 0))
        Case.objects.filter(pk=case.pk).update(silence_seen=seen)
    else:
        note_step(plan, Step.What.READ, plan.step, Step.State.DONE, now=now, why=why, source_id=reply.pk)
    waiting = of_subject(case).filter(kind__in=KINDS, state=Suggestion.State.PENDING)
    for pk in waiting.values_list("pk", flat=True):
        withdraw(pk, why, now=now)
    said = _("ended the follow-up plan “%(rule)s”") % {"rule": plan.rule_name}
    record("followups.plan_ended", by=by, subject=case, text=said, why=why, now=now)
    return True


def look_after_decision(case: Case, *, kinds: list[str]) -> None:
    """Something that waited was decided: the plan is looked at again at once."""
    if not set(kinds) & set(KINDS):
        Plan.objects.filter(case=case, state=Plan.State.RUNNING, look_at__isnull=True).update(look_at=F("due_at"))
