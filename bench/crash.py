"""The crash table: sends under kill -9, freezes and database restarts, beside "lease then requeue" in the same run."""

import contextlib
import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.ground import Ground
from bench.report import Table
from bench.sink import running_sink, taken

LEASE, GRACE = 300.0, 900.0
WORKERS, BATCH, LONGEST_DELAY = 4, 20, 0.008
COLUMNS = [
    "policy", "sends", "kill -9", "freezes", "database restarts", "lost", "duplicated", "unknown",
    "faults between gate and record", "settled by evidence", "listed for a person", "of these had left", "time",
]  # fmt: skip


@dataclass
class Plan:
    """How much happens in one run, and by how much lease and grace are scaled down."""

    sends: int
    kills: int
    freezes: int
    restarts: int
    scale: float

    @property
    def grace(self) -> float:
        """The scaled grace in seconds."""
        return GRACE / self.scale

    def faults(self, rng: random.Random) -> list[str]:
        """All faults in a random order."""
        each = ["kill"] * self.kills + ["freeze"] * self.freezes + ["restart"] * self.restarts
        rng.shuffle(each)
        return each


@dataclass
class Seen:
    """What was seen happening: effects whose outcome nobody reported, and how long until each was settled."""

    unknown: set[int] = field(default_factory=set)
    waits: list[float] = field(default_factory=list)


def measure(ground: Ground) -> list[Table]:
    """The outbox first, then the other policy on the same mails with the same faults."""
    plan = Plan(10_000, 200, 60, 20, 100) if not ground.quick else Plan(400, 12, 4, 1, 200)
    table = Table(COLUMNS)
    with ground.database("crash"):
        from django.test import override_settings

        from bench.letters import queue_letters

        queue_letters(plan.sends)
        with override_settings(OUTBOX_LEASE_SECONDS=LEASE / plan.scale, OUTBOX_GRACE_SECONDS=plan.grace):
            for policy, name in (("outbox", "Deskhand's outbox"), ("requeue", "lease, then requeue")):
                table.rows.append([name, *_run(ground, plan, policy, table.notes)])
    table.notes.append(_explain(plan, ground.seed))
    return [table]


def _explain(plan: Plan, seed: int) -> str:
    return (
        f"{WORKERS} worker processes, batches of {BATCH}; the sink waits up to {LONGEST_DELAY * 1000:.0f} ms around "
        f"the moment of acceptance. Lease and grace are scaled down by {plan.scale:.0f}: {LEASE / plan.scale:g} s and "
        f"{plan.grace:g} s instead of {LEASE:.0f} s and {GRACE:.0f} s. A freeze takes 20 to 80 % of the grace: most "
        f"outlast the lease. Faults in random order (seed {seed}), spread over the first 90 % of the sends. The sink's "
        "copies are read as a Sent folder: what lies there left; what does not lie there is listed for a person."
    )


def _run(ground: Ground, plan: Plan, policy: str, notes: list[str]) -> list[object]:
    log = ground.var / "crash" / f"{policy}.log"
    _requeue_everything()
    with running_sink(log, delay=LONGEST_DELAY) as port, _outbound(port):
        begun = time.monotonic()
        seen, cut = _suffer(ground, plan, policy, log)
        seconds = time.monotonic() - begun
    if seen.waits:
        middle, longest = statistics.median(seen.waits), max(seen.waits)
        notes.append(
            f"Unknown outcomes were settled or listed {middle:.1f} s (median) and {longest:.1f} s (longest) after the "
            f"gate; unscaled that is {middle * plan.scale / 60:.0f} and {longest * plan.scale / 60:.0f} minutes."
        )
    return [plan.sends, plan.kills, plan.freezes, plan.restarts, *_judge(log, seen, cut, policy), f"{seconds:.0f} s"]


def _judge(log: Path, seen: Seen, cut: int, policy: str) -> list[object]:
    from agents.models import Effect

    found = taken(log)
    left = {effect.pk: found[effect.payload["message_id"]] for effect in Effect.objects.iterator()}
    sent = set(Effect.objects.filter(state="sent").values_list("pk", flat=True))
    listed = set(Effect.objects.filter(state="unknown").values_list("pk", flat=True))
    lost = sum(1 for pk, times in left.items() if not times and pk not in listed)
    twice = sum(times - 1 for times in left.values() if times > 1)
    counts: list[object] = [_bold_if_not_zero(lost), _bold_if_not_zero(twice)]
    if policy == "requeue":
        return [*counts, "-", cut, "-", "-", "-"]
    return [
        *counts,
        len(seen.unknown | listed),
        cut,
        len(seen.unknown & sent),
        len(listed),
        sum(1 for pk in listed if left[pk]),
    ]


def _bold_if_not_zero(count: int) -> str:
    return f"**{count}**" if count else "0"


@contextlib.contextmanager
def _outbound(port: int) -> Iterator[None]:
    from django.test import override_settings

    with override_settings(OUTBOUND="sink", OUTBOUND_SINK=f"127.0.0.1:{port}"):
        yield


def _requeue_everything() -> None:
    from agents.models import Effect

    Effect.objects.update(state="queued", token=0, attempts=0, lease=None, settled_at=None, reason="", held="")


def _suffer(ground: Ground, plan: Plan, policy: str, log: Path) -> tuple[Seen, int]:
    """Send everything while faults happen; returns what was seen and how many faults hit the wire."""
    from bench.crew import Crew, Stages
    from bench.evidence import watch

    rng, stages, seen = random.Random(ground.seed), Stages(WORKERS), Seen()
    faults = plan.faults(rng)
    with watch(stages, log):
        crew = Crew(WORKERS, _turn(policy), stages, rng)
        try:
            _loop(ground, plan, policy, crew, faults, seen)
        finally:
            crew.dismiss()
    return seen, stages.cut


def _turn(policy: str) -> Callable[[], int]:
    from agents.outbox import transmission
    from bench import requeue

    if policy == "outbox":
        return lambda: transmission.deliver_due(limit=BATCH)
    return lambda: requeue.deliver_due(BATCH)


def _loop(ground: Ground, plan: Plan, policy: str, crew: "object", faults: list[str], seen: Seen) -> None:
    from agents.models import Effect
    from bench import requeue

    happened, limit = 0, time.monotonic() + 600
    while time.monotonic() < limit:
        under_way = Effect.objects.filter(state__in=["queued", "claimed", "transmitting"]).count()
        if happened < len(faults) and plan.sends - under_way >= happened * 0.9 * plan.sends / len(faults):
            happened += _strike(faults[happened], crew, ground, plan)
        elif under_way == 0 and happened == len(faults) and len(crew.awake) == WORKERS:
            return
        requeue.look_after() if policy == "requeue" else _look_after(seen)
        time.sleep(0.02)
    raise RuntimeError("the crash run did not end within ten minutes")


def _strike(fault: str, crew: "object", ground: Ground, plan: Plan) -> bool:
    from bench.crew import restart_database

    if fault == "freeze":
        return crew.freeze(crew.random.uniform(0.2, 0.8) * plan.grace)
    if fault == "kill":
        crew.kill()
    else:
        restart_database(ground.server)
    return True


def _look_after(seen: Seen) -> None:
    """What the sweeps of the product do, at once: leases that ran out, outcomes nobody reported."""
    from django.utils import timezone

    from agents.models import Effect
    from agents.outbox import settling

    now = timezone.now()
    settling.requeue_expired(now=now)
    late = settling.find_overdue(now=now)
    for effect in Effect.objects.filter(pk__in=late, state="transmitting"):
        seen.unknown.add(effect.pk)
        settling.settle_overdue(effect.pk, now=now)
        seen.waits.append((timezone.now() - effect.transmitting_at).total_seconds())
