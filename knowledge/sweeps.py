"""What knowledge does when it is due: index changed articles."""

import datetime as dt

from agents.sweeps import Sweep, sweep
from knowledge import articles


@sweep
class IndexSweep(Sweep):
    """Cuts changed articles into passages that search finds."""

    name = "knowledge.index"
    bell = "article.changed"
    every = dt.timedelta(minutes=1)

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Articles with text and no passages."""
        return articles.unindexed(limit)

    def do(self, ident: int, now: dt.datetime) -> None:
        """Index one article."""
        articles.index_article(ident)
