"""Pausing one agent, or all of them: what is queued is held, nothing is lost, people go on working."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.audit import record
from agents.models import AgentPause

ALL = ""


class AlreadyPaused(Exception):  # noqa: N818
    """This agent, or all, is paused; the running pause says who and when."""

    def __init__(self, running: AgentPause) -> None:
        self.running = running
        super().__init__(
            _("Already paused by %(who)s since %(when)s.")
            % {"who": running.started_by, "when": f"{running.started_at:%Y-%m-%d %H:%M}"}
        )


def is_paused(agent: str, *, now: dt.datetime) -> bool:
    """Whether a running pause holds this agent, or all (an empty name asks for the pause of all alone)."""
    return running_pauses(now=now).filter(agent__in={agent, ALL}).exists()


def running_pauses(*, now: dt.datetime) -> QuerySet[AgentPause]:
    """The pauses that hold now, the pause of all first."""
    running = AgentPause.objects.filter(Q(until__isnull=True) | Q(until__gt=now), ended_at__isnull=True)
    return running.select_related("started_by").order_by("agent")


def pause(
    agent: str, *, reason: str, by: Any, until: dt.datetime | None = None, now: dt.datetime | None = None
) -> AgentPause:
    """Pause one agent, or all with an empty name, until a moment or until somebody resumes it.

    Raises AlreadyPaused, and ValueError when ``until`` is over.
    """
    now = now or timezone.now()
    if until is not None and until <= now:
        raise ValueError(_("The pause would be over already. Choose a later time."))
    with transaction.atomic():
        # What ran out by itself is closed here, so that one row per agent is open.
        AgentPause.objects.filter(agent=agent, ended_at__isnull=True, until__lte=now).update(ended_at=now)
        made, created = AgentPause.objects.get_or_create(
            agent=agent,
            ended_at=None,
            defaults={"reason": reason, "started_at": now, "started_by": by, "until": until},
        )
        if not created:
            raise AlreadyPaused(made)
        text = _("All agents paused") if agent == ALL else _("Agent %(agent)s paused") % {"agent": agent}
        record("agents.paused", by=by, subject=made, text=text, why=reason, now=now)
    return made


def resume(agent: str, *, by: Any, now: dt.datetime | None = None) -> bool:
    """End the running pause of one agent, or of all with an empty name; False when none ran."""
    now = now or timezone.now()
    with transaction.atomic():
        running = running_pauses(now=now).filter(agent=agent).select_for_update(of=("self",)).first()
        if running is None:
            return False
        running.ended_at, running.ended_by = now, by
        running.save(update_fields=["ended_at", "ended_by"])
        text = _("All agents resumed") if agent == ALL else _("Agent %(agent)s resumed") % {"agent": agent}
        record("agents.resumed", by=by, subject=running, text=text, now=now)
    return True
