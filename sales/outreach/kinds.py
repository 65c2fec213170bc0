"""The kinds of act of outreach: send a mail, answer a question, follow a referral, hand over."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel

from agents.kinds import Kind, kind
from agents.models import Suggestion
from agents.suggestions import NotAllowed
from sales import mode
from sales.access import visible_leads
from sales.models import Enrolment, Lead
from sales.outreach import answers, handed, handover, mails, replies
from sales.outreach.payloads import AnswerPayload, HandOverPayload, OutreachPayload, ReferralPayload
from sales.outreach.plan import AGENT
from sales.outreach.setting_forms import HandOverForm
from sales.outreach.shown import cite_parts


class OutreachKind(Kind):
    """What all of them share: the agent, and who may decide."""

    agent = AGENT
    permission = "sales.approve"
    # Whether it writes to a lead: then the mode has a say in whether the agent may do it by itself.
    writes = False

    def visible(self, user: Any) -> QuerySet[Lead]:
        """The leads whose suggestions ``user`` may decide."""
        return visible_leads(user) if user.has_perm(self.permission) else Lead.objects.none()

    def guard(self, suggestion: Suggestion) -> list[str]:
        """The mode: an agent that only drafts sends nothing by itself."""
        return mode.list_refusals(suggestion) if self.writes else []

    def note_pending(self, subject: Lead, kinds: list[str]) -> None:
        """The list of leads shows it without counting."""
        Lead.objects.filter(pk=subject.pk).update(waiting_kinds=kinds)

    def soft_fingerprint(self, subject: Lead) -> dict[str, Any]:
        """The owner: another one may be asked again."""
        return {"owner": subject.owner_id}


@kind
class SendOutreach(OutreachKind):
    """Sends one mail of a cadence to a lead."""

    name = "sales.send_outreach"
    title = gettext_lazy("Outreach")
    icon = "send"
    section = "sales.outreach"
    writes = True
    Payload: ClassVar[type[BaseModel]] = OutreachPayload
    template = "sales/kinds/send_outreach.html"
    editable = ("subject", "body")
    bell = "lead.outreach_stale"

    def fingerprint(self, subject: Lead) -> dict[str, Any]:
        """Their last word, their address, and that the cadence runs."""
        return mails.fingerprint_of(subject)

    def guard(self, suggestion: Suggestion) -> list[str]:
        """Suppression, consent, prohibited words, mandatory lines; for the agent alone also unfounded claims."""
        return [*super().guard(suggestion), *mails.list_refusals(suggestion)]

    def outlives(self, suggestion: Suggestion, subject: Lead) -> bool:
        """Only while the cadence runs and the lead may be written to."""
        pk = suggestion.payload.get("enrolment") or 0
        runs = Enrolment.objects.filter(pk=pk, state=Enrolment.State.ACTIVE).exists()
        answered = (suggestion.applied_fingerprint or {}).get("last_inbound") != subject.last_inbound_id
        return runs and not answered and not mails.why_suppressed(subject)

    def apply(self, suggestion: Suggestion, by: Any) -> None:
        """Compose the mail and queue it."""
        payload = OutreachPayload.model_validate(suggestion.payload)
        if payload.body != suggestion.proposed.get("body"):
            kept = [part for part in payload.parts if part.get("text", "") in payload.body]
            payload = payload.model_copy(update={"parts": kept})
        mails.send_mail(
            mails.lead_of(suggestion),
            payload,
            by=by,
            suggestion=suggestion,
            now=suggestion.decided_at or timezone.now(),
        )

    def summary(self, payload: OutreachPayload) -> str:
        """Which mail, and its subject."""
        return _("Mail %(step)d of %(steps)d: %(subject)s") % payload.model_dump(include={"step", "steps", "subject"})

    def consequence(self, suggestion: Suggestion) -> str:
        """Whom it mails."""
        lead = suggestion.subject
        name = (lead.first_name if lead else "") or suggestion.payload["to"]
        return _("Mails %(name)s in the next hours allowed") % {"name": name}

    def context(self, suggestion: Suggestion, user: Any) -> dict[str, Any]:
        """The mail in pieces with the marks of its findings, and how it ends."""
        return {"draft": cite_parts(suggestion), "way_out": mails.show_way_out(mails.lead_of(suggestion))}


@kind
class AnswerQuestion(OutreachKind):
    """Answers a lead's question from articles."""

    name = "sales.answer_question"
    title = gettext_lazy("Answer to a lead")
    icon = "reply"
    section = "sales.replies"
    writes = True
    Payload: ClassVar[type[BaseModel]] = AnswerPayload
    template = "sales/kinds/answer_question.html"
    bell = replies.STALE
    editable = ("subject", "body")

    def fingerprint(self, subject: Lead) -> dict[str, Any]:
        """The last message of either side."""
        return answers.fingerprint_of(subject)

    def guard(self, suggestion: Suggestion) -> list[str]:
        """What makes sending impossible, and figures without a source for the agent alone."""
        return [*super().guard(suggestion), *answers.list_refusals(suggestion)]

    def apply(self, suggestion: Suggestion, by: Any) -> None:
        """Compose the answer and queue it."""
        payload = AnswerPayload.model_validate(suggestion.payload)
        now = suggestion.decided_at or timezone.now()
        answers.send_answer(mails.lead_of(suggestion), payload, by=by, suggestion=suggestion, now=now)

    def summary(self, payload: AnswerPayload) -> str:
        """The first sentence that has a source."""
        return next((each["text"] for each in payload.sentences), payload.subject)[:200]

    def consequence(self, suggestion: Suggestion) -> str:
        """Whom it mails."""
        return _("Mails %(name)s now") % {"name": mails.lead_of(suggestion).first_name or suggestion.payload["to"]}

    def context(self, suggestion: Suggestion, user: Any) -> dict[str, Any]:
        """The mail in pieces with the marks of its passages."""
        return {"draft": cite_parts(suggestion)}


@kind
class FollowReferral(OutreachKind):
    """Adds a lead whom another lead named."""

    name = "sales.follow_referral"
    title = gettext_lazy("New lead by referral")
    icon = "user-plus"
    section = "sales.replies"
    Payload: ClassVar[type[BaseModel]] = ReferralPayload
    template = "sales/kinds/follow_referral.html"
    bell = replies.STALE
    editable = ("email", "name", "company_name")

    def fingerprint(self, subject: Lead) -> dict[str, Any]:
        """Their last word."""
        return replies.fingerprint_of(subject)

    def guard(self, suggestion: Suggestion) -> list[str]:
        """Nobody is added twice."""
        if Lead.objects.filter(email=suggestion.payload["email"].strip().lower()).exists():
            return [_("There is a lead with this address already.")]
        return []

    def apply(self, suggestion: Suggestion, by: Any) -> None:
        """Add the lead."""
        payload = ReferralPayload.model_validate(suggestion.payload)
        try:
            replies.follow_referral(
                mails.lead_of(suggestion), payload, by=by, now=suggestion.decided_at or timezone.now()
            )
        except ValidationError as error:
            raise NotAllowed(error.messages) from error

    def summary(self, payload: ReferralPayload) -> str:
        """The address."""
        return payload.email

    def consequence(self, suggestion: Suggestion) -> str:
        """Nobody is written to yet."""
        return _("Adds a lead; nobody is written to yet")


@kind
class HandOver(OutreachKind):
    """Gives a lead to a seller with a note and a task."""

    name = "sales.hand_over"
    title = gettext_lazy("Hand-over")
    icon = "handshake"
    section = "sales.handover"
    Payload: ClassVar[type[BaseModel]] = HandOverPayload
    form = HandOverForm
    template = "sales/kinds/hand_over.html"
    bell = replies.STALE

    def note_pending(self, subject: Lead, kinds: list[str]) -> None:
        """Besides, a hand-over that nobody wanted says why it came to nothing."""
        super().note_pending(subject, kinds)
        handed.settle_undecided(subject)

    def fingerprint(self, subject: Lead) -> dict[str, Any]:
        """Their last word and where the lead stands."""
        return handover.fingerprint_of(subject)

    def guard(self, suggestion: Suggestion) -> list[str]:
        """Somebody has to take it."""
        return handover.list_refusals(suggestion) if not suggestion.applied_fingerprint else []

    def apply(self, suggestion: Suggestion, by: Any) -> None:
        """Note, task, seller."""
        payload = HandOverPayload.model_validate(suggestion.payload)
        now = suggestion.decided_at or timezone.now()
        handover.hand_over(mails.lead_of(suggestion), payload, by=by, suggestion=suggestion, now=now)

    def summary(self, payload: HandOverPayload) -> str:
        """To whom and why."""
        who = payload.seller_name or _("nobody yet")
        return _("To %(who)s: %(reason)s") % {"who": who, "reason": payload.reason}

    def consequence(self, suggestion: Suggestion) -> str:
        """What the seller gets."""
        who = suggestion.payload.get("seller_name") or _("the seller")
        return _("Gives it to %(who)s with note and task") % {"who": who}
