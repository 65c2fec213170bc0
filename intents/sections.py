"""The Manage pages of the Customer Intent Agent."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.models import LineOfBusiness, Rule
from agents.sections import Agent, Claim, Loaded, Prerequisite, Section, Trial, register_agent, section
from conversations.access import visible_conversations, visible_messages
from conversations.models import Conversation, Mailbox, Message
from intents.matching import is_on, match_text, word_reason
from intents.models import DiscoveryRun, Intent, Review
from intents.setting_forms import DiscoveryForm, LineRuleForm, MatchingForm

AGENT = "customer-intent"

register_agent(
    Agent(
        AGENT,
        gettext_lazy("Customer Intent Agent"),
        gettext_lazy("Recognises why customers write, asks for what is missing"),
        "shapes",
        order=20,
    )
)


@section
class Matching(Section):
    """Whether messages are compared with the library, and how sure a match must be."""

    name = "intents.matching"
    agent = AGENT
    title = gettext_lazy("Recognition")
    lead = gettext_lazy("Compares what customers write with the library of intents. The one switch of this agent.")
    icon = "shapes"
    order = 10
    form_class: ClassVar[type[forms.Form]] = MatchingForm
    form_title = gettext_lazy("When an intent counts as recognised")
    defaults: ClassVar[Mapping[str, Any]] = {"bar": 0.5, "several": True, "asks": True}
    levels = False
    by_line = False
    can_try = True
    try_note = gettext_lazy("The general intents and those of every line of business are tried.")
    applies = gettext_lazy("They apply to messages from the moment you save.")

    def prerequisites(self) -> list[Prerequisite]:
        """Somewhere to write to, intents that are approved, and words to recognise them by."""
        approved = Intent.objects.filter(review_state=Review.APPROVED)
        library = reverse("intents:library")
        silent = approved.filter(examples=None).count()
        boxes = Mailbox.objects.filter(is_active=True)
        return [
            Prerequisite(
                _("Customers can write"),
                Prerequisite.READY if boxes.exists() else Prerequisite.INCOMPLETE,
                reverse("conversations:mailboxes"),
                fix_label=_("Open mailboxes"),
            ),
            Prerequisite(
                _("Intents are approved"),
                Prerequisite.READY if approved.exists() else Prerequisite.INCOMPLETE,
                library,
                fix_label=_("Open the library"),
            ),
            Prerequisite(
                _("Every approved intent has examples"),
                Prerequisite.IN_PROGRESS if silent else Prerequisite.READY,
                library,
                _("%(count)d without an example") % {"count": silent} if silent else "",
                _("Open the library"),
            ),
        ]

    def try_it(self, given: str, loaded: Loaded, *, user: Any) -> Trial:
        """What the library sees in a pasted text."""
        if not given.strip():
            return Trial(error=_("Paste a text."))
        return try_sentence(given, loaded)


def try_sentence(given: str, loaded: Loaded, *, line: LineOfBusiness | None = None) -> Trial:
    """The ranked intents of a text under these settings; without a line those of every line are asked."""
    every = [line] if line else [None, *LineOfBusiness.objects.filter(is_active=True)]
    answers = [match_text(given, line=one, values=loaded.values)[0] for one in every]
    best = max(answers, key=lambda answer: max((one.confidence for one in answer.output.ranked), default=0.0))
    if not best.output.ranked:
        return Trial(text=given, error=word_reason(best.output.reason or "empty"))
    claims = [
        Claim(
            one.label,
            _("recognised") if one.is_chosen else _("not near enough") if at == 0 else _("behind"),
            "",
            "good" if one.is_chosen else "plain",
            one.confidence,
        )
        for at, one in enumerate(best.output.ranked)
    ]
    return Trial(claims=claims, text=given)


@section
class Discovery(Section):
    """Where new reasons for writing are looked for: one rule for each line of business, each with its conditions."""

    name = "intents.discovery"
    agent = AGENT
    title = gettext_lazy("Discovery")
    lead = gettext_lazy("Finds why customers write in their own messages. People decide what enters the library.")
    icon = "telescope"
    order = 20
    levels = False
    by_line = False
    form_template = "intents/manage/discovery.html"
    rule_form: ClassVar[type[forms.Form] | None] = DiscoveryForm
    rule_levels = False
    rules_title = gettext_lazy("Discoveries, one for each line of business")
    rules_note = gettext_lazy("Only messages that match are looked at: a discovery without conditions finds noise.")
    no_rules = gettext_lazy("Nothing is looked for. Add a discovery and test it on the newest messages.")
    model = Message
    subjects = gettext_lazy("mails")
    applies = gettext_lazy("The switch turns the daily look on. Tests can be run at any time.")

    def prerequisites(self) -> list[Prerequisite]:
        """The daily look depends on the agent's one switch."""
        state = Prerequisite.READY if is_on() else Prerequisite.INCOMPLETE
        place = reverse("agents:manage_section", args=[AGENT, "matching"])
        return [Prerequisite(_("Recognition is switched on"), state, place, fix_label=_("Open recognition"))]

    def check_rule(self, rule: dict[str, Any]) -> list[str]:
        """One discovery for each line, and one for all."""
        chosen = (rule.get("outcome") or {}).get("line_of_business") or None
        others = Rule.objects.filter(section=self.name).exclude(pk=rule.get("id") or 0)
        for other in others:
            if (other.outcome.get("line_of_business") or None) == chosen:
                return [_("There is a discovery for this line of business already: %(rule)s.") % {"rule": other.name}]
        return []

    def describe_outcome(self, outcome: dict[str, Any]) -> str:
        """Line, granularity, schedule."""
        line = LineOfBusiness.objects.filter(pk=outcome.get("line_of_business") or 0).first()
        fine = dict(DiscoveryForm.base_fields["granularity"].choices).get(outcome.get("granularity"), "")  # type: ignore[attr-defined]
        daily = _("every day") if outcome.get("is_scheduled") else _("when asked")
        return f"{line.name if line else _('Every line')} · {fine} · {daily}"

    def context(self, loaded: Loaded, *, user: Any) -> dict[str, Any]:
        """The latest runs stand on the page."""
        rows = DiscoveryRun.objects.select_related("created_by").annotate(found=Count("candidates"))
        return {"runs": rows.order_by("-id")[:20], "discoveries": loaded.rules}

    def preview(self, user: Any) -> QuerySet[Any]:
        """Inbound mails this user may see, newest first."""
        rows = visible_messages(user).filter(direction=Message.Direction.IN)
        return rows.order_by("-received_at", "-id")

    def preview_row(self, row: Message) -> dict[str, Any]:
        """Subject and sender."""
        return {"label": row.subject, "url": "", "note": row.from_address}


class LinesSection(Section):
    """Rules that give a line of business: at most one for each line."""

    agent = AGENT
    has_switch = False
    levels = False
    by_line = False
    icon = "split"
    rule_form: ClassVar[type[forms.Form] | None] = LineRuleForm
    rule_levels = False
    rules_title = gettext_lazy("Rules, one for each line of business")
    rules_note = gettext_lazy("The first rule that matches gives the line of business; the reason is on the record.")
    no_rules = gettext_lazy("Without a rule the line of the mailbox counts.")

    def check_rule(self, rule: dict[str, Any]) -> list[str]:
        """At most one rule for each line on this page."""
        chosen = (rule.get("outcome") or {}).get("line_of_business")
        others = Rule.objects.filter(section=self.name, outcome__line_of_business=chosen).exclude(
            pk=rule.get("id") or 0
        )
        if chosen and others.exists():
            return [_("There is a rule for this line of business already: %(rule)s.") % {"rule": others[0].name}]
        return []

    def describe_outcome(self, outcome: dict[str, Any]) -> str:
        """The line."""
        line = LineOfBusiness.objects.filter(pk=outcome.get("line_of_business") or 0).first()
        return _("Gives the line %(line)s") % {"line": line.name} if line else _("Gives a line that is gone")


@section
class MailLines(LinesSection):
    """Which line of business a mail's conversation belongs to."""

    name = "intents.mail_lines"
    title = gettext_lazy("Lines by e-mail")
    lead = gettext_lazy("Gives new conversations a line of business by their first mail, before anything else looks.")
    order = 50
    model = Message
    subjects = gettext_lazy("mails")

    def preview(self, user: Any) -> QuerySet[Any]:
        """Inbound mails this user may see, newest first."""
        rows = visible_messages(user).filter(direction=Message.Direction.IN)
        return rows.order_by("-received_at", "-id")

    def preview_row(self, row: Message) -> dict[str, Any]:
        """Subject and sender."""
        return {"label": row.subject, "url": "", "note": row.from_address}


@section
class ConversationLines(LinesSection):
    """Which line of business a conversation belongs to."""

    name = "intents.conversation_lines"
    title = gettext_lazy("Lines by conversation")
    lead = gettext_lazy("Asked where no mail rule matched: by channel, mailbox, contact.")
    order = 51
    model = Conversation
    subjects = gettext_lazy("conversations")

    def preview(self, user: Any) -> QuerySet[Any]:
        """Conversations this user may see, newest first."""
        return visible_conversations(user).order_by("-last_message_at", "-id")

    def preview_row(self, row: Conversation) -> dict[str, Any]:
        """Subject and contact."""
        return {"label": row.subject, "url": "", "note": str(row.contact or "")}
