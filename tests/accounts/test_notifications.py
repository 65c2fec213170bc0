"""What people are told inside the application."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import notifications
from accounts.models import Notification, User
from accounts.sweeps import ForgetNotifications
from agents.actors import agent_user

NOW = dt.datetime(2026, 6, 11, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def bob(db: None) -> User:
    """A person who is told things."""
    return User.objects.create_user("bob@example.com", "long words here", name="Bob")


def say(user: User | None, title: str = "Case #7 is yours", **more: object) -> Notification | None:
    given = {"link": "/desk/cases/7/", "kind": "assigned", "now": NOW} | more
    return notifications.notify(user, title, **given)  # type: ignore[arg-type]


@pytest.mark.row("DESK-300")
def test_one_unread_line_per_kind_and_link_and_none_for_who_cannot_read_it(bob):
    say(bob)
    say(bob, "Case #7 is yours again", now=NOW + dt.timedelta(hours=1))
    line = Notification.objects.get()
    assert (line.title, line.created_at.hour, notifications.count_unread(bob)) == ("Case #7 is yours again", 13, 1)
    notifications.mark_read(bob, line.pk, now=NOW)
    say(bob)
    assert Notification.objects.count() == 2, "what was read is not said anew, it is said again"
    say(bob, kind="task")
    assert notifications.count_unread(bob) == 2
    assert say(None) is None
    assert say(agent_user("sales")) is None
    bob.is_active = False
    assert say(bob, link="/elsewhere/") is None


@pytest.mark.parametrize(
    "link", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_a_line_never_leads_to_another_site(bob, link):
    with pytest.raises(ValueError, match="this site"):
        say(bob, link=link)
    assert not Notification.objects.exists()


def test_people_switch_a_kind_off_on_their_profile_and_others_still_arrive(client, bob):
    client.force_login(bob)
    kept = [name for name in notifications.KINDS if name != "assigned"]
    given = {"name": "Bob", "zone": "UTC", "theme": "", "keys": "on", "notified": kept}
    assert client.post(reverse("accounts:profile"), given).status_code == 302
    bob.refresh_from_db()
    assert say(bob) is None
    assert say(bob, kind="task") is not None
    assert say(bob, kind="of another app") is not None
    assert client.post(reverse("accounts:profile"), given | {"notified": ["made up"]}).status_code == 422


def test_the_bell_counts_ones_own_with_one_query_and_opening_marks_as_read(client, bob):
    other = User.objects.create_user("eve@example.com", "long words here", name="Eve")
    line = say(bob, "Case <b>#7</b>", link="/profile/")
    assert line is not None
    client.force_login(bob)
    page = client.get(reverse("accounts:notifications"))
    assert "Case &lt;b&gt;#7" in page.content.decode()
    assert "Notifications, 1 unread" in page.content.decode()
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("accounts:profile"))
    assert len([each for each in asked if "accounts_notification" in each["sql"]]) == 1
    client.force_login(other)
    address = reverse("accounts:notification", args=[line.pk])
    assert client.get(address).status_code == 404
    assert "Case" not in client.get(reverse("accounts:notifications") + "?view=all").content.decode().split("<main")[1]
    client.force_login(bob)
    assert client.get(address).headers["Location"] == "/profile/"
    assert notifications.count_unread(bob) == 0


def test_what_came_after_the_page_was_drawn_stays_unread(client, bob):
    first, second = say(bob), say(bob, link="/desk/cases/8/")
    assert first
    assert second
    client.force_login(bob)
    client.post(reverse("accounts:read_notifications"), {"up_to": first.pk})
    assert list(notifications.notifications_of(bob, unread=True)) == [second]
    client.post(reverse("accounts:read_notifications"), {"up_to": "9" * 400})
    assert notifications.count_unread(bob) == 1


def test_lines_are_forgotten_after_ninety_days(bob):
    say(bob, now=NOW - dt.timedelta(days=91))
    say(bob, link="/new/", now=NOW - dt.timedelta(days=89))
    assert ForgetNotifications().run(NOW) == 1
    assert Notification.objects.get().link == "/new/"
