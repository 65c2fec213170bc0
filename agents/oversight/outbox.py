"""The outbox page: what waits, what left, what was refused, and what only a person can settle."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required, user_passes_test
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from agents.access import get_effect, visible_effects
from agents.actors import say_agent
from agents.models import Effect
from agents.outbox import epoch, settling
from agents.outbox.settling import TooLate
from agents.review import paging

State = Effect.State
MOST = 1000
# The views of the page: name, states, order. Times are those that the order reads.
TABS: dict[str, tuple[Any, tuple[str, ...], tuple[str, ...]]] = {
    "waiting": (gettext_lazy("Waiting"), (State.QUEUED, State.CLAIMED, State.TRANSMITTING), ("not_before", "id")),
    "unknown": (gettext_lazy("For a person to decide"), (State.UNKNOWN,), ("created_at", "id")),
    "refused": (gettext_lazy("Refused"), (State.REFUSED,), ("-created_at", "id")),
    "stopped": (gettext_lazy("Not sent"), (State.CANCELLED,), ("-created_at", "id")),
    "sent": (gettext_lazy("Sent"), (State.SENT,), ("-created_at", "id")),
}
COUNTED = ("waiting", "unknown", "refused")
OUTBOUND_SAYS = {
    "hold": gettext_lazy("The operator holds everything: nothing leaves until OUTBOUND is set to live."),
    "sink": gettext_lazy("Everything goes to a local sink and reaches nobody (OUTBOUND is sink)."),
    "allowlist": gettext_lazy("Only addresses on the operator's list are written to (OUTBOUND is allowlist)."),
}


def may_look(user: Any) -> bool:
    """Whether ``user`` may open the outbox."""
    return user.has_perm("agents.pause") or user.has_perm("agents.manage")


def _required(user: Any) -> bool:
    if not may_look(user):
        raise PermissionDenied
    return True


allowed: Callable[..., Any] = user_passes_test(_required)


@require_GET
@login_required
@allowed
def list_effects(request: HttpRequest) -> HttpResponse:
    """One view of the outbox, by cursor."""
    tab = request.GET.get("state", "")
    tab = tab if tab in TABS else "waiting"
    q = request.GET.get("q", "").replace("\0", "")[:200].strip()
    _title, states, order = TABS[tab]
    found = visible_effects(request.user).filter(state__in=states)
    if q:
        found = found.filter(label__icontains=q)
    page = paging.cut(found, order, after=request.GET.get("after", ""), before=request.GET.get("before", ""), size=50)
    describe_effects(page.rows, now=timezone.now())
    context = {"page": page, "tab": tab, "q": q, **_frame(request, tab, q, page)}
    return render(request, "agents/outbox.html", context)


def describe_effects(effects: list[Effect], *, now: dt.datetime) -> None:
    """Give each row what the page shows: who wanted it, how long it is held, what can be done."""
    for effect in effects:
        person = effect.approved_by if effect.authority == Effect.Authority.PERSON else None
        effect.by_whom = str(person) if person else say_agent(effect.agent)
        effect.hold_left = max(effect.not_before - now, dt.timedelta()) if effect.state == State.QUEUED else None
        effect.can_stop = effect.state in (State.QUEUED, State.CLAIMED)


def _frame(request: HttpRequest, tab: str, q: str, page: paging.Page) -> dict[str, Any]:
    outbox = reverse("agents:outbox")
    tabs = [
        {
            "text": title,
            "url": f"{outbox}?state={name}",
            "count": _count(visible_effects(request.user).filter(state__in=states)) if name in COUNTED else None,
        }
        for name, (title, states, _order) in TABS.items()
    ]
    base = {"state": tab, "q": q}
    return {
        "tabs": tabs,
        "current_tab": f"{outbox}?state={tab}",
        "previous_url": _address(base, before=page.before) if page.before else "",
        "next_url": _address(base, after=page.after) if page.after else "",
        "outbound": settings.OUTBOUND,
        "outbound_says": OUTBOUND_SAYS.get(settings.OUTBOUND, ""),
        "is_confirmed": epoch.is_confirmed(),
        "can_confirm": request.user.has_perm("agents.manage"),
        "now": timezone.now(),
    }


def _address(base: dict[str, str], **more: str) -> str:
    return "?" + urlencode({name: value for name, value in {**base, **more}.items() if value})


def _count(effects: QuerySet[Effect]) -> str:
    found = effects.order_by().values("pk")[: MOST + 1].count()
    return f"{MOST}+" if found > MOST else str(found)


def list_unknown(user: Any) -> QuerySet[Effect]:
    """The effects that only a person can settle, for the navigation."""
    return visible_effects(user).filter(state=State.UNKNOWN) if may_look(user) else Effect.objects.none()


ACTS: dict[str, tuple[Callable[..., Effect], Any]] = {
    "stop": (settling.cancel, gettext_lazy("Stopped: %(label)s")),
    "mark-sent": (settling.mark_sent, gettext_lazy("Marked as sent: %(label)s")),
    "send-again": (settling.send_again, gettext_lazy("Goes out again: %(label)s")),
    "give-up": (settling.cancel, gettext_lazy("Given up: %(label)s")),
}


@require_POST
@login_required
@allowed
def settle_effect(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Stop what waits, or settle what nobody knows the outcome of."""
    effect = get_effect(request.user, pk)
    verb, said = ACTS[act]
    try:
        verb(effect.pk, by=request.user)
    except TooLate as late:
        state = late.effect.get_state_display().lower()
        messages.warning(request, _("Too late: %(label)s\nIt is %(state)s.") % {"label": effect.label, "state": state})
    else:
        messages.success(request, said % {"label": effect.label})
    tab = "unknown" if effect.state == State.UNKNOWN else "waiting"
    return redirect(f"{reverse('agents:outbox')}?state={tab}")


@require_POST
@login_required
@allowed
def confirm_database(request: HttpRequest) -> HttpResponse:
    """A person says that this database, restored or copied, is the one that may send."""
    if not request.user.has_perm("agents.manage"):
        raise PermissionDenied
    settling.confirm_database(by=request.user)
    messages.success(request, _("This database may send again\nWhat was on its way is listed for a person to decide."))
    return redirect(f"{reverse('agents:outbox')}?state=unknown")
