"""The list of tasks in the workspace."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.pages import PersonRequest
from conversations import todos
from conversations.access import get_task, may_have_tasks, visible_tasks
from conversations.models import Task

SHOWN_AT_MOST = 200
VIEWS = {
    "mine": gettext_lazy("Mine"),
    "team": gettext_lazy("My teams"),
    "overdue": gettext_lazy("Overdue"),
    "done": gettext_lazy("Done"),
}


class TaskForm(forms.Form):
    """What to do, by whom and by when."""

    title = forms.CharField(label=gettext_lazy("What to do"), max_length=200)
    owner = forms.ModelChoiceField(
        User.objects.filter(is_active=True, is_agent=False),
        label=gettext_lazy("Who"),
        required=False,
        empty_label=gettext_lazy("Nobody yet"),
    )
    due_at = forms.DateTimeField(
        label=gettext_lazy("Due"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


def list_view(user: Any, view: str, *, now: dt.datetime) -> QuerySet[Task]:
    """The tasks of one view: mine, those of my teams and reach, overdue ones among them, or what was done."""
    rows = visible_tasks(user).select_related("owner", "content_type")
    if view == "done":
        return rows.filter(done_at__isnull=False).order_by("-done_at", "-id")
    rows = rows.filter(done_at=None).order_by(F("due_at").asc(nulls_last=True), "id")
    if view == "overdue":
        return rows.filter(due_at__lte=now)
    return rows if view == "team" else rows.filter(owner=user)


def _open_to(request: HttpRequest) -> None:
    if not may_have_tasks(request.user):
        raise PermissionDenied


@never_cache
@require_GET
@login_required
def list_tasks(request: PersonRequest) -> HttpResponse:
    """The tasks of one view."""
    _open_to(request)
    return _show(request, TaskForm(initial={"owner": request.user.pk}))


def _show(request: PersonRequest, form: TaskForm, *, status: int = 200) -> HttpResponse:
    view = request.GET.get("view", "mine")
    view = view if view in VIEWS else "mine"
    now = timezone.now()
    rows = list(list_view(request.user, view, now=now)[: SHOWN_AT_MOST + 1])
    address = reverse("conversations:tasks")
    shown = {
        "rows": [(task, task.is_overdue(now)) for task in rows[:SHOWN_AT_MOST]],
        "has_more": len(rows) > SHOWN_AT_MOST,
        "view": view,
        "tabs": [{"text": text, "url": f"{address}?view={code}"} for code, text in VIEWS.items()],
        "current": f"{address}?view={view}",
        "form": form,
    }
    return render(request, "conversations/tasks.html", shown, status=status)


@require_POST
@login_required
def add_task(request: PersonRequest) -> HttpResponse:
    """Make a task that stands by itself."""
    _open_to(request)
    form = TaskForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=422)
    task = todos.create_task(by=request.user, **form.cleaned_data)
    messages.success(request, _("Task made\n%(title)s") % {"title": task.title})
    return redirect("conversations:tasks")


@require_POST
@login_required
def finish(request: PersonRequest, pk: int) -> HttpResponse:
    """Mark a task as done."""
    task = get_task(request.user, pk)
    undo = reverse("conversations:reopen_task", args=[task.pk])
    if todos.finish_task(task, by=request.user):
        messages.success(request, _("Task done\n%(title)s") % {"title": task.title}, extra_tags=f"undo:{undo}")
    return _back(request)


@require_POST
@login_required
def reopen(request: PersonRequest, pk: int) -> HttpResponse:
    """Take a task up again."""
    task = get_task(request.user, pk)
    if todos.reopen_task(task, by=request.user):
        messages.success(request, _("The task is open again\n%(title)s") % {"title": task.title})
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    """To the page of this site that asked, else to the list."""
    wanted = request.POST.get("back", "")
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return redirect(wanted if is_ours else reverse("conversations:tasks"))
