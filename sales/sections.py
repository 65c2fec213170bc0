"""The Manage pages of the Sales Agent: who we are, which leads it takes up, what it reads, whom it looks for."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents import conditions, sections
from agents.actors import agent_user
from agents.models.levels import Level
from agents.sections import Agent, Prerequisite, Section, register_agent, section
from sales import grounding, selection, starting, trying
from sales.lead_section import LeadSection
from sales.models import Lead
from sales.outreach import manage as manage
from sales.selection import AGENT
from sales.setting_forms import GeneralForm, QualificationForm, ResearchForm, SelectionForm, SelectionRuleForm

MOST_CONDITIONS = 10

register_agent(
    Agent(
        AGENT,
        gettext_lazy("Sales Agent"),
        gettext_lazy("Researches leads, qualifies them, writes to them, hands over the interested ones"),
        "target",
        order=40,
    )
)


@section
class General(Section):
    """Who we are, what we offer, and how far the agent goes at most."""

    name = "sales.general"
    agent = AGENT
    title = gettext_lazy("General")
    lead = gettext_lazy("Who writes, and what about. Mails to leads say about us what stands here, and nothing else.")
    icon = "building-2"
    order = 10
    form_class: ClassVar[type[forms.Form]] = GeneralForm
    form_title = gettext_lazy("About us")
    form_template = "sales/manage/general.html"
    can_try = True
    try_note = gettext_lazy("Reads your website and says which sentences about you stand on it. Keeps nothing.")
    defaults: ClassVar[Mapping[str, Any]] = {
        "mode": "research", "agent_name": "", "description": "", "company_name": "", "company_website": "",
        "pitch": "", "prices": "", "signature": "",
        "disclaimer": "", "terms": "", "products": {},
    }  # fmt: skip
    has_switch = False
    levels = False
    applies = gettext_lazy("They apply to mails written from now on.")

    def prerequisites(self) -> list[Prerequisite]:
        """Who we are and what we offer: mails say nothing else about us."""
        values = sections.load(self.name).values
        named = values.get("company_name") or settings.COMPANY_NAME
        return [
            Prerequisite(
                _("Our company and what it offers are described"),
                Prerequisite.READY
                if named and (values.get("pitch") or values.get("products"))
                else Prerequisite.INCOMPLETE,
                reverse("agents:manage_section", args=[AGENT, "general"]),
                fix_label=_("Open General"),
            )
        ]

    def context(self, loaded: sections.Loaded, *, user: Any) -> dict[str, Any]:
        """The user under which the agent reads and writes."""
        return {"agent_user": agent_user(AGENT)}

    def try_choices(self, user: Any) -> list[tuple[str, str]]:
        """Our own website, as it is saved."""
        website = sections.load(self.name).values.get("company_website")
        return [(website, website)] if website else []

    def try_it(self, given: str, loaded: sections.Loaded, *, user: Any) -> sections.Trial:
        """Which of our sentences stand on our website, and which of the website's could be offered besides."""
        return grounding.try_website(loaded.values, now=timezone.now())


@section
class Selection(LeadSection):
    """Which new leads the agent takes up."""

    name = "sales.selection"
    title = gettext_lazy("Select leads")
    lead = gettext_lazy("Takes up new leads by rule. Each lead says why it was taken up or left alone.")
    icon = "list-filter"
    order = 20
    form_class: ClassVar[type[forms.Form]] = SelectionForm
    form_template = "sales/manage/selection.html"
    statuses = (Lead.Status.NEW,)
    defaults: ClassVar[Mapping[str, Any]] = {"lookback_days": None}
    levels = False
    model = Lead
    rule_form: ClassVar[type[forms.Form] | None] = SelectionRuleForm
    rule_levels = False
    rules_note = gettext_lazy(
        "The first rule that matches a lead decides. A company name and an address are always needed."
    )
    no_rules = gettext_lazy(
        "Without a rule the usual ones are taken up: new, cold, with an e-mail address, and neither from a partner nor "
        "from a referral of an employee."
    )
    applies = gettext_lazy(
        "They apply to new leads only. Leads that were taken up go on, also when this is switched off."
    )
    can_try = True

    def prerequisites(self) -> list[Prerequisite]:
        """Leads to choose from, and somebody who reads them afterwards."""
        on = sections.load("sales.research").is_on
        return [
            Prerequisite(
                _("A lead matches"),
                Prerequisite.READY if selection.has_matches(now=timezone.now()) else Prerequisite.INCOMPLETE,
                reverse("sales:import"),
                fix_label=_("Import leads"),
            ),
            Prerequisite(
                _("Research is switched on"),
                Prerequisite.READY if on else Prerequisite.INCOMPLETE,
                reverse("agents:manage_section", args=[AGENT, "research"]),
                fix_label=_("Open research"),
            ),
        ]

    def check(self, values: dict[str, Any], level: str, is_on: bool) -> dict[str, list[str]]:
        """Switched on here, the agent starts: only when every page it needs is ready."""
        missing = starting.list_missing() if is_on and not starting.is_started() else []
        return {"": missing} if missing else {}

    def context(self, loaded: sections.Loaded, *, user: Any) -> dict[str, Any]:
        """The leads that would be taken up."""
        leads, total = selection.preview_leads(user, now=timezone.now())
        return {"leads": leads, "total": total}

    def check_rule(self, rule: dict[str, Any]) -> list[str]:
        """Few enough conditions that people still see what a rule does."""
        count = sum(1 for _leaf in conditions.parse(rule.get("conditions")).leaves())
        if count > MOST_CONDITIONS:
            return [_("A rule has at most %(count)s conditions. Make two rules of it.") % {"count": MOST_CONDITIONS}]
        return []

    def describe_outcome(self, outcome: dict[str, Any]) -> str:
        """Taken up or left."""
        words = _("Leaves it alone") if outcome.get("take") is False else _("Takes it up")
        return " · ".join(filter(None, (words, outcome.get("description", ""))))

    def try_it(self, given: str, loaded: sections.Loaded, *, user: Any) -> sections.Trial:
        """Whether these settings would take the lead up, and why."""
        return trying.try_selection(given, loaded, user=user, now=timezone.now())


@section
class Research(LeadSection):
    """What the agent reads about a lead."""

    name = "sales.research"
    title = gettext_lazy("Research")
    lead = gettext_lazy("Reads the record and public web pages, and keeps what they say with the words that say it.")
    icon = "search"
    order = 30
    form_class: ClassVar[type[forms.Form]] = ResearchForm
    form_title = gettext_lazy("What is read")
    defaults: ClassVar[Mapping[str, Any]] = {"read_website": True, "most_pages": 3, "pages": [], "competitors": []}
    levels = False
    applies = gettext_lazy("They apply to leads researched from now on.")
    can_try = True
    try_note = gettext_lazy("Reads the pages now and keeps nothing.")

    def try_it(self, given: str, loaded: sections.Loaded, *, user: Any) -> sections.Trial:
        """What these settings would find about a lead."""
        return trying.try_research(given, loaded, user=user, now=timezone.now())


@section
class Qualification(LeadSection):
    """Which leads are worth writing to."""

    name = "sales.qualification"
    title = gettext_lazy("Qualification")
    lead = gettext_lazy("Compares what was found with the customer you look for. Every reason shows its finding.")
    icon = "target"
    order = 40
    form_class: ClassVar[type[forms.Form]] = QualificationForm
    form_title = gettext_lazy("The customer you look for")
    form_template = "sales/manage/customer.html"
    defaults: ClassVar[Mapping[str, Any]] = {
        "criteria": [], "high": 70, "moderate": 50, "needs": "moderate", "auto_from": 0.8,
    }  # fmt: skip
    kinds: ClassVar[Sequence[str]] = ("sales.qualify_lead",)
    can_try = True
    applies = gettext_lazy("They apply to leads judged from now on.")
    consequences: ClassVar[Mapping[str, Any]] = {
        Level.OFF: gettext_lazy("No lead is judged."),
        Level.OBSERVE: gettext_lazy("Leads are judged for comparison; none moves."),
        Level.ASK: gettext_lazy("Every verdict waits for a person."),
        Level.AUTO: gettext_lazy("Clear verdicts move the lead; the others wait for a person."),
    }

    def prerequisites(self) -> list[Prerequisite]:
        """The customer we look for."""
        described = bool(sections.load(self.name).values.get("criteria"))
        return [
            Prerequisite(
                _("The customer you look for is described"),
                Prerequisite.READY if described else Prerequisite.INCOMPLETE,
                reverse("agents:manage_section", args=[AGENT, "qualification"]),
                fix_label=_("Open qualification"),
            )
        ]

    def check(self, values: dict[str, Any], level: str, is_on: bool) -> dict[str, list[str]]:
        """Without a criterion nothing can be judged."""
        if is_on and level != Level.OFF and not values.get("criteria"):
            return {"": [_("Say at least one thing about the customer you look for.")]}
        return {}

    def describe_value(self, name: str, value: Any) -> str:
        """A criterion in words."""
        if name == "criteria":
            rows = [value] if isinstance(value, dict) else value or []
            return "; ".join(_describe(row) for row in rows if isinstance(row, dict))
        return super().describe_value(name, value)

    def try_it(self, given: str, loaded: sections.Loaded, *, user: Any) -> sections.Trial:
        """How the lead fits with these settings, criterion by criterion."""
        return trying.try_qualification(given, loaded, user=user)


def _describe(row: dict[str, Any]) -> str:
    where = f" ({row['stored']})" if row.get("stored") else ""
    if row.get("kind") in ("size", "revenue"):
        return f"{row.get('label')}: {row.get('least') or 0}-{row.get('most') or '…'}{where}"
    return f"{row.get('label')}: {', '.join(row.get('wanted') or [])}{where}"
