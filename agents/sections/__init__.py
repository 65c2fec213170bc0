"""Manage pages, as declarations: what an administrator configures, and how the rest of the code reads it.

An app writes subclasses of ``Section`` in its ``sections.py``, decorated ``@section``, and its agent with
``register_agent``. ``load`` gives the settings that hold for a line of business, ``match_rule`` the rule that decides.
``agents.sections.configuring`` saves.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from django import forms
from django.db.models import F, Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents import conditions
from agents.models import LineOfBusiness, Rule, SectionSetting
from agents.models.levels import Level

Text = str | Promise


@dataclass(frozen=True)
class Agent:
    """An agent as people see it: its address is ``/manage/<name>/``."""

    name: str
    title: Text
    lead: Text
    icon: str
    order: int = 100


AGENTS: dict[str, Agent] = {}
SECTIONS: dict[str, "Section"] = {}
S = TypeVar("S", bound="type[Section]")


@dataclass(frozen=True)
class Prerequisite:
    """Something that must be so before an agent can work, as it is now, with the place that mends it."""

    READY: ClassVar[str] = "ready"
    IN_PROGRESS: ClassVar[str] = "in_progress"
    INCOMPLETE: ClassVar[str] = "incomplete"

    label: Text
    state: str
    fix_url: str = ""
    detail: Text = ""
    fix_label: Text = ""


@dataclass(frozen=True)
class Loaded:
    """The settings of one section that hold for one line of business; ``rules`` are the active ones, in order."""

    values: dict[str, Any]
    level: str
    is_on: bool
    version: int
    rules: list[Rule] = field(default_factory=list)
    is_own: bool = False


@dataclass(frozen=True)
class Claim:
    """One thing that Try it found: a value, how sure, and what would become of it."""

    label: Text
    value: Text
    becomes: Text = ""
    look: str = "plain"
    confidence: float | None = None


@dataclass(frozen=True)
class Trial:
    """What Try it shows. ``error`` in place of a result says why there is none."""

    claims: Sequence[Claim] = ()
    text: str = ""
    rule: Text = ""
    error: Text = ""


class Section:
    """One Manage page. Subclasses set the attributes; the methods have answers that fit most.

    name: "<app>.<section>". form_class: the settings, a form whose cleaned values are JSON or model rows.
    rule_form: the outcome of a rule, or None for a section without rules; model: what rules look at.
    has_switch: whether it can be switched off. levels: whether a level is set here; consequences: level code to what
    it means on this page.
    kinds: names of the kinds that stand under this section.
    """

    name: ClassVar[str]
    agent: ClassVar[str]
    title: ClassVar[Text]
    lead: ClassVar[Text] = ""
    icon: ClassVar[str] = "settings-2"
    order: ClassVar[int] = 100
    form_class: ClassVar[type[forms.Form]] = forms.Form
    form_title: ClassVar[Text] = gettext_lazy("Settings")
    form_template: ClassVar[str] = "agents/manage/settings.html"
    defaults: ClassVar[Mapping[str, Any]] = {}
    default_level: ClassVar[str] = Level.ASK
    has_switch: ClassVar[bool] = True
    levels: ClassVar[bool] = True
    consequences: ClassVar[Mapping[str, Text]] = {}
    by_line: ClassVar[bool] = True
    kinds: ClassVar[Sequence[str]] = ()
    applies: ClassVar[Text] = gettext_lazy("They apply from the moment you save.")

    rule_form: ClassVar[type[forms.Form] | None] = None
    # Shows the outcome below the rule's card where its fields need more than a grid; it sees ``draft``.
    rule_template: ClassVar[str] = ""
    rules_title: ClassVar[Text] = gettext_lazy("Rules, in order")
    rules_note: ClassVar[Text] = gettext_lazy("The first rule that matches decides.")
    no_rules: ClassVar[Text] = gettext_lazy("Without a rule only the settings above hold.")
    rule_levels: ClassVar[bool] = True
    rule_may_be_empty: ClassVar[bool] = False
    model: ClassVar[type[Model] | None] = None
    subjects: ClassVar[Text] = gettext_lazy("rows")

    try_note: ClassVar[Text] = ""
    can_try: ClassVar[bool] = False

    @property
    def slug(self) -> str:
        """The last part of its address."""
        return self.name.rpartition(".")[2].replace("_", "-")

    @property
    def has_rules(self) -> bool:
        """Whether rules decide here."""
        return self.rule_form is not None and self.model is not None

    def prerequisites(self) -> list[Prerequisite]:
        """What must be so before this can work."""
        return []

    def check(self, values: dict[str, Any], level: str, is_on: bool) -> dict[str, list[str]]:
        """Contradictions of the settings: field name, or "" for the whole page, to what is wrong."""
        return {}

    def check_rule(self, rule: dict[str, Any]) -> list[str]:
        """Contradictions of one rule besides those of its conditions; ``rule`` is its row as a dict."""
        return []

    def describe_outcome(self, outcome: dict[str, Any]) -> str:
        """What a rule does, in words."""
        return ""

    def describe_value(self, name: str, value: Any) -> str:
        """One setting in words, for the history; choices by their label."""
        found = self.form_class.base_fields.get(name)
        labels = {str(key): str(label) for key, label in getattr(found, "choices", None) or [] if not _nested(label)}
        if isinstance(value, list):
            return ", ".join(labels.get(str(item), str(item)) for item in value)
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        return labels.get(str(value), "" if value is None else str(value))

    def preview(self, user: Any) -> QuerySet[Any]:
        """The rows that this user may see and rules would look at now, newest first."""
        assert self.model is not None
        return self.model._default_manager.order_by("-pk")

    def preview_row(self, row: Any) -> dict[str, Any]:
        """One row of the live preview: label, url, note."""
        get_url = getattr(row, "get_absolute_url", None)
        return {"label": str(row), "url": get_url() if get_url else "", "note": ""}

    def try_choices(self, user: Any) -> list[tuple[str, str]]:
        """What may be tried besides a pasted text: (key, label) pairs."""
        return []

    def try_it(self, given: str, loaded: Loaded, *, user: Any) -> Trial:
        """What these settings would make of a text, or of one of ``try_choices`` by its key; writes nothing."""
        raise NotImplementedError

    def context(self, loaded: Loaded, *, user: Any) -> dict[str, Any]:
        """What ``form_template`` sees besides form, section and loaded."""
        return {}


def section(cls: S) -> S:
    """Register a section; two of one name, or of one address, are a mistake in the code."""
    made = cls()
    if any(other.agent == made.agent and other.slug == made.slug for other in SECTIONS.values()):
        raise ValueError(f"Two sections stand at {made.agent}/{made.slug}.")
    SECTIONS[made.name] = made
    return cls


def register_agent(agent: Agent) -> None:
    """Make an agent appear in the admin center."""
    AGENTS[agent.name] = agent


def sections_of(agent: str) -> list[Section]:
    """The sections of one agent, in order."""
    return sorted((s for s in SECTIONS.values() if s.agent == agent), key=lambda s: (s.order, s.name))


def find_section(agent: str, slug: str) -> Section | None:
    """The section at an address."""
    return next((s for s in SECTIONS.values() if s.agent == agent and s.slug == slug), None)


def load(name: str, line_of_business: LineOfBusiness | None = None) -> Loaded:
    """The line's own settings, else the general ones, else switched off with the section's defaults.

    Two queries. The values carry the section's defaults where nothing was saved.
    """
    return load_many({name: line_of_business})[name]


def load_many(lines: Mapping[str, LineOfBusiness | None]) -> dict[str, Loaded]:
    """Several sections, each for its line, still in two queries."""
    wanted = Q(pk__in=[])
    for name, line in lines.items():
        wanted |= Q(section=name) & (Q(line_of_business__isnull=True) | Q(line_of_business=line and line.pk))
    # A handful of rows, put in order here: a line's own settings before the general ones.
    rows = sorted(SectionSetting.objects.filter(wanted).order_by(), key=lambda row: row.line_of_business_id is None)
    rules = sorted(Rule.objects.filter(wanted, is_active=True).order_by(), key=lambda rule: (rule.order, rule.pk))
    return {
        name: _loaded(
            name,
            next((row for row in rows if row.section == name), None),
            [rule for rule in rules if rule.section == name],
        )
        for name in lines
    }


def _loaded(name: str, row: SectionSetting | None, rules: list[Rule]) -> Loaded:
    known = SECTIONS.get(name)
    defaults = dict(known.defaults) if known else {}
    always_on = known is not None and not known.has_switch
    if row is None:
        return Loaded(defaults, Level.AUTO if always_on else Level.OFF, always_on, 0, rules)
    level = row.level if known is None or known.levels else Level.AUTO
    is_own = row.line_of_business_id is not None
    return Loaded({**defaults, **row.values}, level, row.is_on or always_on, row.version, rules, is_own)


def match_rule(name: str, subject: Model, now: dt.datetime) -> tuple[Rule | None, str]:
    """The first active rule of the section that holds for the subject, and why, in words. Writes nothing."""
    return first_match(load(name, getattr(subject, "line_of_business", None)).rules, subject, now)


def first_match(rules: Sequence[Rule], subject: Model, now: dt.datetime) -> tuple[Rule | None, str]:
    """The first of these rules that holds for the subject, and why, in words."""
    for rule in rules:
        if conditions.holds(rule.conditions, subject, now):
            words = conditions.describe(rule.conditions, type(subject))
            return rule, _("Rule “%(rule)s”: %(words)s") % {"rule": rule.name, "words": words}
    return None, _("No rule matches.") if rules else _("There is no active rule.")


def count_match(rule: Rule, *, now: dt.datetime) -> None:
    """Note that a rule decided; called late in the deciding transaction, because it locks the rule's row."""
    Rule.objects.filter(pk=rule.pk).update(matched=F("matched") + 1, last_matched_at=now)


def _nested(label: Any) -> bool:
    return isinstance(label, list | tuple)


register_agent(
    Agent(
        "case-management",
        gettext_lazy("Case Management Agent"),
        gettext_lazy("Opens cases, fills their fields, answers, closes"),
        "briefcase-business",
        order=10,
    )
)
