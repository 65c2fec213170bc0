"""Adding people, changing what they may do, and letting them go."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import roles as built_in
from accounts.access import forget_reach
from accounts.models import ApiToken, Role, Team, User
from agents.audit import record
from agents.models import LineOfBusiness


class Refused(Exception):  # noqa: N818
    """A change that is not allowed; the text says why, for people."""


# --- agents ------------------------------------------------------------------------------------------------------


def agent_user(agent: str) -> User:
    """The user under which ``agent`` (``"case-management"``) reads and acts, made when first asked for.

    It holds the role for agents, so that an administrator decides what agents see. It can never sign in.
    """
    found = User.objects.filter(is_agent=True, agent=agent).first()
    if found:
        return found
    with transaction.atomic():
        name = f"{agent.replace('-', ' ').title()} Agent"
        user, made = User.objects.get_or_create(
            is_agent=True,
            agent=agent,
            defaults={"email": f"{agent}@agent.invalid", "name": name, "password": "!"},
        )
        if made:
            built_in.ensure_roles()
            user.roles.add(Role.objects.get(code=built_in.AGENT))
    return user


# --- people ------------------------------------------------------------------------------------------------------


@transaction.atomic
def create_person(
    *,
    email: str,
    name: str,
    by: User | None,
    password: str | None = None,
    roles: Iterable[Role] = (),
    teams: Iterable[Team] = (),
    lines: Iterable[LineOfBusiness] = (),
    zone: str = "UTC",
    now: dt.datetime | None = None,
) -> User:
    """Add a person. Without ``password`` they set one through ``accounts.signin.password_link``."""
    roles = _roles_for_people(roles)
    person = User.objects.create_user(email, password, name=name, zone=zone)
    person.roles.set(roles)
    person.teams.set(teams)
    person.lines_of_business.set(lines)
    changes = [_change("roles", _("Roles"), "", _names(roles)), _change("teams", _("Teams"), "", _names(teams))]
    text = gettext("added %(name)s") % {"name": person.name}
    record("accounts.person_added", by=by, subject=person, text=text, changes=changes, now=now)
    return person


@transaction.atomic
def change_person(
    person: User,
    *,
    by: User | None,
    name: str | None = None,
    email: str | None = None,
    roles: Iterable[Role] | None = None,
    teams: Iterable[Team] | None = None,
    lines: Iterable[LineOfBusiness] | None = None,
    is_active: bool | None = None,
    now: dt.datetime | None = None,
) -> User:
    """Change what is given and leave the rest; takes effect with the person's next request.

    Raises ``Refused`` for one's own roles, for an agent's sign-in, and when nobody would be left to manage people.
    """
    _lock_people()
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if person.is_agent:
        raise Refused(gettext("An agent's user is no person. Change what agents see under Roles."))
    changes = [
        *_change_details(person, name, email),
        *_change_roles(person, roles, by),
        *_change_set(person.teams, "teams", _("Teams"), teams),
        *_change_set(person.lines_of_business, "lines_of_business", _("Lines of business"), lines),
        *_change_active(person, is_active, by),
    ]
    if not changes:
        return person
    person.save()
    forget_reach(person)
    _keep_an_administrator()
    if not person.is_active:
        end_all_access(person, by=by, now=now)
    text = gettext("changed %(name)s") % {"name": person.name}
    record("accounts.person_changed", by=by, subject=person, text=text, changes=changes, now=now)
    return person


def deactivate_person(person: User, *, by: User | None, now: dt.datetime | None = None) -> User:
    """Switch a person off: their sessions end, their tokens are revoked, what they did stays theirs."""
    return change_person(person, is_active=False, by=by, now=now)


def end_all_access(person: User, *, by: User | None, now: dt.datetime | None = None) -> None:
    """End all sessions of ``person`` and revoke their tokens; a password already set stays."""
    for session in UserSession.objects.filter(user=person):
        session.end()
    ApiToken.objects.filter(user=person, revoked_at=None).update(revoked_at=now or timezone.now())


@transaction.atomic
def change_profile(person: User, *, by: User, name: str, zone: str, preferences: dict[str, Any]) -> User:
    """What people change about themselves: their name, time zone and how pages behave for them."""
    if person.pk != by.pk:
        raise Refused(gettext("Only they can change their own profile."))
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    changes = _change_details(person, name, None)
    person.zone, person.preferences = zone, person.preferences | preferences
    person.save(update_fields=["name", "zone", "preferences"])
    if changes:
        text = gettext("changed their own name")
        record("accounts.person_changed", by=by, subject=person, text=text, changes=changes)
    return person


def end_session(session: UserSession, *, by: User) -> None:
    """End one session of one's own."""
    if session.user_id != by.pk:
        raise Refused(gettext("This session belongs to somebody else."))
    session.end()


# --- the pieces --------------------------------------------------------------------------------------------------


def _change(field: str, label: Any, old: Any, new: Any) -> dict[str, Any]:
    return {"field": field, "label": str(label), "old": old, "new": new}


def _names(rows: Iterable[Any]) -> str:
    return ", ".join(sorted(str(row) for row in rows))


def _roles_for_people(roles: Iterable[Role]) -> list[Role]:
    roles = list(roles)
    if any(role.code == built_in.AGENT for role in roles):
        raise Refused(gettext("The role for agents cannot be given to a person."))
    return roles


def _change_details(person: User, name: str | None, email: str | None) -> list[dict[str, Any]]:
    changes = []
    if name is not None and name != person.name:
        changes.append(_change("name", _("Name"), person.name, name))
        person.name = name
    if email is not None and (email := User.objects.normalize_email(email).lower()) != person.email:
        changes.append(_change("email", _("E-mail address"), person.email, email))
        person.email = email
        EmailAddress.objects.filter(user=person).delete()  # or they could still sign in with the old one
    return changes


def _change_roles(person: User, roles: Iterable[Role] | None, by: User | None) -> list[dict[str, Any]]:
    if roles is None:
        return []
    roles = _roles_for_people(roles)
    if by is not None and by.pk == person.pk and {role.pk for role in roles} != {r.pk for r in person.roles.all()}:
        raise Refused(gettext("Nobody changes their own roles. Another administrator can change yours."))
    return _change_set(person.roles, "roles", _("Roles"), roles)


def _change_set(held: Any, field: str, label: Any, wanted: Iterable[Any] | None) -> list[dict[str, Any]]:
    if wanted is None:
        return []
    before, after = list(held.all()), list(wanted)
    if {row.pk for row in before} == {row.pk for row in after}:
        return []
    held.set(after)
    return [_change(field, label, _names(before), _names(after))]


def _change_active(person: User, is_active: bool | None, by: User | None) -> list[dict[str, Any]]:
    if is_active is None or is_active == person.is_active:
        return []
    if by is not None and by.pk == person.pk:
        raise Refused(gettext("Nobody switches themselves off. Another administrator can do it."))
    person.is_active = is_active
    return [_change("is_active", _("Active"), not is_active, is_active)]


def _lock_people() -> None:
    """Let one change of people or roles run at a time, so that two cannot each remove the other administrator."""
    list(Role.objects.select_for_update().order_by("pk").values_list("pk", flat=True))


def _keep_an_administrator() -> None:
    if not administrators().exists():
        raise Refused(gettext("Nobody would be left to manage people. Make somebody else an administrator first."))


def administrators() -> Any:
    """The people who can manage people now."""
    able = User.objects.filter(is_active=True, is_agent=False)
    by_role = able.filter(roles__permissions__contains=["accounts.manage"])
    return (by_role | able.filter(is_superuser=True)).distinct()
