"""The kinds of act of the Case Management Agent: fill fields, send a reply."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from pydantic import BaseModel

from accounts.access import hidden_fields
from agents import sections
from agents.kinds import Kind, kind
from agents.models import Suggestion
from agents.suggestions import NotAllowed
from cases.access import MODEL, may_change, visible_cases
from cases.drafts import show_reply
from cases.fields import case_fields, is_protected, marks_of, set_fields
from cases.filling import fields_fingerprint
from cases.forms import field_control
from cases.lifecycle import lock_case
from cases.models import Case
from cases.payloads import FieldsPayload, ReplyPayload
from cases.replies import AGENT, reply_blockers, reply_fingerprint, send_reply


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
        return reasons

    def apply(self, suggestion: Suggestion, by: Any) -> None:
        """Compose the mail and queue it."""
        payload = ReplyPayload.model_validate(suggestion.payload)
        send_reply(
            suggestion.subject,
            body=payload.body,
            subject=payload.subject,
            to=payload.to,
            cc=payload.cc,
            by=by,
            suggestion=suggestion,
            citations=payload.sentences if payload.body == suggestion.proposed.get("body") else [],
            key=f"reply:{suggestion.pk}",
        )

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
