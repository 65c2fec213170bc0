"""What a decided step does: a follow-up is queued, or the case is closed with a mail that says so."""

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import sections
from agents.models import Effect, Suggestion
from agents.suggestions import NotAllowed
from cases import lifecycle, replies
from cases.models import Case
from conversations.models import Message
from conversations.todos import finish_task, tasks_of
from followups.models import Plan, Step
from followups.payloads import ClosePayload, FollowUpPayload
from followups.plans import SECTION, end_plan, go_on, note_step

UNSENT = (Effect.State.CANCELLED, Effect.State.REFUSED)


@transaction.atomic
def send_step(case: Case, payload: FollowUpPayload, *, by: Any, suggestion: Suggestion) -> Message:
    """Queue the mail of a step and move the plan on, in the deciding transaction."""
    now = suggestion.decided_at or timezone.now()
    case = lifecycle.lock_case(case.pk)
    plan = _lock_plan(payload.plan)
    status_reason = case.status_reason
    message = replies.send_reply(
        case,
        body=_with_footer(payload.body, case, by),
        subject=payload.subject,
        to=payload.to,
        by=by,
        suggestion=suggestion,
        key=_key(plan, payload.step),
        now=now,
    )
    if status_reason != Case.StatusReason.WAITING:
        # A rule for cases on hold goes on holding: chasing does not change why the case waits.
        Case.objects.filter(pk=case.pk).update(status_reason=status_reason)
    note_step(
        plan, Step.What.FOLLOW_UP, payload.step, Step.State.DONE, now=now, suggestion=suggestion, message=message,
        why=_("by the agent") if by.is_agent else _("by %(who)s") % {"who": by},
    )  # fmt: skip
    plan.last_message = message
    go_on(plan, step=payload.step, since=now, now=now)
    Case.objects.filter(pk=case.pk).update(silence_seen=message.pk)
    return message


@transaction.atomic
def close_quiet_case(case: Case, payload: ClosePayload, *, by: Any, suggestion: Suggestion) -> None:
    """Close the case as it was seen, end the plan, and queue the mail that says so where there is one."""
    now = suggestion.decided_at or timezone.now()
    plan = _lock_plan(payload.plan)
    try:
        lifecycle.close_case(
            case,
            by=by,
            resolution_type=payload.resolution_type,
            resolution=payload.resolution,
            seen_message=suggestion.fingerprint["last_message"],
            suggestion=suggestion,
            now=now,
        )
    except lifecycle.CaseChanged:
        raise NotAllowed([_("The case moved on in the meantime.")])
    for task in tasks_of(case).filter(done_at=None):
        finish_task(task, by=by, now=now)
    note_step(plan, Step.What.CLOSE, plan.step + 1, Step.State.DONE, now=now, suggestion=suggestion)
    end_plan(plan, Plan.EndedAs.CLOSED, _("Nobody answered."), by=by, now=now)
    if payload.body and payload.to:
        message = replies.send_reply(
            case,
            body=_with_footer(payload.body, case, by),
            subject=payload.subject,
            to=payload.to,
            by=by,
            suggestion=suggestion,
            key=f"closing:{plan.pk}",
            now=now,
        )
        Step.objects.filter(plan=plan, what=Step.What.CLOSE).update(message=message)


def was_sent(plan: int, number: int) -> bool:
    """Whether a mail of this step left, or still may."""
    return effects_of(plan, number).exclude(state__in=UNSENT).exists()


def effects_of(plan: int, number: int) -> QuerySet[Effect]:
    """The effects of one step: usually one; another where the first provably did not leave."""
    key = f"followup:{plan}:{number}"
    return Effect.objects.filter(Q(key=key) | Q(key__startswith=f"{key}:"))


def _key(plan: Plan, number: int) -> str:
    """The same for the same step, so that it leaves once; a new one only after the earlier was cancelled."""
    earlier = effects_of(plan.pk, number).count()
    again = earlier and not was_sent(plan.pk, number)
    return f"followup:{plan.pk}:{number}" + (f":{earlier}" if again else "")


def _lock_plan(pk: int) -> Plan:
    """The running plan, locked (behind its case); NotAllowed when it has ended."""
    plan = Plan.objects.select_for_update(of=("self",)).select_related("case__line_of_business__calendar").get(pk=pk)
    if not plan.is_running:
        raise NotAllowed([_("The plan has ended: %(why)s") % {"why": plan.ended_why}])
    return plan


def _with_footer(body: str, case: Case, by: Any) -> str:
    """What no person wrote says so at its foot."""
    if not by.is_agent:
        return body
    footer = str(sections.load(SECTION, case.line_of_business).values.get("footer") or "").strip()
    return f"{body}\n\n{footer}" if footer else body
