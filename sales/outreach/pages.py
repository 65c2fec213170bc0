"""What people do to a cadence on the lead page: begin, hold, go on, stop, and never write again."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.pages import needs
from agents.suggestions import NotAllowed
from conversations import contacts, suppression
from conversations.models import Suppression
from sales.access import WORK, get_lead
from sales.models import Enrolment, Lead
from sales.outreach import enrolments, handover


def _begin(lead: Lead, by: Any) -> str:
    if enrolments.enrol(lead, by=by) is None:
        return ""
    return _("The first mail is being drafted")


def _hold(lead: Lead, by: Any) -> str:
    running = enrolments.running_of(lead)
    why = _("Held by %(who)s") % {"who": by}
    held = running is not None and enrolments.hold(running, why=why, by=by, now=timezone.now())
    return _("The cadence is held\nNothing leaves until somebody goes on") if held else ""


def _resume(lead: Lead, by: Any) -> str:
    running = enrolments.running_of(lead)
    done = running is not None and enrolments.resume(running, by=by, now=timezone.now())
    return _("The cadence goes on") if done else ""


def _stop(lead: Lead, by: Any) -> str:
    running, now = enrolments.running_of(lead), timezone.now()
    why = _("Stopped by %(who)s") % {"who": by}
    done = running is not None and enrolments.end(running, Enrolment.Ended.STOPPED, why=why, by=by, now=now)
    return _("The cadence is stopped\nNo more mails of it leave") if done else ""


def _never(lead: Lead, by: Any) -> str:
    if not lead.email:
        return ""
    now, note = timezone.now(), _("From the page of the lead")
    suppression.suppress(
        lead.email, reason=Suppression.Reason.PERSON, by=by, scope=Suppression.Scope.OUTREACH, note=note, now=now
    )
    if running := enrolments.running_of(lead):
        enrolments.end(running, Enrolment.Ended.OPTED_OUT, why=note, by=by, now=now)
    return _("%(who)s gets no sales mail any more") % {"who": lead.name or lead.email}


def _works(lead: Lead, by: Any) -> str:
    if lead.contact is None or not contacts.clear_bounce(lead.contact, by=by, now=timezone.now()):
        return ""
    return _("Mail to %(who)s leaves again") % {"who": lead.name or lead.email}


def _reassign(lead: Lead, by: Any) -> str:
    if not by.has_perm("sales.approve"):
        return ""
    try:
        given = handover.reassign(lead, by=by, now=timezone.now())
    except NotAllowed:
        return ""
    return _("%(who)s has the lead now") % {"who": given.owner}


ACTS: dict[str, Callable[[Lead, Any], str]] = {
    "begin": _begin,
    "hold": _hold,
    "resume": _resume,
    "stop": _stop,
    "never": _never,
    "works": _works,
    "reassign": _reassign,
}


@require_POST
@needs(WORK)
def act_on_cadence(request: HttpRequest, pk: int) -> HttpResponse:
    """One of the acts; what is not possible any more says so."""
    lead = get_lead(request.user, pk)
    act = ACTS.get(request.POST.get("act", ""))
    said = act(lead, request.user) if act else ""
    if said:
        messages.success(request, said)
    else:
        messages.error(request, _("That is not possible any more.\nThe page shows how it stands now."))
    return redirect(lead)
