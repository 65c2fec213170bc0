"""What the Sales Agent does when it is due: go on with imports, select, research, qualify."""

import datetime as dt

from agents.sweeps import Chore, Sweep, sweep
from sales import importing, qualifying, research, selection
from sales.outreach import sweeps as sweeps


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


@sweep
class SelectionSweep(Sweep):
    """Looks at new leads and takes up those that the rules choose."""

    name = "sales.select"
    bell = "lead.created"
    every = dt.timedelta(seconds=30)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """New leads nobody looked at."""
        return selection.due_leads(limit)

    def do(self, ident: int, now: dt.datetime) -> None:
        """Look at one."""
        selection.select_lead(ident, now=now)


@sweep
class ResearchSweep(Sweep):
    """Researches leads that were taken up."""

    name = "sales.research"
    bell = "lead.research_due"
    every = dt.timedelta(seconds=30)
    limit = 10

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Leads that wait for research."""
        return research.due_leads(limit)

    def do(self, ident: int, now: dt.datetime) -> None:
        """Read and think about one; a site that cannot be read is a state of the lead."""
        research.research_lead(ident, now=now)


@sweep
class QualifySweep(Sweep):
    """Judges leads whose findings are new."""

    name = "sales.qualify"
    bell = "lead.researched"
    every = dt.timedelta(seconds=30)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Leads whose fit is due."""
        return qualifying.due_leads(limit)

    def do(self, ident: int, now: dt.datetime) -> None:
        """Judge one."""
        qualifying.suggest_verdict(ident, now=now)
