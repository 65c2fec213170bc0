"""The customer cannot be reached or stays silent: the case is given to people, where the settings want it."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from agents import sections
from agents.evidence import Envelope, Evidence
from agents.models import LineOfBusiness, Rule, Suggestion
from agents.models.levels import Level
from agents.proposals import Proposal, propose
from cases import attention, replies
from cases.models import AgentState, Case
from cases.resolving import ESCALATE_KIND, channel_level, escalation_of, level_of
from conversations.models import Message

Reason = AgentState.Reason


def suggest_after_machine(case: Case, *, now: dt.datetime) -> list[Suggestion]:
    """Our mail came back, or its reader is away."""
    state = attention.state_of(case)
    message = Message.objects.filter(pk=state.machine_mail).first()
    rule, loaded = replies.plan_reply(case, now=now)
    made: list[Suggestion] = []
    if message is None or state.machine_mail <= state.machine_seen:
        return made
    bounced = message.nature == Message.Nature.BOUNCE
    if _is_watched(case, state, rule, loaded) and (bounced or loaded.values.get("out_of_office")):
        reason = Reason.UNDELIVERABLE if bounced else Reason.OUT_OF_OFFICE
        evidence = [Envelope(message=message.pk, header="Subject", value=message.subject)]
        made = _propose(case, state, reason, message.nature_reason[:500], rule, loaded, evidence, now)
    AgentState.objects.filter(case=case).update(machine_seen=state.machine_mail)
    return made


def due_machine_mail(limit: int) -> list[int]:
    """Cases with a bounce or an absence that was not considered."""
    due = AgentState.objects.filter(machine_mail__gt=F("machine_seen"))
    return list(due.order_by("case").values_list("case", flat=True)[:limit])


def suggest_after_silence(case: Case, *, now: dt.datetime) -> list[Suggestion]:
    """The customer left the agent's last mail unanswered for as long as the settings allow."""
    state = attention.state_of(case)
    rule, loaded = replies.plan_reply(case, now=now)
    days, mail = int(loaded.values.get("silent_days") or 0), state.last_mail
    made: list[Suggestion] = []
    if mail is None or not days or not _overdue(AgentState.objects.filter(case=case), now - dt.timedelta(days=days)):
        return made
    if _is_watched(case, state, rule, loaded) and case.last_message_id == mail.pk:
        why = _("No answer to our mail for %(days)d days.") % {"days": days}
        made = _propose(case, state, Reason.NOT_RESPONDING, why, rule, loaded, (), now)
    AgentState.objects.filter(case=case).update(silence_seen=mail.pk)
    return made


def due_silence(limit: int, *, now: dt.datetime) -> list[int]:
    """Cases whose customer owes an answer to the agent's mail longer than their line's settings allow."""
    found: list[int] = []
    waiting = AgentState.objects.filter(waits_for=AgentState.WaitsFor.CUSTOMER, case__status=Case.Status.OPEN)
    for line in [None, *LineOfBusiness.objects.all()]:
        loaded = sections.load(replies.SECTION, line)
        if days := int(loaded.values.get("silent_days") or 0) if loaded.is_on else 0:
            found += _overdue(waiting.filter(case__line_of_business=line), now - dt.timedelta(days=days))[:limit]
    return found[:limit]


def _overdue(rows: QuerySet[AgentState], before: dt.datetime) -> QuerySet[Any]:
    """Those whose mail left before then and was not considered yet."""
    left = {"last_mail__send_state": Message.SendState.SENT, "last_mail__received_at__lte": before}
    rows = rows.filter(**left, last_mail__gt=F("silence_seen"))
    return rows.order_by("case").values_list("case", flat=True)


def _is_watched(case: Case, state: AgentState, rule: Rule | None, loaded: sections.Loaded) -> bool:
    return loaded.is_on and case.is_open and not state.is_held and level_of(case, rule, loaded) != Level.OFF


def _propose(
    case: Case, state: AgentState, reason: str, details: str, rule: Rule | None, loaded: sections.Loaded,
    evidence: Sequence[Evidence], now: dt.datetime,
) -> list[Suggestion]:  # fmt: skip
    return propose(ESCALATE_KIND, case, Proposal(
        payload=escalation_of(case, state, reason, details, loaded),
        fingerprint=replies.reply_fingerprint(case),
        evidence=evidence,
        rule=rule,
        wanted=channel_level(case, loaded),
        line_of_business=case.line_of_business,
        channel=case.origin,
        arrived_as=case.arrived_as,
    ), now=now)  # fmt: skip
