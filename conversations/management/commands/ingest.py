"""Take in mail of the past: .eml files, folders of them, mbox files and Maildirs."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from conversations.archives import list_files
from conversations.ingest import Tally, ingest
from conversations.models import Mailbox


class Command(BaseCommand):
    """``manage.py ingest PATH [--mailbox ADDRESS]``: always history; may be stopped and run again."""

    help = "Take in old mail from .eml files, folders, mbox files or Maildirs. It is history: nothing is answered."

    def add_arguments(self, parser: CommandParser) -> None:
        """The path, and the mailbox whose mail it was."""
        parser.add_argument("path", type=Path)
        parser.add_argument("--mailbox", metavar="ADDRESS", help="the address of the mailbox whose mail this was")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take everything in and print what became of it."""
        path, address = options["path"], options["mailbox"]
        mailbox = Mailbox.objects.filter(address=address.lower()).first() if address else None
        if address and mailbox is None:
            raise CommandError(f"There is no mailbox {address}.")
        try:
            total = sum(file.stat().st_size for file in list_files(path))
        except FileNotFoundError:
            raise CommandError(f"There is nothing at {path}.") from None
        with tqdm(total=total, unit="B", unit_scale=True, disable=options["verbosity"] == 0, file=self.stderr) as bar:
            tally = ingest(path, mailbox=mailbox, progress=bar.update)
        self.stdout.write(_summary(tally))


def _summary(tally: Tally) -> str:
    lines = [
        f"{tally.seen:>8} mails seen",
        f"{tally.messages:>8} messages",
        f"{tally.copies:>8} copies of messages that were there",
        f"{tally.parked:>8} parked: they could not be read (Manage > Parked mail)",
        f"{tally.refused:>8} refused: empty, or over the size limit",
    ]
    if tally.before:
        lines.append(f"{tally.before:>8} of these were taken in before")
    return "\n".join(lines)
