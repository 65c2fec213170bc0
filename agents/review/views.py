"""The pages of the review queue; what they ask for is done in ``deciding``."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_GET

from agents.access import (
    decidable_kinds,
    get_readable_suggestion,
    get_suggestion,
    keep_entries,
    visible_effects,
    visible_entries,
)
from agents.actors import say_agent
from agents.kinds import KINDS, get_kind
from agents.models import LineOfBusiness, Suggestion
from agents.oversight.wording import say_entries
from agents.review import paging, waiting
from agents.review.drawer import show
from agents.review.forms import RejectForm, payload_form
from agents.review.waiting import Filters

State = Suggestion.State
# The status at which htmx stops asking: the session is over, and a page to sign in is no notice.
STOP_POLLING = 286
DECIDED_ORDER = ("-decided_at", "-id")


@require_GET
@login_required
def list_waiting(request: HttpRequest) -> HttpResponse:
    """What waits for this person; where there is room, the first of it is shown beside the list."""
    return render_queue(request, Filters.read(request.GET))


@require_GET
@login_required
def open_suggestion(request: HttpRequest, pk: int) -> HttpResponse:
    """One waiting suggestion beside the list; alone when htmx asks. A decided one is on its permanent page."""
    suggestion = get_suggestion(request.user, pk)
    if suggestion.state != State.PENDING:
        return show_suggestion(request, pk)
    filters = Filters.read(request.GET)
    if request.htmx:
        return render(request, "agents/review_drawer.html", drawer_context(request, filters, suggestion))
    return render_queue(request, filters, suggestion)


@require_GET
@login_required
def edit_suggestion(request: HttpRequest, pk: int) -> HttpResponse:
    """The proposal as a form, in the drawer."""
    suggestion = get_suggestion(request.user, pk)
    if suggestion.state != State.PENDING:
        return show_suggestion(request, pk)
    form = payload_form(get_kind(suggestion.kind), suggestion)
    return render_queue(request, Filters.read(request.GET), suggestion, edit_form=form)


@require_GET
@login_required
def list_decided(request: HttpRequest) -> HttpResponse:
    """What was accepted and rejected today."""
    filters = Filters.read(request.GET)
    found = waiting.narrow(waiting.decided_today(request.user), filters, request.user)
    page = waiting.name_kinds(
        paging.cut(found, DECIDED_ORDER, after=filters.after, before=filters.before), request.user
    )
    frame = {**_frame(request, filters), **_turns(page, filters)}
    context = {"page": page, "filters": filters, "is_decided": True, **frame}
    return render(request, "agents/review_decided.html", context)


def _news(request: HttpRequest) -> tuple[int, str]:
    """How many have come since the page was made, and what became of the suggestion that is open in it."""
    since, opened = request.GET.get("since", ""), request.GET.get("open", "")
    filters = Filters.read(request.GET)
    newer = waiting.count_newer(request.user, filters, int(since)) if since.isdecimal() and len(since) < 18 else 0
    gone = ""
    if opened.isdecimal() and len(opened) < 18:
        found = waiting.visible_suggestions(request.user).filter(pk=int(opened)).exclude(state=State.PENDING).first()
        gone = str(found.get_state_display()) if found else ""
    return newer, gone


def _news_tag(request: HttpRequest) -> str | None:
    if not request.user.is_authenticated:
        return None
    request.review_news = _news(request)
    return '"{}-{}"'.format(*request.review_news)


@require_GET
@condition(etag_func=_news_tag)
def show_news(request: HttpRequest) -> HttpResponse:
    """What the list asks every few seconds: a notice, never a row, so that nothing moves under the pointer."""
    if not request.user.is_authenticated:
        return HttpResponse(status=STOP_POLLING)
    newer, gone = request.review_news
    context = {"newer": newer, "gone": gone, "filters": Filters.read(request.GET)}
    response = render(request, "agents/review_news.html", context)
    patch_cache_control(response, private=True, no_cache=True)
    return response


@require_GET
@login_required
def show_suggestion(request: HttpRequest, pk: int) -> HttpResponse:
    """The permanent page of one suggestion in any state; an observed one says what the agent would have done."""
    suggestion = get_readable_suggestion(request.user, pk)
    shown = show(suggestion, request.user)
    kind = shown.kind
    entries = visible_entries(request.user).filter(suggestion=suggestion).order_by("at", "id")
    context = {
        **shown.context,
        "shown": shown,
        "suggestion": suggestion,
        "title": suggestion.summary or kind.title,
        "effects": visible_effects(request.user).filter(suggestion=suggestion).order_by("id")[:20],
        "entries": say_entries(keep_entries(entries[:50], request.user)),
        "can_rate": suggestion.state == State.ACCEPTED and kind.access(suggestion.subject, request.user),
        "can_decide": suggestion.state == State.PENDING and kind.access(suggestion.subject, request.user),
        "crumbs": [(_("Review"), reverse("agents:review")), (suggestion.label, suggestion.link)],
    }
    return render(request, "agents/suggestion.html", context)


def render_queue(
    request: HttpRequest, filters: Filters, opened: Suggestion | None = None, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The list with ``opened`` beside it; without one, the first row of the list, kept out of the way on a phone."""
    page = waiting.list_page(request.user, filters)
    shown_first = opened is None and bool(page.rows)
    current = get_suggestion(request.user, page.rows[0].pk) if shown_first else opened
    context = {
        "page": page,
        "filters": filters,
        "current": current,
        **_frame(request, filters),
        **_turns(page, filters),
        **(drawer_context(request, filters, current, **more) if current else {}),
        "drawer_open": not shown_first,
        "newest": waiting.newest_id(),
        "bulk_reject": RejectForm(prefix="bulk"),
    }
    return render(request, "agents/review.html", context, status=status)


def drawer_context(request: HttpRequest, filters: Filters, suggestion: Suggestion, **more: Any) -> dict[str, Any]:
    """What the drawer's template needs for ``suggestion``; controls of ``edit_form`` post with the decision."""
    for field in getattr(more.get("edit_form"), "fields", {}).values():
        field.widget.attrs["form"] = "decide"
    shown = show(suggestion, request.user)
    return {
        **shown.context,
        "shown": shown,
        "suggestion": suggestion,
        "filters": filters,
        "reject_form": RejectForm(),
        "drawer_open": True,
        "title": suggestion.summary or get_kind(suggestion.kind).title,
        **more,
    }


def _frame(request: HttpRequest, filters: Filters) -> dict[str, Any]:
    """Tabs and choices of the filters, with counts that stop at a bound."""
    kinds, counts = decidable_kinds(request.user), waiting.count_kinds(request.user)
    review = reverse("agents:review")
    tabs = [{"text": _("All"), "url": review + filters.first_page(kind=""), "count": _bounded(sum(counts.values()))}]
    tabs += [
        {"text": kind.title, "url": review + filters.first_page(kind=kind.name), "count": _bounded(counts[kind.name])}
        for kind in kinds
        if counts[kind.name] or kind.name == filters.kind
    ]
    decided = waiting.decided_today(request.user).order_by().values("pk")[: waiting.MOST + 1].count()
    tabs.append({"text": _("Decided today"), "url": reverse("agents:decided"), "count": _bounded(decided)})
    return {
        "tabs": tabs,
        "current_tab": request.path if request.path == reverse("agents:decided") else review + filters.first_page(),
        "total": sum(counts.values()),
        "agents": [(agent, say_agent(agent)) for agent in sorted({kind.agent for kind in kinds})],
        "lines": list(LineOfBusiness.objects.filter(is_active=True)),
        "orders": [(code, text) for code, (text, _keys) in waiting.ORDERS.items()],
    }


def _turns(page: paging.Page, filters: Filters) -> dict[str, str]:
    """Where the pages before and after are, and what an empty list says about its filters."""
    return {
        "previous_url": filters.with_(before=page.before, after="") if page.before else "",
        "next_url": filters.with_(after=page.after, before="") if page.after else "",
        "shown_text": _("%(n)s shown") % {"n": len(page.rows)},
        "filtered_text": _("The list is narrowed to: %(filters)s.") % {"filters": ", ".join(_say_filters(filters))},
        "clear_url": reverse("agents:review"),
    }


def _say_filters(filters: Filters) -> list[str]:
    kind = KINDS.get(filters.kind)
    line = LineOfBusiness.objects.filter(pk=filters.line).first() if filters.line else None
    said = [f"“{filters.q}”" if filters.q else "", str(kind.title) if kind else filters.kind]
    return [text for text in [*said, say_agent(filters.agent) if filters.agent else "", str(line or "")] if text]


def _bounded(number: int) -> str:
    return f"{waiting.MOST}+" if number > waiting.MOST else str(number)
