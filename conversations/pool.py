"""Kept child processes that parse mails under limits of CPU, memory and time: a mail can end a child, no more."""

import atexit
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from .limits import LIMITS
from .parsed import ParsedMessage, Unparseable

WALL_SECONDS = 30.0
"""Longer than the CPU limit, for a busy machine; then the child is killed."""
RECYCLE = 2000
"""Mails after which a child is replaced, so that nothing grows for ever."""
ANSWER_LIMIT = 6 * LIMITS.size
_ROOT = Path(__file__).resolve().parents[1]
_KEPT_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "TMPDIR")
_COMMAND = (sys.executable, "-m", "conversations.parse_child")


class ChildGone(Exception):  # noqa: N818  an outcome, said as one
    """The child ended; ``began`` tells whether it had taken the whole request."""

    def __init__(self, *, began: bool) -> None:
        super().__init__("the child ended")
        self.began = began


class TooLate(Exception):  # noqa: N818  an outcome, said as one
    """The child did not answer before the deadline."""


class _Child:
    """One child and the two pipes to it."""

    def __init__(self, command: Sequence[str]) -> None:
        kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
        # The environment holds secrets, which a process that reads hostile bytes does not need.
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            cwd=_ROOT,
            env={**kept, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        )
        assert self.process.stdin
        assert self.process.stdout
        self.input, self.output = self.process.stdin.fileno(), self.process.stdout.fileno()
        os.set_blocking(self.input, False)
        os.set_blocking(self.output, False)
        self.answered = 0

    def exchange(self, request: list[bytes], deadline: float) -> tuple[dict[str, Any], bytearray]:
        """Send the request, wait for the whole answer: its JSON and the bytes behind it."""
        for piece in request:
            self._send(memoryview(piece), deadline)
        self._receive(1, deadline, began=False)  # the child has it all, and begins
        length = int.from_bytes(self._receive(8, deadline), "big")
        answer = json.loads(self._receive(length, deadline))
        sizes = sum(attachment["size"] for attachment in answer.get("attachments", []))
        self.answered += 1
        return answer, self._receive(sizes, deadline)

    def _send(self, piece: memoryview, deadline: float) -> None:
        while piece:
            _wait(self.input, selectors.EVENT_WRITE, deadline)
            try:
                piece = piece[os.write(self.input, piece[: 1 << 20]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise ChildGone(began=False)

    def _receive(self, length: int, deadline: float, *, began: bool = True) -> bytearray:
        if not 0 <= length <= ANSWER_LIMIT:
            raise ChildGone(began=True)
        received = bytearray()
        while len(received) < length:
            _wait(self.output, selectors.EVENT_READ, deadline)
            try:
                piece = os.read(self.output, min(length - len(received), 1 << 20))
            except BlockingIOError:
                continue
            if not piece:
                raise ChildGone(began=began)
            received += piece
        return received

    def close(self, *, kill: bool = False) -> int:
        """End the child and return its exit status (negative: the signal)."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()
        if kill:
            self.process.kill()
        try:
            return self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def _wait(descriptor: int, event: int, deadline: float) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, event)
        left = deadline - time.monotonic()
        if left <= 0 or not selector.select(left):
            raise TooLate


class ParserPool:
    """At most ``size`` children, started when first needed and kept; safe to use from many threads.

    Children of a parent that dies end by themselves, because the pipe to them closes.
    """

    def __init__(self, size: int = 2, *, seconds: float = WALL_SECONDS, command: Sequence[str] = _COMMAND) -> None:
        self.size, self.seconds, self.command = size, seconds, command
        self._places = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._closed = False
        self._owner = os.getpid()
        atexit.register(self.close)

    def parse(self, raw: bytes, *, own_addresses: frozenset[str] = frozenset(), own_domain: str = "") -> ParsedMessage:
        """What ``parse.parse`` makes of ``raw``, or ``Unparseable`` with the reason; other mails are not delayed."""
        if len(raw) > LIMITS.size:
            raise Unparseable(f"larger than {LIMITS.size // (1024 * 1024)} MiB")
        header = json.dumps({"own_addresses": sorted(own_addresses), "own_domain": own_domain}).encode()
        request = [len(header).to_bytes(4, "big") + len(raw).to_bytes(8, "big") + header, raw]
        with self._places:
            try:
                return self._ask(request)
            except ChildGone:
                # It had ended while idle, before it saw this mail: a fresh child decides.
                return self._ask(request)

    def _ask(self, request: list[bytes]) -> ParsedMessage:
        child = self._take()
        try:
            answer, content = child.exchange(request, time.monotonic() + self.seconds)
        except TooLate:
            child.close(kill=True)
            raise Unparseable("too much time")
        except ChildGone as gone:
            status = child.close()
            if gone.began or child.answered == 0:
                raise Unparseable(_reason(status))
            raise
        except BaseException:
            child.close(kill=True)
            raise
        self._give_back(child, answer)
        if "refused" in answer:
            raise Unparseable(str(answer["refused"]))
        return _build(answer, content)

    def _take(self) -> _Child:
        with self._lock:
            if self._owner != os.getpid():
                # After a fork the children belong to the other process: two readers would mix their answers.
                self._idle, self._owner = [], os.getpid()
            if self._closed:
                raise RuntimeError("the pool is closed")
            while self._idle:
                child = self._idle.pop()
                if child.process.poll() is None:
                    return child
                child.close()
        return _Child(self.command)

    def _give_back(self, child: _Child, answer: dict[str, Any]) -> None:
        worn = child.answered >= RECYCLE or answer.get("refused") == "too much memory"
        with self._lock:
            keep = not worn and not self._closed and self._owner == os.getpid()
            if keep:
                self._idle.append(child)
        if not keep:
            child.close()

    def close(self) -> None:
        """End all idle children; those at work end when their mail is read. Used at exit, harmless when repeated."""
        with self._lock:
            children, self._idle, self._closed = self._idle, [], True
        if self._owner == os.getpid():
            for child in children:
                child.close()

    def __enter__(self) -> "ParserPool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _reason(status: int) -> str:
    if status == -signal.SIGXCPU:
        return "too much time"
    if status == -signal.SIGKILL:
        return "too much memory"
    return "the reader ended while reading it"


def _build(answer: dict[str, Any], content: bytearray) -> ParsedMessage:
    """The message out of JSON and the attachments' bytes: checked, for the child is not trusted."""
    start = 0
    for attachment in answer["attachments"]:
        end = start + attachment["size"]
        attachment["content"] = bytes(content[start:end])
        start = end
    return ParsedMessage.model_validate(answer)


@cache
def shared_pool() -> ParserPool:
    """The one pool of this process."""
    return ParserPool()
