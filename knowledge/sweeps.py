"""What knowledge does when it is due: index changed articles, go on with imports."""

import datetime as dt

from agents.sweeps import Chore, Sweep, sweep
from knowledge import importing, indexing


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
