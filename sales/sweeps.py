"""What the Sales Agent does when it is due: go on with imports, select, research, qualify."""

import datetime as dt

from agents.sweeps import Chore, Sweep, sweep
from sales import importing


@sweep
class ImportSweep(Sweep):
    """Goes on with files that are being checked or imported."""

    name = "sales.import"
    bell = importing.BELL
    every = dt.timedelta(minutes=1)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Files that are not over."""
        return importing.due_imports(limit)

    def do(self, ident: int, now: dt.datetime) -> None:
        """Check or import the next rows of one."""
        importing.advance_import(ident, now=now)


@sweep
class ForgetImports(Chore):
    """Deletes files and reports that are over for a month."""

    name = "sales.forget_imports"
    every = dt.timedelta(days=1)

    def run(self, now: dt.datetime) -> int:
        """Delete the old ones."""
        return importing.forget_imports(now)
