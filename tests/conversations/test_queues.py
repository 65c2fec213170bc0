"""Queues are kept in the browser; the team decides who sees what waits there."""

import pytest
from django.urls import reverse

from accounts.models import Role, Team, User
from accounts.roles import ensure_roles
from agents.models import Entry
from conversations.models import Queue

pytestmark = pytest.mark.django_db


def test_a_queue_is_added_and_given_to_a_team_and_a_second_of_its_name_refused(client):
    ensure_roles()
    user = User.objects.create_user("priya@haldenroe.example", "secret", name="Priya")
    user.roles.set(Role.objects.filter(code="administrator"))
    client.force_login(user)
    team = Team.objects.create(name="Machines")
    client.post(reverse("conversations:add_queue"), {"name": "Repairs"})
    assert client.post(reverse("conversations:add_queue"), {"name": "Repairs"}).status_code == 422
    queue = Queue.objects.get()
    client.post(reverse("conversations:queue", args=[queue.pk]), {"name": "Repairs", "team": team.pk})
    queue.refresh_from_db()
    assert queue.team == team
    assert "Machines" in client.get(reverse("conversations:queues")).content.decode()
    assert Entry.objects.filter(verb="queue.saved").count() == 2
