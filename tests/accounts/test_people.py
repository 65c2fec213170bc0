"""Adding, changing and letting go of people, roles and teams."""

import threading

import pytest
from django.db import connection

from accounts import people, roles, teams
from accounts.models import ApiToken, Role, Team, User
from accounts.rights import Refused, administrators
from accounts.tokens import issue_token
from agents.models import Entry

pytestmark = pytest.mark.django_db


def role(code):
    return Role.objects.get(code=code)


@pytest.fixture
def admin():
    roles.ensure_roles()
    return people.create_person(email="root@example.com", name="Root", by=None, roles=[role("administrator")])


@pytest.fixture
def ada(admin):
    return people.create_person(email="ada@example.com", name="Ada", by=admin, roles=[role("representative")])


def test_the_built_in_roles_are_there_and_keep_what_administrators_made_of_them():
    roles.ensure_roles()
    Role.objects.filter(code="seller").update(visibility="own")
    Role.objects.filter(code="author").delete()
    roles.ensure_roles()
    assert set(Role.objects.values_list("code", flat=True)) == set(roles.BUILT_IN)
    assert role("seller").visibility == "own"
    for code, built_in in roles.BUILT_IN.items():
        assert set(role(code).permissions) == set(built_in.permissions) <= set(roles.PERMISSIONS)


def test_every_change_stands_in_the_record(admin, ada):
    before = Entry.objects.count()
    people.change_person(ada, by=admin, name="Ada L", roles=[role("supervisor")])
    people.change_person(ada, by=admin, name="Ada L", roles=[role("supervisor")])
    assert Entry.objects.count() == before + 1
    entry = Entry.objects.latest("pk")
    assert (entry.verb, entry.user) == ("accounts.person_changed", admin)
    assert {change["field"]: (change["old"], change["new"]) for change in entry.changes} == {
        "name": ("Ada", "Ada L"),
        "roles": ("Representative", "Supervisor"),
    }


def test_nobody_changes_their_own_roles_or_switches_themselves_off(admin, ada):
    second = people.create_person(email="two@example.com", name="Two", by=admin, roles=[role("administrator")])
    with pytest.raises(Refused, match="own roles"):
        people.change_person(second, by=second, roles=[role("seller")])
    with pytest.raises(Refused, match="themselves"):
        people.deactivate_person(second, by=second)
    people.change_person(second, by=second, name="Deux", roles=[role("administrator")])
    people.change_person(second, by=admin, roles=[role("seller")])
    assert not User.objects.get(pk=second.pk).has_perm("accounts.manage")


@pytest.mark.row("DESK-36")
def test_the_last_administrator_stays(admin, ada):
    for change in ({"roles": [role("seller")]}, {"is_active": False}):
        with pytest.raises(Refused, match="Nobody would be left"):
            people.change_person(admin, by=None, **change)
    assert User.objects.get(pk=admin.pk).has_perm("accounts.manage")
    people.change_person(ada, by=admin, roles=[role("administrator")])
    people.deactivate_person(admin, by=ada)
    assert not User.objects.get(pk=admin.pk).is_active


def test_switching_off_revokes_tokens(admin, ada):
    token, _secret = issue_token(ada, name="export", scopes=["cases:read"], by=ada)
    people.deactivate_person(ada, by=admin)
    assert ApiToken.objects.get(pk=token.pk).revoked_at


def test_an_address_belongs_to_one_person_and_the_role_for_agents_to_none(admin, ada):
    with pytest.raises(Refused, match="already"):
        people.create_person(email="ADA@example.com", name="Again", by=admin)
    with pytest.raises(Refused, match="agents"):
        people.change_person(ada, by=admin, roles=[role(roles.AGENT)])
    with pytest.raises(Refused, match="no person"):
        people.change_person(people.agent_user("sales"), by=admin, name="Sam")


def test_an_operator_is_beyond_administrators(admin):
    operator = User.objects.create_superuser("op@example.com", "long enough words", name="Op")
    with pytest.raises(Refused, match="operator"):
        people.change_person(operator, by=admin, email="mine@example.com")
    with pytest.raises(Refused, match="operator"):
        people.invite_person(operator, by=admin)
    assert people.invite_person(admin, by=operator).startswith("http")


def test_a_role_is_changed_by_others_than_its_holders(admin, ada):
    wanted = {"name": "Rep", "visibility": "line", "permissions": ["cases.work"]}
    kept = {"hidden_fields": {"cases.case": ["serial_number"]}, "read_only_fields": {"cases.case": []}}
    changed = roles.change_role(role("representative"), by=admin, **wanted, **kept)
    assert (changed.permissions, changed.hidden_fields, changed.read_only_fields) == (
        ["cases.work"],
        {"cases.case": ["serial_number"]},
        {},
    )
    assert not User.objects.get(pk=ada.pk).has_perm("cases.approve")
    with pytest.raises(Refused, match="hold this role"):
        roles.change_role(changed, by=ada, **wanted, **kept)
    with pytest.raises(Refused, match="fixed"):
        roles.change_role(role("administrator"), by=admin, **wanted, **kept)
    with pytest.raises(Refused, match="offered"):
        roles.change_role(role("seller"), by=admin, **(wanted | {"permissions": ["cases.fly"]}), **kept)


def test_a_role_of_ones_own_comes_and_goes_and_a_held_one_stays(admin, ada):
    made = roles.create_role(name="Night shift", by=admin)
    assert (made.permissions, made.visibility) == ([], "own")
    with pytest.raises(Refused, match="already"):
        roles.create_role(name="night shift", by=admin)
    people.change_person(ada, by=admin, roles=[made])
    with pytest.raises(Refused, match="hold"):
        roles.delete_role(made, by=admin)
    people.change_person(ada, by=admin, roles=[])
    roles.delete_role(made, by=admin)
    with pytest.raises(Refused, match="Built-in"):
        roles.delete_role(role("seller"), by=admin)


def test_a_team_has_people_and_no_agents(admin, ada):
    team = teams.save_team(None, name="North", line_of_business=None, members=[ada], by=admin)
    assert list(ada.teams.all()) == [team]
    with pytest.raises(Refused, match="Agents"):
        teams.save_team(team, name="North", line_of_business=None, members=[people.agent_user("sales")], by=admin)
    teams.delete_team(team, by=admin)
    assert not Team.objects.exists()


def test_people_change_their_own_profile_only(admin, ada):
    people.change_profile(ada, by=ada, name="Ada", zone="Europe/Berlin", preferences={"theme": "dark"})
    ada = User.objects.get(pk=ada.pk)
    assert (ada.zone, ada.preferences) == ("Europe/Berlin", {"theme": "dark"})
    with pytest.raises(Refused, match="own profile"):
        people.change_profile(ada, by=admin, name="x", zone="UTC", preferences={})


@pytest.mark.row("DESK-36")
@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_remove_each_other_at_the_same_time(admin):
    second = people.create_person(email="two@example.com", name="Two", by=admin, roles=[role("administrator")])
    refused = []

    def remove(person, by):
        try:
            people.change_person(person, by=by, roles=[])
        except Refused as refusal:
            refused.append(str(refusal))
        finally:
            connection.close()

    racers = [threading.Thread(target=remove, args=pair) for pair in ((admin, second), (second, admin))]
    [racer.start() for racer in racers]
    [racer.join() for racer in racers]
    assert len(refused) == 1
    assert administrators().count() == 1
