"""The kinds of act about a silence: send a follow-up, close the case."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel

from agents.kinds import kind
from agents.models import Suggestion
from cases.forms import RESOLUTION_TYPES
from cases.lifecycle import reopen_case
from cases.models import Case
from cases.replies import reply_blockers
from cases.suggestions import CaseKind
from followups import acting
from followups.judging import CLOSE_KIND, SEND_KIND, has_unread
from followups.models import Plan
from followups.payloads import ClosePayload, FollowUpPayload
from followups.plans import SECTION, look_after_decision, plan_fingerprint


class FollowUpKind(CaseKind):
    """What both kinds share: the section, the fingerprint, and whom a decision wakes."""

    section = SECTION
    bell = "followup.due"

    def fingerprint(self, subject: Case) -> dict[str, Any]:
        """The last message of each side, open or closed, and how far the plan is."""
        return plan_fingerprint(subject)

    def note_pending(self, subject: Case, kinds: list[str]) -> None:
        """The inbox shows it, and a decision lets the plan go on at once."""
        super().note_pending(subject, kinds)
        look_after_decision(subject, kinds=kinds)


@kind
class SendFollowUp(FollowUpKind):
    """Sends the next follow-up of a plan."""

    name = SEND_KIND
    title = gettext_lazy("Follow-up")
    icon = "alarm-clock"
    Payload: ClassVar[type[BaseModel]] = FollowUpPayload
    template = "followups/kinds/send_follow_up.html"
    editable = ("to", "subject", "body")

    def guard(self, suggestion: Suggestion) -> list[str]:
        """Why it cannot be sent now; and a step is sent once."""
        payload, alone = suggestion.payload, suggestion.decided_by_agent
        case: Any = suggestion.subject
        reasons = reply_blockers(case, payload.get("to"), is_automatic=alone)
        reasons += [risk for risk in suggestion.risks if alone and risk not in reasons]
        if suggestion.applied_fingerprint is not None:
            return reasons
        plan = Plan.objects.filter(pk=payload["plan"]).first()
        if plan is None or not plan.is_running:
            reasons.append(_("The plan has ended."))
        elif payload["step"] <= plan.step and acting.was_sent(plan.pk, payload["step"]):
            reasons.append(_("This follow-up was sent already."))
        return reasons

    def outlives(self, suggestion: Suggestion, subject: Case) -> bool:
        """Only while the customer is still silent and the plan runs."""
        plan = Plan.objects.filter(pk=suggestion.payload["plan"], state=Plan.State.RUNNING).first()
        return plan is not None and subject.last_inbound_id == plan.seen_inbound_id

    def apply(self, suggestion: Suggestion, by: Any) -> None:
        """Queue the mail and move the plan on."""
        payload = FollowUpPayload.model_validate(suggestion.payload)
        case: Any = suggestion.subject
        acting.send_step(case, payload, by=by, suggestion=suggestion)

    def summary(self, payload: FollowUpPayload) -> str:
        """Which one it is, and its first words after the greeting."""
        lines = [line.strip() for line in payload.body.splitlines() if len(line.split()) > 3]
        words = next(iter(lines), payload.subject)
        return _("Follow-up %(number)d: %(words)s") % {"number": payload.step, "words": words}

    def consequence(self, suggestion: Suggestion) -> str:
        """Whom it mails."""
        return _("Mails %(name)s now") % {"name": _name_of(suggestion)}

    def context(self, suggestion: Suggestion, user: Any) -> dict[str, Any]:
        """The plan it belongs to."""
        return {"plan": Plan.objects.filter(pk=suggestion.payload["plan"]).first()}


@kind
class CloseCase(FollowUpKind):
    """Closes a case whose customer did not answer."""

    name = CLOSE_KIND
    title = gettext_lazy("Close case")
    icon = "circle-check"
    Payload: ClassVar[type[BaseModel]] = ClosePayload
    template = "followups/kinds/close_case.html"
    editable = ("resolution_type", "resolution", "subject", "body")
    can_undo = True

    def guard(self, suggestion: Suggestion) -> list[str]:
        """Never over an unanswered or unread mail of the customer."""
        case: Any = suggestion.subject
        payload, alone = suggestion.payload, suggestion.decided_by_agent
        reasons = [risk for risk in suggestion.risks if alone]
        if payload.get("body") and payload.get("to"):
            reasons += reply_blockers(case, payload["to"], is_automatic=alone)
        if suggestion.applied_fingerprint is not None:
            return reasons
        if case.last_direction != "out":
            reasons.append(_("The customer has the last word. Answer first."))
        if has_unread(case, mailbox=alone):
            reasons.append(_("Mail that has arrived is read first."))
        return reasons

    def outlives(self, suggestion: Suggestion, subject: Case) -> bool:
        """The case is closed already: only its mail was stopped."""
        return False

    def apply(self, suggestion: Suggestion, by: Any) -> None:
        """Close it as it was seen; nothing else is closed over."""
        payload = ClosePayload.model_validate(suggestion.payload)
        case: Any = suggestion.subject
        acting.close_quiet_case(case, payload, by=by, suggestion=suggestion)

    def undo(self, suggestion: Suggestion, by: Any) -> None:
        """Open the case again; a mail that left cannot be taken back."""
        case: Any = suggestion.subject
        if not case.is_open:
            reopen_case(case, by=by, why=_("The closing was undone."))

    def summary(self, payload: ClosePayload) -> str:
        """How it ends."""
        labels = {code: str(label) for code, label in RESOLUTION_TYPES}
        return _("Close: %(how)s") % {"how": labels.get(payload.resolution_type, payload.resolution_type)}

    def consequence(self, suggestion: Suggestion) -> str:
        """What happens to the case, and whether a mail leaves."""
        if suggestion.payload.get("body"):
            return _("Closes the case, mails %(name)s") % {"name": _name_of(suggestion)}
        return _("Closes the case")

    def context(self, suggestion: Suggestion, user: Any) -> dict[str, Any]:
        """The plan, and the resolution in words."""
        labels = {code: str(label) for code, label in RESOLUTION_TYPES}
        chosen = suggestion.payload["resolution_type"]
        plan = Plan.objects.filter(pk=suggestion.payload["plan"]).first()
        return {"plan": plan, "how": labels.get(chosen, chosen)}


def _name_of(suggestion: Suggestion) -> str:
    contact = getattr(suggestion.subject, "contact", None)
    return str((contact.first_name if contact else "") or (suggestion.payload["to"] or [""])[0])
