"""Leads that go to a person though nobody answered: judged while people send, or not to be reached by mail."""

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from agents.models import SectionSetting, Suggestion
from agents.models.levels import Level
from sales import mode
from sales.models import Enrolment, HandOver, Lead
from sales.outreach import handover

RANKS = (Lead.Fit.HIGH, Lead.Fit.MODERATE)
RELATED = ("line_of_business", "product", "owner", "created_by", "contact", "conversation")


def _unreachable() -> Q:
    """No address, or one that does not accept mail."""
    bounced = Enrolment.objects.filter(lead=OuterRef("pk"), ended_reason=Enrolment.Ended.BOUNCED)
    gone = Q(status=Lead.Status.DISQUALIFIED) & Exists(bounced)
    return gone | Q(status=Lead.Status.QUALIFIED) & (Q(email="") | Q(contact__bounced_at__isnull=False))


def find_leads(now: dt.datetime, limit: int) -> list[int]:
    """Leads that wait for a person to take them and that nobody was asked about yet."""
    if not SectionSetting.objects.filter(section=handover.SECTION, is_on=True).exclude(level=Level.OFF).exists():
        return []
    judged = Q(status=Lead.Status.QUALIFIED, fit__in=RANKS) & mode.of_drafting_lines()
    asked = Suggestion.objects.filter(kind=handover.KIND, object_id=OuterRef("pk"), content_type__model="lead")
    rows = Lead.objects.filter(_unreachable() | judged).filter(~Exists(asked))
    return list(rows.order_by("id").values_list("pk", flat=True)[:limit])


def pass_on(pk: int, *, now: dt.datetime) -> list[Suggestion]:
    """Suggest who takes one lead: who had it before when it cannot be written to, else a seller by the settings."""
    lead = Lead.objects.select_related(*RELATED).get(pk=pk)
    if Lead.objects.filter(_unreachable(), pk=pk).exists():
        reason = _("Their address does not accept mail.") if lead.email else _("They have no e-mail address.")
        return handover.suggest_hand_over(
            lead,
            reason=reason + " " + _("Find one that does."),
            intent=HandOver.Intent.ERROR,
            message=None,
            target=HandOver.Target.PREVIOUS,
            seller=previous_owner(lead),
            now=now,
        )
    if lead.status != Lead.Status.QUALIFIED or lead.fit not in RANKS or not mode.only_drafts(lead.line_of_business):
        return []
    reason = _("%(fit)s: %(why)s") % {"fit": lead.get_fit_display(), "why": lead.status_why or lead.fit_score}
    return handover.suggest_hand_over(
        lead, reason=reason, intent=HandOver.Intent.UNDETECTED, message=None, keeps_status=True, now=now
    )


def previous_owner(lead: Lead) -> Any:
    """Who had the lead before the agent: its owner, else who entered it, when they work leads."""
    for person in (lead.owner, lead.created_by):
        if person is not None and person.is_active and not person.is_agent and person.has_perm("sales.work"):
            return person
    return None
