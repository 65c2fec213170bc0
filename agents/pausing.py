"""Pausing one agent, or all of them."""

import datetime as dt

from django.db.models import Q

from agents.models import AgentPause


def is_paused(agent: str, *, now: dt.datetime) -> bool:
    """Whether a running pause holds this agent, or all (an empty name asks for the pause of all alone)."""
    return (
        AgentPause.objects.filter(agent__in={agent, ""}, ended_at__isnull=True)
        .filter(Q(until__isnull=True) | Q(until__gt=now))
        .exists()
    )
