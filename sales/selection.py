"""Which leads the Sales Agent takes up: rules decide at once, and every lead knows why it was taken or left."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from agents import conditions, sections
from agents.actors import agent_user
from agents.models import Rule, SectionSetting, Version
from agents.models.levels import ArrivedAs
from agents.queue import ring
from sales.access import visible_leads
from sales.lifecycle import lock_lead, move_lead
from sales.models import Lead

SECTION = "sales.selection"
AGENT = "sales"
# What is selected while there is no rule: open, cold, with an address, not from those who know us already.
USUAL: dict[str, Any] = {
    "join": "all",
    "items": [
        {"fact": "status", "op": "is", "value": Lead.Status.NEW},
        {"fact": "rating", "op": "is", "value": Lead.Rating.COLD},
        {"fact": "source", "op": "is_not", "value": "Employee referral"},
        {"fact": "source", "op": "is_not", "value": "Partner"},
        {"fact": "email", "op": "not_empty", "value": None},
    ],
}


def due_leads(limit: int) -> list[int]:
    """New live leads that the selection has not looked at, while it is switched on, oldest first."""
    if not SectionSetting.objects.filter(section=SECTION, is_on=True).exists():
        return []
    due = Lead.objects.filter(status=Lead.Status.NEW, selection_seen=None, arrived_as=ArrivedAs.LIVE)
    return list(due.order_by("id").values_list("pk", flat=True)[:limit])


def why_never(lead: Lead) -> str:
    """What stands against taking up this lead whatever the rules say; empty when nothing does."""
    if lead.is_history:
        return _("It came from history; agents only observe it.")
    if not lead.company_name:
        return _("It has no company name.")
    if not lead.email:
        return _("It has no e-mail address.")
    if lead.owner is not None and lead.owner.is_agent:
        return _("An agent owns it.")
    return ""


def judge_lead(lead: Lead, loaded: sections.Loaded, *, now: dt.datetime) -> tuple[bool, str, Rule | None]:
    """Whether the lead is taken up with these settings, why, and the rule that says so. Writes nothing."""
    if why := why_never(lead):
        return False, why, None
    if lead.created_at < earliest(loaded, now=now):
        return False, _("It was there before the agent looks back to."), None
    if not loaded.rules:
        holds = conditions.holds(USUAL, lead, now)
        return holds, _("The usual selection: open, cold, with an address, no referral."), None
    rule, why = sections.first_match(loaded.rules, lead, now)
    if rule is not None and rule.outcome.get("take") is False:
        return False, why, rule
    return rule is not None, why, rule


def earliest(loaded: sections.Loaded, *, now: dt.datetime) -> dt.datetime:
    """Leads made before this moment are left alone: so many days ago, else when the selection was switched on."""
    days = loaded.values.get("lookback_days")
    return now - dt.timedelta(days=int(days)) if days else _switched_on()


def matching_leads(rows: QuerySet[Lead], loaded: sections.Loaded, *, now: dt.datetime) -> QuerySet[Lead]:
    """Those of ``rows`` that ``judge_lead`` would take up with these settings."""
    open_to = rows.filter(status=Lead.Status.NEW, arrived_as=ArrivedAs.LIVE, created_at__gte=earliest(loaded, now=now))
    open_to = open_to.exclude(company_name="").exclude(email="").exclude(owner__is_agent=True)
    if not loaded.rules:
        return open_to.filter(conditions.compile(conditions.parse(USUAL), Lead, now))
    taken, left = Q(pk__in=[]), Q(pk__in=[])
    for rule in loaded.rules:
        found = conditions.compile(conditions.parse(rule.conditions), Lead, now)
        if rule.outcome.get("take") is False:
            left |= found
        else:
            taken |= found & ~left
    return open_to.filter(taken).distinct()


def preview_leads(user: Any, *, now: dt.datetime, limit: int = 20) -> tuple[list[Lead], int]:
    """The newest leads this user may see that would be taken up as it is saved, and how many, counted to a thousand."""
    found = matching_leads(visible_leads(user), sections.load(SECTION), now=now)
    return list(found.order_by("-created_at", "-id")[:limit]), found.order_by()[:1000].count()


def has_matches(*, now: dt.datetime) -> bool:
    """Whether there is a lead to start with, or some were taken up before."""
    if Lead.objects.exclude(status=Lead.Status.NEW).exists():
        return True
    return matching_leads(Lead.objects.all(), sections.load(SECTION), now=now).exists()


def _switched_on() -> dt.datetime:
    """When the section was last switched on, by its versions; a copy without any looks at everything."""
    since = dt.datetime.min.replace(tzinfo=dt.UTC)
    for version in Version.objects.filter(target=f"section:{SECTION}").order_by("-number")[:100]:
        if not any(row.get("is_on") for row in version.snapshot.get("settings", [])):
            break
        since = version.created_at
    return since


@transaction.atomic
def select_lead(pk: int, *, now: dt.datetime) -> bool:
    """Take up one new lead, or write down why not; False when it was left or somebody else was faster."""
    lead = lock_lead(pk)
    if lead.status != Lead.Status.NEW or lead.selection_seen is not None:
        return False
    loaded = sections.load(SECTION, lead.line_of_business)
    if not loaded.is_on:
        return False
    taken, why, rule = judge_lead(lead, loaded, now=now)
    Lead.objects.filter(pk=pk).update(selection_seen=now, status_why=why[:300])
    if taken:
        take_up(lead, by=agent_user(AGENT), why=why, now=now)
        if rule is not None:
            sections.count_match(rule, now=now)
    return taken


@transaction.atomic
def take_up(lead: Lead, *, by: Any, why: str = "", now: dt.datetime) -> Lead:
    """Let a lead be researched: chosen by the selection, or by a person. What it knows already is asked anew."""
    lead = lock_lead(lead.pk)
    if lead.status == Lead.Status.NEW:
        lead = move_lead(lead, Lead.Status.RESEARCHING, by=by, why=why, now=now)
    Lead.objects.filter(pk=lead.pk).update(research=Lead.Research.DUE, research_why="", selection_seen=now)
    ring("lead.research_due", lead.pk)
    return lead
