"""Taking a case from the agent and giving it back; supervisors stop it or escalate, one case or many."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.pages import needs
from cases import assignment, attention
from cases.access import get_case, visible_cases
from cases.forms import HoldForm
from cases.lifecycle import CaseChanged
from cases.models import AgentState, Case
from conversations import contacts

MOST_AT_ONCE = 200


@require_POST
@needs("cases.work")
def take_over(request: HttpRequest, number: int) -> HttpResponse:
    """The person takes the case; the agent does nothing in it any more."""
    case = get_case(request.user, number)
    try:
        attention.take_over(case, by=request.user)
        messages.success(request, _("The case is yours\nThe agent does nothing in it until you give it back"))
    except CaseChanged:
        messages.info(request, _("Somebody has taken it over already"))
    return redirect(case.get_absolute_url())


@require_POST
@needs("cases.work")
def give_back(request: HttpRequest, number: int) -> HttpResponse:
    """The agent may go on with the case."""
    case = get_case(request.user, number)
    try:
        attention.give_back(case, by=request.user)
        messages.success(request, _("Given back to the agent"))
    except CaseChanged:
        messages.info(request, _("The agent has it already"))
    return redirect(case.get_absolute_url())


@require_POST
@needs("cases.work")
def clear_bounce(request: HttpRequest, number: int) -> HttpResponse:
    """Somebody knows that the customer's address accepts mail again."""
    case = get_case(request.user, number)
    if case.contact and contacts.clear_bounce(case.contact, by=request.user, now=timezone.now()):
        messages.success(request, _("Mail to %(address)s leaves again") % {"address": case.contact.address})
    else:
        messages.info(request, _("Nothing kept mail from this address"))
    return redirect(case.get_absolute_url())


@require_POST
@needs("cases.work")
def route_again(request: HttpRequest, number: int) -> HttpResponse:
    """The rules of assignment decide anew about queue and owner."""
    case = get_case(request.user, number)
    try:
        assignment.route_again(case, by=request.user)
        messages.success(request, _("The rules decide anew\nQueue and owner follow within seconds"))
    except CaseChanged:
        messages.info(request, _("The case is closed already"))
    still = visible_cases(request.user).filter(pk=case.pk).exists()
    return redirect(case.get_absolute_url() if still else "cases:inbox")


@require_POST
@needs("cases.supervise")
def hold_selected(request: HttpRequest) -> HttpResponse:
    """Stop the agent in the chosen cases, or escalate them; with the reason on each."""
    form = HoldForm(request.POST)
    back = redirect(f"{reverse('cases:inbox')}?view=all")
    numbers = [int(one) for one in request.POST.getlist("number") if one.isdecimal() and len(one) < 15]
    if not form.is_valid():
        messages.error(request, _("Nothing was changed\nSay why, it stands on each case."))
        return back
    chosen = visible_cases(request.user).filter(number__in=numbers[:MOST_AT_ONCE])
    stops = request.POST.get("act") == "stop"
    count = _hold(chosen, stops, form.cleaned_data["why"], request)
    if stops:
        text = ngettext("Agent stopped in %(count)d case", "Agent stopped in %(count)d cases", count)
    else:
        text = ngettext("%(count)d case escalated", "%(count)d cases escalated", count)
    messages.success(request, text % {"count": count})
    return redirect(chosen[0].get_absolute_url()) if len(numbers) == 1 and chosen else back


def _hold(cases: Iterable[Case], stops: bool, why: str, request: HttpRequest) -> int:
    """How many were held; those that were closed or held meanwhile are passed over."""
    count = 0
    for case in cases:
        try:
            if stops:
                attention.take_over(case, by=request.user, why=why, reason=AgentState.Reason.STOPPED)
            else:
                attention.escalate_case(case, by=request.user, details=why, reason=AgentState.Reason.BY_HAND)
            count += 1
        except CaseChanged:
            continue
    return count
