"""Tasks: who is told, who sees them, done and taken up again."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.models import Notification, Role, Team, User
from accounts.roles import ensure_roles
from agents.models import Entry
from conversations import todos
from conversations.access import visible_tasks
from conversations.models import Conversation, Queue, Task
from conversations.sweeps import TellDueTasks
from conversations.task_pages import list_view
from tests.api_clients import client_of

NOW = dt.datetime(2026, 6, 11, 12, 0, tzinfo=dt.UTC)


def make_person(name: str, role: str, *teams: Team) -> User:
    ensure_roles()
    person = User.objects.create_user(f"{name}@example.com", "long words here", name=name)
    person.roles.set(Role.objects.filter(code=role))
    person.teams.set(teams)
    return person


@pytest.mark.row("DESK-301")
def test_a_task_is_told_to_its_owner_done_once_and_taken_up_again(db):
    ann, bob = make_person("ann", "representative"), make_person("bob", "representative")
    task = todos.create_task("  Call\n Ellen ", owner=bob, by=ann, now=NOW)
    assert (task.title, Notification.objects.get().user) == ("Call Ellen", bob)
    todos.create_task("Mine", owner=ann, by=ann, now=NOW)
    assert Notification.objects.count() == 1, "nobody is told of what they made themselves"
    assert todos.finish_task(task, by=bob, now=NOW)
    assert not todos.finish_task(task, by=ann, now=NOW)
    task.refresh_from_db()
    assert (task.done_by, task.done_at) == (bob, NOW)
    assert todos.reopen_task(task, by=ann)
    assert not todos.reopen_task(task, by=ann)
    todos.assign_task(task, owner=ann, by=bob)
    verbs = list(Entry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["task.created", "task.created", "task.done", "task.reopened", "task.assigned"]
    with pytest.raises(ValueError, match="what to do"):
        todos.create_task(" \n ", by=ann)


def test_a_task_is_seen_by_those_who_see_what_it_is_about(db):
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    ann, bob = make_person("ann", "representative", north), make_person("bob", "representative", south)
    seller, author = make_person("sid", "seller", north), make_person("ada", "author", north)
    thread = Conversation.objects.create(queue=Queue.objects.create(name="Q", team=north), channel="mail")
    about = todos.create_task("Look into it", subject=thread, by=None, now=NOW)
    Task.objects.filter(pk=about.pk).update(content_type=None)  # of no app: the permission of either opens it
    assert list(visible_tasks(ann)) == [about] == list(visible_tasks(seller))
    assert not visible_tasks(bob).exists()
    assert not visible_tasks(author).exists()
    todos.assign_task(about, owner=bob, by=ann)
    assert list(visible_tasks(bob)) == [about], "one's own is always seen"


def test_the_views_of_the_list(db):
    north = Team.objects.create(name="North")
    ann, bob = make_person("ann", "representative", north), make_person("bob", "representative", north)
    late = todos.create_task("Late", owner=ann, due_at=NOW - dt.timedelta(hours=1), by=ann, now=NOW)
    soon = todos.create_task("Soon", owner=ann, due_at=NOW + dt.timedelta(hours=1), by=ann, now=NOW)
    loose = todos.create_task("Loose", by=bob, now=NOW)
    done = todos.create_task("Done", owner=ann, by=ann, now=NOW)
    todos.finish_task(done, by=ann, now=NOW)
    found = {view: list(list_view(ann, view, now=NOW)) for view in ("mine", "team", "overdue", "done")}
    assert found == {"mine": [late, soon], "team": [late, soon, loose], "overdue": [late], "done": [done]}


@pytest.mark.row("DESK-302")
def test_a_due_task_is_told_once_and_not_when_it_is_done_or_nobodys(db):
    ann = make_person("ann", "representative")
    due = todos.create_task("Due", owner=ann, due_at=NOW, by=ann, now=NOW - dt.timedelta(days=1))
    todos.create_task("Nobody's", due_at=NOW, by=ann, now=NOW)
    done = todos.create_task("Done", owner=ann, due_at=NOW, by=ann, now=NOW)
    todos.finish_task(done, by=ann, now=NOW)
    sweep = TellDueTasks()
    assert sweep.find(NOW - dt.timedelta(seconds=1), 10) == []
    assert sweep.find(NOW, 10) == [due.pk]
    assert todos.tell_due(due.pk, now=NOW)
    assert not todos.tell_due(due.pk, now=NOW)
    assert Notification.objects.get().title == "Due: Due"
    assert sweep.find(NOW, 10) == []


def test_the_page_makes_finishes_and_undoes_and_goes_nowhere_else(client, db):
    ann, bob = make_person("ann", "representative"), make_person("bob", "representative")
    client.force_login(ann)
    page = reverse("conversations:tasks")
    assert client.post(reverse("conversations:add_task"), {"title": " "}).status_code == 422
    assert client.post(reverse("conversations:add_task"), {"title": "<b>Call</b>", "owner": ann.pk}).status_code == 302
    task = Task.objects.get()
    assert "&lt;b&gt;Call" in client.get(page).content.decode()
    answer = client.post(reverse("conversations:finish_task", args=[task.pk]), {"back": "https://evil.example/"})
    assert answer.headers["Location"] == page
    assert reverse("conversations:reopen_task", args=[task.pk]) in client.get(page).content.decode()
    client.force_login(bob)
    Task.objects.update(owner=None, team=Team.objects.create(name="Theirs"))
    assert client.post(reverse("conversations:reopen_task", args=[task.pk])).status_code == 404


def test_programs_make_list_and_finish_tasks(db):
    ann = make_person("ann", "representative")
    api = client_of(ann, "tasks:read", "tasks:write")
    assert api.post("/api/v1/tasks/", {"title": "Call", "due_at": "yesterday"}, format="json").status_code == 400
    made = api.post("/api/v1/tasks/", {"title": "Call", "owner": ann.pk}, format="json").json()
    assert api.get("/api/v1/tasks/?mine=true").json()["results"][0]["title"] == "Call"
    assert api.post(f"/api/v1/tasks/{made['id']}/done/").json()["done_by"]["id"] == ann.pk
    assert api.get("/api/v1/tasks/").json()["results"] == []
    assert client_of(ann, "tasks:read").post("/api/v1/tasks/", {"title": "No"}, format="json").status_code == 403
