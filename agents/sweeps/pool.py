"""Pieces that wait for a language model are done side by side, about twenty at a time in each worker."""

import datetime as dt
import itertools
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
# Where a piece takes less, more hands than places at the model help: they prepare and write down while others wait.
# With a slow model they would only use up their own deadline, waiting for a place.
QUICK = 5.0


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
    """Do everything in the feed with so many threads, and a quarter more while pieces are quick.

    Returns how many pieces succeeded.
    """
    done: list[int] = []
    threads: list[threading.Thread] = []
    more = iter(range(at_once, at_once + at_once // 4))

    def start(number: int) -> None:
        thread = threading.Thread(target=take, args=(number,), name=f"model-{number}")
        thread.start()
        threads.append(thread)

    def take(number: int) -> None:
        try:
            for row in feed:
                begun = time.monotonic()
                if carry_out(row, feed.now):
                    done.append(row.object_id)
                if time.monotonic() - begun < QUICK:
                    for extra in itertools.islice(more, 1):
                        start(extra)
                elif number >= at_once:
                    return
        except Exception:
            log.exception("sweep.pool_failed")
        finally:
            connections.close_all()  # this thread's own

    for number in range(at_once):
        start(number)
    for each in threads:  # who starts another is in the list and not done yet
        each.join()
    return len(done)
