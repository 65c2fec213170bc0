"""The follow-up sweep: claiming what is due beside one SQL statement, proposing, and what it costs when nothing is."""

import datetime as dt
import statistics
import time
from collections.abc import Callable

import psycopg
from django.db import connection

from bench.ground import Ground
from bench.report import Table, percentile, verdict

CLAIM_AIM, IDLE_AIM = 0.3, 5.0
BATCH = 100
RAW = """
    UPDATE followups_plan SET look_at = %(until)s WHERE id IN (
        SELECT id FROM followups_plan WHERE state = 'running' AND look_at <= %(now)s
        ORDER BY look_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ) RETURNING id
"""


def measure(ground: Ground) -> list[Table]:
    """100,000 waiting and 1,000 due, in batches of a hundred: raw, ours, ours, raw, …"""
    from bench.quiet import fill_quiet

    waiting, due = ground.size(100_000, 4000), ground.size(1000, 200)
    with ground.database("followups") as url:
        fill_quiet(waiting)
        claims = _claim(url, due, rounds=ground.size(5, 2))
        proposing = _propose(ground.size(500, 40))
        idle = _idle(ground.size(200, 40))
    raw, ours = statistics.median(claims["raw"]), statistics.median(claims["ours"])
    share = ours / raw
    rows = [
        ("claim, plans/s", f"{ours:,.0f}", f"{raw:,.0f} in one SQL statement", f"{share:.2f}",
         f"{CLAIM_AIM:.2f}", verdict(share, CLAIM_AIM)),
        ("propose a follow-up, one worker, 1/s", f"{proposing:.0f}", "", "", "", ""),
        ("a turn with nothing due, ms (median)", f"{statistics.median(idle):.1f}", "", "", f"≤ {IDLE_AIM:.0f}",
         verdict(statistics.median(idle), IDLE_AIM, at_most=True)),
        ("a turn with nothing due, ms (p95)", f"{percentile(idle, 0.95):.1f}", "", "", "", ""),
    ]  # fmt: skip
    notes = [
        f"{waiting:,} cases wait with a plan each, {due:,} are due; claimed in batches of {BATCH}, each committed "
        "(fsync on), raw and ours in turn.",
        "Proposing composes the mail, asks policy and guard, stores suggestion, step and entry, and moves the plan on.",
        "A turn with nothing due is both sweeps whole: what is due, and the search for quiet cases without a plan.",
    ]
    return [Table(["what", "Deskhand", "beside", "share", "aim", ""], rows, notes)]


def _claim(url: str, due: int, *, rounds: int) -> dict[str, list[float]]:
    from bench.quiet import make_due
    from followups.plans import CLAIM, claim_due

    now = dt.datetime.now(dt.UTC)
    speeds: dict[str, list[float]] = {"raw": [], "ours": []}
    with psycopg.connect(url, autocommit=True) as bare:

        def raw() -> int:
            return len(bare.execute(RAW, {"until": now + CLAIM, "now": now, "limit": BATCH}).fetchall())

        for name in ("raw", "ours", "ours", "raw") * rounds:
            make_due(due, now)
            speeds[name].append(_speed(raw if name == "raw" else lambda: len(claim_due(now, BATCH)), due))
    return speeds


def _speed(claim: Callable[[], int], due: int) -> float:
    begun, taken = time.perf_counter(), 0
    while found := claim():
        taken += found
    assert taken == due, (taken, due)
    return due / (time.perf_counter() - begun)


def _propose(count: int) -> float:
    """Plans moved on per second, one after the other."""
    from agents.models import Suggestion
    from bench.quiet import make_due
    from followups.models import Plan
    from followups.plans import advance

    now = dt.datetime.now(dt.UTC)
    make_due(count, now)
    due = list(Plan.objects.filter(look_at__lte=now).order_by("look_at", "pk").values_list("pk", flat=True))
    Plan.objects.filter(pk__in=due).update(due_at=now, since=now - dt.timedelta(days=3))
    begun = time.perf_counter()
    for pk in due:
        advance(pk, now=now)
    seconds = time.perf_counter() - begun
    assert Suggestion.objects.filter(state="pending", kind="followups.send_follow_up").count() == count
    return count / seconds


def _idle(turns: int) -> list[float]:
    """Milliseconds of a turn of both sweeps when there is nothing to do."""
    from agents import sweeps
    from bench.quiet import make_due

    now = dt.datetime.now(dt.UTC)
    make_due(0, now)
    times = []
    for _turn in range(turns):
        begun = time.perf_counter()
        done = sweeps.run("followups.due", now=now) + sweeps.run("followups.start", now=now)
        times.append(1000 * (time.perf_counter() - begun))
        assert done == 0
    connection.close()
    return times
