"""The child process that reads hostile mails: ``python -m conversations.parse_child``, started by ``pool`` only.

It never imports Django. A request is the length of a JSON header (4 bytes), the length of the mail (8 bytes), both;
an answer is one byte when work begins, then the length of a JSON answer (8 bytes), the answer, and the contents of
the attachments one after another.
"""

import json
import os
import resource
import signal
import sys
from typing import BinaryIO

from .parse import parse, tell_language
from .parsed import Unparseable
from .sanitise import html_to_text

CPU_SECONDS = 5
MEMORY = 512 * 1024 * 1024
"""Bytes of address space beyond what the warmed-up child already holds."""


def main() -> None:
    """Answer requests until the parent closes the pipe, dies, or the memory ran out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then closes the pipe
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(2, 1)
    tell_language("A few words wake the language model before the limits are set.")
    html_to_text("<p>wake</p>")
    _limit_process()
    while _answer_one(requests, answers):
        pass


def _limit_process() -> None:
    """No core files, no written files, and no more memory than ``MEMORY`` on top."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            used = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    except (OSError, ValueError):
        # macOS has no /proc and does not enforce RLIMIT_AS; its data segment limit is the nearest.
        resource.setrlimit(resource.RLIMIT_DATA, (2 * MEMORY, 2 * MEMORY))


def _allow_seconds(seconds: int) -> None:
    """Let the process use that many CPU seconds more than it has used until now; then SIGXCPU ends it."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = usage.ru_utime + usage.ru_stime
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + seconds + 1, hard))


def _answer_one(requests: BinaryIO, answers: BinaryIO) -> bool:
    lengths = requests.read(12)
    if len(lengths) < 12:
        return False
    header = json.loads(requests.read(int.from_bytes(lengths[:4], "big")))
    raw = requests.read(int.from_bytes(lengths[4:], "big"))
    answers.write(b"\x01")
    answers.flush()
    _allow_seconds(CPU_SECONDS)
    goes_on = True
    try:
        answer, blobs = _parse(raw, header)
    except Unparseable as problem:
        answer, blobs = json.dumps({"refused": problem.reason}).encode(), []
    except MemoryError:
        raw = b""
        answer, blobs, goes_on = b'{"refused": "too much memory"}', [], False
    answers.write(len(answer).to_bytes(8, "big") + answer)
    for blob in blobs:
        answers.write(blob)
    answers.flush()
    return goes_on


def _parse(raw: bytes, header: dict[str, object]) -> tuple[bytes, list[bytes]]:
    own_addresses = frozenset(str(address) for address in header["own_addresses"])  # type: ignore[attr-defined]
    message = parse(raw, own_addresses=own_addresses, own_domain=str(header["own_domain"]))
    answer = message.model_dump_json(exclude={"attachments": {"__all__": {"content"}}})
    return answer.encode("utf-8"), [attachment.content for attachment in message.attachments]


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        sys.exit(0)
