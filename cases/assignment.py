"""Queue and owner of a case by rules: what they say, put before whoever decides, and who waits."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import structlog
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import F, Q, QuerySet, Value
from django.utils.translation import gettext as _

from agents import sections
from agents.audit import record
from agents.evidence import RuleMatch
from agents.models import Entry, Rule, SectionSetting, Suggestion
from agents.models.levels import ArrivedAs
from agents.policy import pausing
from agents.proposals import Proposal, propose
from agents.queue import ring
from agents.sections import SECTIONS, Loaded, configuring
from cases.choosing import ROUND_ROBIN, Choice, Need, choose
from cases.lifecycle import CaseChanged, assign_case, lock_case
from cases.models import Assignment, Case
from cases.payloads import AssignPayload
from cases.pools import KIND, SECTION, find_pool, list_candidates, lock_turns, take_turn
from cases.reassigning import look_again
from cases.replies import AGENT
from conversations.models import Queue

log = structlog.get_logger(__name__)
State = Assignment.State
# Fields come first, because rules look at them; a case whose fields hang is assigned without them.
FIELDS_MAY_TAKE = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Plan:
    """What the rules say about a case now."""

    rule: Rule | None
    why: str
    queue: Queue | None = None
    choice: Choice | None = None

    @property
    def owner(self) -> int | None:
        """Who gets it."""
        return self.choice.person.pk if self.choice and self.choice.person else None


def plan_assignment(case: Case, loaded: Loaded, row: Assignment, *, now: dt.datetime) -> Plan:
    """The first rule that matches: its queue, and one of the people there. Reads only."""
    rules = loaded.rules
    if row.keeps_queue:
        rules = [rule for rule in rules if rule.outcome.get("queue") in (None, case.queue_id)]
    rule, why = sections.first_match(rules, case, now)
    if rule is None:
        return Plan(None, why)
    queue = Queue.objects.filter(pk=rule.outcome.get("queue") or case.queue_id or 0).first()
    people, pool = find_pool(rule, queue, case.line_of_business)
    need = Need(
        presence=rule.outcome.get("presence", "available"),
        abilities={each["ability"]: each["level"] for each in rule.outcome.get("abilities", [])},
        returned_by=frozenset(row.returned_by),
    )
    choice = choose(list_candidates(people, rule, case, loaded.values), rule.outcome.get("way", ""), need, pool)
    return Plan(rule, choice.why, queue, choice)


# ── what is due ───────────────────────────────────────────────────────────────────────────────────────────────────


def due_cases(limit: int, *, now: dt.datetime) -> list[int]:
    """Open live cases at which the rules have to look: new, changed, returned, or under newer rules."""
    if not is_at_work(now=now):
        return []
    version = configuring.version_of(SECTIONS[SECTION])
    read = Q(last_inbound=None) | Q(fields_seen__gte=F("last_inbound"))
    overdue = Q(created_at__lt=now - FIELDS_MAY_TAKE)
    older = Q(owner=None, assignment__state__in=[State.LEFT, State.WAITING], assignment__version__lt=version)
    due = Q(owner=None, assignment=None) | Q(assignment__is_due=True) | older
    rows = Case.objects.filter(read | overdue, due, status=Case.Status.OPEN, arrived_as=ArrivedAs.LIVE)
    return list(in_order(rows).values_list("pk", flat=True)[:limit])


def is_at_work(*, now: dt.datetime) -> bool:
    """Whether rules assign anything now: switched on for somebody, and the agent is not paused."""
    switched_on = SectionSetting.objects.filter(section=SECTION, is_on=True).exists()
    return switched_on and not pausing.is_paused(AGENT, now=now)


def in_order(rows: QuerySet[Case]) -> QuerySet[Case]:
    """Who came first is first; with the setting, the most urgent before."""
    if sections.load(SECTION).values.get("order") != "priority":
        return rows.order_by("created_at", "pk")
    ranks = [models.When(priority=code, then=Value(place)) for place, code in enumerate(Case.Priority.values)]
    rank = models.Case(*ranks, default=Value(0), output_field=models.IntegerField())
    return rows.order_by(rank.desc(), "created_at", "pk")


def assign_waiting(*, now: dt.datetime) -> int:
    """Somebody may be free: those who wait longest come first; how many were given to somebody."""
    if not is_at_work(now=now):
        return 0
    waiting = in_order(Case.objects.filter(assignment__state=State.WAITING, owner=None, status=Case.Status.OPEN))
    stuck: set[int | None] = set()
    given = 0
    for pk, rule, returned in waiting.values_list("pk", "assignment__rule", "assignment__returned_by")[:1000]:
        if rule in stuck:
            continue
        try:
            row = assign_by_rules(pk, now=now)
        except Exception:  # one case that fails may not keep the others waiting
            log.exception("assignment.failed", case=pk)
            continue
        if row is not None and row.state == State.WAITING and not returned:
            stuck.add(row.rule_id)
        given += row is not None and row.state == State.GIVEN
    return given


# ── one case ──────────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def assign_by_rules(pk: int, *, now: dt.datetime) -> Assignment | None:
    """Ask the rules about one case and propose what they say; None when it is nothing for them.

    Choosing and writing are one transaction under one lock, so that two workers never count the same room twice.
    """
    if not is_at_work(now=now):
        return None
    lock_turns()
    case = lock_case(pk)
    row = Assignment.objects.filter(case=case).first() or Assignment(case=case)
    if _is_unread(case) and now - case.created_at < FIELDS_MAY_TAKE:
        return None  # the fields come first; their sweep rings
    loaded = sections.load(SECTION, case.line_of_business)
    old_rule, old_state, row.is_due = row.rule_id, row.state, False
    row.version = configuring.version_of(SECTIONS[SECTION])
    if not loaded.is_on or not may_assign(case, row):
        if case.is_open:  # looked at: it takes no other's place while it is due for nothing
            row.save()
        return None
    plan = plan_assignment(case, loaded, row, now=now)
    if case.owner_id and (plan.rule is None or plan.rule.pk == old_rule):
        row.save()  # the same rule as before: whoever has it keeps it
        return row
    row.rule, row.why, row.at = plan.rule, plan.why[:300], now
    row.state = _state_of(plan)
    queue = plan.queue.pk if plan.queue else None
    if plan.rule is None or (queue == case.queue_id and plan.owner == case.owner_id):
        row.save()
        if row.state == State.WAITING and old_state != State.WAITING:
            record("case.waits", by=None, subject=case, text=_("waits until somebody is free"), why=plan.why, now=now)
        return row
    return _put_forward(case, row, plan, now)


def may_assign(case: Case, row: Assignment) -> bool:
    """Whether rules may move it: nobody owns it, or the agent gave it to somebody and no person touched it since."""
    if not case.is_open or case.is_history:
        return False
    if case.owner_id is None:
        return row.state != State.KEPT
    return row.state == State.GIVEN and row.owner_id == case.owner_id and not is_touched(case, row.at)


def _is_unread(case: Case) -> bool:
    """Whether the customer wrote something whose fields were not considered yet."""
    return bool(case.last_inbound_id and case.last_inbound_id > case.fields_seen)


def is_touched(case: Case, since: dt.datetime) -> bool:
    """Whether a person did anything about the case since then."""
    kind = ContentType.objects.get_for_model(Case)
    entries = Entry.objects.filter(content_type=kind, object_id=case.pk, at__gte=since, actor=Entry.Actor.PERSON)
    return entries.exists()


def _state_of(plan: Plan) -> str:
    if plan.choice is None or (plan.owner is None and not plan.choice.waits):
        return State.LEFT
    return State.GIVEN if plan.owner else State.WAITING


def _put_forward(case: Case, row: Assignment, plan: Plan, now: dt.datetime) -> Assignment:
    """Propose it; the row says what became of it. A turn is taken when somebody was chosen, at every level."""
    assert plan.rule is not None
    assert plan.choice is not None
    reached, row.state = row.state, State.ASKED
    row.save()
    made = propose(KIND, case, _proposal(case, plan), now=now)
    outcome = Suggestion.objects.values_list("state", flat=True).get(pk=made[-1].pk) if made else ""
    if made and plan.owner and plan.rule.outcome.get("way") == ROUND_ROBIN:
        take_turn(plan.rule, plan.owner)
    if outcome == Suggestion.State.PENDING:
        row.save()  # an older suggestion that this one replaced said otherwise
        return row
    row.state = reached if outcome == Suggestion.State.ACCEPTED else State.LEFT
    row.owner_id = plan.owner if row.state == State.GIVEN else None
    row.save()
    return row


def _proposal(case: Case, plan: Plan) -> Proposal:
    assert plan.rule is not None
    assert plan.choice is not None
    chosen = plan.choice.person
    return Proposal(
        payload=AssignPayload(
            queue=plan.queue.pk if plan.queue else None,
            owner=plan.owner,
            from_queue=case.queue_id,
            from_owner=case.owner_id,
            reason=plan.why,
            waits=plan.choice.waits,
            shown=", ".join(filter(None, [chosen.name if chosen else "", str(plan.queue or "")])),
        ),
        fingerprint=assignment_fingerprint(case),
        evidence=[RuleMatch(rule=plan.rule.pk, name=plan.rule.name)],
        rule=plan.rule,
        why=plan.why,
        engine="rules",
        line_of_business=case.line_of_business,
        channel=case.origin,
        topic=case.topic,
        topic_label=case.topic_label,
        arrived_as=case.arrived_as,
    )


def assignment_fingerprint(case: Case) -> dict[str, Any]:
    """What must not change between the proposal and the act: who has it, where it stands, what it is about."""
    return {"open": case.is_open, "owner": case.owner_id, "queue": case.queue_id, "topic": case.topic}


@transaction.atomic
def route_again(case: Case, *, by: Any, now: dt.datetime | None = None) -> None:
    """A person lets the rules decide anew about a case that nobody else has; raises CaseChanged when it is closed.

    What people decided before is forgotten: queue, owner and who gave it back.
    """
    case = lock_case(case.pk)
    if not case.is_open:
        raise CaseChanged
    if case.owner_id:
        case = assign_case(case, by=by, owner=None, why=_("The rules decide anew."), now=now)
    if case.last_inbound_id:
        ring("message.stored", case.last_inbound_id)  # a newer library may know better what it is about
    Assignment.objects.update_or_create(
        case=case,
        defaults={"state": State.LEFT, "is_due": True, "keeps_queue": False, "returned_by": [], "rule": None},
    )
    record("case.routed_again", by=by, subject=case, text=_("let the rules decide anew"), now=now)
    look_again(case)
