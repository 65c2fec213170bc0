"""Load the sample company and let its mail come in."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from hub import loading


class Command(BaseCommand):
    """``manage.py demo``: once; a second call changes nothing."""

    help = "Load the sample company and store its mail; `manage.py up` reads it."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, store, print the log-ins."""
        now = timezone.now()
        if loading.is_loaded():
            self.stdout.write("The sample company is here already.")
        else:
            loading.load_company(now=now)
            self.stdout.write(f"{loading.receive_mails(now=now)} mails stored; they are read as soon as it runs.")
        for address, role in loading.people_to_print():
            self.stdout.write(f"  {address:<40} {loading.PASSWORD:<12} {role}")
