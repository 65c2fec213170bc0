"""Let somebody in again who lost the device with their second factor."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.second_factor import reset_second_factor


class Command(BaseCommand):
    """``manage.py reset_second_factor ADDRESS``."""

    help = "Take the second factor from a person who lost it. Their sessions end; they sign in by password alone."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose."""
        parser.add_argument("address", help="the e-mail address they sign in with")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take it away, or say that there is none."""
        person = User.objects.filter(email__iexact=options["address"], is_agent=False).first()
        if person is None:
            raise CommandError(f"Nobody signs in as {options['address']}.")
        if not reset_second_factor(person, by=None):
            raise CommandError(f"{person.email} has no second factor.")
        self.stdout.write(f"{person.email} signs in by password alone now; their sessions and tokens have ended.")
