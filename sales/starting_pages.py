"""The pages on which administrators start and stop the Sales Agent, and have the customer to look for proposed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agents.manage.section_pages import url_of
from agents.sections import SECTIONS
from sales import profile, selection, starting


@never_cache
@login_required
@permission_required("agents.manage", raise_exception=True)
@require_http_methods(["GET", "POST"])
def start_or_stop(request: HttpRequest) -> HttpResponse:
    """Page by page what is ready; the button asks once more."""
    if request.method == "POST":
        _act(request, request.POST.get("act", ""))
        return redirect("sales:start_agent")
    rows = [{"section": one, "url": url_of(one), "lacks": lacks} for one, lacks in starting.list_needs()]
    leads, total = selection.preview_leads(request.user, now=timezone.now())
    shown = {
        "rows": rows,
        "is_started": starting.is_started(),
        "is_ready": not any(row["lacks"] for row in rows),
        "leads": leads,
        "total": total,
    }
    return render(request, "sales/manage/start.html", shown)


@never_cache
@login_required
@permission_required("agents.manage", raise_exception=True)
@require_http_methods(["GET", "POST"])
def propose_customer(request: HttpRequest) -> HttpResponse:
    """What the products and the leads that went well say about the customer to look for; taken over one by one."""
    page = url_of(SECTIONS[profile.QUALIFICATION])
    if request.method == "POST":
        version = profile.take_over(request.POST.getlist("name"), by=request.user)
        if version is None:
            messages.error(request, _("Nothing was chosen."))
            return redirect("sales:propose_customer")
        messages.success(request, _("Saved as version %(number)s") % {"number": version.number})
        return redirect(page)
    words = SECTIONS[profile.QUALIFICATION].describe_value
    rows = [{"one": one, "words": words("criteria", one.row)} for one in profile.propose_customer()]
    return render(request, "sales/manage/propose.html", {"rows": rows, "page": page})


def _act(request: HttpRequest, act: str) -> None:
    now = timezone.now()
    try:
        if act == "start" and starting.start_agent(by=request.user, now=now):
            messages.success(request, _("The Sales Agent is on\nIt takes up new leads now"))
        elif act == "stop" and starting.stop_agent(by=request.user, now=now):
            messages.success(request, _("The Sales Agent is stopped\nLeads that were taken up go on"))
        else:
            messages.error(request, _("That is not possible any more.\nThe page shows how it stands now."))
    except starting.NotReady as missing:
        messages.error(request, _("Not started") + "\n" + " ".join(missing.reasons))
