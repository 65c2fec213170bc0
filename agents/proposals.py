"""What an agent wants to do, put before whoever decides."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import BaseModel

from agents import policy, sections
from agents.actors import agent_user
from agents.audit import record
from agents.evidence import Evidence, number_marks
from agents.kinds import Kind, get_kind
from agents.models import LineOfBusiness, Rule, Suggestion
from agents.models.levels import ArrivedAs, Level
from agents.suggestions import NotAllowed, NotPending, accept, note_pending, of_subject, take_back

State = Suggestion.State


@dataclass(frozen=True)
class Proposal:
    """What an agent wants to do, computed from a snapshot outside any transaction.

    ``fingerprint`` is the kind's hard fingerprint of the snapshot: when the subject has moved on since, nothing is
    proposed. ``part_levels`` gives the wanted level of each part of a payload of parts.
    """

    payload: BaseModel
    fingerprint: dict[str, Any]
    evidence: Iterable[Evidence] = ()
    risks: list[str] = field(default_factory=list)
    confidence: float | None = None
    engine: str = ""
    engine_version: str = ""
    rule: Rule | None = None
    why: str = ""
    wanted: str | None = None
    part_levels: dict[str, str] = field(default_factory=dict)
    line_of_business: LineOfBusiness | None = None
    channel: str = ""
    topic: str = ""
    topic_label: str = ""
    arrived_as: str = ArrivedAs.LIVE
    expires_at: dt.datetime | None = None


def propose(kind_name: str, subject: Model, proposal: Proposal, *, now: dt.datetime | None = None) -> list[Suggestion]:
    """Put a proposal before whoever decides. Returns the suggestions it became: none, one, or one per level.

    History is only ever observed. A proposal equal to the last one on the same fingerprint is not made again.
    """
    kind, now = get_kind(kind_name), now or timezone.now()
    made: list[Suggestion] = []
    carry: set[str] = set()
    for level, payload in _split(kind, proposal, now):
        names = set(kind.parts(payload))
        if level == Level.ASK and carry:
            payload = kind.take_parts(proposal.payload, names | carry)
        suggestion = _propose_at(kind, subject, proposal, payload, level, now, fresh=bool(made))
        if suggestion is None:
            continue
        made.append(suggestion)
        if level == Level.AUTO and suggestion.state == State.PENDING and not _accept_as_agent(suggestion, now):
            carry |= names
    return made


def _split(kind: Kind, proposal: Proposal, now: dt.datetime) -> list[tuple[Level, BaseModel]]:
    """The payload, cut into what the agent takes, what a person is asked, and what is only observed; in this order."""
    parts = kind.parts(proposal.payload)
    wanted = {part: proposal.part_levels.get(part, proposal.wanted) for part in parts} or {"": proposal.wanted}
    groups: dict[Level, set[str]] = {}
    for part, level in wanted.items():
        groups.setdefault(_level(kind, proposal, level, now), set()).add(part)
    order = [Level.AUTO, Level.ASK, Level.OBSERVE]
    return [
        (level, kind.take_parts(proposal.payload, groups[level]) if parts else proposal.payload)
        for level in order
        if level in groups
    ]


def _level(kind: Kind, proposal: Proposal, wanted: str | None, now: dt.datetime) -> Level:
    verdict = policy.effective_level(
        kind, rule=proposal.rule, line_of_business=proposal.line_of_business, now=now, wanted=wanted
    )
    if proposal.arrived_as == ArrivedAs.HISTORY and verdict.level != Level.OFF:
        return Level.OBSERVE
    return verdict.level


@transaction.atomic
def _propose_at(
    kind: Kind, subject: Model, proposal: Proposal, payload: BaseModel, level: Level, now: dt.datetime, *, fresh: bool
) -> Suggestion | None:
    subject = kind.lock(subject)
    fingerprint = kind.fingerprint(subject)
    if not fresh and fingerprint != proposal.fingerprint:
        return None
    state = State.OBSERVED if level == Level.OBSERVE else State.PENDING
    last = of_subject(subject).filter(kind=kind.name, engine=proposal.engine).order_by("-id").first()
    body = payload.model_dump(mode="json")
    if last and last.fingerprint == fingerprint and last.proposed == body and not _outlived(last, state):
        return last
    if state == State.PENDING:
        for older in of_subject(subject).filter(kind=kind.name, state=State.PENDING):
            take_back(older, _("A newer suggestion replaced it."), now)
    suggestion = _store(kind, subject, proposal, payload, level, state, fingerprint, now)
    note_pending(kind, subject)
    record(
        f"{kind.name}.{'observed' if state == State.OBSERVED else 'suggested'}",
        by=agent_user(kind.agent),
        subject=subject,
        text=suggestion.summary,
        why=suggestion.why,
        suggestion=suggestion,
        line_of_business=suggestion.line_of_business,
        now=now,
    )
    if proposal.rule is not None:
        sections.count_match(proposal.rule, now=now)
    return suggestion


def _outlived(last: Suggestion, state: str) -> bool:
    """Whether an equal proposal may be made again: what was only observed or withdrawn may be asked now."""
    return last.state == State.WITHDRAWN or (last.state == State.OBSERVED and state == State.PENDING)


def _store(
    kind: Kind,
    subject: Any,
    proposal: Proposal,
    payload: BaseModel,
    level: Level,
    state: str,
    fingerprint: dict[str, Any],
    now: dt.datetime,
) -> Suggestion:
    parts = set(kind.parts(payload))
    evidence = [item for item in proposal.evidence if not parts or not item.part or item.part in parts]
    verdict = policy.effective_level(kind, rule=proposal.rule, line_of_business=proposal.line_of_business, now=now)
    return Suggestion.objects.create(
        kind=kind.name,
        agent=kind.agent,
        subject=subject,
        label=str(subject)[:200],
        link=kind.link(subject),
        summary=kind.summary(payload)[:300],
        line_of_business=proposal.line_of_business,
        channel=proposal.channel,
        topic=proposal.topic,
        topic_label=proposal.topic_label,
        rule=proposal.rule,
        rule_name=proposal.rule.name if proposal.rule else "",
        why=proposal.why or "; ".join(verdict.why),
        level=level,
        proposed=payload.model_dump(mode="json"),
        evidence=[item.model_dump(mode="json") for item in number_marks(evidence)],
        risks=proposal.risks,
        confidence=proposal.confidence,
        engine=proposal.engine,
        engine_version=proposal.engine_version,
        settings_version=verdict.version,
        fingerprint=fingerprint,
        soft_fingerprint={**kind.soft_fingerprint(subject), "settings": verdict.version},
        arrived_as=proposal.arrived_as,
        state=state,
        created_at=now,
        expires_at=proposal.expires_at,
    )


def _accept_as_agent(suggestion: Suggestion, now: dt.datetime) -> bool:
    """Let the agent accept its own suggestion; when anything stands against it, it stays pending for a person."""
    try:
        accept(suggestion.pk, by=agent_user(suggestion.agent), now=now)
    except (NotAllowed, NotPending, PermissionDenied) as refusal:
        reasons = getattr(refusal, "reasons", None) or [str(refusal)]
        note = _("Not done by the agent: %(reasons)s") % {"reasons": "; ".join(reasons)}
        Suggestion.objects.filter(pk=suggestion.pk, state=State.PENDING).update(why=note, level=Level.ASK)
        return False
    return True
