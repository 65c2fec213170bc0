"""The intent of a case: shown beside it with why, and corrected."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.pages import needs
from cases import assignment, topics
from cases.access import get_case
from cases.models import Case
from intents.forms import ChooseIntentForm
from intents.models import Determination
from intents.showing import show_determination


def show_intent(case: Case, user: Any) -> dict[str, Any] | None:
    """What was recognised, by which words, what is known of its attributes, and what the case was about before."""
    conversation = topics.find_conversation(case)
    if conversation is None:
        return None
    rows = Determination.objects.filter(conversation=conversation).select_related("intent__group", "decided_by")
    found = list(rows.order_by("-pk")[:12])
    current = next((row for row in found if row.is_current), None)
    newest = found[0] if found else None
    return {
        "case": case,
        "shown": show_determination(current) if current and current.intent else None,
        "reason": newest.reason if newest and current is None else "",
        "was_looked_at": newest is not None,
        "earlier": [show_determination(row) for row in found if not row.is_current and row.intent][:5],
        "form": ChooseIntentForm(intents=topics.choosable_intents(case), initial={"intent": case.topic}),
        "can_undo": bool(current and current.decided_by_id),
    }


@require_POST
@needs("cases.work")
def correct_intent(request: HttpRequest, number: int) -> HttpResponse:
    """Say which intent is the right one, or that none is."""
    case = get_case(request.user, number)
    form = ChooseIntentForm(request.POST, intents=topics.choosable_intents(case))
    if not form.is_valid():
        messages.error(request, _("Not changed\nChoose an intent of the list. It may have been discarded meanwhile."))
        return redirect(case.get_absolute_url())
    intent = form.cleaned_data["intent"]
    done = topics.correct_topic(case, intent, by=request.user, teach=form.cleaned_data["teach"])
    if done is None:
        messages.error(request, _("Not changed\nNo customer has written in this case."))
        return redirect(case.get_absolute_url())
    if "route" in request.POST and case.is_open:
        assignment.route_again(case, by=request.user)
    said = intent.name if intent else _("None of the library")
    taught = _("The words are an example from now on") if done.example else _("The library stays as it is")
    undo = reverse("cases:undo_intent", args=[case.number])
    messages.success(request, f"{said}\n{taught}", extra_tags=f"undo:{undo}")
    return redirect(case.get_absolute_url())


@require_POST
@needs("cases.work")
def undo_intent(request: HttpRequest, number: int) -> HttpResponse:
    """Take the last correction back."""
    case = get_case(request.user, number)
    if topics.undo_correction(case, by=request.user):
        messages.success(request, _("Correction taken back\nWhat it taught has left the library"))
    else:
        messages.info(request, _("There is no correction to take back"))
    return redirect(case.get_absolute_url())
