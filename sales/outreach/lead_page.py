"""What the lead page shows of outreach: the cadence with its buttons, what waits, the mails, whether we may write."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _

from agents.models import Suggestion
from agents.panes import Pane, register
from agents.suggestions import of_subject
from conversations.models import Note
from conversations.todos import tasks_of
from sales.access import hidden_lead_fields
from sales.models import Enrolment, Lead, Touch
from sales.outreach import enrolments, mails
from sales.outreach.manage import reply_label
from sales.outreach.plan import plan_of
from sales.outreach.rhythm import count_mails

KINDS = ("sales.send_outreach", "sales.answer_question", "sales.follow_referral", "sales.hand_over")


def show_cadence(lead: Lead, user: Any) -> dict[str, Any] | None:
    """The cadence, what waits for a decision, and what may be done."""
    running = enrolments.running_of(lead)
    last = running or lead.enrolments.first()
    waiting = of_subject(lead).filter(kind__in=KINDS, state=Suggestion.State.PENDING).order_by("id")
    may_begin = running is None and lead.status == Lead.Status.QUALIFIED and bool(lead.email) and not lead.is_history
    if last is None and not may_begin and not waiting:
        return None
    return {
        "lead": lead,
        "running": running,
        "last": last,
        "steps": count_mails(last.cadence) if last else 0,
        "waiting": list(waiting),
        "may_begin": may_begin and plan_of(lead).loaded.is_on,
        "is_held": running is not None and running.state == Enrolment.State.HELD,
    }


def show_touches(lead: Lead, user: Any) -> dict[str, Any] | None:
    """Mails to and from the lead, newest first, with what came of them; and the notes of a hand-over."""
    touches = list(lead.touches.select_related("message", "message__author").order_by("-at", "-id")[:30])
    if not touches:
        return None
    rows = [{"touch": touch, "meaning": reply_label(touch.outcome) if touch.outcome else ""} for touch in touches]
    return {"lead": lead, "rows": rows, "incoming": Touch.Direction.IN}


def show_consent(lead: Lead, user: Any) -> dict[str, Any] | None:
    """Whether we may write, check by check."""
    if "email" in hidden_lead_fields(user):
        return None
    plan = plan_of(lead)
    suppressed = mails.why_suppressed(lead)
    bounced = lead.contact.bounced_at if lead.contact else None
    checks = [
        (bool(lead.email), _("Has an address") if lead.email else _("Has no e-mail address")),
        (bool(lead.consent_note), lead.consent_note or _("It is not noted why we may write")),
        (not suppressed, suppressed or _("Not on the list of suppressed addresses")),
        (bounced is None, _("Mail was not returned") if bounced is None else _("Mail could not be delivered")),
    ]
    needed = plan.values.get("needs_consent", True)
    may = all(ok for at, (ok, _text) in enumerate(checks) if at != 1 or needed)
    return {"lead": lead, "checks": [("ok" if ok else "no", text) for ok, text in checks], "may": may,
            "is_suppressed": bool(suppressed), "is_bounced": bounced is not None}  # fmt: skip


def show_hand_over(lead: Lead, user: Any) -> dict[str, Any] | None:
    """Every hand-over of a lead with its intent and how it ended, the newest note, and the tasks."""
    rows = list(lead.handovers.select_related("person", "suggestion")[:10])
    may_reassign = lead.status == Lead.Status.DISQUALIFIED and user.has_perm("sales.approve")
    if not rows and not may_reassign and lead.status != Lead.Status.HANDED_OVER:
        return None
    kind = ContentType.objects.get_for_model(Lead)
    note = Note.objects.filter(content_type=kind, object_id=lead.pk).order_by("-created_at").first()
    return {"lead": lead, "rows": rows, "note": note, "tasks": list(tasks_of(lead)[:5]),
            "may_reassign": may_reassign}  # fmt: skip


def _pane(name: str, slot: str, order: int, context: Any) -> Pane:
    return Pane(
        name=name, slot=slot, subject_type="sales.Lead", template=f"sales/outreach/{name}.html", context=context,
        order=order,
    )  # fmt: skip


register(
    _pane("handed_over", "lead.main", 5, show_hand_over),
    _pane("cadence", "lead.main", 10, show_cadence),
    _pane("touches", "lead.activity", 10, show_touches),
    _pane("consent", "lead.context", 10, show_consent),
)
