"""What intents do when it is due: compare messages, learn the library, count."""

import datetime as dt
from typing import Any

from agents.sweeps import Chore, Sweep, sweep
from intents import discovery, learning, matching, rematching, volumes


@sweep
class MatchSweep(Sweep):
    """Compares customers' messages with the library, live ones and history."""

    name = "intents.match"
    skill = "intents.match"
    bell = "message.stored"
    every = dt.timedelta(seconds=15)
    limit = 200

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Messages that were not compared yet."""
        return matching.due_messages(limit, now=now)

    def do(self, ident: int, now: dt.datetime) -> Any:
        """Compare one."""
        matching.determine_message(ident, now=now)


@sweep
class MatchAgainSweep(Sweep):
    """Compares what is under way with a changed library, once somebody asked for it."""

    name = "intents.match_again"
    skill = "intents.match"
    bell = rematching.BELL
    every = dt.timedelta(minutes=1)
    limit = 200

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Messages that the version asked for has not seen."""
        return rematching.due_again(limit, now=now)

    def do(self, ident: int, now: dt.datetime) -> Any:
        """Compare one."""
        matching.determine_message(ident, now=now)


@sweep
class LearnSweep(Chore):
    """Makes vectors of new examples and learns the library anew after a change."""

    name = "intents.learn"
    bell = "intents.changed"
    every = dt.timedelta(minutes=10)

    def run(self, now: dt.datetime) -> Any:
        """Learn what changed."""
        learning.learn_changes(now=now)


@sweep
class VolumeSweep(Chore):
    """Counts how often each intent was recognised."""

    name = "intents.volumes"
    every = dt.timedelta(hours=1)

    def run(self, now: dt.datetime) -> Any:
        """Count."""
        volumes.count_volumes(now=now)


@sweep
class DiscoverySweep(Sweep):
    """Does the discovery runs that were asked for."""

    name = "intents.discover"
    bell = discovery.BELL
    every = dt.timedelta(seconds=30)
    limit = 2

    def find(self, now: dt.datetime, limit: int) -> list[int]:
        """Runs that wait, and those whose worker died."""
        return discovery.due_runs(limit, now=now)

    def do(self, ident: int, now: dt.datetime) -> Any:
        """Do one."""
        discovery.do_run(ident, now=now)


@sweep
class DailyDiscovery(Chore):
    """Asks once a day for the runs of every discovery that looks daily."""

    name = "intents.discover_daily"
    every = dt.timedelta(hours=1)

    def run(self, now: dt.datetime) -> Any:
        """Ask."""
        discovery.ask_daily(now=now)
