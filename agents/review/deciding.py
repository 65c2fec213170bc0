"""What a person decides in the queue: each view calls one verb and says what became of it."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as CannotBe
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST
from pydantic import ValidationError

from agents import suggestions
from agents.access import get_suggestion, keep_parts, visible_suggestions
from agents.actors import say_agent
from agents.kinds import Kind, get_kind
from agents.models import Suggestion
from agents.review import waiting
from agents.review.forms import RejectForm, payload_form, read_edits
from agents.review.views import render_queue
from agents.review.waiting import Filters
from agents.suggestions import NotAllowed, NotPending

MOST_AT_ONCE = 100


@require_POST
@login_required
def accept_suggestion(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept it as proposed, or the parts that were ticked."""
    suggestion = get_suggestion(request.user, pk)
    parts = request.POST.getlist("parts") if "parts_shown" in request.POST else None
    return _accept(request, suggestion, {}, parts)


@require_POST
@login_required
def accept_edited(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept it with the edits of the form."""
    suggestion = get_suggestion(request.user, pk)
    form = payload_form(get_kind(suggestion.kind), suggestion, request.POST)
    if not form.is_valid():
        return render_queue(request, Filters.read(request.GET), suggestion, status=422, edit_form=form)
    parts = request.POST.getlist("parts") if "parts_shown" in request.POST else None
    return _accept(request, suggestion, read_edits(form), parts, edit_form=form)


def _accept(
    request: HttpRequest, suggestion: Suggestion, edits: dict[str, Any], parts: list[str] | None, **more: Any
) -> HttpResponse:
    filters, kind = Filters.read(request.GET), get_kind(suggestion.kind)
    try:
        taken = suggestions.accept(suggestion.pk, by=request.user, edits=edits, parts=parts)
    except NotPending as faster:
        return _already_decided(request, faster.suggestion, filters, kept=_say_edits(suggestion, edits))
    except NotAllowed as refusal:
        more["refused"] = refusal.reasons
        return render_queue(request, filters, suggestion, status=422, **more)
    except ValidationError as wrong:
        more["refused"] = [error["msg"] for error in wrong.errors()]
        return render_queue(request, filters, suggestion, status=422, **more)
    except CannotBe as wrong:
        return render_queue(request, filters, suggestion, status=422, refused=wrong.messages, **more)
    except PermissionDenied:
        raise Http404 from None
    _say_accepted(request, kind, keep_parts(taken, request.user))
    return _go_on(request, filters, suggestion)


def _say_accepted(request: HttpRequest, kind: Kind, taken: Suggestion) -> None:
    said = _("Accepted: %(summary)s") % {"summary": taken.summary or kind.title}
    left = len(taken.left_out)
    about = [taken.label]
    if left:
        about.append(ngettext("%(n)s part left out", "%(n)s parts left out", left) % {"n": left})
    undo = f"undo:{reverse('agents:undo', args=[taken.pk])}" if kind.can_undo else ""
    messages.success(request, _two_lines(said, " · ".join(about)), extra_tags=undo)


@require_http_methods(["GET", "POST"])
@login_required
def reject_suggestion(request: HttpRequest, pk: int) -> HttpResponse:
    """Reject it with a reason; the page behind GET stands for the dialog where no script runs."""
    suggestion, filters = get_suggestion(request.user, pk), Filters.read(request.GET)
    form = RejectForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        status = 200 if request.method == "GET" else 422
        crumbs = [(_("Review"), reverse("agents:review")), (suggestion.label, "")]
        context = {"suggestion": suggestion, "form": form, "filters": filters, "crumbs": crumbs}
        return render(request, "agents/review_reject.html", context, status=status)
    try:
        suggestions.reject(suggestion.pk, by=request.user, reason=form.reason)
    except NotPending as faster:
        return _already_decided(request, faster.suggestion, filters)
    except PermissionDenied:
        raise Http404 from None
    said = _("Rejected: %(summary)s") % {"summary": suggestion.summary}
    messages.success(request, _two_lines(said, _("Nothing was sent or changed")))
    return _go_on(request, filters, suggestion)


@require_POST
@login_required
def undo_suggestion(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo what was accepted, where it can be undone."""
    suggestion = get_suggestion(request.user, pk)
    try:
        suggestions.undo(pk, by=request.user)
    except NotAllowed as refusal:
        messages.error(request, _two_lines(_("Not undone"), " ".join(map(str, refusal.reasons))))
    except PermissionDenied:
        raise Http404 from None
    else:
        messages.success(request, _("Undone: %(summary)s") % {"summary": suggestion.summary})
    return redirect(_local(request, request.headers.get("Referer", "")) or reverse("agents:review"))


@require_POST
@login_required
def rate_suggestion(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether what was done was right; pressed again it is taken back."""
    suggestion = get_suggestion(request.user, pk)
    back = redirect(_local(request, request.POST.get("back", "")) or reverse("agents:suggestion", args=[pk]))
    try:
        suggestions.rate(suggestion.pk, request.POST.get("rating", ""), by=request.user)
    except NotAllowed as refusal:
        messages.error(request, _two_lines(_("Not rated"), " ".join(map(str, refusal.reasons))))
    except (PermissionDenied, ValueError):
        raise Http404 from None
    return back


@require_POST
@login_required
def renew_suggestion(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a suggestion whose subject has moved on; the agent is rung to propose anew."""
    suggestion, filters = get_suggestion(request.user, pk), Filters.read(request.GET)
    reason = _("Something new happened before it was decided.")
    if suggestion.state == Suggestion.State.PENDING and suggestion.subject is not None:
        suggestions.withdraw_stale(suggestion.subject, reason)
    messages.success(request, _two_lines(_("Taken back"), _("The agent looks at it again")))
    return _go_on(request, filters, suggestion)


@require_POST
@login_required
def decide_selected(request: HttpRequest) -> HttpResponse:
    """Accept or reject the selected rows of one kind, each on its own."""
    filters = Filters.read(request.GET)
    pks = [int(pk) for pk in request.POST.getlist("pk")[:MOST_AT_ONCE] if pk.isdecimal() and len(pk) < 18]
    chosen = list(visible_suggestions(request.user).filter(pk__in=pks).order_by("id"))
    kinds = {suggestion.kind for suggestion in chosen}
    form = RejectForm(request.POST, prefix="bulk")
    reject = request.POST.get("act") == "reject"
    if len(kinds) != 1 or not form.is_valid():
        messages.warning(request, _("Nothing was decided\nOnly one kind at a time can be decided together."))
    else:
        _decide_each(request, chosen, form.reason if reject else None)
    return redirect(reverse("agents:review") + filters.query)


def _decide_each(request: HttpRequest, chosen: list[Suggestion], reason: str | None) -> None:
    """Decide each by itself; what could not be is counted by why. ``reason`` None accepts."""
    done, why = 0, Counter[str]()
    for suggestion in chosen:
        try:
            if reason is None:
                suggestions.accept(suggestion.pk, by=request.user)
            else:
                suggestions.reject(suggestion.pk, by=request.user, reason=reason)
            done += 1
        except NotPending as faster:
            why[_say_outcome(faster.suggestion)] += 1
        except NotAllowed as refusal:
            why[" ".join(map(str, refusal.reasons))] += 1
        except PermissionDenied:
            why[_("You may not decide it.")] += 1
    said = (
        ngettext("%(n)s accepted", "%(n)s accepted", done)
        if reason is None
        else (ngettext("%(n)s rejected", "%(n)s rejected", done))
    )
    first = said % {"n": done}
    if why:
        first += ", " + ngettext("%(n)s not", "%(n)s not", sum(why.values())) % {"n": sum(why.values())}
    second = " ".join(f"{count}: {text}" for text, count in why.items())
    (messages.warning if why else messages.success)(request, _two_lines(first, second))


def _already_decided(request: HttpRequest, suggestion: Suggestion, filters: Filters, *, kept: str = "") -> HttpResponse:
    """Somebody was faster: who, when and what, with the reader's own edit to copy."""
    follower = waiting.next_after(request.user, filters, suggestion)
    context = {
        "who": suggestion.decided_by or say_agent(suggestion.agent),
        "at": suggestion.decided_at,
        "decision": suggestion.get_state_display().lower(),
        "outcome": _say_outcome(suggestion),
        "kept": kept,
        "back_url": _address(follower, filters),
    }
    return render(request, "already_decided.html", context, status=409)


def _say_outcome(suggestion: Suggestion) -> str:
    if suggestion.state == Suggestion.State.ACCEPTED:
        return _("It was accepted once, and not with what you chose here.")
    if suggestion.state == Suggestion.State.REJECTED:
        return _("It was rejected; nothing was sent or changed.")
    return suggestion.reason or _("It was taken back; nothing was sent or changed.")


def _say_edits(suggestion: Suggestion, edits: dict[str, Any]) -> str:
    """The texts that the reader had changed."""
    changed = [value for name, value in edits.items() if value != suggestion.proposed.get(name)]
    flat = [item for value in changed for item in (value.values() if isinstance(value, dict) else [value])]
    return "\n\n".join(str(value) for value in flat if value not in (None, ""))


def _go_on(request: HttpRequest, filters: Filters, decided: Suggestion) -> HttpResponse:
    """To where the form said (a case page), else to the next row of the list."""
    if back := _local(request, request.POST.get("back", "")):
        return redirect(back)
    return redirect(_address(waiting.next_after(request.user, filters, decided), filters))


def _address(suggestion: Suggestion | None, filters: Filters) -> str:
    if suggestion is None:
        return reverse("agents:review") + filters.first_page()
    return reverse("agents:review_one", args=[suggestion.pk]) + filters.query


def _local(request: HttpRequest, address: str) -> str:
    """The address if it is on this site, else ""."""
    safe = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if address and safe else ""


def _two_lines(first: Any, second: Any = "") -> str:
    """A toast's text: what happened, and a small second line. What people wrote stays on its line."""
    lines = [" ".join(str(part).split()) for part in (first, second)]
    return "\n".join(line for line in lines if line)
