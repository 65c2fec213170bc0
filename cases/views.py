"""The workspace: the inbox and the case page."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import needs
from agents.models.levels import ArrivedAs
from agents.review.paging import cut
from cases import lifecycle, replies
from cases.access import get_case, may_change, visible_cases, visible_messages
from cases.fields import set_fields
from cases.forms import AssignForm, FieldsEditForm, NoteForm, ReplyForm, ResolveForm
from cases.inbox import ORDER, PAGE, Filters, count_cases, count_found, list_rows
from cases.models import Case
from cases.pages import case_context, list_context, seen_texts, view_names
from cases.timeline import find_suggestions, timeline_of, unfold
from conversations.display import show_body
from conversations.outgoing import CannotSend


@require_GET
@needs("cases.work")
def inbox(request: HttpRequest) -> HttpResponse:
    """The list of cases, with its filters in the address."""
    filters = Filters.from_query(request.GET)
    rows = list_rows(request.user, filters)
    count, rows = count_found(rows, request.user) if filters.is_narrowed else (count_cases(rows), rows)
    page = cut(rows, ORDER, after=request.GET.get("after", ""), before=request.GET.get("before", ""), size=PAGE)
    context = {
        "filters": filters,
        "page": page,
        "count": count,
        **list_context(request.user, filters),
        "older_url": f"?{filters.as_query(after=page.after)}" if page.after else "",
        "newer_url": f"?{filters.as_query(before=page.before)}" if page.before else "",
        "clear_url": f"?{Filters(view=filters.view).as_query()}",
    }
    return render(request, "cases/inbox.html", context)


@require_GET
@needs("cases.work")
def show_case(request: HttpRequest, number: int) -> HttpResponse:
    """One case: list, thread, context."""
    case = get_case(request.user, number)
    return _page(request, case)


@require_GET
@needs("cases.work")
def show_message(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """One mail whole: as it was designed, with quotes, where it came from; htmx gets its body alone."""
    case = get_case(request.user, number)
    message = get_object_or_404(visible_messages(request.user).filter(case_link__case=case), pk=pk)
    context = {
        "case": case,
        "message": message,
        "sees": seen_texts(request.user),
        "body": show_body(message),
        "suggestion": find_suggestions([message]).get(message.effect_key),
        "rates": request.user.has_perm("cases.approve"),
    }
    return render(request, "conversations/_body.html" if request.htmx else "cases/message.html", context)


@require_GET
@needs("cases.work")
def show_folded(request: HttpRequest, number: int) -> HttpResponse:
    """What a fold of the timeline hides, for htmx; without it the whole case is shown."""
    case = get_case(request.user, number)
    if not request.htmx:
        return redirect(f"{case.get_absolute_url()}?whole=1")
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    context = {
        "timeline": unfold(case, request.user, after=after, before=before, every="all" in request.GET),
        "case": case,
        "spans": {},
        "works": True,
        "rates": request.user.has_perm("cases.approve"),
    }
    return render(request, "cases/parts/timeline.html", context)


def _page(request: HttpRequest, case: Case, *, status: int = 200, **forms: Any) -> HttpResponse:
    filters = Filters.from_query(request.GET)
    if "view" not in request.GET and case.owner_id != request.user.pk:
        filters = replace(filters, view="history" if case.is_history else "all")
    nearby = list_rows(request.user, filters)[:30]
    context = case_context(case, request.user, forms)
    asked = request.GET.get("m", "")  # an address may lead to one mail, however far back it stands
    keep = {*context["spans"], *([int(asked)] if asked.isdecimal() and len(asked) < 15 else [])}
    context |= {
        "filters": filters,
        "nearby": nearby,
        "list_query": filters.as_query(),
        "list_title": view_names()[filters.view],
        "timeline": timeline_of(case, request.user, keep=keep, whole="whole" in request.GET),
    }
    if case.is_unread and request.method == "GET":
        Case.objects.filter(pk=case.pk).update(is_unread=False)
    return render(request, "cases/case.html", context, status=status)


@require_POST
@needs("cases.work")
def reply(request: HttpRequest, number: int) -> HttpResponse:
    """Send an answer by hand, once, however often the button is pressed."""
    case = get_case(request.user, number)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _page(request, case, status=422, reply_form=form)
    if reasons := replies.reply_blockers(case, form.cleaned_data["to"], form.cleaned_data["cc"]):
        for reason in reasons:
            form.add_error(None, reason)
        return _page(request, case, status=422, reply_form=form)
    given = form.cleaned_data
    if given["seen"] != (case.last_message_id or 0):
        form.add_error(None, _("A message arrived while you were writing. Read it, then send again."))
        form.data = {**request.POST.dict(), "seen": str(case.last_message_id or 0)}
        return _page(request, case, status=422, reply_form=form)
    try:
        replies.send_reply(
            case,
            body=given["body"],
            subject=given["subject"],
            to=given["to"],
            cc=given["cc"],
            by=request.user,
            key=f"hand:{case.pk}:{given['once']}",
        )
    except CannotSend as refusal:
        # The mailbox was switched off, or the address bounced, since the form was looked at.
        form.add_error(None, " ".join(map(str, refusal.reasons)))
        return _page(request, case, status=422, reply_form=form)
    messages.success(request, _("Reply queued\nIt leaves within seconds"))
    return _back(case)


@require_POST
@needs("cases.work")
def note(request: HttpRequest, number: int) -> HttpResponse:
    """Add an internal note."""
    case = get_case(request.user, number)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, case, status=422, note_form=form)
    lifecycle.add_note(case, text=form.cleaned_data["text"], by=request.user)
    messages.success(request, _("Note added"))
    return _back(case)


@require_POST
@needs("cases.work")
def assign(request: HttpRequest, number: int) -> HttpResponse:
    """Give the case to somebody, or to another queue."""
    case = get_case(request.user, number)
    form = AssignForm(request.POST)
    if not form.is_valid():
        return _page(request, case, status=422, assign_form=form)
    lifecycle.assign_case(case, by=request.user, owner=form.cleaned_data["owner"], queue=form.cleaned_data["queue"])
    messages.success(request, _("Case assigned"))
    # Whoever gives a case away may no longer be allowed to see it.
    still = visible_cases(request.user).filter(pk=case.pk).exists()
    return _back(case) if still else redirect("cases:inbox")


@require_POST
@needs("cases.work")
def resolve(request: HttpRequest, number: int) -> HttpResponse:
    """Resolve the case as it was seen."""
    case = get_case(request.user, number)
    form = ResolveForm(request.POST)
    if not form.is_valid():
        return _page(request, case, status=422, resolve_form=form)
    given = form.cleaned_data
    try:
        lifecycle.resolve_case(
            case,
            by=request.user,
            resolution_type=given["resolution_type"],
            resolution=given["resolution"],
            seen_message=given["seen"] or None,
        )
    except lifecycle.CaseChanged:
        messages.error(request, _("Not resolved\nThe case changed in the meantime. Read what is new first."))
        return _back(case)
    messages.success(request, _("Case resolved"), extra_tags=f"undo:{reverse('cases:reopen', args=[case.number])}")
    return _back(case)


@require_POST
@needs("cases.work")
def reopen(request: HttpRequest, number: int) -> HttpResponse:
    """Open a resolved case again."""
    case = get_case(request.user, number)
    try:
        lifecycle.reopen_case(case, by=request.user, why=_("By hand"))
        messages.success(request, _("Case open again"))
    except lifecycle.CaseChanged:
        messages.info(request, _("The case is open already"))
    return _back(case)


@require_POST
@needs("cases.work")
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """Set aside what is no case."""
    case = get_case(request.user, number)
    reason = request.POST.get("reason", "")
    if reason not in (Case.StatusReason.DUPLICATE, Case.StatusReason.NOT_A_CASE):
        return _back(case)
    try:
        lifecycle.cancel_case(case, by=request.user, reason=reason)
    except lifecycle.CaseChanged:
        messages.info(request, _("The case is closed already"))
    return _back(case)


@require_POST
@needs("cases.work")
def change_fields(request: HttpRequest, number: int) -> HttpResponse:
    """Save fields that a person edited."""
    case = get_case(request.user, number)
    form = FieldsEditForm(request.POST, case=case, user=request.user)
    if not form.is_valid():
        return _page(request, case, status=422, fields_form=form)
    values = {name: form.cleaned_data[name] for name in form.changed_names() if may_change(request.user, name)}
    if values:
        with transaction.atomic():
            set_fields(lifecycle.lock_case(case.pk), values, by=request.user)
        messages.success(request, _("Fields saved"))
    return _back(case)


@require_POST
@needs("cases.work")
def adopt(request: HttpRequest, number: int) -> HttpResponse:
    """Turn a case out of history live."""
    case = get_case(request.user, number)
    try:
        lifecycle.adopt_case(case, by=request.user)
        messages.success(request, _("Case adopted\nThe agents may act on it from now on"))
    except lifecycle.CaseChanged:
        messages.info(request, _("The case is live already"))
    return _back(case)


@require_POST
@needs("cases.supervise")
def adopt_open(request: HttpRequest) -> HttpResponse:
    """Turn every open case out of history live."""
    seen = visible_cases(request.user).filter(arrived_as=ArrivedAs.HISTORY)
    count = lifecycle.adopt_open_cases(seen, by=request.user)
    messages.success(request, _("%(count)d cases adopted\nThe agents may act on them from now on") % {"count": count})
    return redirect(f"{reverse('cases:inbox')}?view=all")


def _back(case: Case) -> HttpResponse:
    return redirect(case.get_absolute_url())
