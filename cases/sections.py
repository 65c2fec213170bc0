"""The Manage pages of the Case Management Agent."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents import sections
from agents.models.levels import Level
from agents.sections import Prerequisite, section
from cases import trying
from cases.access import visible_cases, visible_messages
from cases.assignment_section import AssignmentSection
from cases.case_section import CaseSection
from cases.fields import case_fields
from cases.models import Case
from cases.setting_forms import (
    CreationForm,
    CreationRuleForm,
    FieldsForm,
    ReplyRuleForm,
    ResolutionForm,
    UpdateRuleForm,
)
from conversations.models import Mailbox, Message, MessageTemplate, Queue
from intents import matching
from intents.sections import LinesSection
from knowledge.models import Article

__all__ = ["AssignmentSection", "CaseLines", "Creation", "Fields", "Resolution"]

DEFAULT_FIELDS = [
    {"field": "product", "suggest": 0.55, "fill": 0.9, "pattern": ""},
    {"field": "category", "suggest": 0.5, "fill": 0.85, "pattern": ""},
    {"field": "type", "suggest": 0.5, "fill": 0.85, "pattern": ""},
    {"field": "priority", "suggest": 0.55, "fill": 0.9, "pattern": ""},
    {"field": "order_number", "suggest": 0.4, "fill": 0.8, "pattern": ""},
    {"field": "serial_number", "suggest": 0.5, "fill": 0.9, "pattern": ""},
]


@section
class Creation(CaseSection):
    """When a mail opens a case, where it waits, and with which values it starts."""

    name = "cases.creation"
    title = gettext_lazy("Creation")
    lead = gettext_lazy("Opens a case from a mail that belongs to none. Rules decide at once; no person is asked.")
    icon = "folder-plus"
    order = 10
    form_class: ClassVar[type[forms.Form]] = CreationForm
    form_title = gettext_lazy("When a case is opened")
    defaults: ClassVar[Mapping[str, Any]] = {"open_without_rule": True}
    levels = False
    by_line = False
    rule_form: ClassVar[type[forms.Form] | None] = CreationRuleForm
    rule_levels = False
    rules_note = gettext_lazy("The first rule that matches a mail decides where its case goes.")
    model = Message
    subjects = gettext_lazy("mails")
    applies = gettext_lazy("They apply to new mails only, from the moment you save.")

    def prerequisites(self) -> list[Prerequisite]:
        """A mailbox to read."""
        boxes = Mailbox.objects.filter(is_active=True).exclude(imap_host="")
        state = Prerequisite.READY if boxes.exists() else Prerequisite.INCOMPLETE
        broken = boxes.exclude(state__in=[Mailbox.State.OK, Mailbox.State.NEW])
        if broken.exists():
            state = Prerequisite.IN_PROGRESS
        names = ", ".join(f"{box.name}: {box.get_state_display()}" for box in broken)
        return [
            Prerequisite(_("A mailbox is read"), state, reverse("conversations:mailboxes"), names, _("Open mailboxes"))
        ]

    def preview(self, user: Any) -> QuerySet[Any]:
        """Inbound mails this user may see, newest first."""
        return visible_messages(user).filter(direction=Message.Direction.IN).order_by("-received_at", "-id")

    def preview_row(self, row: Message) -> dict[str, Any]:
        """Subject and sender."""
        case = row.case_link.case
        return {"label": row.subject or str(case), "url": case.get_absolute_url(), "note": row.from_address}

    def describe_outcome(self, outcome: dict[str, Any]) -> str:
        """Where the case goes and what it starts with."""
        if outcome.get("open") is False:
            return _("Opens no case")
        queue = Queue.objects.filter(pk=outcome.get("queue") or 0).first()
        parts = [_("Opens a case in %(queue)s") % {"queue": queue} if queue else _("Opens a case")]
        known = case_fields()
        for name, value in (outcome.get("defaults") or {}).items():
            parts.append(f"{known[name].label}: {known[name].show(value)}" if name in known else str(value))
        return " · ".join(parts)


@section
class Fields(CaseSection):
    """Which fields the agent fills, how sure it must be, and what it may update later."""

    name = "cases.fields"
    title = gettext_lazy("Fields and updates")
    lead = gettext_lazy("Fills the fields it can point to in the text, and updates them when the customer says more.")
    icon = "text-cursor-input"
    order = 20
    form_class: ClassVar[type[forms.Form]] = FieldsForm
    form_title = gettext_lazy("Fields the agent fills")
    form_template = "cases/manage/fields.html"
    defaults: ClassVar[Mapping[str, Any]] = {"overwrite_people": False, "fields": DEFAULT_FIELDS}
    kinds: ClassVar[Sequence[str]] = ("cases.fill_fields",)
    rule_form: ClassVar[type[forms.Form] | None] = UpdateRuleForm
    rules_title = gettext_lazy("Update rules, in order")
    rules_note = gettext_lazy(
        "They decide when a customer writes again. The first rule that matches says which fields may change. "
        "No rule, no update."
    )
    rule_may_be_empty = True
    model = Case
    subjects = gettext_lazy("open cases")
    applies = gettext_lazy("They apply to new messages only, from the moment you save.")
    can_try = True
    consequences: ClassVar[Mapping[str, Any]] = {
        Level.OFF: gettext_lazy("No field is looked at."),
        Level.OBSERVE: gettext_lazy("Values are noted and shown to nobody who decides; nothing is written."),
        Level.ASK: gettext_lazy("Every value waits for a person."),
        Level.AUTO: gettext_lazy("Values over the upper bar are written; those between the bars wait for a person."),
    }

    def describe_outcome(self, outcome: dict[str, Any]) -> str:
        """The fields it may change."""
        known = case_fields()
        labels = [known[name].label for name in outcome.get("fields", []) if name in known]
        return _("Updates %(fields)s") % {"fields": ", ".join(labels)}

    def describe_value(self, name: str, value: Any) -> str:
        """A row of the table in words."""
        if name == "fields" and isinstance(value, dict):
            return _("%(field)s: suggest from %(suggest)d %%, fill in from %(fill)d %%") % {
                "field": value.get("field", ""),
                "suggest": round(100 * value.get("suggest", 0)),
                "fill": round(100 * value.get("fill", 0)),
            }
        return super().describe_value(name, value)

    def try_it(self, given: str, loaded: sections.Loaded, *, user: Any) -> sections.Trial:
        """What these settings would make of a case or a pasted text."""
        return trying.try_fields(given, loaded, user=user, now=timezone.now())


@section
class Resolution(CaseSection):
    """How the agent asks, answers from knowledge, ends a case and gives it to people."""

    name = "cases.resolution"
    title = gettext_lazy("Resolution")
    lead = gettext_lazy(
        "Asks for what is missing, answers from published articles with sources, resolves what the customer calls "
        "settled, and gives the rest to people."
    )
    icon = "reply"
    order = 30
    form_class: ClassVar[type[forms.Form]] = ResolutionForm
    form_template = "cases/manage/resolution.html"
    defaults: ClassVar[Mapping[str, Any]] = {
        "auto_from": 0.9, "reopen_days": 14, "template": None, "recommend": True, "mark_mail": True,
        "channel_mail": "", "channel_chat": "", "channel_call": "", "channel_api": "",
        "asks": "before", "unknown": "answer", "clarify": 1, "attempts": 2, "accept_from": 0.85,
        "thanks_closes": True, "out_of_office": False, "silent_days": 0, "escalation_queue": None, "agent_queue": None,
    }  # fmt: skip
    kinds: ClassVar[Sequence[str]] = ("cases.send_reply", "cases.resolve_case", "cases.escalate")
    rule_form: ClassVar[type[forms.Form] | None] = ReplyRuleForm
    model = Case
    subjects = gettext_lazy("open cases")
    can_try = True
    consequences: ClassVar[Mapping[str, Any]] = {
        Level.OFF: gettext_lazy("Nothing is drafted."),
        Level.OBSERVE: gettext_lazy("What it would do is kept for comparison; nobody is asked, nothing is sent."),
        Level.ASK: gettext_lazy("Every mail, resolution and escalation waits for a person."),
        Level.AUTO: gettext_lazy(
            "Questions, and answers over the bar, are sent after a minute; cases are resolved and escalated at once."
        ),
    }

    def prerequisites(self) -> list[Prerequisite]:
        """Intents and fields to go by, articles to answer from, and a server to send by."""
        published = Article.objects.filter(state=Article.State.PUBLISHED, audience=Article.Audience.EXTERNAL)
        sends = Mailbox.objects.filter(is_active=True).exclude(smtp_host="")
        place = reverse("agents:manage_section", args=["customer-intent", "matching"])
        fields = reverse("agents:manage_section", args=[self.agent, "fields"])
        return [
            # Without them it works, but asks and answers less well.
            Prerequisite(
                _("Intents are recognised"),
                Prerequisite.READY if matching.is_on() else Prerequisite.IN_PROGRESS,
                place,
                fix_label=_("Open recognition"),
            ),
            Prerequisite(
                _("Fields are filled"),
                Prerequisite.READY if sections.load("cases.fields").is_on else Prerequisite.IN_PROGRESS,
                fields,
                fix_label=_("Open fields and updates"),
            ),
            Prerequisite(
                _("External articles are published"),
                Prerequisite.READY if published.exists() else Prerequisite.INCOMPLETE,
                reverse("knowledge:articles"),
                fix_label=_("Open knowledge"),
            ),
            Prerequisite(
                _("A mailbox can send"),
                Prerequisite.READY if sends.exists() else Prerequisite.INCOMPLETE,
                reverse("conversations:mailboxes"),
                fix_label=_("Open mailboxes"),
            ),
        ]

    def check(self, values: dict[str, Any], level: str, is_on: bool) -> dict[str, list[str]]:
        """Full automation needs a mailbox that can send."""
        if is_on and level == Level.AUTO and not Mailbox.objects.filter(is_active=True).exclude(smtp_host="").exists():
            return {"": [_("Full automation needs a mailbox with an SMTP server.")]}
        return {}

    def describe_outcome(self, outcome: dict[str, Any]) -> str:
        """The template."""
        template = MessageTemplate.objects.filter(pk=outcome.get("template") or 0).first()
        return _("Answers with “%(template)s”") % {"template": template} if template else _("Answers")

    def try_it(self, given: str, loaded: sections.Loaded, *, user: Any) -> sections.Trial:
        """What these settings would do next."""
        return trying.try_next(given, loaded, user=user, now=timezone.now())


@section
class CaseLines(LinesSection):
    """Which line of business a new case belongs to."""

    name = "cases.case_lines"
    title = gettext_lazy("Lines by case")
    lead = gettext_lazy("Asked when a case is opened, by what it is then: its mail, its customer, its intent.")
    order = 52
    model = Case
    subjects = gettext_lazy("open cases")

    def preview(self, user: Any) -> QuerySet[Any]:
        """Open cases this user may see, newest first."""
        return visible_cases(user).filter(status=Case.Status.OPEN).order_by("-last_message_at", "-id")

    def preview_row(self, row: Case) -> dict[str, Any]:
        """Number, title and customer."""
        return {"label": str(row), "url": row.get_absolute_url(), "note": str(row.contact or "")}
