"""The kinds of act of the Sales Agent: qualify a lead."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel

from accounts.access import hidden_fields
from agents.kinds import Kind, kind
from agents.models import Suggestion
from agents.suggestions import NotAllowed
from sales.access import MODEL, visible_leads
from sales.lifecycle import MOVES, lock_lead, move_lead
from sales.models import HandOver, Lead
from sales.outreach import handed
from sales.outreach import kinds as kinds
from sales.payloads import Verdict
from sales.qualifying import KIND, SECTION, carry_out, fingerprint, write_fit
from sales.selection import AGENT


class LeadKind(Kind):
    """What the kinds about leads share: the agent, and who may decide."""

    agent = AGENT
    permission = "sales.approve"

    def visible(self, user: Any) -> QuerySet[Lead]:
        """The leads whose suggestions ``user`` may decide."""
        return visible_leads(user) if user.has_perm(self.permission) else Lead.objects.none()

    def note_pending(self, subject: Lead, kinds: list[str]) -> None:
        """The list shows it without counting."""
        Lead.objects.filter(pk=subject.pk).update(waiting_kinds=kinds)

    def soft_fingerprint(self, subject: Lead) -> dict[str, Any]:
        """The owner: another one may be asked again."""
        return {"owner": subject.owner_id}


@kind
class QualifyLead(LeadKind):
    """Says whether a lead is worth writing to."""

    name = KIND
    title = gettext_lazy("Qualification")
    icon = "target"
    section = SECTION
    Payload: ClassVar[type[BaseModel]] = Verdict
    template = "sales/kinds/qualify_lead.html"
    editable = ("verdict",)
    can_undo = True
    bell = "lead.researched"

    def fingerprint(self, subject: Lead) -> dict[str, Any]:
        """Where the lead stands, and what is known about it."""
        return fingerprint(subject)

    def guard(self, suggestion: Suggestion) -> list[str]:
        """A lead that somebody moved on is not judged any more."""
        lead: Any = suggestion.subject
        if lead is None or suggestion.payload.get("verdict") not in MOVES[lead.status]:
            return [_("The lead has moved on.")]
        return []

    def apply(self, suggestion: Suggestion, by: Any) -> None:
        """Write the fit and move the lead; who watches the leads hears of one that goes no further."""
        now = suggestion.decided_at or timezone.now()
        lead = carry_out(lock_lead(suggestion.object_id), Verdict.model_validate(suggestion.payload), by=by, now=now)
        if lead.status == Lead.Status.DISQUALIFIED:
            handed.tell_disqualified(lead, intent=HandOver.Intent.UNDETECTED, reason=lead.status_why, now=now)

    def undo(self, suggestion: Suggestion, by: Any) -> None:
        """Back to research, without a rank; only while nobody has gone on."""
        lead = lock_lead(suggestion.object_id)
        if lead.status != suggestion.payload.get("verdict"):
            raise NotAllowed([_("The lead has moved on.")])
        write_fit(lead, rank="", score=None, reasons=[])
        move_lead(lead, Lead.Status.RESEARCHING, by=by, why=_("Undone"))

    def summary(self, payload: Verdict) -> str:
        """The verdict with its score."""
        words = _("Qualify") if payload.verdict == "qualified" else _("Disqualify")
        met = sum(row.met == "yes" for row in payload.reasons)
        fit = Lead.Fit(payload.rank).label
        counted = {"words": words, "fit": str(fit).lower(), "met": met, "all": len(payload.reasons)}
        return _("%(words)s: %(fit)s, %(met)s of %(all)s criteria") % counted

    def consequence(self, suggestion: Suggestion) -> str:
        """What becomes of the lead."""
        if suggestion.payload.get("verdict") == "qualified":
            return _("The lead may be written to")
        return _("Nobody writes to this lead")

    def hidden_parts(self, user: Any) -> frozenset[str]:
        """The fields of leads that the user's roles hide."""
        return hidden_fields(user, MODEL)

    def context(self, suggestion: Suggestion, user: Any) -> dict[str, Any]:
        """The reasons with the marks of their findings."""
        marks: dict[str, int] = {}
        for item in suggestion.evidence:
            marks.setdefault(item.get("part", ""), item["mark"])
        payload = Verdict.model_validate(suggestion.payload)
        return {"reasons": [{"row": row, "number": marks.get(row.criterion)} for row in payload.reasons]}
