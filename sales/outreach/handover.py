"""A lead goes to a person: with a note that says why and what is known, a task, and the seller chosen by rule."""

import datetime as dt
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.notifications import notify
from agents import sections
from agents.evidence import Evidence
from agents.models import Suggestion
from agents.models.levels import Level
from agents.proposals import Proposal, propose
from agents.suggestions import NotAllowed
from conversations.models import Message, Note
from conversations.todos import create_task
from sales.lifecycle import WrongMove, assign_lead, lock_lead, move_lead
from sales.models import Enrolment, HandOver, Lead
from sales.outreach import enrolments, handed
from sales.outreach.handed import SECTION
from sales.outreach.payloads import HandOverPayload
from sales.outreach.plan import AGENT

KIND = "sales.hand_over"
FINDINGS_NAMED, QUOTED = 8, 1500


def sellers_of(values: dict[str, Any]) -> list[Any]:
    """Who takes leads by the settings: the people named, or everybody of the one team."""
    people = get_user_model().objects.filter(is_active=True, is_agent=False)
    if values.get("sellers"):
        people = people.filter(pk__in=values["sellers"])
    elif values.get("team"):
        people = people.filter(teams=values["team"])
    else:
        return []
    return [person for person in people.order_by("pk") if person.has_perm("sales.work")]


def choose_seller(lead: Lead, values: dict[str, Any]) -> Any:
    """Whose turn it is: the lead's own seller when they take leads, else who was given one longest ago."""
    sellers = sellers_of(values)
    if lead.owner is not None and lead.owner in sellers:
        return lead.owner
    given = Lead.objects.filter(owner__in=sellers, status=Lead.Status.HANDED_OVER).order_by().values("owner")
    last = dict(given.annotate(at=Max("status_at")).values_list("owner", "at"))
    return min(
        sellers,
        key=lambda person: (last.get(person.pk) or dt.datetime.min.replace(tzinfo=dt.UTC), person.pk),
        default=None,
    )


def fingerprint_of(lead: Lead) -> dict[str, Any]:
    """Their last word and where the lead stands."""
    return {"last_inbound": lead.last_inbound_id, "status": lead.status}


def suggest_hand_over(
    lead: Lead, *, reason: str, intent: str, message: Message | None, evidence: list[Evidence] | None = None,
    confidence: float = 0.9, engine: str = "", version: str = "", target: str = HandOver.Target.SELLER,
    seller: Any = None, keeps_status: bool = False, now: dt.datetime,
) -> list[Suggestion]:  # fmt: skip
    """Put the hand-over before whoever decides; without a ``seller`` the settings say whose turn it is."""
    loaded = sections.load(SECTION, lead.line_of_business)
    rule, _why = sections.match_rule(SECTION, lead, now=now)
    values = {**loaded.values, **(rule.outcome if rule else {})}
    seller = seller or choose_seller(lead, values)
    payload = HandOverPayload(
        seller=seller.pk if seller else None,
        seller_name=str(seller or ""),
        intent=intent,
        target=target,
        keeps_status=keeps_status,
        reason=reason[:300],
        note=write_note(lead, reason, message),
        message=message.pk if message else None,
        task=_("Answer %(who)s") % {"who": lead.name or lead.company_name or lead.email},
        due_days=int(values.get("task_days", 1)),
    )
    proposal = Proposal(
        payload=payload,
        fingerprint=fingerprint_of(lead),
        evidence=evidence or [],
        risks=[] if seller else [_("No seller takes leads: name some on the Hand-over page.")],
        confidence=confidence,
        engine=engine,
        engine_version=version,
        rule=rule,
        wanted=Level.AUTO if seller else Level.ASK,
        line_of_business=lead.line_of_business,
        channel="mail",
        arrived_as=lead.arrived_as,
    )
    made = propose(KIND, lead, proposal, now=now)
    for suggestion in made:
        if suggestion.state != Suggestion.State.OBSERVED:
            handed.note_waiting(suggestion)
    return made


def write_note(lead: Lead, reason: str, message: Message | None) -> str:
    """What the seller needs: why, what they wrote, what was found and where, what we wrote."""
    blocks = [reason]
    if message is not None:
        blocks.append(_("They wrote:") + "\n" + message.newest_text.strip()[:QUOTED])
    findings = lead.findings.filter(retired_at=None).order_by("-confidence", "id")[:FINDINGS_NAMED]
    if lines := [f"- {row.claim}: “{row.quote[:200]}” ({row.url or _('what is noted')})" for row in findings]:
        blocks.append(_("What is known:") + "\n" + "\n".join(lines))
    count = lead.touches.filter(direction="out").count()
    blocks.append(
        ngettext("%(count)d mail from us so far.", "%(count)d mails from us so far.", count) % {"count": count}
    )
    return "\n\n".join(blocks)


def list_refusals(suggestion: Suggestion) -> list[str]:
    """Somebody has to take it."""
    payload = suggestion.payload
    seller = get_user_model().objects.filter(pk=payload.get("seller") or 0, is_active=True, is_agent=False).first()
    if seller is None or not seller.has_perm("sales.work"):
        return [_("Choose who takes the lead.")]
    return []


def hand_over(lead: Lead, payload: HandOverPayload, *, by: Any, suggestion: Suggestion, now: dt.datetime) -> Lead:
    """Give the lead to the seller with note and task, and end the cadence; in the caller's transaction."""
    seller = get_user_model().objects.get(pk=payload.seller or 0)
    lead = _give(lead, payload, seller, by=by, now=now)
    handed.note_done(suggestion, seller, now=now)
    return lead


@transaction.atomic
def reassign(lead: Lead, *, by: Any, now: dt.datetime) -> Lead:
    """A person gives a disqualified lead to a seller all the same, by the rule of hand-over. Raises NotAllowed."""
    if lead.status != Lead.Status.DISQUALIFIED:
        raise NotAllowed([_("Only a disqualified lead is given to a seller this way.")])
    rule, _why = sections.match_rule(SECTION, lead, now=now)
    values = {**sections.load(SECTION, lead.line_of_business).values, **(rule.outcome if rule else {})}
    seller = choose_seller(lead, values)
    if seller is None:
        raise NotAllowed([_("No seller takes leads: name some on the Hand-over page.")])
    reason = _("%(who)s gave it to a seller though it was disqualified.") % {"who": by}
    payload = HandOverPayload(
        seller=seller.pk, reason=reason[:300], note=write_note(lead, f"{reason} {lead.status_why}".strip(), None),
        task=_("Look at %(who)s") % {"who": lead}, due_days=int(values.get("task_days", 1)),
    )  # fmt: skip
    lead = _give(lead, payload, seller, by=by, now=now)
    handed.note_reassigned(lead, seller, payload.reason, now=now)
    return lead


def _give(lead: Lead, payload: HandOverPayload, seller: Any, *, by: Any, now: dt.datetime) -> Lead:
    """Status, owner, note, task and news of a lead that somebody gets."""
    lead = lock_lead(lead.pk)
    if not payload.keeps_status:
        _end_outreach(lead, payload.reason, by=by, now=now)
    assign_lead(lead, by=by, owner=seller, why=payload.reason)
    Note.objects.create(
        subject=lead, text=payload.note, author=None if by.is_agent else by, agent=AGENT, created_at=now
    )
    due = now + dt.timedelta(days=payload.due_days)
    if payload.task:
        create_task(payload.task, subject=lead, owner=seller, due_at=due, by=by, now=now)
    title = _("%(lead)s is handed over to you") % {"lead": lead}
    notify(seller, title, link=lead.get_absolute_url(), kind="handed_over", now=now)
    return lead


def _end_outreach(lead: Lead, why: str, *, by: Any, now: dt.datetime) -> None:
    if running := enrolments.running_of(lead):
        enrolments.end(running, Enrolment.Ended.HANDED_OVER, why=why, by=by, now=now)
    try:
        move_lead(lead, Lead.Status.HANDED_OVER, by=by, why=why, now=now)
    except WrongMove as wrong:
        raise NotAllowed([str(wrong)]) from wrong
