"""What became of hand-overs: one row for each, from the suggestion to whoever has the lead, or why nobody has."""

import datetime as dt
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.notifications import notify
from agents import sections
from agents.models import Suggestion
from sales.models import HandOver, Lead

SECTION = "sales.handover"
OVER = (Suggestion.State.REJECTED, Suggestion.State.WITHDRAWN)


@transaction.atomic
def note_waiting(suggestion: Suggestion) -> HandOver:
    """A hand-over was put before whoever decides; without anybody who takes leads it has failed until one is chosen."""
    payload = suggestion.payload
    taken = payload.get("seller")
    row, _made = HandOver.objects.get_or_create(
        suggestion=suggestion,
        defaults={
            "lead_id": suggestion.object_id,
            "intent": payload["intent"],
            "target": payload["target"],
            "reason": payload["reason"],
            "person_id": taken,
            "state": HandOver.State.ACTIVE if taken else HandOver.State.FAILED,
            "why": "" if taken else _("Nobody takes leads."),
            "created_at": suggestion.created_at,
        },
    )
    return row


def note_done(suggestion: Suggestion, person: Any, *, now: dt.datetime) -> None:
    """Somebody has the lead; in the transaction that gave it."""
    row = note_waiting(suggestion)
    HandOver.objects.filter(pk=row.pk).update(
        state=HandOver.State.COMPLETED, person=person, why="", settled_at=now, reason=suggestion.payload["reason"]
    )


def note_reassigned(lead: Lead, person: Any, reason: str, *, now: dt.datetime) -> HandOver:
    """A person gave a disqualified lead to a seller: a hand-over like any other; in that transaction."""
    return HandOver.objects.create(
        lead=lead, person=person, reason=reason, state=HandOver.State.COMPLETED, created_at=now, settled_at=now
    )


def settle_undecided(lead: Lead) -> None:
    """Hand-overs whose suggestion was rejected or taken back came to nothing, and say why."""
    waiting = HandOver.objects.filter(lead=lead, settled_at=None, suggestion__state__in=OVER)
    for row in waiting.select_related("suggestion"):
        assert row.suggestion
        row.state, row.settled_at = HandOver.State.FAILED, row.suggestion.decided_at
        row.why = (row.suggestion.reason or row.suggestion.get_state_display())[:300]
        row.save(update_fields=["state", "settled_at", "why"])


def find_supervisor(lead: Lead) -> Any:
    """Who watches the leads, when the settings name somebody."""
    loaded = sections.load(SECTION, lead.line_of_business)
    people = get_user_model().objects.filter(is_active=True, is_agent=False)
    return people.filter(pk=loaded.values.get("supervisor") or 0).first()


def tell_supervisor(lead: Lead, title: str, *, now: dt.datetime) -> Any:
    """Tell who watches the leads; returns whom."""
    supervisor = find_supervisor(lead)
    notify(supervisor, title, link=lead.get_absolute_url(), kind="problem", now=now)
    return supervisor


@transaction.atomic
def tell_disqualified(lead: Lead, *, intent: str, reason: str, now: dt.datetime) -> HandOver:
    """A lead goes no further: the supervisor is told, the lead stays with the agent."""
    supervisor = tell_supervisor(lead, _("%(lead)s is disqualified") % {"lead": lead}, now=now)
    return HandOver.objects.create(
        lead=lead,
        intent=intent,
        target=HandOver.Target.SUPERVISOR if supervisor else HandOver.Target.AGENT,
        state=HandOver.State.COMPLETED,
        person=supervisor,
        reason=reason[:300],
        created_at=now,
        settled_at=now,
    )
