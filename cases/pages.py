"""What the pages of the workspace show besides rows: tabs, forms, facts."""

from typing import Any
from uuid import uuid4

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import hidden_fields
from agents import sections
from agents.access import keep_parts
from agents.suggestions import of_subject
from cases import drafts
from cases.access import MODEL, may_change, visible_cases
from cases.facts import line_choices, option_choices
from cases.fields import CaseField, case_fields, marks_of
from cases.forms import AssignForm, FieldsEditForm, HoldForm, NoteForm, ReplyForm, ResolveForm
from cases.inbox import Filters, list_cases
from cases.models import Case
from cases.replies import current_conversation, reply_blockers, reply_subject
from cases.standing import show_standing
from conversations.facts import queue_choices
from intents.facts import intent_choices


def view_names() -> dict[str, str]:
    """The views of the list by code."""
    return {
        "mine": _("Mine"),
        "team": _("My teams"),
        "unassigned": _("Unassigned"),
        "all": _("All"),
        "history": _("History"),
    }


def list_context(user: Any, filters: Filters) -> dict[str, Any]:
    """Tabs and selects of the list; each keeps the others in the address."""
    base = reverse("cases:inbox")
    has_history = list_cases(user, Filters(view="history", status="any")).exists()
    tabs = [
        {"text": text, "url": f"{base}?{filters.as_query(view=view) or 'view=mine'}", "view": view}
        for view, text in view_names().items()
        if view != "history" or has_history
    ]
    selects = _selects(filters)
    return {
        "tabs": tabs,
        "tab_url": next((tab["url"] for tab in tabs if tab["view"] == filters.view), ""),
        "selects": selects,
        "list_query": filters.as_query(),
        "unassigned_url": f"{base}?view=unassigned",
        "narrowed_words": _narrowed(filters, selects),
        "sees": seen_texts(user),
    }


def _selects(filters: Filters) -> list[dict[str, Any]]:
    any_status = [("open", _("Open")), ("resolved", _("Resolved")), ("cancelled", _("Set aside")), ("any", _("Any"))]
    queues = [(str(pk), name) for pk, name in queue_choices()]
    lines = [(str(pk), name) for pk, name in line_choices()]
    return [
        {"name": "status", "label": _("Status"), "value": filters.status, "choices": any_status},
        _select("priority", _("Any priority"), filters.priority, list(Case.Priority.choices)),
        _select("queue", _("Any queue"), filters.queue, queues),
        _select("line", _("Any line"), filters.line, lines),
        _select("category", _("Any category"), filters.category, option_choices("category")),
        _select("intent", _("Any intent"), filters.intent, intent_choices()),
        _select("agent", _("Whoever has it"), filters.agent, agent_states()),
    ]


def seen_texts(user: Any) -> dict[str, bool]:
    """Whether the user's roles show the texts that stand outside the fields."""
    return {"title": "title" not in hidden_fields(user, MODEL)}


def agent_states() -> list[tuple[str, str]]:
    """Where a case may stand between agent, people and customer, for the filter."""
    return [("escalated", _("Escalated")), ("waiting", _("Waiting for the customer"))]


def _select(name: str, every: str, value: str, choices: list[Any]) -> dict[str, Any]:
    return {"name": name, "label": every, "value": value, "choices": [("", every), *choices]}


def _narrowed(filters: Filters, selects: list[dict[str, Any]]) -> str:
    """The filters in words, for the empty list."""
    chosen = [
        str(label)
        for select in selects
        for value, label in select["choices"]
        if value == select["value"] and value not in ("", "open")
    ]
    if filters.q:
        chosen.insert(0, f"“{filters.q}”")
    if filters.draft:
        chosen.append(_("Draft ready"))
    return ", ".join(chosen)


def case_context(case: Case, user: Any, forms: dict[str, Any]) -> dict[str, Any]:
    """Everything of the case page but the list, the timeline and the drafts."""
    works = user.has_perm("cases.work")
    conversation = current_conversation(case)
    marks, fields = drafts.number_evidence(case, user), case_fields()
    # The row says what waits, so what does not wait is not asked for.
    draft = drafts.pending_reply(case, user, after=marks.last) if "cases.send_reply" in case.waiting_kinds else None
    values = drafts.pending_fields(case, user, marks) if "cases.fill_fields" in case.waiting_kinds else None
    return {
        "case": case,
        "facts": case_facts(case, user, marks, fields),
        "works": works,
        "rates": user.has_perm("cases.approve"),
        "conversation": conversation,
        "blockers": reply_blockers(case) if works else [],
        "spans": marks.spans,
        "draft": draft,
        "standing": show_standing(case, user, draft),
        "hold_form": HoldForm(),
        "has_rules": works and case.is_open and sections.load("cases.assignment", case.line_of_business).is_on,
        "sees": seen_texts(user),
        "field_draft": values,
        "observed": [keep_parts(row, user) for row in of_subject(case).filter(state="observed").order_by("-id")[:5]],
        "other_cases": _other_cases(case, user),
        "reply_form": forms.get("reply_form") or ReplyForm(initial=_reply_initial(case)),
        "note_form": forms.get("note_form") or NoteForm(),
        "assign_form": forms.get("assign_form") or AssignForm(initial={"owner": case.owner_id, "queue": case.queue_id}),
        "resolve_form": forms.get("resolve_form") or ResolveForm(initial={"seen": case.last_message_id or 0}),
        "fields_form": forms.get("fields_form") or FieldsEditForm(case=case, user=user, known=fields),
        "open_form": next(iter(forms), ""),
    }


def _reply_initial(case: Case) -> dict[str, Any]:
    message = case.last_inbound
    return {
        "to": message.from_address if message else "",
        "subject": reply_subject(case, message) if message else "",
        "seen": case.last_message_id or 0,
        # Pressed twice, or sent again by the browser, it is still one mail.
        "once": uuid4().hex,
    }


def case_facts(case: Case, user: Any, numbers: drafts.Marks, fields: dict[str, CaseField]) -> list[dict[str, Any]]:
    """The fields this user may see: label, value, who set it, and the evidence beside it."""
    hidden, marks = hidden_fields(user, MODEL), marks_of(case)
    return [
        {
            "name": name,
            "label": each.label,
            "value": each.show_of(case),
            "mark": marks.get(name),
            "numbers": numbers.of.get((marks[name].suggestion_id or 0, name), []) if name in marks else [],
            "may_change": may_change(user, name),
        }
        for name, each in fields.items()
        if name not in hidden and name not in ("title", "description")
    ]


def _other_cases(case: Case, user: Any) -> list[Case]:
    if not case.contact_id:
        return []
    rows = visible_cases(user).filter(contact=case.contact_id).exclude(pk=case.pk)
    return list(rows.defer("search", "description", "resolution", "custom").order_by("-created_at")[:5])
