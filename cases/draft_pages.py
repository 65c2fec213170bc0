"""The template of a draft that waits: the one it has, five that fit, any other by its name."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import needs
from agents.suggestions import NotAllowed, NotPending
from cases import drafts, redrafting, replies
from cases.access import get_case
from cases.models import Case


@require_http_methods(["GET", "POST"])
@needs("cases.approve")
def choose_template(request: HttpRequest, number: int) -> HttpResponse:
    """Show the templates, or put the draft into the chosen one."""
    case = get_case(request.user, number)
    draft = drafts.pending_reply(case, request.user)
    if draft is None or not draft.may_decide:
        messages.info(request, _("No draft waits in this case"))
        return redirect(case.get_absolute_url())
    if request.method == "POST":
        return _change(request, case, draft)
    q = request.GET.get("q", "").strip()[:120]
    rows = []
    for template in redrafting.recommend_templates(case, q=q):
        greeting, closing = replies.template_pieces(template, case)
        rows.append({"template": template, "greeting": greeting, "closing": closing})
    context = {"case": case, "draft": draft, "rows": rows, "q": q}
    return render(request, "cases/draft_template.html", context)


def _change(request: HttpRequest, case: Case, draft: drafts.ReplyDraft) -> HttpResponse:
    chosen: Any = request.POST.get("template", "")
    if chosen and not (chosen.isdecimal() and len(chosen) < 18):
        raise Http404
    template = get_object_or_404(replies.list_templates(case), pk=int(chosen)) if chosen else None
    try:
        redrafting.change_template(draft.suggestion, template, by=request.user)
    except NotPending:
        messages.error(request, _("Somebody was faster\nThe draft was decided meanwhile."))
    except NotAllowed as refusal:
        messages.error(request, _("The template stays\n%(why)s") % {"why": " ".join(refusal.reasons)})
    except PermissionDenied:
        raise Http404 from None
    else:
        name = template.name if template else _("No template")
        messages.success(request, _("%(name)s\nWhat the agent wrote is the same") % {"name": name})
    return redirect(f"{case.get_absolute_url()}#draft")
