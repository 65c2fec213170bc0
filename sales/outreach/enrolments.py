"""A lead's way through a cadence: begun, led from mail to mail, held, resumed, ended."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import sections
from agents.audit import record
from agents.cadence import Due, Kind, State, next_due
from agents.cadence.calendars import ALWAYS_OPEN
from agents.models import Effect, Suggestion
from agents.models.levels import ArrivedAs, Level
from agents.queue import ring
from agents.suggestions import of_subject, withdraw_stale
from conversations import suppression
from conversations.models import Message, Suppression
from sales.lifecycle import WrongMove, lock_lead, move_lead
from sales.models import Enrolment, Lead, Touch
from sales.outreach import mails
from sales.outreach.plan import SECTION, plan_of
from sales.outreach.rhythm import cadence_of, count_mails

Ended, Running = Enrolment.Ended, Enrolment.State
BELL = "lead.touch_due"
# How soon a cadence that waits for somebody or something is looked at again.
LOOK_SOON, LOOK_LATER = dt.timedelta(minutes=2), dt.timedelta(minutes=10)
BY_REASON = {Suppression.Reason.COMPLAINT: Ended.COMPLAINED, Suppression.Reason.BOUNCE: Ended.BOUNCED}
MOVES = {
    Ended.FINISHED: Lead.Status.CLOSED,
    Ended.OPTED_OUT: Lead.Status.CLOSED,
    Ended.COMPLAINED: Lead.Status.CLOSED,
    Ended.BOUNCED: Lead.Status.DISQUALIFIED,
    Ended.REPLIED: Lead.Status.REPLIED,
}


def running_of(lead: Lead) -> Enrolment | None:
    """The cadence the lead is in, if it is in one."""
    return lead.enrolments.exclude(state=Running.ENDED).first()


def list_running(lead: int) -> list[int]:
    """The running cadence of a lead, by its key."""
    return list(Enrolment.objects.filter(lead=lead, state=Running.ACTIVE).values_list("pk", flat=True))


def find_leads(now: dt.datetime, limit: int) -> list[int]:
    """Qualified leads with an address that nobody has begun to write to; history only to be observed."""
    observed = Suggestion.objects.filter(kind=mails.KIND, object_id=OuterRef("pk"), content_type__model="lead")
    rows = Lead.objects.filter(status=Lead.Status.QUALIFIED).exclude(email="")
    fresh = Q(enrolments__isnull=True) & ~Exists(observed.filter(state=Suggestion.State.OBSERVED))
    return list(rows.filter(fresh).order_by("id").values_list("pk", flat=True)[:limit])


def consider_lead(pk: int, *, now: dt.datetime) -> Enrolment | None:
    """Begin to write to a qualified lead, as far as settings and rules allow; only observed when they say so."""
    lead = Lead.objects.select_related("line_of_business", "product", "conversation").get(pk=pk)
    loaded = sections.load(SECTION, lead.line_of_business)
    if lead.status != Lead.Status.QUALIFIED or not loaded.is_on or running_of(lead):
        return None
    rule, _why = sections.first_match(loaded.rules, lead, now)
    level = rule.level if rule else loaded.level
    if level == Level.OFF or (rule is None and loaded.rules) or mails.why_suppressed(lead):
        return None
    if level == Level.OBSERVE or lead.arrived_as == ArrivedAs.HISTORY:
        mails.suggest_mail(
            lead, enrolment=None, step=1, steps=count_mails(plan_of(lead).rhythm(lead)), rule=rule, now=now
        )
        return None
    return enrol(lead, by=None, now=now)


@transaction.atomic
def enrol(lead: Lead, *, by: Any, now: dt.datetime | None = None) -> Enrolment | None:
    """Put a lead into the cadence as the settings say it today; None when it is in one or may not be."""
    now = now or timezone.now()
    lead = lock_lead(lead.pk)
    if lead.status != Lead.Status.QUALIFIED or not lead.email or lead.is_history or running_of(lead):
        return None
    plan = plan_of(lead)
    enrolment = Enrolment.objects.create(
        lead=lead,
        section_version=plan.loaded.version,
        cadence=plan.rhythm(lead),
        next_due_at=now,
        started_at=now,
    )
    record("lead.enrolled", by=by, subject=lead, text=_("put it into the cadence"), now=now)
    ring(BELL, enrolment.pk)
    return enrolment


def find_due(now: dt.datetime, limit: int) -> list[int]:
    """Running cadences whose time to be looked at has come."""
    rows = Enrolment.objects.filter(state=Running.ACTIVE, next_due_at__lte=now).order_by("next_due_at", "id")
    return list(rows.values_list("pk", flat=True)[:limit])


def advance(pk: int, *, now: dt.datetime) -> str:
    """Look at one cadence: end it, wait, or draft its next mail. Returns what was done, for tests and logs."""
    enrolment = Enrolment.objects.select_related("lead__line_of_business", "lead__product", "lead__conversation").get(
        pk=pk
    )
    if enrolment.state != Running.ACTIVE:
        return "not running"
    if ended := _find_end(enrolment):
        end(enrolment, ended[0], why=ended[1], by=None, now=now)
        return "ended"
    if waits := _find_wait(enrolment, now):
        return waits
    due = _next(enrolment, now)
    if due.is_missed:
        end(enrolment, Ended.MISSED, why=_("The mail could not be sent in time."), by=None, now=now)
        return "missed"
    if not due.is_due:
        Enrolment.objects.filter(pk=pk).update(next_due_at=due.at)
        return "waits"
    if due.kind == Kind.END:
        end(
            enrolment,
            Ended.FINISHED,
            why=_("No answer to %(count)d mails") % {"count": enrolment.step},
            by=None,
            now=now,
        )
        return "finished"
    return _draft_next(enrolment, now)


def _find_end(enrolment: Enrolment) -> tuple[str, str] | None:
    lead = enrolment.lead
    row = suppression.is_suppressed(lead.email, outreach=True) if lead.email else None
    if row is not None:
        return BY_REASON.get(Suppression.Reason(row.reason), Ended.OPTED_OUT), suppression.explain(lead.email, row)
    if lead.status == Lead.Status.HANDED_OVER:
        return Ended.HANDED_OVER, str(lead.get_status_display())
    if not lead.is_open:
        return Ended.DISQUALIFIED, str(lead.get_status_display())
    rejected = of_subject(lead).filter(kind=mails.KIND).order_by("-id").first()
    if rejected and rejected.state == Suggestion.State.REJECTED and rejected.proposed.get("enrolment") == enrolment.pk:
        return Ended.STOPPED, rejected.reason or _("The draft was rejected.")
    return None


def _find_wait(enrolment: Enrolment, now: dt.datetime) -> str:
    """What the next mail waits for: a decision, or that the last one leaves; empty when for nothing."""
    if of_subject(enrolment.lead).filter(kind=mails.KIND, state=Suggestion.State.PENDING).exists():
        return _look_again(enrolment, now + LOOK_LATER, "waits for a decision")
    last = enrolment.touches.filter(direction=Touch.Direction.OUT).select_related("message").order_by("-step").first()
    state = last.message.send_state if last and last.message else ""
    if last and state in (Message.SendState.NOT_SENT, Message.SendState.REFUSED, Message.SendState.UNKNOWN):
        reason = last.message.send_reason if last.message else ""
        hold(enrolment, why=reason or _("The last mail did not leave."), by=None, now=now)
        return "held"
    if last and state == Message.SendState.QUEUED:
        return _look_again(enrolment, max(last.at, now) + LOOK_SOON, "waits to leave")
    return ""


def _look_again(enrolment: Enrolment, at: dt.datetime, what: str) -> str:
    Enrolment.objects.filter(pk=enrolment.pk, state=Running.ACTIVE).update(next_due_at=at)
    return what


def _next(enrolment: Enrolment, now: dt.datetime) -> Due:
    """The next mail, counted from when the one before really left; not before the lead asked to be written to."""
    rows = enrolment.touches.filter(direction=Touch.Direction.OUT).select_related("message").order_by("step")
    keys = [row.message.effect_key for row in rows if row.message]
    left = dict(Effect.objects.filter(key__in=keys).values_list("key", "settled_at"))
    done = [left.get(row.message.effect_key if row.message else "") or row.at for row in rows]
    resume = enrolment.cadence.get("resume_at")
    if resume and done:
        done[-1] = max(done[-1], dt.datetime.fromisoformat(resume) - _wait_after(enrolment))
    return next_due(cadence_of(enrolment.cadence), State(enrolment.started_at, done), now, ALWAYS_OPEN)


def _wait_after(enrolment: Enrolment) -> dt.timedelta:
    waits = enrolment.cadence["waits"]
    return dt.timedelta(days=waits[enrolment.step] if enrolment.step < len(waits) else enrolment.cadence["end_days"])


def _draft_next(enrolment: Enrolment, now: dt.datetime) -> str:
    lead, step = enrolment.lead, enrolment.step + 1
    rule, _why = sections.match_rule(SECTION, lead, now=now)
    made = mails.suggest_mail(
        lead, enrolment=enrolment, step=step, steps=count_mails(enrolment.cadence), rule=rule, now=now
    )
    if not made:
        loaded = sections.load(SECTION, lead.line_of_business)
        if loaded.is_on and Level(rule.level if rule else loaded.level) not in (Level.OFF, Level.OBSERVE):
            why = _("There is nothing to say: no finding and no offer. Add an offer on the Outreach page.")
            hold(enrolment, why=why, by=None, now=now)
            return "held"
    if not made or made[0].state == Suggestion.State.OBSERVED:
        return _look_again(enrolment, now + LOOK_LATER, "nothing")
    return _look_again(enrolment, now + LOOK_SOON, "drafted")


@transaction.atomic
def end(enrolment: Enrolment, reason: str, *, why: str, by: Any, now: dt.datetime) -> bool:
    """End a cadence: what waits is withdrawn, what is queued will not leave, the lead moves on. False: it had ended."""
    lead = lock_lead(enrolment.lead_id)
    rows = Enrolment.objects.filter(pk=enrolment.pk).exclude(state=Running.ENDED)
    if not rows.update(state=Running.ENDED, state_why=why[:300], ended_at=now, ended_reason=reason, next_due_at=None):
        return False
    enrolment.state, enrolment.ended_reason = Running.ENDED, reason
    text = _("ended the cadence: %(why)s") % {"why": Ended(reason).label}
    record("lead.cadence_ended", by=by, subject=lead, text=text, why=why, now=now)
    withdraw_stale(lead, reason=_("The cadence ended: %(why)s") % {"why": Ended(reason).label}, now=now)
    status = MOVES.get(Ended(reason))
    if status and lead.is_open and lead.status != status:
        _try_move(lead, status, by=by, why=why or str(Ended(reason).label), now=now)
    return True


def _try_move(lead: Lead, status: str, *, by: Any, why: str, now: dt.datetime) -> None:
    try:
        move_lead(lead, status, by=by, why=why, now=now)
    except WrongMove:
        return


@transaction.atomic
def hold(enrolment: Enrolment, *, why: str, by: Any, now: dt.datetime) -> bool:
    """Stop for now; nothing leaves until somebody goes on."""
    lead = lock_lead(enrolment.lead_id)
    rows = Enrolment.objects.filter(pk=enrolment.pk, state=Running.ACTIVE)
    if not rows.update(state=Running.HELD, state_why=why[:300]):
        return False
    enrolment.state = Running.HELD
    record("lead.cadence_held", by=by, subject=lead, text=_("held the cadence"), why=why, now=now)
    withdraw_stale(lead, reason=_("The cadence is held."), now=now)
    return True


@transaction.atomic
def resume(enrolment: Enrolment, *, by: Any, at: dt.datetime | None = None, why: str = "", now: dt.datetime) -> bool:
    """Go on with a held cadence, not before ``at``."""
    lead = lock_lead(enrolment.lead_id)
    row = Enrolment.objects.select_for_update(of=("self",)).filter(pk=enrolment.pk, state=Running.HELD).first()
    if row is None:
        return False
    row.state, row.state_why, row.next_due_at = Running.ACTIVE, why[:300], at or now
    row.cadence = row.cadence | {"resume_at": (at or now).isoformat()}
    row.save(update_fields=["state", "state_why", "next_due_at", "cadence"])
    enrolment.state = Running.ACTIVE
    record("lead.cadence_resumed", by=by, subject=lead, text=_("went on with the cadence"), why=why, now=now)
    ring(BELL, row.pk)
    return True


def end_suppressed(pk: int, *, now: dt.datetime) -> int:
    """An address was suppressed: the cadences of leads it covers end. Returns how many."""
    running = Enrolment.objects.exclude(state=Running.ENDED).exclude(lead__email="").select_related("lead")
    rows = list(running.order_by("pk"))
    found = suppression.find_suppressed([row.lead.email for row in rows], outreach=True)
    ended = 0
    for row in rows:
        if (why := found.get(row.lead.email)) is not None:
            reason = BY_REASON.get(Suppression.Reason(why.reason), Ended.OPTED_OUT)
            ended += end(row, reason, why=suppression.explain(row.lead.email, why), by=None, now=now)
    return ended
