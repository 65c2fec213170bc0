"""What knowledge does when it is due: index, import, harvest, keep dates."""

import datetime as dt

from agents.sweeps import Chore, Sweep, sweep
from knowledge import articles, drafts, harvest, importing, indexing, runs
from knowledge.transcripts import CASE


@sweep
class IndexSweep(Sweep):
    """Cuts changed articles into passages that search finds."""

    name = "knowledge.index"
    bell = "article.changed"
    every = dt.timedelta(minutes=1)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Articles that search does not know as they are now."""
        return indexing.unindexed(limit)

    def do(self, ident: int, now: dt.datetime) -> None:
        """Index one article."""
        indexing.index_article(ident)


@sweep
class ImportSweep(Sweep):
    """Goes on with imports that were started."""

    name = "knowledge.import"
    bell = "import.started"
    every = dt.timedelta(minutes=1)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Imports that were started and are not finished."""
        return importing.unfinished(limit)

    def do(self, ident: int, now: dt.datetime) -> None:
        """Import the next rows of one."""
        importing.advance_import(ident, now=now)


@sweep
class ForgetImports(Chore):
    """Deletes imports that are over for a month."""

    name = "knowledge.forget_imports"
    every = dt.timedelta(days=1)

    def run(self, now: dt.datetime) -> int:
        """Delete the old ones."""
        return importing.forget_imports(now)


@sweep
class HarvestSweep(Sweep):
    """Makes knowledge of what was just solved."""

    name = "knowledge.harvest"
    skill = "knowledge.draft_article"
    bell = "case.resolved"
    every = dt.timedelta(minutes=1)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Solved cases nothing became of yet."""
        return harvest.find_closings(now, limit)

    def do(self, ident: int, now: dt.datetime) -> None:
        """Harvest one closing."""
        harvest.harvest_closing(CASE, ident, now=now)


@sweep
class HarvestAgainSweep(Sweep):
    """Thinks once more about a draft that was withdrawn because the article it revises changed."""

    name = "knowledge.harvest_again"
    bell = "harvest.due"
    every = dt.timedelta(hours=1)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Only the bell asks for it."""
        return []

    def do(self, ident: int, now: dt.datetime) -> None:
        """Harvest one closing again."""
        harvest.harvest_again(ident, now=now)


@sweep
class ReopenedSweep(Sweep):
    """Takes back what was drafted from a case that is open again."""

    name = "knowledge.reopened"
    bell = "case.reopened"
    every = dt.timedelta(hours=1)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Only the bell asks for it; a draft that was missed is refused when it is decided."""
        return []

    def do(self, ident: int, now: dt.datetime) -> None:
        """Withdraw the drafts of one case."""
        drafts.forget_reopened(CASE, ident, now=now)


@sweep
class RunSweep(Sweep):
    """Goes on with runs over the past, a batch at a time."""

    name = "knowledge.runs"
    bell = "run.started"
    every = dt.timedelta(seconds=30)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Runs under way."""
        return runs.due_runs(limit)

    def do(self, ident: int, now: dt.datetime) -> None:
        """The next batch of one."""
        runs.advance_run(ident, now=now)


@sweep
class DatesSweep(Chore):
    """Publishes what is scheduled, and lets expire what has run out."""

    name = "knowledge.dates"
    every = dt.timedelta(minutes=1)

    def run(self, now: dt.datetime) -> int:
        """Everything that is due."""
        return articles.keep_dates(now=now)
