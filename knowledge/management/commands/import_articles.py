"""manage.py import_articles: articles from a folder or zip of Markdown, or from a CSV."""

from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from knowledge.importing import OUTCOMES, Row, check_rows, import_row
from knowledge.reading import UnreadableFile, read_path


class Command(BaseCommand):
    """Check every row, say what becomes of it, then import; the counts add up to the rows."""

    help = "Import articles from a folder or zip of Markdown files, or from a CSV file."

    def add_arguments(self, parser: CommandParser) -> None:
        """What can be said on the command line."""
        parser.add_argument("path", type=Path, help="a folder, a .zip, a .md or a .csv")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, and write nothing")
        parser.add_argument("--publish", action="store_true", help="publish what is imported instead of keeping drafts")
        parser.add_argument("--by", metavar="EMAIL", help="who imports; without it the system does")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, check, import and sum up. Exits with an error when a row was refused."""
        by = self._person(options["by"])
        try:
            read = read_path(options["path"])
        except UnreadableFile as problem:
            raise CommandError(str(problem)) from problem
        counts = dict.fromkeys(OUTCOMES, 0)
        for row in check_rows(read, by=by):
            outcome = row.outcome if options["dry_run"] else import_row(row, by=by, publish=options["publish"])
            counts[outcome] += 1
            self._say(row, outcome)
        for name in read.ignored:
            self.stdout.write(f"{'ignored':10} {name}")
        words = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
        told = "would be imported" if options["dry_run"] else "imported"
        self.stdout.write(f"{len(read.rows)} articles {told}: {words}; {len(read.ignored)} other files ignored")
        if counts["refused"]:
            raise CommandError(f"{counts['refused']} articles were refused")

    def _say(self, row: Row, outcome: str) -> None:
        self.stdout.write(f"{outcome:10} {row.place}: {row.title}")
        for note in row.notes:
            self.stdout.write(f"{'':10} {note}")

    def _person(self, email: str | None) -> Any:
        if not email:
            return None
        person = get_user_model().objects.filter(email__iexact=email, is_agent=False).first()
        if person is None:
            raise CommandError(f"Nobody signs in as {email}")
        return person
