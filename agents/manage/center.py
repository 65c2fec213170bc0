"""The admin center, the overview of one agent, and pausing."""

import datetime as dt
import logging
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import Count, F, Min, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from agents import panes
from agents.manage.forms import PauseForm
from agents.manage.section_pages import tabs_of, url_of
from agents.models import AgentPause, Effect, Suggestion
from agents.models.levels import Level, least
from agents.policy import pausing
from agents.sections import AGENTS, Agent, Loaded, Prerequisite, Section, load, sections_of

logger = logging.getLogger(__name__)
WEEK = dt.timedelta(days=7)


@login_required
@permission_required("agents.manage", raise_exception=True)
@require_GET
def show_center(request: HttpRequest) -> HttpResponse:
    """Every agent with its state in words, the pause, and what people and agents did today."""
    now = timezone.now()
    running = {pause.agent: pause for pause in pausing.running_pauses(now=now)}
    agents = [describe_agent(agent, running) for agent in sorted(AGENTS.values(), key=lambda one: one.order)]
    to_mend = sum(1 for card in agents for one in card["prerequisites"] if one.state == Prerequisite.INCOMPLETE)
    context = {
        "now": now,
        "agents": agents,
        "pauses": list(running.values()),
        "pause_all": running.get(pausing.ALL),
        "held": count_held(),
        "numbers": _numbers(now),
        "waiting": _waiting(),
        "to_mend": to_mend,
        "mend_text": ngettext("One thing to mend", "%(count)s things to mend", to_mend) % {"count": to_mend},
        "shared": _shared_pages(request.user),
        "form": PauseForm(),
        "review_url": _url("agents:review"),
        "record_url": _url("agents:record"),
        "may_pause": request.user.has_perm("agents.pause"),
    }
    return render(request, "agents/manage/center.html", context)


@login_required
@permission_required("agents.manage", raise_exception=True)
@require_GET
def show_agent(request: HttpRequest, agent: str) -> HttpResponse:
    """One agent: its sections and what it still needs."""
    if agent not in AGENTS:
        raise Http404
    now = timezone.now()
    running = {pause.agent: pause for pause in pausing.running_pauses(now=now)}
    context = {
        "now": now,
        "card": describe_agent(AGENTS[agent], running),
        "agent": AGENTS[agent],
        "tabs": tabs_of(agent),
        "pause": running.get(agent) or running.get(pausing.ALL),
        "review_url": _url("agents:review"),
        "may_pause": request.user.has_perm("agents.pause"),
    }
    return render(request, "agents/manage/agent.html", context)


@login_required
@permission_required("agents.pause", raise_exception=True)
@require_POST
def pause(request: HttpRequest) -> HttpResponse:
    """Pause one agent, or all."""
    form = PauseForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Nothing was paused: %(why)s") % {"why": " ".join(_texts(form))})
        return _back(request)
    cleaned = form.cleaned_data
    try:
        pausing.pause(cleaned["agent"], reason=cleaned["reason"], until=cleaned["until"], by=request.user)
    except pausing.AlreadyPaused as already:
        messages.error(request, str(already))
    else:
        messages.success(request, _("Paused. What is queued is held, nothing is lost."))
    return _back(request)


@login_required
@permission_required("agents.pause", raise_exception=True)
@require_POST
def resume(request: HttpRequest) -> HttpResponse:
    """End the running pause of one agent, or of all."""
    if pausing.resume(request.POST.get("agent", ""), by=request.user):
        messages.success(request, _("Resumed. What was held leaves if it is still allowed."))
    else:
        messages.error(request, _("No pause was running. Somebody resumed it meanwhile."))
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    return redirect("agents:manage" if request.user.has_perm("agents.manage") else "/")


def _texts(form: Any) -> list[str]:
    return [text for texts in form.errors.values() for text in texts]


def describe_agent(agent: Agent, running: dict[str, AgentPause]) -> dict[str, Any]:
    """An agent as the admin center shows it."""
    lines = [_line(section, load(section.name)) for section in sections_of(agent.name)]
    prerequisites = [one for section in sections_of(agent.name) for one in _needs(section)]
    return {
        "agent": agent,
        "url": reverse("agents:manage_agent", args=[agent.name]),
        "lines": lines,
        "state": _state(agent, lines, running),
        "prerequisites": list(dict.fromkeys(prerequisites)),
        "waiting": Suggestion.objects.filter(agent=agent.name, state=Suggestion.State.PENDING)[:1000].count(),
    }


def _needs(section: Section) -> list[Prerequisite]:
    """What the section needs; one that cannot be asked never takes the page down with it."""
    try:
        return section.prerequisites()
    except Exception:
        logger.exception("The prerequisites of %s could not be checked.", section.name)
        return [Prerequisite(section.title, Prerequisite.INCOMPLETE, detail=_("Could not be checked, see the log"))]


def _line(section: Section, loaded: Loaded) -> dict[str, Any]:
    shown = ""
    if section.has_switch and not loaded.is_on:
        shown = Level.OFF
    elif section.levels:
        shown = least(loaded.level, settings.AGENT_CEILING)
    return {
        "section": section,
        "url": url_of(section),
        "level": shown,
        "is_on": loaded.is_on,
        "rules": ngettext("%(count)s rule", "%(count)s rules", len(loaded.rules)) % {"count": len(loaded.rules)}
        if section.has_rules
        else "",
    }


def _state(agent: Agent, lines: list[dict[str, Any]], running: dict[str, AgentPause]) -> dict[str, str]:
    """What really holds now, as a pill: the pause first, then the highest level of its sections."""
    if agent.name in running or pausing.ALL in running:
        return {"text": _("Paused"), "look": "caution", "icon": "pause"}
    levels = {line["level"] for line in lines if line["is_on"] and line["level"]}
    if any(line["is_on"] and line["section"].has_switch and not line["section"].levels for line in lines):
        levels.add(Level.AUTO)  # what has a switch and no levels works by itself
    if levels & {Level.ASK, Level.AUTO}:
        return {"text": _("Running"), "look": "good", "icon": "activity"}
    if Level.OBSERVE in levels:
        return {"text": _("Observing"), "look": "", "icon": "eye"}
    return {"text": _("Off"), "look": "plain", "icon": "circle-off"}


def count_held() -> int:
    """How many effects are queued; counted to 1,000."""
    return Effect.objects.filter(state__in=[Effect.State.QUEUED, Effect.State.CLAIMED])[:1000].count()


def _numbers(now: dt.datetime) -> dict[str, Any]:
    """What waits, what was done without a person today, how much was edited in seven days."""
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    decided = Suggestion.objects.filter(decided_at__gte=today, state=Suggestion.State.ACCEPTED).aggregate(
        alone=Count("pk", filter=Q(decided_by_agent=True)), all=Count("pk")
    )
    taken = Suggestion.objects.filter(
        decided_at__gte=now - WEEK, state=Suggestion.State.ACCEPTED, decided_by_agent=False
    ).aggregate(all=Count("pk"), edited=Count("pk", filter=Q(final__isnull=False) & ~Q(final=F("proposed"))))
    observed = Suggestion.objects.filter(created_at__gte=today, state=Suggestion.State.OBSERVED)[:1000].count()
    pending = Suggestion.objects.filter(state=Suggestion.State.PENDING)[:1000].count()
    return {
        "waiting": pending,
        "alone": decided["alone"],
        "decided": decided["all"],
        "observed": observed,
        "taken": taken["all"],
        "edited": round(100 * taken["edited"] / taken["all"]) if taken["all"] else None,
    }


def _waiting() -> list[dict[str, Any]]:
    """What waits for people, by kind, the oldest of each."""
    rows = Suggestion.objects.filter(state=Suggestion.State.PENDING).values("kind")
    counted = rows.annotate(number=Count("pk"), oldest=Min("created_at")).order_by("-number")[:8]
    return [dict(row) for row in counted]


def _shared_pages(user: Any) -> list[dict[str, Any]]:
    """The other Manage pages this user may open, from the navigation."""
    links = [link for link in panes.list_links(user) if link.group == "manage" and link.url_name != "agents:manage"]
    shown = [{"label": link.label, "icon": link.icon, "url": _url(link.url_name)} for link in links]
    return [link for link in shown if link["url"]]


def _url(name: str) -> str:
    """The address, or nothing while no app has that page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
