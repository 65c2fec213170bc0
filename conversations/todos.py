"""Tasks: made by a person or an agent, given to somebody, done, taken up again."""

import datetime as dt
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F, Model, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from agents.audit import record
from conversations.models import Task


@transaction.atomic
def create_task(
    title: str,
    *,
    subject: Model | None = None,
    owner: User | None = None,
    due_at: dt.datetime | None = None,
    by: Any,
    now: dt.datetime | None = None,
) -> Task:
    """Make a task, and tell its owner unless they made it themselves.

    ``subject`` is what it is about: its label and link are kept as text, its team and line of business decide who
    sees the task. ``by`` is the person, the agent's user, or None for the system.
    """
    now = now or timezone.now()
    title = " ".join(title.split())
    if not title:
        raise ValueError("A task says what to do.")
    queue = getattr(subject, "queue", None)
    task = Task.objects.create(
        title=title[:200],
        owner=owner,
        team_id=queue.team_id if queue else None,
        line_of_business_id=getattr(subject, "line_of_business_id", None),
        subject=subject,
        label=str(subject)[:200] if subject is not None else "",
        link=_link_of(subject),
        due_at=due_at,
        created_at=now,
        created_by=by,
        agent=by.agent if by is not None and by.is_agent else "",
    )
    record("task.created", by=by, subject=subject or task, text=_("made a task"), now=now)
    _tell(task, by, now)
    return task


def _link_of(subject: Any) -> str:
    get_url = getattr(subject, "get_absolute_url", None)
    return get_url()[:200] if get_url else ""


def _tell(task: Task, by: Any, now: dt.datetime) -> None:
    if task.owner is not None and (by is None or task.owner.pk != by.pk):
        notify(task.owner, _("New task: %(title)s") % {"title": task.title}, link=_page(task), kind="task", now=now)


def _page(task: Task) -> str:
    return task.link or reverse("conversations:tasks")


@transaction.atomic
def finish_task(task: Task, *, by: Any, now: dt.datetime | None = None) -> bool:
    """Mark a task as done; False when it was done already."""
    now = now or timezone.now()
    if not Task.objects.filter(pk=task.pk, done_at=None).update(done_at=now, done_by=by):
        return False
    record("task.done", by=by, subject=task.subject or task, text=_("did a task"), now=now)
    return True


@transaction.atomic
def reopen_task(task: Task, *, by: Any, now: dt.datetime | None = None) -> bool:
    """Take up again a task that was marked as done; False when it is open."""
    now = now or timezone.now()
    if not Task.objects.filter(pk=task.pk, done_at__isnull=False).update(done_at=None, done_by=None):
        return False
    record("task.reopened", by=by, subject=task.subject or task, text=_("took up a task again"), now=now)
    return True


@transaction.atomic
def assign_task(task: Task, *, owner: User | None, by: Any, now: dt.datetime | None = None) -> Task:
    """Give a task to somebody else."""
    now = now or timezone.now()
    task = Task.objects.select_for_update(of=("self",)).get(pk=task.pk)
    if task.owner_id != (owner.pk if owner else None):
        task.owner = owner
        task.save(update_fields=["owner"])
        record("task.assigned", by=by, subject=task.subject or task, text=_("gave a task to somebody"), now=now)
        _tell(task, by, now)
    return task


def tasks_of(subject: Model) -> QuerySet[Task]:
    """The tasks about one row: open ones first, the one due next first."""
    kind = ContentType.objects.get_for_model(subject)
    rows = Task.objects.filter(content_type=kind, object_id=subject.pk).select_related("owner")
    return rows.order_by(F("done_at").desc(nulls_first=True), F("due_at").asc(nulls_last=True), "id")


def list_due(now: dt.datetime, limit: int) -> list[int]:
    """Open tasks whose time has come and whose owner has not been told."""
    rows = Task.objects.filter(done_at=None, told_at=None, due_at__lte=now, owner__isnull=False)
    return list(rows.order_by("due_at", "id").values_list("pk", flat=True)[:limit])


def tell_due(pk: int, *, now: dt.datetime) -> bool:
    """Tell the owner, once, that a task is due."""
    with transaction.atomic():
        due = Task.objects.filter(pk=pk, done_at=None, told_at=None, due_at__lte=now, owner__isnull=False)
        if not due.update(told_at=now):
            return False
        task = Task.objects.select_related("owner").get(pk=pk)
        notify(task.owner, _("Due: %(title)s") % {"title": task.title}, link=_page(task), kind="task", now=now)
    return True
