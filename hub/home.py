"""What the first page shows one person: what waits for them, what was done today, whether the agents run."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Min, Q, Sum
from django.urls import reverse
from django.utils import timezone

from accounts.notifications import notifications_of
from agents.access import keep_entries, keep_parts, visible_entries, visible_suggestions
from agents.manage.center import count_held, describe_agent
from agents.manage.forms import PauseForm
from agents.models import ModelCall, Suggestion
from agents.oversight.wording import say_entries
from agents.policy import pausing
from agents.sections import AGENTS, Prerequisite
from cases.inbox import Filters, list_cases
from conversations.access import may_have_tasks
from conversations.models import Task
from hub.parked import parked_work
from sales.access import visible_leads

SHOWN, COUNTED = 8, 1000
State = Suggestion.State


def home_of(user: Any, *, now: dt.datetime) -> dict[str, Any]:
    """Everything the page shows this person."""
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    manages = user.has_perm("agents.manage")
    return {
        "now": now,
        "waiting": list_waiting(user),
        "mine": list_mine(user, now=now),
        "today": count_today(user, since=today),
        "cost": read_cost(since=today) if manages else None,
        "agents": list_agents(now=now) if manages else [],
        "parked_work": parked_work()[:COUNTED].count() if manages else 0,
        "news": list(notifications_of(user, unread=True).order_by("-id")[:SHOWN]),
        "happened": list_happened(user),
        **_pauses(user, now),
    }


def list_waiting(user: Any) -> list[dict[str, Any]]:
    """The suggestions that wait for this person, by kind, with the oldest of each."""
    rows = visible_suggestions(user).filter(state=State.PENDING).values("kind")
    counted = rows.annotate(number=Count("pk"), oldest=Min("created_at")).order_by("-number", "kind")
    return [dict(row) for row in counted]


def list_mine(user: Any, *, now: dt.datetime) -> list[dict[str, Any]]:
    """What is this person's own: cases, tasks, leads; each with its number and its page."""
    found = []
    if user.has_perm("cases.work"):
        found.append(_own("cases", list_cases(user, Filters()), reverse("cases:inbox")))
    if may_have_tasks(user):
        tasks = Task.objects.filter(owner=user, done_at=None)
        found.append(_own("tasks", tasks, reverse("conversations:tasks")))
        found.append(_own("overdue", tasks.filter(due_at__lte=now), reverse("conversations:tasks") + "?view=overdue"))
    if user.has_perm("sales.work"):
        found.append(_own("leads", visible_leads(user).filter(owner=user), "/desk/leads/"))
    return found


def _own(name: str, rows: Any, url: str) -> dict[str, Any]:
    return {"name": name, "number": rows.order_by().values("pk")[:COUNTED].count(), "url": url}


def count_today(user: Any, *, since: dt.datetime) -> dict[str, int]:
    """What was decided today within this person's sight: by people, by agents, edited, rejected, only observed."""
    rows = visible_suggestions(user)
    decided = rows.filter(decided_at__gte=since).aggregate(
        alone=Count("pk", filter=Q(state=State.ACCEPTED, decided_by_agent=True)),
        by_people=Count("pk", filter=Q(state=State.ACCEPTED, decided_by_agent=False)),
        edited=Count(
            "pk",
            filter=Q(state=State.ACCEPTED, decided_by_agent=False, final__isnull=False) & ~Q(final=F("proposed")),
        ),
        rejected=Count("pk", filter=Q(state=State.REJECTED)),
    )
    observed = rows.filter(created_at__gte=since, state=State.OBSERVED)[:COUNTED].count()
    return {**decided, "observed": observed}


def read_cost(*, since: dt.datetime) -> dict[str, Any]:
    """What language models cost since then, and how often they were asked."""
    calls = ModelCall.objects.filter(at__gte=since)
    return dict(calls.aggregate(calls=Count("pk"), cost=Sum("cost")))


def list_agents(*, now: dt.datetime) -> list[dict[str, Any]]:
    """Each agent with its state in words and what it still needs."""
    running = {pause.agent: pause for pause in pausing.running_pauses(now=now)}
    cards = [describe_agent(agent, running) for agent in sorted(AGENTS.values(), key=lambda one: one.order)]
    for card in cards:
        card["to_mend"] = [one for one in card["prerequisites"] if one.state == Prerequisite.INCOMPLETE]
    return cards


def list_happened(user: Any) -> list[dict[str, Any]]:
    """The latest that happened: the record for who reads it, decisions within sight for everybody else."""
    if user.has_perm("agents.record"):
        entries: list[Any] = list(say_entries(keep_entries(visible_entries(user).order_by("-at", "-id")[:SHOWN], user)))
        return [
            {"who": one.who, "said": one.said, "about": one.label, "at": one.at, "url": _entry_url(one)}
            for one in entries
        ]
    rows = visible_suggestions(user).filter(decided_at__isnull=False).select_related("decided_by")
    return [
        {
            "who": str(row.decided_by or AGENTS[row.agent].title if row.agent in AGENTS else row.agent),
            "said": row.get_state_display(),
            "about": keep_parts(row, user).label,
            "at": row.decided_at,
            "url": reverse("agents:suggestion", args=[row.pk]),
        }
        for row in rows.order_by("-decided_at", "-id")[:SHOWN]
    ]


def _entry_url(entry: Any) -> str:
    return reverse("agents:entry", args=[entry.pk])


def _pauses(user: Any, now: dt.datetime) -> dict[str, Any]:
    running = list(pausing.running_pauses(now=now))
    may_pause = user.has_perm("agents.pause")
    return {
        "may_pause": may_pause,
        "pauses": running,
        "pause_all": next((one for one in running if one.agent == pausing.ALL), None),
        "held": count_held() if may_pause else 0,
        "form": PauseForm() if may_pause else None,
        "outbound": settings.OUTBOUND,
    }
