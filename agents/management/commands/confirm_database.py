"""Say that this database, restored or copied, is the one that may send."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents.models import Effect
from agents.outbox import epoch
from agents.outbox.settling import confirm_database


class Command(BaseCommand):
    """What was on its way when the copy was made becomes unknown, for a person to decide."""

    help = __doc__

    def add_arguments(self, parser: Any) -> None:
        """One switch: nothing is confirmed by accident."""
        parser.add_argument("--yes", action="store_true", help="confirm; without it only say how things stand")

    def handle(self, *args: Any, **options: Any) -> None:
        """Confirm, or say what confirming would do."""
        if epoch.is_confirmed():
            self.stdout.write("This database may send already.")
            return
        moving = Effect.objects.filter(state__in=["queued", "claimed", "transmitting"])[:1001].count()
        if not options["yes"]:
            raise CommandError(
                f"This database is not the one that last sent. Confirming lists {moving} waiting effects for a person "
                "to decide, since they may have left from the other copy. Run again with --yes."
            )
        confirm_database(by=None)
        self.stdout.write(f"This database may send. {moving} effects are listed in the outbox for a person to decide.")
