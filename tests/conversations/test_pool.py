"""Kept children: limits, replacement, many threads, and an end with their parent."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from conversations.parse import parse
from conversations.parsed import Unparseable
from conversations.pool import ParserPool

ROOT = Path(__file__).resolve().parents[2]
POST = ROOT / "tests" / "post"
FAITHLESS = """
import sys, signal, time, resource
lengths = sys.stdin.buffer.read(12)
sys.stdin.buffer.read(int.from_bytes(lengths[:4], "big") + int.from_bytes(lengths[4:], "big"))
{act}
"""


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    with ParserPool(2) as pool:
        yield pool


def faithless(act: str, **options: float) -> ParserPool:
    """A pool whose children do ``act`` instead of answering."""
    return ParserPool(1, command=(sys.executable, "-c", FAITHLESS.format(act=act)), **options)


def test_a_child_reads_a_mail_as_the_same_process_would(pool: ParserPool) -> None:
    own = {"own_addresses": frozenset({"support@deskhand.example"}), "own_domain": "deskhand.example"}
    for name in ("attachments", "own-loop", "nul-and-override", "gmail-ja"):
        raw = (POST / f"{name}.eml").read_bytes()
        assert pool.parse(raw, **own) == parse(raw, **own)


def test_what_is_past_the_limits_is_refused_and_the_child_stays(pool: ParserPool) -> None:
    with pytest.raises(Unparseable, match="nested"):
        pool.parse(b"Content-Type: message/rfc822\n\n" * 10_000)
    with pytest.raises(Unparseable, match="larger"):
        pool.parse(b"x" * (26 * 1024 * 1024))
    assert pool.parse(b"Subject: next\n\nHello").subject == "next"


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        ("resource.setrlimit(resource.RLIMIT_CPU, (1, 10))\nwhile True: pass", "too much time"),
        ("signal.raise_signal(signal.SIGKILL)", "too much memory"),
        ("signal.raise_signal(signal.SIGSEGV)", "the reader ended"),
        ("sys.exit(1)", "the reader ended"),
        ("sys.stdout.buffer.write((1 << 60).to_bytes(8, 'big'))", "the reader ended"),
    ],
)
def test_a_child_that_dies_costs_its_own_mail_only(act: str, reason: str) -> None:
    with faithless(act) as pool:
        for _ in range(2):
            with pytest.raises(Unparseable, match=reason):
                pool.parse(b"Subject: x\n\nHello")


def test_a_child_that_hangs_is_killed_at_the_deadline() -> None:
    with faithless("time.sleep(600)", seconds=0.5) as pool, pytest.raises(Unparseable, match="too much time"):
        pool.parse(b"Subject: x\n\nHello")


def test_a_child_killed_while_idle_is_replaced_unseen() -> None:
    with ParserPool(1) as pool:
        pool.parse(b"Subject: one\n\nHello")
        child = pool._idle[0].process
        os.kill(child.pid, signal.SIGKILL)
        assert pool.parse(b"Subject: two\n\nHello").subject == "two"


def test_many_threads_get_their_own_answers(pool: ParserPool) -> None:
    def subject_of(number: int) -> str:
        return pool.parse(b"Subject: mail %d\n\nHello" % number).subject

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(subject_of, range(80))) == [f"mail {number}" for number in range(80)]


@pytest.mark.row("DESK-8")
def test_a_poison_mail_does_not_delay_its_neighbours(pool: ParserPool) -> None:
    refused: list[str] = []

    def poison() -> None:
        with faithless("time.sleep(600)", seconds=1.0) as slow:
            try:
                slow.parse(b"Subject: poison\n\n")
            except Unparseable as problem:
                refused.append(problem.reason)

    thread = threading.Thread(target=poison)
    thread.start()
    assert pool.parse(b"Subject: neighbour\n\nHello").subject == "neighbour"
    thread.join()
    assert refused == ["too much time"]


def test_a_child_knows_no_django_and_no_secret(pool: ParserPool, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import sys, conversations.parse_child as c; print([m for m in sys.modules if m.split('.')[0] == 'django'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    monkeypatch.setenv("SECRET_KEY", "very secret")
    with ParserPool(1) as fresh:
        fresh.parse(b"Subject: x\n\nHello")
        assert "SECRET_KEY" not in psutil.Process(fresh._idle[0].process.pid).environ()


def test_children_end_when_their_parent_is_killed() -> None:
    code = (
        "import os, signal\nfrom conversations.pool import ParserPool\npool = ParserPool(1)\n"
        "pool.parse(b'Subject: x\\n\\nHello')\nprint(pool._idle[0].process.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(int(done.stdout)).wait(10)
    assert not psutil.pid_exists(int(done.stdout))


def test_a_closed_pool_refuses_and_leaves_no_child() -> None:
    pool = ParserPool(1)
    pool.parse(b"Subject: x\n\nHello")
    child = pool._idle[0].process
    pool.close()
    assert child.poll() is not None
    with pytest.raises(RuntimeError, match="closed"):
        pool.parse(b"Subject: x\n\nHello")


LIMITED = "import conversations.parse_child as child; child.{limit}; child.main()"


@pytest.mark.parametrize(
    ("limit", "reason"), [("MEMORY = 40 << 20", "too much memory"), ("CPU_SECONDS = 1", "too much time")]
)
def test_a_mail_that_takes_too_much_is_refused_and_the_next_is_read(limit: str, reason: str) -> None:
    greedy = b"Subject: x\nContent-Type: text/plain; charset=utf-8\n\n" + ("😀x".encode() * 60 + b"\n") * 80_000
    with ParserPool(1, command=(sys.executable, "-c", LIMITED.format(limit=limit))) as pool:
        assert pool.parse(b"Subject: before\n\nHello").subject == "before"
        with pytest.raises(Unparseable, match=reason):
            pool.parse(greedy)
        assert pool.parse(b"Subject: after\n\nHello").subject == "after"
