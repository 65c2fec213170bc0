"""The pages of leads: the list and the lead."""

from typing import Any

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.access import redact
from accounts.pages import needs
from agents.models import Entry
from agents.suggestions import of_subject
from sales.access import MODEL, WORK, get_lead, hidden_lead_fields, visible_leads
from sales.fields import SHOWN, label_of, value_of
from sales.forms import AssignForm, LeadForm
from sales.leads import change_lead, create_lead
from sales.lifecycle import MOVES, WrongMove, assign_lead, move_lead
from sales.listing import Filters, count_leads, cut_page, list_leads, selects_of, view_names
from sales.models import Lead
from sales.research import current_findings
from sales.selection import AGENT, take_up

VERBS = {
    "lead.created": gettext_lazy("added this lead"),
    "lead.changed": gettext_lazy("changed this lead:"),
    "lead.moved": gettext_lazy("moved it:"),
    "lead.assigned": gettext_lazy("assigned it:"),
}


@require_GET
@needs(WORK)
def list_page(request: HttpRequest) -> HttpResponse:
    """The list of leads, with its filters in the address."""
    filters, base = Filters.from_query(request.GET), reverse("sales:leads")
    rows = list_leads(request.user, filters)
    page = cut_page(rows, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    tabs = [{"text": text, "url": f"{base}?view={view}"} for view, text in view_names().items()]
    context = {
        "filters": filters,
        "page": page,
        "count": count_leads(rows),
        "tabs": tabs,
        "tab_url": f"{base}?view={filters.view}",
        "selects": selects_of(filters),
        "list_query": filters.as_query(),
        "older_url": f"?{filters.as_query(after=page.after)}" if page.after else "",
        "newer_url": f"?{filters.as_query(before=page.before)}" if page.before else "",
        "clear_url": f"?view={filters.view}",
        "assign_form": AssignForm(),
        "has_leads": bool(page.rows) or visible_leads(request.user).exists(),
    }
    return render(request, "sales/leads.html", context)


@require_POST
@needs(WORK)
def act_on_selected(request: HttpRequest) -> HttpResponse:
    """Research, give away or close the chosen leads; those that cannot are counted."""
    chosen = [int(pk) for pk in request.POST.getlist("pk")[:100] if pk.isdecimal() and len(pk) < 15]
    form, act, done = AssignForm(request.POST), request.POST.get("act", ""), 0
    for lead in visible_leads(request.user).filter(pk__in=chosen).order_by("pk"):
        done += _act(lead, act, form, request.user)
    left = len(chosen) - done
    words = ngettext("%(count)d lead done", "%(count)d leads done", done) % {"count": done}
    more = _("%(count)s could not be changed as they stand") % {"count": left} if left else ""
    messages.success(request, f"{words}\n{more}" if more else words)
    return redirect("sales:leads")


def _act(lead: Lead, act: str, form: Form, user: Any) -> bool:
    try:
        if act == "research":
            take_up(lead, by=user, why=_("Asked for by %(name)s") % {"name": user}, now=timezone.now())
        elif act == "close":
            move_lead(lead, Lead.Status.CLOSED, by=user)
        elif act == "assign" and form.is_valid():
            assign_lead(lead, by=user, owner=form.cleaned_data["owner"], queue=form.cleaned_data["queue"])
        else:
            return False
    except WrongMove:
        return False
    return True


@require_GET
@needs(WORK)
def show_lead(request: HttpRequest, pk: int) -> HttpResponse:
    """One lead: what waits, what was found, what happened, what is known."""
    return _page(request, get_lead(request.user, pk))


def _page(request: HttpRequest, lead: Lead, *, status: int = 200, **forms: Any) -> HttpResponse:
    user, hidden = request.user, hidden_lead_fields(request.user)
    findings = [row for row in current_findings(lead) if row.field not in hidden]
    pending = of_subject(lead).filter(state="pending").order_by("-id")
    context = {
        "lead": lead,
        "findings": list(enumerate(findings, 1)),
        "pages": list(lead.pages.all()),
        "reasons": _reasons(lead, {row.pk: at for at, row in enumerate(findings, 1)}, hidden),
        "met": sum(row.get("met") == "yes" for row in lead.fit_reasons),
        "pending": pending,
        "entries": _entries(lead, user),
        "note": "" if "note" in hidden else lead.note,
        "facts": _facts(lead, user),
        "moves": [] if not user.has_perm(WORK) else _moves(lead),
        "assign_form": forms.get("assign_form") or AssignForm(initial={"owner": lead.owner_id, "queue": lead.queue_id}),
        "fields_form": forms.get("fields_form") or LeadForm(user=user, lead=lead),
        "open_form": next(iter(forms), ""),
        "crumbs": [(_("Leads"), reverse("sales:leads"))],
    }
    return render(request, "sales/lead.html", context, status=status)


def _reasons(lead: Lead, marks: dict[int, int], hidden: frozenset[str]) -> list[dict[str, Any]]:
    """The reasons of the fit with the number of their finding; none of a finding kept from this reader."""
    rows = []
    for row in lead.fit_reasons:
        mark = marks.get(row.get("finding") or 0)
        if row.get("finding") and mark is None and hidden:
            continue
        rows.append({**row, "mark": mark})
    return rows


def _entries(lead: Lead, user: Any) -> list[dict[str, Any]]:
    """What happened to it, newest last; changes of hidden fields and addresses that were read are left out."""
    kind, hidden = ContentType.objects.get_for_model(lead), hidden_lead_fields(user)
    rows = Entry.objects.filter(content_type=kind, object_id=lead.pk).select_related("user", "suggestion")
    shown = []
    for row in reversed(rows.order_by("-id")[:40]):
        changes = [each for each in row.changes if each.get("field") not in hidden | {"page"}]
        if row.verb != "lead.changed" or changes:
            words = VERBS.get(row.verb) or row.text
            who = _("Sales Agent") if row.agent == AGENT else str(row.user or "")
            shown.append(
                {"who": who, "actor": row.actor, "at": row.at, "why": row.why, "words": words, "changes": changes}
            )
    return shown


def _facts(lead: Lead, user: Any) -> list[tuple[str, str]]:
    shown = redact({name: value_of(lead, name) for name in SHOWN if name not in ("note", "product")}, user, MODEL)
    facts = [(label_of(name), value) for name, value in shown.items() if value]
    if "custom" not in hidden_lead_fields(user):
        facts += list(lead.custom.items())
    return facts


def _moves(lead: Lead) -> list[tuple[str, str]]:
    """The statuses a person may put it into by hand."""
    by_hand = {Lead.Status.QUALIFIED, Lead.Status.DISQUALIFIED, Lead.Status.CLOSED, Lead.Status.NEW}
    return [
        (status, str(Lead.Status(status).label))
        for status in Lead.Status.values
        if status in MOVES[lead.status] & by_hand
    ]


@needs(WORK)
def add_lead(request: HttpRequest) -> HttpResponse:
    """A lead by hand."""
    form = LeadForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        given = {name: value for name, value in form.cleaned_data.items() if value}
        try:
            return redirect(create_lead(given, by=request.user, owner=request.user).get_absolute_url())
        except ValidationError as problem:
            _add_errors(form, problem)
    crumbs = [(_("Leads"), reverse("sales:leads"))]
    status = 422 if request.method == "POST" else 200
    return render(request, "sales/add.html", {"form": form, "crumbs": crumbs}, status=status)


@require_POST
@needs(WORK)
def change_fields(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what a person knows about the lead."""
    lead = get_lead(request.user, pk)
    form = LeadForm(request.POST, user=request.user, lead=lead)
    if form.is_valid():
        try:
            change_lead(lead, form.cleaned_data, by=request.user)
            messages.success(request, _("Lead changed"))
            return redirect(lead.get_absolute_url())
        except ValidationError as problem:
            _add_errors(form, problem)
    return _page(request, lead, status=422, fields_form=form)


def _add_errors(form: Form, problem: ValidationError) -> None:
    for name, errors in problem.message_dict.items():
        for error in errors:
            form.add_error(name if name in form.fields else None, error)


@require_POST
@needs(WORK)
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the lead to somebody, or to another queue."""
    lead = get_lead(request.user, pk)
    form = AssignForm(request.POST)
    if not form.is_valid():
        return _page(request, lead, status=422, assign_form=form)
    assign_lead(lead, by=request.user, owner=form.cleaned_data["owner"], queue=form.cleaned_data["queue"])
    messages.success(request, _("Lead assigned"))
    # Whoever gives a lead away may no longer be allowed to see it.
    still = visible_leads(request.user).filter(pk=lead.pk).exists()
    return redirect(lead.get_absolute_url() if still else "sales:leads")


@require_POST
@needs(WORK)
def research(request: HttpRequest, pk: int) -> HttpResponse:
    """Look into the lead, again if it was."""
    lead = get_lead(request.user, pk)
    take_up(lead, by=request.user, why=_("Asked for by %(name)s") % {"name": request.user}, now=timezone.now())
    messages.success(
        request, _("Research asked for\nFindings appear here within a minute, while research is switched on")
    )
    return redirect(lead.get_absolute_url())


@require_POST
@needs(WORK)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the lead into another status by hand."""
    lead, status = get_lead(request.user, pk), request.POST.get("status", "")
    try:
        if status not in {code for code, _label in _moves(lead)}:
            raise WrongMove(_("The lead cannot go there from where it stands."))
        move_lead(lead, status, by=request.user)
        messages.success(request, _("Lead moved"))
    except WrongMove as refusal:
        messages.error(request, str(refusal))
    return redirect(lead.get_absolute_url())
