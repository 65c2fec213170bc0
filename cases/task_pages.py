"""Tasks of a case: shown beside it and made from it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.pages import needs
from cases.access import get_case
from cases.models import Case
from conversations import todos
from conversations.task_pages import TaskForm


def show_tasks(case: Case, user: Any) -> dict[str, Any]:
    """The case's tasks, open ones first, and the form for another."""
    now = timezone.now()
    rows = [(task, task.is_overdue(now)) for task in todos.tasks_of(case)[:20]]
    return {"case": case, "rows": rows, "form": TaskForm(initial={"owner": user.pk}, prefix="task")}


@require_POST
@needs("cases.work")
def add_task(request: HttpRequest, number: int) -> HttpResponse:
    """Make a task about this case."""
    case = get_case(request.user, number)
    form = TaskForm(request.POST, prefix="task")
    if form.is_valid():
        task = todos.create_task(subject=case, by=request.user, **form.cleaned_data)
        messages.success(request, _("Task made\n%(title)s") % {"title": task.title})
    else:
        reasons = " ".join(str(text) for texts in form.errors.values() for text in texts)
        messages.error(request, _("The task was not made\n%(why)s") % {"why": reasons})
    return redirect(case.get_absolute_url())
