"""What may be done, and the roles every installation starts with."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts.models import Role

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
