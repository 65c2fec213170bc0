"""A plan and its suggestion as the case page shows them. Reads only."""

from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agents.cadence.calendars import NeverOpen, hours_of
from agents.kinds import get_kind
from agents.models import Suggestion
from agents.models.levels import Level
from agents.suggestions import of_subject
from cases.models import Case
from followups import shapes
from followups.forms import MoveForm
from followups.judging import CLOSE_KIND, KINDS, calendar_of
from followups.models import Plan, Step


def _latest(case: Case) -> Plan | None:
    if not hasattr(case, "_latest_plan"):
        plan = Plan.objects.filter(case=case).select_related("rule", "last_message").order_by("-id").first()
        if plan is not None:
            plan.case = case  # it is in hand, with what belongs to it
        case._latest_plan = plan  # type: ignore[attr-defined]
    found: Plan | None = case._latest_plan  # type: ignore[attr-defined]
    return found


def show_next(case: Case, user: Any) -> dict[str, Any] | None:
    """What is suggested now: a follow-up, the closing, or a reply where the customer answered otherwise."""
    plan = _latest(case)
    if plan is None:
        return None
    waiting = of_subject(case).filter(kind__in=KINDS, state=Suggestion.State.PENDING).order_by("-id").first()
    if waiting is None:
        needs_reply = plan.next_action == Plan.Action.REPLY and case.is_open and case.last_direction == "in"
        if not needs_reply:
            return None
        return {"case": case, "plan": plan, "reply": True, "summary": plan.ended_why}
    kind = get_kind(waiting.kind)
    may_decide = kind.access(case, user)
    return {
        "case": case,
        "plan": plan,
        "waiting": waiting,
        "payload": waiting.payload,
        "closes": waiting.kind == CLOSE_KIND,
        "summary": _summary(plan),
        "consequence": kind.consequence(waiting),
        "blockers": kind.guard(waiting) if may_decide else [],
        "may_decide": may_decide,
        "step": Step.objects.filter(plan=plan, suggestion=waiting).first(),
    }


def _summary(plan: Plan) -> str:
    """When the customer last answered, and what was tried since."""
    heard = plan.case.last_inbound
    day = date_format(timezone.localtime(heard.received_at), "j F") if heard else ""
    last = _("The customer last wrote on %(day)s.") % {"day": day} if heard else _("The customer never wrote.")
    sent = Step.objects.filter(plan=plan, what=Step.What.FOLLOW_UP, state=Step.State.DONE).count()
    tried = _("No follow-up was sent yet.") if not sent else _("Follow-ups sent: %(count)d of %(all)d.")
    return f"{last} {tried % {'count': sent, 'all': plan.count} if sent else tried}"


def show_plan(case: Case, user: Any) -> dict[str, Any] | None:
    """The plan of the case: what was done, what comes next, when and why, and what one may do about it."""
    plan = _latest(case)
    if plan is None:
        return None
    now = timezone.now()
    return {
        "case": case,
        "plan": plan,
        "steps": list_steps(plan),
        "level": plan.rule.level if plan.rule else Level.OFF,
        "works": user.has_perm("cases.work") and plan.is_running,
        "may_send": user.has_perm("cases.approve") and plan.step < plan.count,
        "may_skip": plan.step < plan.count,
        "move_form": MoveForm(initial={"at": timezone.localtime(max(plan.due_at, now)).strftime("%Y-%m-%dT%H:%M")}),
        "rated": Step.objects.filter(plan=plan, state=Step.State.DONE).exclude(what=Step.What.READ).order_by("-id")[:1],
    }


def list_steps(plan: Plan) -> list[dict[str, Any]]:
    """The steps over time for the ``plan`` component: done ones with what became of them, the next, the rest."""
    done = {(step.what, step.number): step for step in plan.steps.all()}
    rows = [{"text": _("Our last mail"), "more": _say(plan.quiet_since), "state": "done", "icon": "send"}]
    dues = _dates(plan)
    for number in range(1, plan.count + 1):
        step = done.get((Step.What.FOLLOW_UP, number))
        rows.append(_row(plan, number, step, dues.get(number), _("Follow-up %(number)d") % {"number": number}))
    step = done.get((Step.What.CLOSE, plan.count + 1))
    end = _row(plan, plan.count + 1, step, dues.get(plan.count + 1), _("Close, no answer"))
    return [*rows, {**end, "icon": "check"}]


def _row(plan: Plan, number: int, step: Step | None, due: Any, text: str) -> dict[str, Any]:
    if step is not None and (number <= plan.step or step.state == Step.State.DONE):
        became = "" if step.state == Step.State.DONE else f"{step.get_state_display()}, "
        return {"text": text, "more": became + _say(step.at), "state": "done"}
    if not plan.is_running:
        return {"text": text, "more": _("Not done"), "state": "", "icon": "minus"}
    is_next = number == plan.step + 1
    more = _say(plan.due_at if is_next else due) if (is_next or due) else ""
    if is_next and plan.held:
        more = plan.held
    return {"text": text, "more": more, "state": "next" if is_next else ""}


def _dates(plan: Plan) -> dict[int, Any]:
    """When the steps behind the next one are due, if each is done on time."""
    if not plan.is_running:
        return {}
    hours, found, at = hours_of(calendar_of(plan.case)), {}, plan.due_at
    try:
        for number in range(plan.step + 1, plan.count + 1):
            due = shapes.find_due(plan.shape, step=number, since=at, hours=hours, now=at)
            found[number + 1] = at = due.at
    except NeverOpen:
        return {}
    return found


def _say(at: Any) -> str:
    return date_format(timezone.localtime(at), "D j F, H:i")
