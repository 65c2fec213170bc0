"""The kinds of act of the Case Management Agent: fill fields, send a mail, resolve a case, escalate it."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from pydantic import BaseModel

from accounts.access import hidden_fields
from agents import sections
from agents.kinds import Kind, kind
from agents.models import Suggestion
from agents.models.levels import Level
from agents.suggestions import NotAllowed
from cases.access import MODEL, may_change, visible_cases
from cases.assignment_kind import AssignCase
from cases.attention import escalate_case, give_back, note_mail, state_of
from cases.drafts import show_reply
from cases.fields import case_fields, is_protected, marks_of, set_fields
from cases.filling import fields_fingerprint
from cases.forms import EscalateEditForm, ResolveEditForm, field_control
from cases.lifecycle import CaseChanged, assign_case, lock_case, reopen_case, resolve_case
from cases.models import AgentState, Case
from cases.payloads import EscalatePayload, FieldsPayload, ReplyPayload, ResolvePayload
from cases.replies import AGENT, language_of, reply_blockers, reply_fingerprint, send_reply
from cases.resolving import channel_level
from cases.understanding import note_asks
from cases.wording import pieces
from conversations.models import Queue

__all__ = ["AssignCase", "Escalate", "FillFields", "ResolveCase", "SendReply"]


class CaseKind(Kind):
    """What both kinds share: the agent, and who may decide."""

    agent = AGENT
    permission = "cases.approve"

    def visible(self, user: Any) -> QuerySet[Case]:
        """The cases whose suggestions ``user`` may decide."""
        return visible_cases(user) if user.has_perm(self.permission) else Case.objects.none()

    def note_pending(self, subject: Case, kinds: list[str]) -> None:
        """The inbox shows it without counting."""
        Case.objects.filter(pk=subject.pk).update(waiting_kinds=kinds)

    def soft_fingerprint(self, subject: Case) -> dict[str, Any]:
        """The owner: another one may be asked again."""
        return {"owner": subject.owner_id}


def _mark_mail(suggestion: Suggestion, body: str) -> str:
    """What leaves without a person says so, unless the settings leave it out."""
    loaded = sections.load("cases.resolution", suggestion.line_of_business)
    case = suggestion.subject
    if not loaded.values.get("mark_mail") or case.last_inbound is None:
        return body
    return f"{body.rstrip()}\n\n{pieces(language_of(case, case.last_inbound)[:2]).by_software}"


def not_alone(suggestion: Suggestion) -> list[str]:
    """Why the agent may not do it by itself: people have the case, or its channel is not left to the agent."""
    case = suggestion.subject
    state = state_of(case)
    reasons = []
    if state.is_held:
        reasons.append(_("People have this case: %(reason)s.") % {"reason": state.get_reason_display()})
    loaded = sections.load("cases.resolution", suggestion.line_of_business)
    if channel_level(case, loaded) != Level.AUTO:
        reasons.append(_("Full automation is off for %(channel)s.") % {"channel": case.get_origin_display()})
    return reasons


@kind
class FillFields(CaseKind):
    """Writes values into fields of a case."""

    name = "cases.fill_fields"
    title = gettext_lazy("Field update")
    icon = "text-cursor-input"
    section = "cases.fields"
    Payload: ClassVar[type[BaseModel]] = FieldsPayload
    template = "cases/kinds/fill_fields.html"
    can_undo = True
    editable = ("value",)
    bell = "case.fields_due"

    def fingerprint(self, subject: Case) -> dict[str, Any]:
        """The customer's last message, open or closed, and the values the kind writes."""
        return fields_fingerprint(subject)

    def guard(self, suggestion: Suggestion) -> list[str]:
        """What a person set is left alone, unless the settings allowed it when it was proposed."""
        if refused := self._not_theirs(suggestion):
            return refused
        loaded = sections.load(self.section, suggestion.line_of_business)
        if loaded.values.get("overwrite_people"):
            return []
        marks, known = marks_of(suggestion.subject), case_fields()
        payload = FieldsPayload.model_validate(suggestion.payload)
        return [
            _("%(field)s was set by %(who)s.") % {"field": item.label, "who": marks[item.name].user}
            for item in payload.fields
            if is_protected(marks.get(item.name)) and known[item.name].value_of(suggestion.subject) not in (None, "")
        ]

    def _not_theirs(self, suggestion: Suggestion) -> list[str]:
        """Whoever decides writes only what their roles let them write by hand."""
        by = suggestion.decided_by
        names = [item["name"] for item in suggestion.payload.get("fields", [])]
        if by is None or suggestion.decided_by_agent or all(may_change(by, name) for name in names):
            return []
        return [_("Your roles do not change every field of this.")]

    def apply(self, suggestion: Suggestion, by: Any) -> None:
        """Write the values, each with its evidence beside it."""
        case = lock_case(suggestion.object_id)
        payload = FieldsPayload.model_validate(suggestion.payload)
        evidence: dict[str, list[dict[str, Any]]] = {}
        for piece in suggestion.evidence:
            evidence.setdefault(piece.get("part", ""), []).append(piece)
        set_fields(
            case,
            {item.name: item.value for item in payload.fields},
            by=by,
            suggestion=suggestion,
            evidence=evidence,
            confidence={item.name: item.confidence for item in payload.fields},
        )

    def undo(self, suggestion: Suggestion, by: Any) -> None:
        """Put the old values back where nobody has changed them since."""
        case, known = lock_case(suggestion.object_id), case_fields()
        old = (suggestion.fingerprint or {}).get("values", {})
        payload = FieldsPayload.model_validate(suggestion.payload)
        if not all(may_change(by, item.name) for item in payload.fields):
            raise NotAllowed([_("Your roles do not change every field of this.")])
        back = {
            item.name: old.get(item.name)
            for item in payload.fields
            if item.name in known and known[item.name].value_of(case) == item.value
        }
        set_fields(case, back, by=by)

    def summary(self, payload: FieldsPayload) -> str:
        """The names of the fields: "Product, order number"."""
        return ", ".join(f"{item.label}: {item.shown}" for item in payload.fields)

    def consequence(self, suggestion: Suggestion) -> str:
        """How many fields change."""
        count = len(suggestion.payload.get("fields", []))
        return ngettext("Changes %(count)d field", "Changes %(count)d fields", count) % {"count": count}

    def context(self, suggestion: Suggestion, user: Any) -> dict[str, Any]:
        """Rows of before and after, each with the first mark of its evidence."""
        marks: dict[str, int] = {}
        for item in suggestion.evidence:
            marks.setdefault(item.get("part", ""), item["mark"])
        payload = FieldsPayload.model_validate(suggestion.payload)
        proposed = {item["name"]: item["value"] for item in suggestion.proposed["fields"]}
        known = case_fields() if payload.model_dump(mode="json") != suggestion.proposed else {}
        rows = [
            {
                "part": item.name if may_change(user, item.name) else "",
                "label": item.label,
                "before": item.old,
                "after": known[item.name].show(item.value)
                if item.name in known and item.value != proposed.get(item.name)
                else item.shown,
                "number": marks.get(item.name),
                "confidence": item.confidence,
            }
            for item in payload.fields
        ]
        return {"changes": rows}

    def controls(self, payload: FieldsPayload) -> dict[str, Any]:
        """The same controls as on the case page."""
        known = case_fields()
        return {item.name: field_control(known[item.name]) for item in payload.fields if item.name in known}

    def hidden_parts(self, user: Any) -> frozenset[str]:
        """The fields of cases that the user's roles hide."""
        return hidden_fields(user, MODEL)

    def parts(self, payload: FieldsPayload) -> list[str]:
        """Each field can be taken or left."""
        return [item.name for item in payload.fields]

    def take_parts(self, payload: FieldsPayload, names: set[str]) -> FieldsPayload:
        """Only the named fields."""
        return FieldsPayload(fields=[item for item in payload.fields if item.name in names])

    def access(self, subject: Case, user: Any) -> bool:
        """Who may decide, and may write at all."""
        return super().access(subject, user) and may_change(user, "title")


@kind
class SendReply(CaseKind):
    """Sends an answer to the customer."""

    name = "cases.send_reply"
    title = gettext_lazy("Reply")
    icon = "reply"
    section = "cases.resolution"
    Payload: ClassVar[type[BaseModel]] = ReplyPayload
    template = "cases/kinds/send_reply.html"
    editable = ("to", "cc", "subject", "body")
    bell = "case.reply_due"

    def fingerprint(self, subject: Case) -> dict[str, Any]:
        """The last message of either side, and whether the case is open."""
        return reply_fingerprint(subject)

    def guard(self, suggestion: Suggestion) -> list[str]:
        """Why it cannot be sent now; and a draft with a figure that no source has is never sent by the agent."""
        alone, payload = suggestion.decided_by_agent, suggestion.payload
        reasons = reply_blockers(suggestion.subject, payload.get("to"), payload.get("cc"), is_automatic=alone)
        if alone:
            reasons += [risk for risk in suggestion.risks if risk not in reasons]
            reasons += not_alone(suggestion)
        return reasons

    def apply(self, suggestion: Suggestion, by: Any) -> None:
        """Compose the mail and queue it."""
        payload = ReplyPayload.model_validate(suggestion.payload)
        message = send_reply(
            suggestion.subject,
            body=_mark_mail(suggestion, payload.body) if by.is_agent else payload.body,
            subject=payload.subject,
            to=payload.to,
            cc=payload.cc,
            by=by,
            suggestion=suggestion,
            citations=payload.sentences if payload.body == suggestion.proposed.get("body") else [],
            key=f"reply:{suggestion.pk}",
            now=suggestion.decided_at,
        )
        note_mail(suggestion.subject, message, payload, by_agent=by.is_agent)
        note_asks(suggestion.subject, payload.asks, now=suggestion.decided_at or message.created_at)

    def summary(self, payload: ReplyPayload) -> str:
        """The first sentence that has a source, else the first words after the greeting."""
        sourced = [part["text"] for part in payload.sentences if part.get("quote")]
        lines = [line.strip() for line in payload.body.splitlines() if len(line.split()) > 3]
        return next(iter([*sourced, *lines]), payload.body)[:200]

    def consequence(self, suggestion: Suggestion) -> str:
        """Whom it mails."""
        contact = getattr(suggestion.subject, "contact", None)
        name = (contact.first_name if contact else "") or suggestion.payload["to"][0]
        return _("Mails %(name)s now") % {"name": name}

    def context(self, suggestion: Suggestion, user: Any) -> dict[str, Any]:
        """The mail with the marks of its sources."""
        return {"draft": show_reply(suggestion, suggestion.subject, user)}


@kind
class ResolveCase(CaseKind):
    """Resolves a case because its customer says that it is settled."""

    name = "cases.resolve_case"
    title = gettext_lazy("Resolve the case")
    icon = "circle-check"
    section = "cases.resolution"
    Payload: ClassVar[type[BaseModel]] = ResolvePayload
    form = ResolveEditForm
    template = "cases/kinds/resolve_case.html"
    can_undo = True
    bell = "case.reply_due"

    def fingerprint(self, subject: Case) -> dict[str, Any]:
        """The last message of either side, and whether the case is open."""
        return reply_fingerprint(subject)

    def guard(self, suggestion: Suggestion) -> list[str]:
        """Only an open case; and not by the agent while people have it."""
        if not suggestion.subject.is_open:
            return [_("The case is not open.")]
        return not_alone(suggestion) if suggestion.decided_by_agent else []

    def apply(self, suggestion: Suggestion, by: Any) -> None:
        """Resolve it as it was seen."""
        payload = ResolvePayload.model_validate(suggestion.payload)
        try:
            resolve_case(
                suggestion.subject,
                by=by,
                resolution_type=payload.resolution_type,
                resolution=payload.resolution,
                seen_message=suggestion.fingerprint["last_message"],
                suggestion=suggestion,
                now=suggestion.decided_at,
            )
        except CaseChanged:
            raise NotAllowed([_("The case changed in the meantime.")])
        AgentState.objects.filter(case=suggestion.subject).update(last_act=AgentState.LastAct.RESOLVED)

    def undo(self, suggestion: Suggestion, by: Any) -> None:
        """Open it again."""
        try:
            reopen_case(suggestion.subject, by=by, why=_("The resolution was undone."))
        except CaseChanged:
            raise NotAllowed([_("The case is open again already.")])

    def summary(self, payload: ResolvePayload) -> str:
        """The customer's words."""
        return _("The customer: “%(words)s”") % {"words": payload.said} if payload.said else str(self.title)

    def consequence(self, suggestion: Suggestion) -> str:
        """What happens to the case."""
        return _("Closes #%(number)d, nothing is mailed") % {"number": suggestion.subject.number}


@kind
class Escalate(CaseKind):
    """Gives a case to people, with the reason and what was tried."""

    name = "cases.escalate"
    title = gettext_lazy("Escalate the case")
    icon = "arrow-up"
    section = "cases.resolution"
    Payload: ClassVar[type[BaseModel]] = EscalatePayload
    form = EscalateEditForm
    template = "cases/kinds/escalate.html"
    can_undo = True
    bell = "case.reply_due"

    def fingerprint(self, subject: Case) -> dict[str, Any]:
        """The last message of either side, whether the case is open."""
        return reply_fingerprint(subject)

    def guard(self, suggestion: Suggestion) -> list[str]:
        """Only an open case, once."""
        if not suggestion.subject.is_open:
            return [_("The case is not open.")]
        return [_("People have this case already.")] if state_of(suggestion.subject).is_held else []

    def apply(self, suggestion: Suggestion, by: Any) -> None:
        """Hold the agent, note what was tried, move the case to the queue."""
        payload = EscalatePayload.model_validate(suggestion.payload)
        escalate_case(
            suggestion.subject,
            reason=payload.reason,
            details=payload.details,
            queue=Queue.objects.filter(pk=payload.queue or 0).first(),
            by=by,
            suggestion=suggestion,
            now=suggestion.decided_at,
        )

    def undo(self, suggestion: Suggestion, by: Any) -> None:
        """Give the case back to the agent, and to the queue it came from."""
        payload = EscalatePayload.model_validate(suggestion.payload)
        try:
            give_back(suggestion.subject, by=by, why=_("The escalation was undone."))
        except CaseChanged:
            raise NotAllowed([_("The case was given back already.")])
        case = lock_case(suggestion.object_id)
        old = Queue.objects.filter(pk=payload.from_queue or 0).first()
        if old is not None and payload.queue and case.queue_id == payload.queue:
            assign_case(case, by=by, owner=case.owner, queue=old)

    def summary(self, payload: EscalatePayload) -> str:
        """The reason."""
        return payload.details or str(AgentState.Reason(payload.reason).label)

    def consequence(self, suggestion: Suggestion) -> str:
        """Where it goes."""
        queue = Queue.objects.filter(pk=suggestion.payload.get("queue") or 0).first()
        if queue is None:
            return _("Holds the agent, nothing is mailed")
        return _("Moves it to %(queue)s, nothing is mailed") % {"queue": queue}

    def context(self, suggestion: Suggestion, user: Any) -> dict[str, Any]:
        """The reason and the queue as people read them."""
        payload = EscalatePayload.model_validate(suggestion.payload)
        queue = Queue.objects.filter(pk=payload.queue or 0).first()
        return {"reason": AgentState.Reason(payload.reason).label, "queue": queue}
