"""Worker processes that send in a loop, and what may happen to them: killed, frozen, and robbed of their database."""

import multiprocessing
import random
import signal
import subprocess
import time
from collections.abc import Callable
from ctypes import c_longlong
from multiprocessing.process import BaseProcess

from django.db import DatabaseError, InterfaceError, connections

from config.postgres import Server

_fork = multiprocessing.get_context("fork")


class Crew:
    """``size`` forked workers that call ``turn`` for ever; each marks in ``stages`` what it has on the wire."""

    def __init__(self, size: int, turn: Callable[[], int], stages: "Stages", rng: random.Random) -> None:
        self.turn, self.stages, self.random = turn, stages, rng
        self.workers: list[BaseProcess] = []
        self._alarms: dict[int, subprocess.Popen[bytes]] = {}
        connections.close_all()  # a child must not share a connection
        for place in range(size):
            self.workers.append(self._hire(place))

    def _hire(self, place: int) -> BaseProcess:
        worker = _fork.Process(target=_work, args=(self.turn, self.stages, place), daemon=True)
        worker.start()
        return worker

    def kill(self) -> None:
        """Kill -9 one worker, whatever it does, and hire another."""
        connections.close_all()
        place = self.random.choice(self.awake or range(len(self.workers)))
        self.workers[place].kill()
        self.workers[place].join()
        self.stages.interrupted(place)
        self.workers[place] = self._hire(place)

    @property
    def awake(self) -> list[int]:
        """The places of those that are not frozen."""
        self._alarms = {place: alarm for place, alarm in self._alarms.items() if alarm.poll() is None}
        return [place for place in range(len(self.workers)) if place not in self._alarms]

    def freeze(self, seconds: float) -> bool:
        """Stop one worker that runs, for a time; False when all are frozen.

        A process of its own wakes it, because whoever looks after the rows may wait for a lock that the frozen one has.
        """
        awake = self.awake
        if not awake:
            return False
        place = self.random.choice(awake)
        pid = self.workers[place].pid
        self._alarms[place] = subprocess.Popen(["sh", "-c", f"kill -STOP {pid}; sleep {seconds:.2f}; kill -CONT {pid}"])
        return True

    def dismiss(self) -> None:
        """End all."""
        for worker in self.workers:
            worker.kill()
            worker.join()
        for alarm in self._alarms.values():
            alarm.wait()


class Stages:
    """Shared memory: which effect each worker has between gate and record, and how often that was cut off."""

    def __init__(self, size: int) -> None:
        self._now = _fork.RawArray(c_longlong, size)
        self._cut = _fork.RawArray(c_longlong, size)
        self.place = 0

    @property
    def cut(self) -> int:
        """How many faults hit a worker between gate and record."""
        return sum(self._cut)

    def begin(self, effect: int) -> None:
        """This worker lets an effect leave."""
        self._now[self.place] = effect

    def end(self) -> None:
        """Its outcome is on record."""
        self._now[self.place] = 0

    def interrupted(self, place: int) -> None:
        """A fault hit the worker at this place; counted when something was on its way."""
        self._cut[place] += bool(self._now[place])
        self._now[place] = 0


def _work(turn: Callable[[], int], stages: Stages, place: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stages.place = place
    while True:
        try:
            if not turn():
                time.sleep(0.02)
            stages.end()
        except (DatabaseError, InterfaceError):
            stages.interrupted(place)
            connections.close_all()
            time.sleep(0.1)


def restart_database(server: Server) -> None:
    """What ``pg_ctl restart -m immediate`` does: no session is ended in order; the log is replayed at the start."""
    connections.close_all()
    running = server.process
    if running:
        running.send_signal(signal.SIGQUIT)
        (server.child or running).wait(30)
    server.start()
