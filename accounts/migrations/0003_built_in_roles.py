"""The roles every installation starts with, as accounts.roles had them at this point."""

from django.db import migrations

CASES = ["cases.work", "cases.approve"]
ROLES = {
    "administrator": (
        "Administrator",
        [
            *CASES,
            "cases.supervise",
            "knowledge.author",
            "knowledge.approve",
            "sales.work",
            "sales.approve",
            "agents.manage",
            "agents.record",
            "agents.pause",
            "conversations.manage",
            "accounts.manage",
        ],
        "all",
    ),
    "supervisor": (
        "Supervisor",
        [*CASES, "cases.supervise", "knowledge.author", "knowledge.approve", "agents.record", "agents.pause"],
        "line",
    ),
    "representative": ("Representative", CASES, "team"),
    "author": ("Author", ["knowledge.author", "knowledge.approve"], "line"),
    "seller": ("Seller", ["sales.work", "sales.approve"], "team"),
    "agent": ("Agents", ["cases.work", "knowledge.author", "sales.work"], "all"),
}


def add_roles(apps, schema_editor):
    Role = apps.get_model("accounts", "Role")
    for code, (name, permissions, visibility) in ROLES.items():
        Role.objects.get_or_create(
            code=code, defaults={"name": name, "permissions": permissions, "visibility": visibility}
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_initial")]

    # Backwards keeps them: by then people hold them.
    operations = [migrations.RunPython(add_roles, migrations.RunPython.noop)]
