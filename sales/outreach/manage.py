"""The Manage pages of outreach: mails, replies, hand-over."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents import sections
from agents.models.levels import Level
from agents.sections import Claim, Loaded, Prerequisite, Trial, section
from conversations.authenticity import proves_itself
from conversations.models import Mailbox
from knowledge.models import Article
from sales.lead_section import LeadSection, find_lead
from sales.mode import only_drafts
from sales.models import Lead
from sales.outreach import handover, mails
from sales.outreach.asking import ClassifyReply
from sales.outreach.plan import AGENT, GENERAL, find_missing, find_prohibited, plan_of
from sales.outreach.reading import read_reply
from sales.outreach.rhythm import cadence_of, count_mails
from sales.outreach.setting_forms import EnrolRuleForm, HandOverSettingsForm, OutreachForm, RepliesForm, sales_mailboxes


@section
class Outreach(LeadSection):
    """Who is written to, in which rhythm, and what a mail must and must not say."""

    name = "sales.outreach"
    title = gettext_lazy("Outreach")
    lead = gettext_lazy("Writes to qualified leads, quotes what was found about them, and stops when they answer.")
    icon = "send"
    order = 50
    form_class: ClassVar[type[forms.Form]] = OutreachForm
    form_title = gettext_lazy("Mails")
    form_template = "sales/outreach/manage.html"
    defaults: ClassVar[Mapping[str, Any]] = {
        "mailbox": None, "waits": "3, 5", "end_days": 7, "days": ["0", "1", "2", "3", "4"], "begins": "08:00",
        "ends": "18:00", "daily_cap": 40, "mode": "composed", "tone": "formal", "language": "en", "use_news": True,
        "needs_consent": True, "auto_from": 0.85, "woven": "", "opt_out": "", "sender_checked": False,
    }  # fmt: skip
    kinds: ClassVar[Sequence[str]] = ("sales.send_outreach",)
    rule_form: ClassVar[type[forms.Form] | None] = EnrolRuleForm
    rules_title = gettext_lazy("Whom to write to, in order")
    no_rules = gettext_lazy("Without a rule every qualified lead is written to.")
    model = Lead
    applies = gettext_lazy(
        "Rhythm and hours apply to leads whose first mail is not written yet; the rest to every mail."
    )
    can_try = True
    consequences: ClassVar[Mapping[str, Any]] = {
        Level.OFF: gettext_lazy("Nobody is written to."),
        Level.OBSERVE: gettext_lazy("The first mail is drafted and kept; nobody is asked, nothing is sent."),
        Level.ASK: gettext_lazy("Every mail waits for a person."),
        Level.AUTO: gettext_lazy("Mails over the bar in which every claim has a source leave by themselves."),
    }

    def prerequisites(self) -> list[Prerequisite]:
        """A mailbox, an address readers can reach, something to say."""
        host = urlsplit(settings.PUBLIC_URL)
        reachable = host.scheme == "https"
        boxes = Mailbox.objects.filter(pk__in=[pk for pk, _name in sales_mailboxes()]).exclude(smtp_host="")
        return [
            Prerequisite(
                _("A mailbox for sales can send"),
                Prerequisite.READY if boxes.exists() else Prerequisite.INCOMPLETE,
                reverse("conversations:mailboxes"),
                fix_label=_("Open mailboxes"),
            ),
            Prerequisite(
                _("Readers can unsubscribe with one click"),
                Prerequisite.READY if reachable else Prerequisite.IN_PROGRESS,
                reverse("conversations:suppressions"),
                "" if reachable else _("PUBLIC_URL is not an https:// address: mail programs show no button."),
                _("Open suppressed addresses"),
            ),
            self._sender(),
            Prerequisite(
                _("The agent may write by itself"),
                Prerequisite.IN_PROGRESS if only_drafts(None) else Prerequisite.READY,
                reverse("agents:manage_section", args=[AGENT, "general"]),
                _("It researches and drafts; people send.") if only_drafts(None) else "",
                _("Open General"),
            ),
        ]

    def _sender(self) -> Prerequisite:
        """Whether mail of the mailbox proves where it comes from."""
        values = sections.load(self.name).values
        box = Mailbox.objects.filter(pk=values.get("mailbox") or 0).first()
        told = proves_itself(box, now=timezone.now()) if box else None
        state = {True: Prerequisite.READY, False: Prerequisite.INCOMPLETE, None: Prerequisite.IN_PROGRESS}[told]
        if told is None and values.get("sender_checked"):
            state = Prerequisite.READY
        words = ", ".join(f"{name.upper()} {said}" for name, said in sorted(box.verdicts.items())) if box else ""
        unknown = _("Not seen yet: put one of your mailboxes in copy of a mail from it.")
        return Prerequisite(
            _("Mail from it proves where it comes from"),
            state,
            reverse("conversations:mailboxes"),
            words or ("" if state == Prerequisite.READY else unknown),
            fix_label=_("Open mailboxes"),
        )

    def check(self, values: dict[str, Any], level: str, is_on: bool) -> dict[str, list[str]]:
        """Nothing leaves without a mailbox, and nothing is said without an offer or a template."""
        wrong: dict[str, list[str]] = {}
        if is_on and level in (Level.ASK, Level.AUTO):
            if not values.get("mailbox"):
                wrong["mailbox"] = [_("Choose the mailbox that mails leave from.")]
            general = sections.load(GENERAL).values
            says = [values.get("offers"), general.get("pitch"), general.get("products")]
            if values.get("mode") != "fixed" and not any(says):
                wrong["offers"] = [_("Say in a sentence what you offer; the agent makes nothing up.")]
            lines = [values.get("disclosures"), general.get("disclaimer"), general.get("terms")]
            if level == Level.AUTO and not any(lines):
                wrong["disclosures"] = [_("Mail without a person needs the lines that must stand in it.")]
            if level == Level.AUTO and "mailbox" not in wrong:
                wrong |= self._check_sender(values)
        return wrong

    def _check_sender(self, values: dict[str, Any]) -> dict[str, list[str]]:
        box = Mailbox.objects.filter(pk=values["mailbox"]).first()
        told = proves_itself(box, now=timezone.now()) if box else None
        if told is False:
            return {"mailbox": [mails.unproven()]}
        if told is None and not values.get("sender_checked"):
            return {"sender_checked": [_("Mail without a person needs SPF and DKIM: set them up, and say so here.")]}
        return {}

    def describe_outcome(self, outcome: dict[str, Any]) -> str:
        """Written to."""
        return _("Is written to")

    def try_it(self, given: str, loaded: Loaded, *, user: Any) -> Trial:
        """The first mail these settings would make for a lead."""
        lead = find_lead(given, user)
        if lead is None:
            return Trial(error=_("Choose a lead."))
        plan = plan_of(lead, loaded)
        answer, question = mails.draft(lead, plan, step=1, steps=count_mails(plan.rhythm(lead)))
        if not answer.output.parts:
            return Trial(error=_("There is nothing to say: no finding and no offer."))
        risks = mails.list_risks(question, answer.output)
        risks += [
            _("Must not be used: %(word)s") % {"word": word}
            for word in find_prohibited(answer.output.body, plan.prohibited)
        ]
        risks += [
            _("Is missing: %(line)s") % {"line": line} for line in find_missing(answer.output.body, plan.disclosures)
        ]
        if refused := mails.why_suppressed(lead):
            risks.append(refused)
        sure = answer.confidence >= float(loaded.values.get("auto_from", 0.85)) and not risks
        becomes = _("Would be sent without a person") if sure else _("Would wait for a person")
        claims = [
            Claim(answer.output.subject, answer.output.body, becomes, "good" if sure else "ask", answer.confidence)
        ]
        claims.append(Claim(_("Ends with"), mails.show_way_out(lead), "", "plain"))
        claims += [Claim(_("Mind"), risk, "", "plain") for risk in risks]
        return Trial(claims=claims, text=lead.note)

    def context(self, loaded: Loaded, *, user: Any) -> dict[str, Any]:
        """When the mails of a lead would leave that is written to today."""
        from agents.cadence import list_dates
        from agents.cadence.calendars import ALWAYS_OPEN

        try:
            frozen = plan_of(Lead(), loaded).rhythm(Lead())
            return {"dates": list_dates(cadence_of(frozen), timezone.now(), ALWAYS_OPEN)}
        except ValueError:
            return {"dates": []}


@section
class Replies(LeadSection):
    """What answers of leads mean, and which are answered."""

    name = "sales.replies"
    title = gettext_lazy("Replies")
    lead = gettext_lazy(
        "Reads what leads answer. Who asks to be left alone is left alone at once, whatever is set here."
    )
    icon = "reply"
    order = 60
    form_class: ClassVar[type[forms.Form]] = RepliesForm
    defaults: ClassVar[Mapping[str, Any]] = {"auto_from": 0.9, "articles": [], "escalation": ""}
    kinds: ClassVar[Sequence[str]] = ("sales.answer_question", "sales.follow_referral")
    can_try = True
    try_note = gettext_lazy("Paste a reply.")
    consequences: ClassVar[Mapping[str, Any]] = {
        Level.OFF: gettext_lazy("Replies are read; no answer and no referral is suggested."),
        Level.OBSERVE: gettext_lazy("Answers are drafted and kept; nobody is asked, nothing is sent."),
        Level.ASK: gettext_lazy("Every answer waits for a person."),
        Level.AUTO: gettext_lazy("Answers over the bar leave by themselves; a referral always waits for a person."),
    }

    def prerequisites(self) -> list[Prerequisite]:
        """Articles to answer from."""
        published = Article.objects.filter(state=Article.State.PUBLISHED, audience=Article.Audience.EXTERNAL)
        return [
            Prerequisite(
                _("External articles are published"),
                Prerequisite.READY if published.exists() else Prerequisite.INCOMPLETE,
                reverse("knowledge:articles"),
                fix_label=_("Open knowledge"),
            )
        ]

    def try_choices(self, user: Any) -> list[tuple[str, str]]:
        """A reply is pasted."""
        return []

    def try_it(self, given: str, loaded: Loaded, *, user: Any) -> Trial:
        """What a pasted reply means."""
        if not given.strip():
            return Trial(error=_("Paste a reply."))
        found, sure = read_reply(ClassifyReply(text=given, day=timezone.now().date().isoformat()))
        claims = [Claim(_("Means"), reply_label(found.reply), "", "good" if sure else "ask", sure)]
        claims += [Claim(_("Also says"), reply_label(each), "", "plain") for each in found.also]
        if found.resume_on:
            claims.append(Claim(_("Write again on"), found.resume_on, "", "plain"))
        return Trial(claims=claims, text=given)


@section
class HandOver(LeadSection):
    """Who takes the leads that want to talk."""

    name = "sales.handover"
    title = gettext_lazy("Hand-over")
    lead = gettext_lazy("Gives a lead that wants to talk to a seller, with a note, the findings and a task.")
    icon = "handshake"
    order = 70
    form_class: ClassVar[type[forms.Form]] = HandOverSettingsForm
    form_title = gettext_lazy("Who takes leads")
    defaults: ClassVar[Mapping[str, Any]] = {"sellers": [], "team": None, "supervisor": None, "task_days": 1}
    kinds: ClassVar[Sequence[str]] = ("sales.hand_over",)
    consequences: ClassVar[Mapping[str, Any]] = {
        Level.OFF: gettext_lazy("No lead is handed over by the agent."),
        Level.OBSERVE: gettext_lazy("Hand-overs are noted; nobody is asked."),
        Level.ASK: gettext_lazy("Every hand-over waits for a person."),
        Level.AUTO: gettext_lazy("A lead that wants to talk goes to the next seller at once."),
    }

    def prerequisites(self) -> list[Prerequisite]:
        """Somebody takes leads."""
        takes = handover.sellers_of(sections.load(self.name).values)
        return [
            Prerequisite(
                _("Somebody takes leads"),
                Prerequisite.READY if takes else Prerequisite.INCOMPLETE,
                reverse("agents:manage_section", args=[AGENT, "handover"]),
                fix_label=_("Open hand-over"),
            )
        ]

    def check(self, values: dict[str, Any], level: str, is_on: bool) -> dict[str, list[str]]:
        """Somebody has to take them."""
        if is_on and level in (Level.ASK, Level.AUTO) and not handover.sellers_of(values):
            return {"sellers": [_("Choose at least one seller, or a team with sellers.")]}
        return {}


REPLY_LABELS = {
    "interested": gettext_lazy("Interested"),
    "meeting": gettext_lazy("Wants to talk"),
    "question": gettext_lazy("Asks a question"),
    "referral": gettext_lazy("Names somebody else"),
    "later": gettext_lazy("Later"),
    "not_interested": gettext_lazy("Not interested"),
    "opt_out": gettext_lazy("Asks us to stop"),
    "out_of_office": gettext_lazy("Away"),
    "wrong_person": gettext_lazy("Wrong person"),
    "bounce": gettext_lazy("Could not be delivered"),
    "complaint": gettext_lazy("Complains"),
    "unclear": gettext_lazy("Not clear"),
}


def reply_label(said: str) -> str:
    """A meaning as people read it."""
    return str(REPLY_LABELS.get(said, said))
