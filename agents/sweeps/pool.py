"""Pieces that wait for a language model are done side by side, about twenty at a time in each worker."""

import datetime as dt
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

import structlog
from django.db import connections

from agents.models import Attempt

log = structlog.get_logger(__name__)
# A worker's task ends in time for the queue, which gives it two minutes; what is left is found again at once.
LONGEST_RUN = 45.0


class Feed:
    """What is due, claimed in small batches and handed out one by one to whoever asks."""

    def __init__(self, claim: Callable[[dt.datetime], list[Attempt]], now: dt.datetime) -> None:
        self._claim, self._now, self._begun = claim, now, time.monotonic()
        self._left: deque[Attempt] = deque()
        self._lock = threading.Lock()
        self.was_cut = False

    @property
    def now(self) -> dt.datetime:
        """The time, as the run began and has gone on since."""
        return self._now + dt.timedelta(seconds=time.monotonic() - self._begun)

    def __iter__(self) -> Iterator[Attempt]:
        while (row := self._next()) is not None:
            yield row

    def _next(self) -> Attempt | None:
        with self._lock:
            if not self._left:
                if time.monotonic() - self._begun > LONGEST_RUN:
                    self.was_cut = True
                    return None
                self._left.extend(self._claim(self.now))
            return self._left.popleft() if self._left else None


def work_off(feed: Feed, carry_out: Callable[[Attempt, dt.datetime], bool], at_once: int) -> int:
    """Do everything in the feed with so many threads; returns how many pieces succeeded."""
    done: list[int] = []

    def take() -> None:
        try:
            for row in feed:
                if carry_out(row, feed.now):
                    done.append(row.object_id)
        except Exception:
            log.exception("sweep.pool_failed")
        finally:
            connections.close_all()  # this thread's own

    threads = [threading.Thread(target=take, name=f"model-{number}") for number in range(at_once)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return len(done)
