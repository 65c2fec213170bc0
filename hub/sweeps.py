"""What the hub does when it is due: take in uploaded mail."""

import datetime as dt

from agents.sweeps import Sweep, sweep
from hub import history


@sweep
class TakeArchives(Sweep):
    """Uploaded archives are taken in, sitting by sitting."""

    name = "hub.archives"
    bell = history.BELL
    every = dt.timedelta(seconds=30)
    limit = 3

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Archives that wait."""
        return history.due_archives(now, limit)

    def do(self, ident: int, now: dt.datetime) -> None:
        """Sit at one."""
        history.take_archive(ident, now=now)
