"""The Manage pages of the Customer Knowledge Management Agent."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents import sections
from agents.models.levels import Level
from agents.sections import Agent, Claim, Prerequisite, Section, Trial, register_agent, section
from knowledge import gate, harvest, helping
from knowledge.draft_forms import CreationForm, HelpForm
from knowledge.harvest import AGENT, ATTRIBUTES
from knowledge.models import Article
from knowledge.transcripts import CASE, GIVERS

register_agent(
    Agent(
        AGENT,
        gettext_lazy("Customer Knowledge Management Agent"),
        gettext_lazy("Turns solved cases into articles, without personal data"),
        "book-open",
        order=30,
    )
)


class Which(forms.Form):
    """A rule of these pages says only which cases: its outcome is that they are looked at."""


class KnowledgeSection(Section):
    """What the pages with rules share: which solved cases a person sees, whoever gives them."""

    agent = AGENT
    by_line = True
    rule_form: ClassVar[type[forms.Form] | None] = Which
    rule_levels = False
    rules_title = gettext_lazy("Which cases, in order")
    no_rules = gettext_lazy("Without a rule every solved case is looked at.")
    subjects = gettext_lazy("solved cases")

    @property
    def model(self) -> type[Model] | None:  # type: ignore[override]
        """What rules look at: the rows of whoever gives transcripts of cases."""
        giver = GIVERS.get(CASE)
        return giver.model if giver else None

    def preview(self, user: Any) -> QuerySet[Any]:
        """Solved cases this user may see, newest first."""
        return GIVERS[CASE].rows(user)

    def describe_outcome(self, outcome: dict[str, Any]) -> str:
        """What a rule does."""
        return _("Looked at")


@section
class Creation(KnowledgeSection):
    """When a solved case becomes a draft, and what a draft becomes."""

    name = harvest.SECTION
    title = gettext_lazy("Creation")
    lead = gettext_lazy("Drafts an article when a case is resolved and no article answers it yet.")
    icon = "file-plus-2"
    order = 10
    form_class: ClassVar[type[forms.Form]] = CreationForm
    form_title = gettext_lazy("What a draft is made from, and what it becomes")
    defaults: ClassVar[Mapping[str, Any]] = {
        "real_time": True, "attributes": list(ATTRIBUTES), "covered_from": 0.85, "near_from": 0.72, "auto_from": 0.8,
        "audience": "internal", "compliance": "pending", "then": "publish", "prohibited": [], "patterns": [],
    }  # fmt: skip
    kinds: ClassVar[Sequence[str]] = (harvest.KIND,)
    can_try = True
    rule_levels = True
    consequences: ClassVar[Mapping[str, Any]] = {
        Level.OFF: gettext_lazy("No case is looked at."),
        Level.OBSERVE: gettext_lazy("Drafts are made and kept for comparison; nobody is asked, nothing is published."),
        Level.ASK: gettext_lazy("Every draft waits for a person."),
        Level.AUTO: gettext_lazy("Compliant drafts over the bar are published at once; the others wait for a person."),
    }

    def check(self, values: dict[str, Any], level: str, is_on: bool) -> dict[str, list[str]]:
        """Full automation publishes only what counts as compliant."""
        if is_on and level == Level.AUTO and values.get("compliance") != Article.Compliance.COMPLIANT:
            return {
                "compliance": [_("Full automation publishes compliant drafts only: set Compliant, or ask a person.")]
            }
        return {}

    def try_choices(self, user: Any) -> list[tuple[str, str]]:
        """The newest solved cases this user may see."""
        giver = GIVERS.get(CASE)
        return [(str(row.pk), str(row)) for row in giver.rows(user)[:20]] if giver else []

    def try_it(self, given: str, loaded: sections.Loaded, *, user: Any) -> Trial:
        """What these settings would make of a solved case; nothing is kept."""
        giver = GIVERS.get(CASE)
        allowed = given.isdecimal() and giver and giver.rows(user).filter(pk=int(given)).exists()
        transcript = giver.fetch(int(given)) if allowed and giver else None
        if transcript is None:
            return Trial(error=_("Choose a solved case. A pasted text has no answer of ours in it."))
        draft, answer, removed = harvest.think(transcript, loaded.values)
        why = _(harvest.WHY.get(draft.why, draft.why))
        if draft.decision == "none":
            near = [Claim(one.title, _("published"), confidence=one.similarity) for one in draft.near if one.article]
            return Trial(claims=[Claim(_("Not worth an article"), why, look="caution"), *near])
        payload = harvest.make_payload(transcript, draft, loaded.values)
        words = _("New article") if draft.decision == "new" else _("Revision of “%(title)s”") % {"title": draft.title}
        claims = [Claim(words, why, confidence=answer.confidence)]
        claims.append(Claim(_("Personal data removed"), str(sum(removed.values()))))
        claims += [Claim(_("A person looks first"), doubt, look="caution") for doubt in gate.doubt(payload.body)]
        return Trial(claims=claims, text=f"{payload.title}\n\n{payload.body}")


@section
class Historical(KnowledgeSection):
    """Which past cases a run looks at."""

    name = harvest.HISTORY
    title = gettext_lazy("Creation from past cases")
    lead = gettext_lazy(
        "A run goes through what was solved in a window and drafts what is missing. A person starts it."
    )
    icon = "history"
    order = 20
    has_switch = False
    levels = False
    form_title = gettext_lazy("Runs")
    form_template = "knowledge/manage/historical.html"
    rule_may_be_empty = False

    def prerequisites(self) -> list[Prerequisite]:
        """Creation must be on: it says what drafts become."""
        state = Prerequisite.READY if sections.load(harvest.SECTION).is_on else Prerequisite.INCOMPLETE
        url = reverse("agents:manage_section", args=[AGENT, "creation"])
        return [Prerequisite(_("Creation is switched on"), state, url, fix_label=_("Open Creation"))]


@section
class HelpCentre(Section):
    """What customers read without signing in."""

    name = helping.SECTION
    agent = AGENT
    title = gettext_lazy("Help centre")
    lead = gettext_lazy("Published articles for customers, with search and feedback, open to everybody.")
    icon = "life-buoy"
    order = 30
    levels = False
    by_line = False
    form_class: ClassVar[type[forms.Form]] = HelpForm
    form_title = gettext_lazy("What stands there")
    defaults: ClassVar[Mapping[str, Any]] = {"name": "Help", "contact": "", "feedback": True}

    def prerequisites(self) -> list[Prerequisite]:
        """Something to read."""
        state = Prerequisite.READY if helping.public_articles().exists() else Prerequisite.INCOMPLETE
        return [
            Prerequisite(
                _("External articles are published"),
                state,
                reverse("knowledge:articles"),
                fix_label=_("Open knowledge"),
            )
        ]
