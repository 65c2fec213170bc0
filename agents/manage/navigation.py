"""What the Manage pages offer to every page: their links, and the box that says whether agents run."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agents import pausing
from agents.panes import NavLink, Pane, register
from agents.sections import AGENTS


def describe_running(subject: Any, user: Any) -> dict[str, Any]:
    """How many agents run, in words, and where to pause them; everybody sees a pause and its reason."""
    pauses = list(pausing.running_pauses(now=timezone.now()))
    paused = {pause.agent for pause in pauses}
    running = 0 if pausing.ALL in paused else len(AGENTS) - len(paused & set(AGENTS))
    words = {"running": running, "all": len(AGENTS)}
    if pausing.ALL in paused:
        title = _("All agents paused")
    else:
        title = (
            ngettext("%(running)s of %(all)s agent running", "%(running)s of %(all)s agents running", len(AGENTS))
            % words
        )
    may = user.has_perm("agents.pause") and user.has_perm("agents.manage")
    return {
        "title": title,
        "is_paused": bool(pauses),
        "note": next((pause.reason for pause in pauses if pause.reason), ""),
        "url": reverse("agents:manage") + "#pause" if may else "",
    }


register(
    NavLink(
        name="manage",
        label=gettext_lazy("Admin center"),
        url_name="agents:manage",
        icon="sliders-horizontal",
        group="manage",
        order=10,
        permission="agents.manage",
    ),
    NavLink(
        name="lines",
        label=gettext_lazy("Lines of business"),
        url_name="agents:lines",
        icon="layers",
        group="manage",
        order=60,
        permission="agents.manage",
    ),
    Pane(name="running", slot="nav.state", template="agents/manage/running.html", context=describe_running),
)
