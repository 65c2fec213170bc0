"""``manage.py poll``: the clock of the agents and the fetcher of mail, in one small process."""

import datetime as dt
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, connections
from django.utils import timezone
from django.utils.module_loading import import_string

from agents import queue, sweeps

log = structlog.get_logger(__name__)
BEAT_SECONDS = 10.0
LONGEST_WAIT = 60.0


class Step:
    """Something done again and again: a failure is logged and survived, and makes the next try wait longer."""

    def __init__(self, name: str, call: Callable[[dt.datetime], Any], every: float = 1.0) -> None:
        self.name, self.call, self.every = name, call, every
        self.wait, self.due = every, 0.0

    def take(self) -> None:
        """Do it when it is due."""
        if time.monotonic() < self.due:
            return
        try:
            self.call(timezone.now())
            self.wait = self.every
        except (OperationalError, InterfaceError) as error:
            connections.close_all()  # the database went away: look for it again soon
            log.warning("poll.database_lost", step=self.name, error=type(error).__name__)
            self.wait = 1.0
        except Exception:
            log.exception("poll.failed", step=self.name)
            self.wait = min(self.wait * 2, LONGEST_WAIT)
        self.due = time.monotonic() + self.wait


def fetch(path: str, now: dt.datetime) -> None:
    """Let one poller (a dotted path of ``POLLERS``) look at what it watches."""
    import_string(path)(now=now)


def turn(steps: list[Step], stopped: threading.Event) -> None:
    """Take the steps over and over until told to stop."""
    while not stopped.is_set():
        for step in steps:
            step.take()
        stopped.wait(1.0)


class Command(BaseCommand):
    """Ring the sweeps whose time has come, look for mail, and send the heartbeat that the supervisor watches."""

    help = "Ring what is due and look for mail, every second, until SIGTERM."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or Ctrl-C, and be gone within a second.

        Mail has a thread of its own, so that a slow server delays no sweep; it is left behind at the end, because
        what it fetches is acknowledged only after it is stored.
        """
        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        pollers = [Step(path, partial(fetch, path)) for path in settings.POLLERS]
        threading.Thread(target=turn, args=(pollers, stopped), daemon=True, name="mail").start()
        clock = [Step("beat", lambda now: queue.beat(now=now), BEAT_SECONDS), Step("sweeps", sweeps.ring_due)]
        turn(clock, stopped)
