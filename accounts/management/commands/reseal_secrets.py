"""Turn the operator's key: seal everything stored under the newest one."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.resealing import reseal_secrets


class Command(BaseCommand):
    """``manage.py reseal_secrets``: after a new key was put first in ``STORED_SECRETS_KEYS``."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """Seal again, count, and name what no key opens."""
        found = reseal_secrets()
        self.stdout.write(f"{found.done} secrets are sealed under the newest key.")
        if found.lost:
            lost = "\n  ".join(found.lost)
            raise CommandError(f"No key in STORED_SECRETS_KEYS opens these; enter them again:\n  {lost}")
        self.stdout.write("The older keys may be taken out of STORED_SECRETS_KEYS.")
