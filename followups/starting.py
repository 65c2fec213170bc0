"""Plans begin: quiet cases are found by key, round and round, and each gets the plan of the first rule that fits."""

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, Q, QuerySet
from django.utils.translation import gettext as _

from agents import conditions, sections, skills
from agents.actors import agent_user
from agents.audit import record
from agents.cadence import Kind
from agents.cadence.calendars import NeverOpen, hours_of
from agents.models import Rule, SectionSetting
from agents.models.levels import ArrivedAs, Level
from cases.lifecycle import lock_case
from cases.models import Case
from conversations.models import Message
from followups import judging, shapes
from followups.models import Plan, Round, Step
from followups.plans import AGENT, SECTION, advance, note_step, running_plan

# So many cases are looked at in one turn, whatever rules there are.
WINDOW = 2000
ROUND = "quiet"
OUT, IN = Message.Direction.OUT, Message.Direction.IN


@dataclass(frozen=True)
class Match:
    """The rule that chases a silence, by which of its triggers, and why in words."""

    rule: Rule
    trigger: str
    why: str


def quiet_cases() -> QuerySet[Case]:
    """Open live cases whose last message was not considered yet; exactly the index ``case_silence_due``."""
    return Case.objects.filter(status=Case.Status.OPEN, arrived_as=ArrivedAs.LIVE, last_message__gt=F("silence_seen"))


def find_cases(now: dt.datetime, limit: int) -> list[int]:
    """Cases that an active rule may fit: the next stretch by key, filtered in the database; then from the start."""
    if not quiet_cases().exists() or not (rules := _active_rules()):
        return []
    known = Round.objects.filter(name=ROUND).first()
    after = known.after if known else 0
    stretch = list(quiet_cases().filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:WINDOW])
    fitting = Case.objects.filter(_wanted(rules, now), pk__in=stretch).order_by("pk")
    found = list(fitting.values_list("pk", flat=True)[: limit + 1]) if stretch else []
    if len(found) > limit:
        found = found[:limit]
        reached = found[-1]
    else:
        reached = stretch[-1] if len(stretch) == WINDOW else 0
    if reached != after:
        Round.objects.update_or_create(name=ROUND, defaults={"after": reached})
    return found


def _active_rules() -> list[Rule]:
    is_on = Exists(SectionSetting.objects.filter(section=SECTION, is_on=True))
    rules = Rule.objects.filter(is_on, section=SECTION, is_active=True).exclude(level=Level.OFF)
    return list(rules.order_by("order", "id"))


def _wanted(rules: list[Rule], now: dt.datetime) -> Q:
    """What may fit at least one rule; which one does, and by which trigger, is decided case by case."""
    wanted = Q(pk__in=[])
    for rule in rules:
        one = conditions.compile(rule.conditions, Case, now)
        if rule.line_of_business_id:
            one &= Q(line_of_business=rule.line_of_business_id)
        triggers = rule.outcome.get("triggers", [])
        if Plan.Trigger.WORDS not in triggers:
            one &= Q(last_direction=OUT)
            if Plan.Trigger.ANSWER not in triggers:
                one &= Q(status_reason=rule.outcome.get("status_reason"))
        wanted |= one
    return wanted


def consider_case(pk: int, *, now: dt.datetime) -> Plan | None:
    """Look at one case: its running plan is judged; without one, the plan of the first rule that fits begins."""
    case = _read(pk)
    if case is None:
        return None
    if plan := running_plan(case):
        advance(plan.pk, now=now)
        if Plan.objects.filter(pk=plan.pk, state=Plan.State.RUNNING).exists():
            return None
        case = _read(pk)
    if case is None or not case.is_open or case.is_history or (case.last_message_id or 0) <= case.silence_seen:
        return None
    loaded = sections.load(SECTION, case.line_of_business)
    if not loaded.is_on:
        return None
    if now - case.last_message_at > dt.timedelta(days=int(loaded.values.get("oldest_days") or 60)):
        _leave(case)
        return None
    match = find_match(case, loaded, now)
    if match is None:
        if case.last_direction == IN:
            _leave(case)
        return None
    return start_plan(case, match, version=loaded.version, now=now)


def _read(pk: int) -> Case | None:
    related = ("contact", "line_of_business__calendar", "last_inbound", "last_message")
    return Case.objects.select_related(*related).filter(pk=pk).first()


def _leave(case: Case) -> None:
    """Nothing will come of this silence: it is not looked at again until there is a new message."""
    quiet = Case.objects.filter(pk=case.pk, silence_seen__lt=case.last_message_id)
    quiet.update(silence_seen=case.last_message_id)


def find_match(case: Case, loaded: sections.Loaded, now: dt.datetime) -> Match | None:
    """The first active rule whose conditions hold and one of whose triggers fits."""
    for rule in loaded.rules:
        if rule.level == Level.OFF or not conditions.holds(rule.conditions, case, now):
            continue
        if found := _trigger(case, rule):
            trigger, because = found
            words = conditions.describe(rule.conditions, Case)
            why = _("Rule “%(rule)s”: %(words)s. %(because)s") % {
                "rule": rule.name, "words": words, "because": because,
            }  # fmt: skip
            return Match(rule, trigger, why)
    return None


def _trigger(case: Case, rule: Rule) -> tuple[str, str] | None:
    """Which trigger of the rule fits, and why; silence is only ever measured against our own last mail or a promise."""
    triggers, last = rule.outcome.get("triggers", []), case.last_message
    ours = case.last_direction == OUT
    if Plan.Trigger.STATUS in triggers and ours and case.status_reason == rule.outcome.get("status_reason"):
        return Plan.Trigger.STATUS, _("The status is “%(status)s”.") % {"status": case.get_status_reason_display()}
    if Plan.Trigger.ANSWER in triggers and ours and last is not None and last.agent:
        return Plan.Trigger.ANSWER, _("The agent's answer was sent.")
    if Plan.Trigger.WORDS in triggers and (words := _promise(case)):
        return Plan.Trigger.WORDS, _("The customer wrote “%(words)s”.") % {"words": words}
    return None


def _promise(case: Case) -> str:
    """The words with which the customer's last mail promises to come back, "" when it does not."""
    mail = case.last_inbound
    if mail is None or mail.nature != Message.Nature.PERSON:
        return ""
    asked = {"message": mail.pk or 0, "text": mail.newest_text}
    read = skills.run("followups.read_promise", asked, skills.Scope(case.line_of_business_id))
    if not read.output.promises or judging.read_reaction_of(case, mail)[0] in ("rejects", "person", "question"):
        return ""
    return next((words.text for words in read.evidence if words.kind == "words"), "")


@transaction.atomic
def start_plan(case: Case, match: Match, *, version: int, now: dt.datetime) -> Plan | None:
    """Begin a plan on the silence as it was seen; None when the case moved on, or has one."""
    seen = case.last_message
    locked = lock_case(case.pk)
    moved_on = locked.last_message_id != case.last_message_id or not locked.is_open or locked.is_history
    if seen is None or moved_on or running_plan(locked):
        return None
    shape = match.rule.outcome
    since = max(at for at in (seen.received_at, locked.adopted_at) if at is not None)
    step = shapes.first_step(shape)
    plan = Plan(
        case=case,
        rule=match.rule,
        rule_name=match.rule.name,
        settings_version=version,
        shape=shape,
        trigger=match.trigger,
        why=match.why,
        started_at=now,
        last_message=seen,
        seen_inbound=case.last_inbound,
        quiet_since=seen.received_at,
        since=since,
        step=step,
        reopen_key=secrets.token_urlsafe(24),
    )
    try:
        due = shapes.find_due(shape, step=step, since=since, hours=hours_of(judging.calendar_of(case)), now=now)
        plan.due_at = plan.look_at = due.at
        plan.next_action = Plan.Action.SEND if due.kind == Kind.STEP else Plan.Action.CLOSE
    except NeverOpen:
        plan.due_at = plan.look_at = now + judging.CALENDAR_LOOK
    plan.save()
    if step:
        note_step(plan, Step.What.FOLLOW_UP, 1, Step.State.OWN_MAIL, now=now, message=seen)
    Case.objects.filter(pk=case.pk).update(silence_seen=seen.pk)
    by: Any = agent_user(AGENT)
    said = _("began the follow-up plan “%(rule)s”") % {"rule": plan.rule_name}
    record("followups.plan_started", by=by, subject=case, text=said, why=plan.why, now=now)
    return plan
