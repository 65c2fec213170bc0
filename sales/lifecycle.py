"""Where a lead stands: the moves from one status to the next, and who owns it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.audit import record
from agents.queue import ring
from agents.suggestions import withdraw_stale
from conversations.models import Queue
from sales.models import Lead

S = Lead.Status

# From each status to those that may follow. A person may reopen what was disqualified, handed over or closed.
MOVES: Mapping[str, frozenset[str]] = {
    S.NEW: frozenset({S.RESEARCHING, S.QUALIFIED, S.DISQUALIFIED, S.HANDED_OVER, S.CLOSED}),
    S.RESEARCHING: frozenset({S.NEW, S.QUALIFIED, S.DISQUALIFIED, S.HANDED_OVER, S.CLOSED}),
    S.QUALIFIED: frozenset({S.RESEARCHING, S.IN_OUTREACH, S.DISQUALIFIED, S.HANDED_OVER, S.CLOSED}),
    S.IN_OUTREACH: frozenset({S.REPLIED, S.QUALIFIED, S.DISQUALIFIED, S.HANDED_OVER, S.CLOSED}),
    S.REPLIED: frozenset({S.IN_OUTREACH, S.DISQUALIFIED, S.HANDED_OVER, S.CLOSED}),
    S.DISQUALIFIED: frozenset({S.NEW, S.RESEARCHING, S.QUALIFIED, S.HANDED_OVER, S.CLOSED}),
    S.HANDED_OVER: frozenset({S.IN_OUTREACH, S.QUALIFIED, S.DISQUALIFIED, S.CLOSED}),
    S.CLOSED: frozenset({S.NEW}),
}


class WrongMove(Exception):  # noqa: N818
    """The lead cannot go from where it stands to where it should; nothing was done."""


def lock_lead(pk: int) -> Lead:
    """The lead, locked until the transaction ends."""
    return Lead.objects.select_for_update(of=("self",)).get(pk=pk)


@transaction.atomic
def move_lead(lead: Lead, status: str, *, by: Any, why: str = "", now: dt.datetime | None = None) -> Lead:
    """Put a lead into another status, on record; into the one it has already: nothing. Raises WrongMove.

    What waits for people and rests on the old status is withdrawn; ``lead.<status>`` rings for whoever goes on.
    """
    now = now or timezone.now()
    lead = lock_lead(lead.pk)
    if lead.status == status:
        return lead
    if status not in MOVES[lead.status]:
        raise WrongMove(
            _("A lead that is %(old)s cannot become %(new)s.")
            % {"old": lead.get_status_display().lower(), "new": Lead.Status(status).label.lower()}
        )
    old = lead.get_status_display()
    lead.status, lead.status_why, lead.status_at, lead.last_activity_at = status, why[:300], now, now
    lead.save(update_fields=["status", "status_why", "status_at", "last_activity_at"])
    changes = [{"field": "status", "label": _("Status"), "old": str(old), "new": str(lead.get_status_display())}]
    record("lead.moved", by=by, subject=lead, why=why, changes=changes, now=now)
    withdraw_stale(lead, reason=_("The lead is %(status)s now.") % {"status": lead.get_status_display().lower()})
    ring(f"lead.{status}", lead.pk)
    return lead


@transaction.atomic
def assign_lead(lead: Lead, *, by: Any, owner: Any = None, queue: Queue | None = None, why: str = "") -> Lead:
    """Give the lead to a person, a queue, or both; an owner of None takes it away from everybody."""
    lead = lock_lead(lead.pk)
    changes = []
    for field, label, new in (("owner", _("Owner"), owner), ("queue", _("Queue"), queue or lead.queue)):
        old = getattr(lead, field)
        if old != new:
            changes.append({"field": field, "label": label, "old": str(old or ""), "new": str(new or "")})
            setattr(lead, field, new)
    if changes:
        lead.routed_at, lead.routed_why = timezone.now(), why[:300]
        lead.save(update_fields=["owner", "queue", "routed_at", "routed_why"])
        record("lead.assigned", by=by, subject=lead, why=why, changes=changes)
        ring("lead.assigned", lead.pk)
    return lead
