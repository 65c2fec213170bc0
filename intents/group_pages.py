"""Groups of intents in the admin center: the list, the wizard, one group with its members."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import needs
from accounts.rights import Refused
from agents.sections import versions
from intents import access, groups
from intents.access import MANAGE, get_group
from intents.forms import GroupForm, MembersForm
from intents.models import Intent, IntentGroup, Review
from intents.views import frame, say_conflict


@require_GET
@needs(MANAGE)
def list_groups(request: HttpRequest) -> HttpResponse:
    """Every group with how many intents it has."""
    q = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    rows = access.list_groups(request.user)
    return render(request, "intents/groups.html", {**frame(), "groups": rows.filter(name__icontains=q), "q": q})


def offered_members(line: Any, group: IntentGroup | None = None) -> Any:
    """The intents that may join: not discarded, of the group's line when it has one, not in it already."""
    rows = Intent.objects.exclude(review_state=Review.DISCARDED).select_related("group")
    if line:
        rows = rows.filter(line_of_business=line)
    return (rows.exclude(group=group) if group else rows).order_by("name")


@never_cache
@needs(MANAGE)
def add_group(request: HttpRequest) -> HttpResponse:
    """First name and status, then the intents, then save."""
    form = GroupForm(request.POST if request.method == "POST" else None)
    members = None
    if request.method == "POST" and form.is_valid():
        given = {name: value for name, value in form.cleaned_data.items() if name != "expected"}
        offered = offered_members(given["line_of_business"])
        members = MembersForm(request.POST if "save" in request.POST else None, intents=offered)
        if "save" in request.POST and members.is_valid():
            try:
                saved = groups.save_group(None, by=request.user, members=members.cleaned_data["members"], **given)
                messages.success(request, _("%(name)s was added") % {"name": saved.name})
                return redirect("intents:group", saved.pk)
            except Refused as refusal:
                form.add_error(None, str(refusal))
    shown = {**frame(_("New group")), "form": form, "members": members}
    return render(request, "intents/add_group.html", shown, status=422 if form.is_bound and form.errors else 200)


@never_cache
@needs(MANAGE)
def edit_group(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a group; see its members."""
    group = get_group(request.user, pk)
    form = GroupForm(request.POST if request.method == "POST" else None, group=group)
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        given = {**form.cleaned_data}
        try:
            groups.save_group(group, by=request.user, expected=given.pop("expected"), **given)
            messages.success(request, _("%(name)s was saved") % {"name": given["name"]})
            return redirect("intents:group", pk)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        except versions.Conflict as conflict:
            form.add_error(None, say_conflict(conflict))
            status = 409
    shown = {
        **frame(group.name),
        "form": form,
        "group": group,
        "rows": group.intents.order_by("name"),
        "members": MembersForm(intents=offered_members(group.line_of_business, group)),
    }
    return render(request, "intents/group.html", shown, status=status)


@require_POST
@needs(MANAGE)
def change_members(request: HttpRequest, pk: int) -> HttpResponse:
    """Let intents join, or take some out."""
    group = get_group(request.user, pk)
    chosen = [int(each) for each in request.POST.getlist("members") if each.isdecimal() and len(each) < 19]
    rows = list(Intent.objects.filter(pk__in=chosen).select_related("group"))
    try:
        if "remove" in request.POST:
            count = len(groups.remove_members(group, rows, by=request.user))
            said = ngettext(
                "%(count)d intent removed from the group", "%(count)d intents removed from the group", count
            )
        else:
            leaving = groups.describe_use(rows)
            count = len(groups.add_members(group, rows, by=request.user))
            said = ngettext("%(count)d intent joined", "%(count)d intents joined", count)
            said += "\n" + "; ".join(leaving) if leaving else ""
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said % {"count": count})
    return redirect("intents:group", pk)


@require_POST
@needs(MANAGE)
def review_group(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or discard a group."""
    group = get_group(request.user, pk)
    state = request.POST.get("state", "")
    if state not in Review.values:
        raise Http404
    groups.review_group(group, state=state, by=request.user)
    messages.success(request, _("%(name)s: %(state)s") % {"name": group.name, "state": Review(state).label})
    return redirect("intents:group", pk)
