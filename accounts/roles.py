"""What may be done, and the roles every installation starts with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Role, User
from accounts.rights import Refused, change, keep_an_administrator, lock_people
from agents.audit import record

FieldRules = Mapping[str, list[str]]  # {"cases.case": ["serial_number"]}

# Each permission with the sentence people read beside its checkbox, in the groups of the roles page.
PERMISSION_GROUPS = {
    _("Cases"): {
        "cases.work": _("Read and work cases, and write to customers by hand"),
        "cases.approve": _("Approve what the agents suggest on cases"),
        "cases.supervise": _("See how cases run across people and queues, and assign the cases of others"),
    },
    _("Knowledge"): {
        "knowledge.author": _("Write articles and send them to review"),
        "knowledge.approve": _("Publish articles and approve what the agents suggest for them"),
    },
    _("Sales"): {
        "sales.work": _("Read and work leads"),
        "sales.approve": _("Approve what the Sales Agent suggests"),
    },
    _("Agents and set-up"): {
        "agents.manage": _("Configure the agents in the admin center"),
        "agents.record": _("Read the record of everything that was decided"),
        "agents.pause": _("Pause and resume agents"),
        "conversations.manage": _("Connect mailboxes, write templates and look after parked mail"),
        "accounts.manage": _("Add people, and decide what each role may do"),
    },
}
PERMISSIONS: dict[str, object] = {code: text for group in PERMISSION_GROUPS.values() for code, text in group.items()}

LABELS = {
    "name": _("Name"),
    "visibility": _("Sees"),
    "permissions": _("Permissions"),
    "hidden_fields": _("Hidden fields"),
    "read_only_fields": _("Read-only fields"),
    "capacity": _("Capacity"),
}
ADMINISTRATOR = "administrator"
AGENT = "agent"


@dataclass(frozen=True)
class BuiltIn:
    """A role as a new installation gets it; administrators change it afterwards."""

    name: str
    permissions: tuple[str, ...]
    visibility: str


BUILT_IN: Mapping[str, BuiltIn] = {
    ADMINISTRATOR: BuiltIn("Administrator", tuple(PERMISSIONS), "all"),
    "supervisor": BuiltIn(
        "Supervisor",
        (
            "cases.work",
            "cases.approve",
            "cases.supervise",
            "knowledge.author",
            "knowledge.approve",
            "agents.record",
            "agents.pause",
        ),
        "line",
    ),
    "representative": BuiltIn("Representative", ("cases.work", "cases.approve"), "team"),
    "author": BuiltIn("Author", ("knowledge.author", "knowledge.approve"), "line"),
    "seller": BuiltIn("Seller", ("sales.work", "sales.approve"), "team"),
    # Not for people: what the agents' own users see. They decide by their level, never by a permission to approve.
    AGENT: BuiltIn("Agents", ("cases.work", "knowledge.author", "sales.work"), "all"),
}


def ensure_roles() -> None:
    """Add the built-in roles that are missing; roles that exist keep what administrators made of them."""
    for code, role in BUILT_IN.items():
        Role.objects.get_or_create(
            code=code,
            defaults={"name": role.name, "permissions": list(role.permissions), "visibility": role.visibility},
        )


@transaction.atomic
def create_role(*, name: str, by: User | None) -> Role:
    """A role of the administrators' own, which allows nothing yet and shows own records."""
    lock_people()
    code = slugify(name)[:40]
    if not code or Role.objects.filter(code=code).exists():
        raise Refused(gettext("There is a role of that name already."))
    role = Role.objects.create(code=code, name=name, visibility=Role.Visibility.OWN)
    record("accounts.role_added", by=by, subject=role, text=gettext("added the role %(name)s") % {"name": name})
    return role


@transaction.atomic
def change_role(
    role: Role,
    *,
    by: User | None,
    name: str,
    visibility: str,
    permissions: Iterable[str],
    hidden_fields: FieldRules,
    read_only_fields: FieldRules,
    capacity: int | None = None,
) -> Role:
    """Change what a role allows and shows; takes effect with the next request of everybody who holds it.

    Raises ``Refused`` for the administrator role, for a role one holds oneself, and for unknown permissions.
    """
    lock_people()
    role = Role.objects.get(pk=role.pk)
    _refuse_change(role, by)
    wanted = {
        "name": name,
        "visibility": visibility,
        "permissions": [code for code in PERMISSIONS if code in set(permissions)],
        "hidden_fields": {label: sorted(names) for label, names in hidden_fields.items() if names},
        "read_only_fields": {label: sorted(names) for label, names in read_only_fields.items() if names},
        "capacity": capacity,
    }
    if not set(permissions) <= PERMISSIONS.keys() or visibility not in Role.Visibility.values:
        raise Refused(gettext("Choose from what is offered."))
    changes = [
        change(field, LABELS[field], getattr(role, field), value)
        for field, value in wanted.items()
        if getattr(role, field) != value
    ]
    if not changes:
        return role
    for field, value in wanted.items():
        setattr(role, field, value)
    role.save()
    keep_an_administrator()
    text = gettext("changed the role %(name)s") % {"name": role.name}
    record("accounts.role_changed", by=by, subject=role, text=text, changes=changes)
    return role


@transaction.atomic
def delete_role(role: Role, *, by: User | None) -> None:
    """Delete a role of the administrators' own that nobody holds."""
    lock_people()
    if role.code in BUILT_IN:
        raise Refused(gettext("Built-in roles stay; change what they allow instead."))
    if role.users.exists():
        raise Refused(gettext("People hold this role. Take it from them first."))
    record("accounts.role_deleted", by=by, subject=role, text=gettext("deleted the role %(name)s") % {"name": role})
    role.delete()


def _refuse_change(role: Role, by: User | None) -> None:
    if reason := why_fixed(role, by):
        raise Refused(reason)


def why_fixed(role: Role, by: User | None) -> str:
    """Why ``by`` cannot change ``role``, empty when they can."""
    if role.code == ADMINISTRATOR:
        return gettext("The administrator role is fixed, so that somebody can always manage people.")
    if by is not None and not by.is_superuser and role.users.filter(pk=by.pk).exists():
        return gettext("You hold this role. Another administrator can change it.")
    return ""
