"""Who is there, how much they take, what they can do: on pages and by the API, each by who may say so."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts import capacity, people, presence, roles
from accounts.models import Ability, PersonAbility, Role, User
from accounts.rights import Refused
from agents import sweeps
from agents.models import Entry
from tests.api_clients import client_of, make_person

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)


@pytest.fixture
def admin():
    return make_person("root@example.com", "administrator")


@pytest.fixture
def ada():
    return make_person("ada@example.com", "representative")


@pytest.mark.row("DESK-400")
def test_people_say_whether_they_are_there_and_nobody_else_but_who_looks_after_them(client, ada, admin):
    assert ada.presence == "offline"
    client.force_login(ada)
    assert "You are:" in client.get("/profile/").content.decode()
    client.post("/profile/presence/", {"presence": "available", "back": "/profile/"})
    ada.refresh_from_db()
    assert ada.presence == "available"
    assert ada.presence_since
    part = client.post("/profile/presence/", {"presence": "busy"}, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith("<details")
    assert "Busy" in part.split("</summary>")[0]
    assert client.post("/profile/presence/", {"presence": "asleep"}, follow=True).status_code == 200
    assert client.post("/profile/presence/", {"presence": "busy", "back": "//evil.example/"}).url == "/profile/"
    ada.refresh_from_db()
    assert ada.presence == "busy"
    other = make_person("ben@example.com", "representative")
    with pytest.raises(Refused):
        presence.set_presence(ada, "away", by=other)
    presence.set_presence(ada, "away", by=admin)
    said = Entry.objects.filter(verb="accounts.presence_set").order_by("pk")
    assert [(row.user, row.changes[0]["new"]) for row in said] == [
        (ada, "Available"), (ada, "Busy"), (admin, "Away")
    ]  # fmt: skip
    people.deactivate_person(other, by=admin)
    with pytest.raises(Refused):
        presence.set_presence(other, "available", by=admin)


@pytest.mark.row("DESK-401")
def test_who_goes_home_without_saying_so_is_offline_some_hours_later(client, ada):
    presence.set_presence(ada, "available", by=ada, now=NOW)
    sweeps.run("accounts.rest_gone", now=NOW + dt.timedelta(hours=3))
    ada.refresh_from_db()
    assert ada.presence == "available"
    presence.note_seen(ada, now=NOW + dt.timedelta(hours=3))
    sweeps.run("accounts.rest_gone", now=NOW + dt.timedelta(hours=6))
    ada.refresh_from_db()
    assert ada.presence == "available"
    sweeps.run("accounts.rest_gone", now=NOW + dt.timedelta(hours=8))
    ada.refresh_from_db()
    assert ada.presence == "offline"
    assert Entry.objects.filter(verb="accounts.presence_set", user=None).count() == 1
    client.force_login(ada)
    client.get("/profile/")
    ada.refresh_from_db()
    assert ada.seen_at < timezone.now() - dt.timedelta(days=1), "who is offline stays so, however much they read"
    presence.set_presence(ada, "available", by=ada, now=NOW)
    client.get("/profile/")
    ada.refresh_from_db()
    assert ada.seen_at > NOW


@pytest.mark.row("DESK-402")
def test_capacity_is_the_persons_else_the_most_of_their_roles_else_the_companys(client, ada, admin):
    assert capacity.capacity_of(ada) == capacity.DEFAULT_CAPACITY
    Role.objects.filter(code="representative").update(capacity=6)
    ada.roles.add(Role.objects.get(code="author"))
    Role.objects.filter(code="author").update(capacity=4)
    assert capacity.capacity_of(ada) == 6
    capacity.change_work(ada, by=admin, capacity=0)
    ada = User.objects.get(pk=ada.pk)
    assert capacity.capacity_of(ada) == 0
    for wrong in (-1, 100_000):
        with pytest.raises(Refused):
            capacity.change_work(ada, by=admin, capacity=wrong)
    with pytest.raises(Refused):
        capacity.change_work(ada, by=ada, capacity=5)
    client.force_login(admin)
    page = client.get("/manage/people/?presence=offline").content.decode()
    assert "0 of 0" in page
    assert "ada@example.com" not in client.get("/manage/people/?presence=busy").content.decode()
    rights = {"name": "Representative", "visibility": "team", "permissions": ["cases.work"]}
    roles.change_role(
        Role.objects.get(code="representative"), by=admin, **rights, hidden_fields={}, read_only_fields={}, capacity=8
    )
    assert Role.objects.get(code="representative").capacity == 8


@pytest.mark.row("DESK-403")
def test_skills_stand_in_a_catalogue_and_are_given_to_people_with_a_level(client, ada, admin):
    client.force_login(admin)
    for name in ("German", "Grinders"):
        assert client.post("/manage/people/skills/", {"name": name}).status_code == 302
    assert (
        "There is a skill of that name" in client.post("/manage/people/skills/", {"name": " german"}).content.decode()
    )
    german, grinders = Ability.objects.order_by("name")
    page = f"/manage/people/{ada.pk}/capacity/"
    wrong = client.post(page, {"presence": "away", f"ability-{german.pk}": "9"})
    assert wrong.status_code == 422
    given = {"presence": "away", "capacity": "7", f"ability-{german.pk}": "3", f"ability-{grinders.pk}": "1"}
    assert client.post(page, given).status_code == 302
    ada.refresh_from_db()
    assert (ada.presence, ada.capacity) == ("away", 7)
    assert [str(row) for row in ada.person_abilities.all()] == ["German (Expert)", "Grinders (Basic)"]
    assert "German (Expert)" in Entry.objects.filter(verb="accounts.work_changed").latest("pk").changes[1]["new"]
    assert str(ada) in client.get(f"/manage/people/skills/{german.pk}/").content.decode()
    client.post(page, {"presence": "away", "capacity": "", f"ability-{german.pk}": "", f"ability-{grinders.pk}": "2"})
    assert PersonAbility.objects.get().level == 2
    client.post(f"/manage/people/skills/{grinders.pk}/delete/")
    assert not PersonAbility.objects.exists()


@pytest.mark.row("DESK-404")
def test_programs_read_and_set_presence_and_administrators_the_rest(ada, admin):
    own, head = client_of(ada, "people:read", "people:write"), client_of(admin, "people:read", "people:write")
    me = "/api/v1/people/me/"
    assert own.get(me).json()["presence"] == "offline"
    done = own.patch(me, {"presence": "available"}, format="json").json()
    assert (done["presence"], done["capacity"], done["open_cases"]) == ("available", 10, 0)
    assert own.patch(me, {"presence": "here"}, format="json").status_code == 400
    assert own.patch(me, {"capacity": 3}, format="json").status_code == 403
    assert own.post("/api/v1/skills/", {"name": "German"}, format="json").status_code == 403
    assert [row["id"] for row in own.get("/api/v1/people/").json()["results"]] == [ada.pk]
    assert own.get(f"/api/v1/people/{admin.pk}/").status_code == 404
    assert client_of(ada, "people:read").patch(me, {"presence": "away"}, format="json").status_code == 403
    skill = head.post("/api/v1/skills/", {"name": "German"}, format="json").json()["id"]
    work = {"capacity": 3, "skills": [{"id": skill, "level": 3}]}
    done = head.patch(f"/api/v1/people/{ada.pk}/", work, format="json").json()
    assert (done["capacity"], done["skills"]) == (3, [{"id": skill, "name": "German", "level": 3}])
    wrong = {"skills": [{"id": skill, "level": 9}]}
    assert head.patch(f"/api/v1/people/{ada.pk}/", wrong, format="json").status_code == 400
    assert (
        head.patch(f"/api/v1/people/{ada.pk}/", {"capacity": None, "skills": []}, format="json").json()["skills"] == []
    )
    found = head.get("/api/v1/people/?presence=available").json()["results"]
    assert [row["id"] for row in found] == [ada.pk]
