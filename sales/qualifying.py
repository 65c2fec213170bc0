"""Qualification: judge a researched lead by the criteria, and put the verdict before whoever decides."""

import datetime as dt
from typing import Any

from django.db import transaction

from agents import sections, skills
from agents.evidence import Evidence, Quoted, RuleMatch
from agents.models import SectionSetting, Suggestion
from agents.models.levels import Level
from agents.proposals import Proposal, propose
from sales.asking import Criterion, Fit, Known, Qualify
from sales.fit import stored_topic
from sales.lifecycle import lock_lead, move_lead
from sales.models import Lead
from sales.payloads import Verdict
from sales.research import current_findings

SECTION = "sales.qualification"
KIND = "sales.qualify_lead"
OPEN = (Lead.Status.NEW, Lead.Status.RESEARCHING)


def due_leads(limit: int) -> list[int]:
    """Leads whose fit is to be judged while somebody judges, oldest first."""
    if not SectionSetting.objects.filter(section=SECTION, is_on=True).exists():
        return []
    return list(Lead.objects.filter(fit_due=True).order_by("id").values_list("pk", flat=True)[:limit])


def criteria_of(values: dict[str, Any]) -> list[Criterion]:
    """The criteria of the settings."""
    return [Criterion.model_validate(row) for row in values.get("criteria") or []]


def judge_lead(lead: Lead, values: dict[str, Any]) -> tuple[Fit, skills.Answer[Fit]]:
    """How the lead fits, by what is known about it now; writes nothing."""
    criteria = criteria_of(values)
    question = Qualify(
        criteria=criteria,
        findings=stored_values(lead, criteria)
        + [
            Known(id=row.pk, topic=row.topic, claim=row.claim, value=row.value, quote=row.quote)
            for row in current_findings(lead)
        ],
        high=int(values.get("high", 70)),
        moderate=int(values.get("moderate", 50)),
    )
    answer = skills.run("sales.qualify", question, skills.Scope(lead.line_of_business_id))
    return answer.output, answer


def stored_values(lead: Lead, criteria: list[Criterion]) -> list[Known]:
    """What the fields say that an administrator named for a criterion: the lead's own, or its company's."""
    known = []
    for criterion in criteria:
        if criterion.stored and (value := read_field(lead, criterion.stored)):
            known.append(Known(id=0, topic=stored_topic(criterion), claim=value, value=value, quote=value))
    return known


def read_field(lead: Lead, name: str) -> str:
    """A field of the lead by its name, "custom …" for one of its own, "company …" for one of its company."""
    if name.startswith("custom "):
        value = {key.lower(): each for key, each in lead.custom.items()}.get(name.removeprefix("custom ").lower())
    elif name.startswith("company "):
        company = lead.contact.company if lead.contact else None
        value = getattr(company, name.removeprefix("company "), "") if company else ""
    else:
        value = getattr(lead, name)
    return str(value if value is not None else "").strip()[:300]


def verdict_of(fit: Fit, values: dict[str, Any]) -> str:
    """High and moderate fit qualify, low disqualifies; the settings may ask for a high one."""
    ranks = ("high",) if values.get("needs") == "high" else ("high", "moderate")
    return "qualified" if fit.rank in ranks else "disqualified"


def fingerprint(lead: Lead) -> dict[str, Any]:
    """Where the lead stands, and what is known about it."""
    known = list(lead.findings.filter(retired_at__isnull=True).order_by("pk").values_list("pk", flat=True))
    return {"status": lead.status, "findings": known}


def suggest_verdict(pk: int, *, now: dt.datetime) -> list[Suggestion]:
    """Judge one lead and propose the verdict; a lead beyond qualification only gets its score anew."""
    lead = Lead.objects.select_related("line_of_business").get(pk=pk)
    loaded = sections.load(SECTION, lead.line_of_business)
    made: list[Suggestion] = []
    if loaded.is_on and loaded.level != Level.OFF:
        before = fingerprint(lead)
        fit, answer = judge_lead(lead, loaded.values)
        if fit.rank and lead.status in OPEN:
            made = propose(KIND, lead, _proposal(lead, fit, answer, loaded, before), now=now)
        elif fit.rank:
            write_fit(lead, rank=fit.rank, score=fit.score, reasons=[row.model_dump() for row in fit.reasons])
    Lead.objects.filter(pk=pk).update(fit_due=False)
    return made


def _proposal(
    lead: Lead, fit: Fit, answer: skills.Answer[Fit], loaded: sections.Loaded, before: dict[str, Any]
) -> Proposal:
    return Proposal(
        payload=Verdict.model_validate(
            {"verdict": verdict_of(fit, loaded.values), "rank": fit.rank, "score": fit.score, "reasons": fit.reasons}
        ),
        fingerprint=before,
        evidence=_evidence(lead, fit, criteria_of(loaded.values)),
        confidence=answer.confidence,
        engine=answer.engine,
        engine_version=answer.version,
        wanted=Level.AUTO if answer.confidence >= float(loaded.values.get("auto_from", 0.8)) else Level.ASK,
        line_of_business=lead.line_of_business,
        arrived_as=lead.arrived_as,
    )


def _evidence(lead: Lead, fit: Fit, criteria: list[Criterion]) -> list[Evidence]:
    """The findings behind the reasons, and the fields that an administrator named for a criterion."""
    texts = {row.pk: row for row in current_findings(lead)}
    quoted: list[Evidence] = [
        Quoted(
            row=row.pk,
            title=row.claim,
            url=row.url,
            start=row.start,
            end=row.end,
            text=row.quote,
            part=reason.criterion,
        )
        for reason in fit.reasons
        if reason.finding and (row := texts.get(reason.finding))
    ]
    stored = {one.name: (one.stored, read_field(lead, one.stored)) for one in criteria if one.stored}
    return quoted + [
        RuleMatch(part=name, name=f"{field}: {value}"[:200]) for name, (field, value) in stored.items() if value
    ]


@transaction.atomic
def write_fit(lead: Lead, *, rank: str, score: int | None, reasons: list[dict[str, Any]]) -> None:
    """Write how a lead fits."""
    Lead.objects.filter(pk=lead.pk).update(fit=rank, fit_score=score, fit_reasons=reasons)


@transaction.atomic
def carry_out(lead: Lead, verdict: Verdict, *, by: Any, now: dt.datetime | None = None) -> Lead:
    """Write the fit and move the lead to where the verdict puts it."""
    reasons = [row.model_dump() for row in verdict.reasons]
    write_fit(lead, rank=verdict.rank, score=verdict.score, reasons=reasons)
    why = f"{Lead.Fit(verdict.rank).label}, {verdict.score}"
    return move_lead(lock_lead(lead.pk), verdict.verdict, by=by, why=why, now=now)
