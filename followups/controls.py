"""What people do with a plan: send its next step now, skip it, move its date, stop it, judge a step."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agents.audit import record
from agents.models import Suggestion
from agents.models.levels import Level
from agents.proposals import Proposal, propose
from agents.suggestions import NotAllowed, accept, of_subject, withdraw
from cases.lifecycle import lock_case
from followups import composing
from followups.judging import KINDS, SEND_KIND, waiting_suggestion
from followups.models import Plan, Step
from followups.plans import RELATED, end_plan, go_on, note_step, plan_fingerprint

FARTHEST = dt.timedelta(days=366)


class PlanEnded(NotAllowed):
    """The plan ended before the act."""


def send_now(plan: Plan, *, by: Any, now: dt.datetime | None = None) -> Suggestion:
    """Send the next follow-up on a person's word: it is suggested and accepted as any other.

    Raises NotAllowed with the reasons, PlanEnded, or what ``agents.suggestions.accept`` raises.
    """
    now = now or timezone.now()
    plan = Plan.objects.select_related(*RELATED).get(pk=plan.pk)
    if not plan.is_running:
        raise PlanEnded([_("The plan has ended: %(why)s") % {"why": plan.ended_why}])
    waiting = waiting_suggestion(plan.case)
    if waiting is None:
        waiting = _propose_now(plan, now)
    return accept(waiting.pk, by=by, now=now)


def _propose_now(plan: Plan, now: dt.datetime) -> Suggestion:
    if plan.step >= plan.count:
        raise NotAllowed([_("No follow-up is left. Close the case, or stop the plan.")])
    number = plan.step + 1
    payload, risks = composing.draft_step(plan, number)
    proposal = Proposal(
        payload=payload,
        fingerprint=plan_fingerprint(plan.case),
        evidence=composing.rule_evidence(plan),
        risks=risks,
        confidence=1.0,
        engine="rules",
        rule=plan.rule,
        why=_("Sent before its date by a person."),
        wanted=Level.ASK,
        line_of_business=plan.case.line_of_business,
        channel=plan.case.origin,
    )
    made = propose(SEND_KIND, plan.case, proposal, now=now)
    if not made or made[0].state != Suggestion.State.PENDING:
        raise NotAllowed([_("The rule, the section or a pause lets nothing be sent now.")])
    note_step(plan, Step.What.FOLLOW_UP, number, Step.State.SUGGESTED, now=now, due_at=plan.due_at, suggestion=made[0])
    return made[0]


@transaction.atomic
def skip_step(plan: Plan, *, by: Any, now: dt.datetime | None = None) -> Plan:
    """Leave the next follow-up out; the wait for what comes after it begins now. Raises NotAllowed, PlanEnded."""
    now = now or timezone.now()
    plan = _lock(plan)
    if plan.step >= plan.count:
        raise NotAllowed([_("No follow-up is left to skip. Stop the plan to keep the case open.")])
    why = _("The step was skipped.")
    _take_back(plan, why, now)
    number = plan.step + 1
    note_step(plan, Step.What.FOLLOW_UP, number, Step.State.SKIPPED, now=now, why=str(by))
    plan = _lock(plan)
    go_on(plan, step=number, since=now, now=now)
    said = _("skipped follow-up %(number)d") % {"number": number}
    record("followups.step_skipped", by=by, subject=plan.case, text=said, now=now)
    return plan


@transaction.atomic
def move_step(plan: Plan, at: dt.datetime, *, by: Any, now: dt.datetime | None = None) -> Plan:
    """Give the next step another date. Raises NotAllowed for one that is past or too far off, and PlanEnded."""
    now = now or timezone.now()
    plan = _lock(plan)
    if not now < at <= now + FARTHEST:
        raise NotAllowed([_("Choose a moment between now and a year from now.")])
    _take_back(plan, _("The step was moved to another date."), now)
    dates = [date_format(timezone.localtime(each), "D j F, H:i") for each in (plan.due_at, at)]
    changes = [{"field": "due_at", "label": _("due"), "old": dates[0], "new": dates[1]}]
    Plan.objects.filter(pk=plan.pk).update(moved_to=at, due_at=at, look_at=at, held="")
    said = _("moved the next follow-up step:")
    record("followups.step_moved", by=by, subject=plan.case, text=said, changes=changes, now=now)
    plan.refresh_from_db()
    return plan


def stop_plan(plan: Plan, *, by: Any, now: dt.datetime | None = None) -> Plan:
    """End the plan; the case stays open, what waits is withdrawn, what is queued does not leave. Raises PlanEnded."""
    why = _("%(who)s stopped the plan.") % {"who": by}
    if not end_plan(plan, Plan.EndedAs.STOPPED, why, by=by, now=now or timezone.now()):
        plan.refresh_from_db()
        raise PlanEnded([_("The plan has ended: %(why)s") % {"why": plan.ended_why}])
    plan.refresh_from_db()
    return plan


def rate_step(step: Step, rating: int, *, by: Any) -> None:
    """Keep whether a person found the step right (1) or wrong (-1); the same again takes it back."""
    new = 0 if step.rating == rating else rating
    Step.objects.filter(pk=step.pk).update(rating=new, rated_by=by if new else None)
    step.rating = new


def _lock(plan: Plan) -> Plan:
    """The running plan, locked behind its case."""
    lock_case(plan.case_id)
    found = Plan.objects.select_for_update(of=("self",)).select_related("case__line_of_business__calendar")
    plan = found.get(pk=plan.pk)
    if not plan.is_running:
        raise PlanEnded([_("The plan has ended: %(why)s") % {"why": plan.ended_why}])
    return plan


def _take_back(plan: Plan, why: str, now: dt.datetime) -> None:
    waiting = of_subject(plan.case).filter(kind__in=KINDS, state=Suggestion.State.PENDING)
    for pk in list(waiting.values_list("pk", flat=True)):
        withdraw(pk, why, now=now)
