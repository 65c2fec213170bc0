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
from accounts.rights import Refused, change, keep_an_administrator, lock_people
from accounts.signin import may_sign_in, password_link
from agents.actors import agent_user
from agents.audit import record
from agents.models import LineOfBusiness

__all__ = [
    "Refused",
    "agent_user",
    "change_person",
    "change_profile",
    "create_person",
    "deactivate_person",
    "end_all_access",
    "end_session",
    "invite_person",
]

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
    lock_people()
    roles = _roles_for_people(roles)
    if User.objects.filter(email__iexact=email).exists():
        raise Refused(gettext("Somebody signs in with this address already."))
    person = User.objects.create_user(email, password, name=name, zone=zone)
    person.roles.set(roles)
    person.teams.set(teams)
    person.lines_of_business.set(lines)
    changes = [change("roles", _("Roles"), "", _names(roles)), change("teams", _("Teams"), "", _names(teams))]
    text = gettext("added %(name)s") % {"name": person.name}
    record("accounts.person_added", by=by, subject=person, text=text, changes=changes, now=now)
    return person


@transaction.atomic
def invite_person(person: User, *, by: User | None, now: dt.datetime | None = None) -> str:
    """An address at which ``person`` sets a password, to be handed over; good once and for three days."""
    if not may_sign_in(person):
        raise Refused(gettext("Somebody who is switched off gets no link."))
    if by is not None and person.is_superuser and not by.is_superuser:
        raise Refused(gettext("An operator's password is set on the server."))
    text = gettext("made a link for %(name)s to set a password") % {"name": person.name}
    record("accounts.person_invited", by=by, subject=person, text=text, now=now)
    return password_link(person)


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
    lock_people()
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if person.is_agent:
        raise Refused(gettext("An agent's user is no person. Change what agents see under Roles."))
    if person.is_superuser and by is not None and not by.is_superuser:
        raise Refused(gettext("An operator is changed by an operator."))
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
    keep_an_administrator()
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
        changes.append(change("name", _("Name"), person.name, name))
        person.name = name
    if email is not None and (email := User.objects.normalize_email(email).lower()) != person.email:
        changes.append(change("email", _("E-mail address"), person.email, email))
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
    return [change(field, label, _names(before), _names(after))]


def _change_active(person: User, is_active: bool | None, by: User | None) -> list[dict[str, Any]]:
    if is_active is None or is_active == person.is_active:
        return []
    if by is not None and by.pk == person.pk:
        raise Refused(gettext("Nobody switches themselves off. Another administrator can do it."))
    person.is_active = is_active
    return [change("is_active", _("Active"), not is_active, is_active)]
