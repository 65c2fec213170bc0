"""Sends per second through gate and outbox, beside raw smtplib on a kept connection, to the same sink."""

import base64
import smtplib
import statistics
import time
from pathlib import Path

from bench.ground import Ground
from bench.report import Table, verdict
from bench.sink import running_sink, taken

AIM = 0.25
BATCH = 50


def measure(ground: Ground) -> list[Table]:
    """Raw, ours, ours, raw; as many mails each, every mail another one."""
    count = ground.size(1500, 200) // BATCH * BATCH
    with ground.database("sends"):
        log = ground.var / "sends" / "sink.log"
        with running_sink(log) as port:
            raw, ours = _alternate(port, count)
        found = taken(log)
    assert sum(found.values()) == len(found) == 4 * count
    share = statistics.median(ours) / statistics.median(raw)
    row = [
        f"{2 * count} mails each way", _speed(ours), _speed(raw), f"{share:.2f}", f"{AIM:.2f}", verdict(share, AIM),
    ]  # fmt: skip
    notes = [
        f"One worker, claims committed per batch of {BATCH}; the gate, `transmitting` and the outcome with its entry "
        "in the record committed for every mail (fsync on).",
        f"The sink took each mail of ours {max(found[key] for key in _own_ids(found))} time. "
        "Raw is smtplib.sendmail of the same bytes on one connection.",
    ]
    return [Table(["what", "Deskhand, sends/s", "raw smtplib, sends/s", "share", "aim", ""], [row], notes)]


def _own_ids(found: dict[str, int]) -> list[str]:
    return [key for key in found if "raw" not in key]


def _speed(values: list[float]) -> str:
    return f"{statistics.median(values):.0f} ({', '.join(f'{value:.0f}' for value in values)})"


def _alternate(port: int, count: int) -> tuple[list[float], list[float]]:
    from django.test import override_settings

    from bench.letters import queue_letters

    raw, ours = [], []
    with override_settings(OUTBOUND="sink", OUTBOUND_SINK=f"127.0.0.1:{port}"):
        effects = queue_letters(2 * count)
        letters = [base64.b64decode(effect.payload["raw"]) for effect in effects[:count]]
        raw.append(_send_raw(letters, effects[:count], port, "raw1"))
        ours += [_send_ours(count), _send_ours(count)]
        raw.append(_send_raw(letters, effects[:count], port, "raw2"))
    return raw, ours


def _send_raw(letters: list[bytes], effects: list, port: int, mark: str) -> float:
    marked = [letter.replace(b"\nMessage-ID: <", b"\nMessage-ID: <" + mark.encode(), 1) for letter in letters]
    begun = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for letter, effect in zip(marked, effects, strict=True):
            smtp.sendmail(effect.payload["sender"], effect.payload["recipients"], letter)
    return len(letters) / (time.perf_counter() - begun)


def _send_ours(count: int) -> float:
    from agents.outbox.transmission import deliver_due

    begun = time.perf_counter()
    sent = sum(deliver_due(limit=BATCH) for _ in range(count // BATCH))
    assert sent == count
    return count / (time.perf_counter() - begun)


def profile(var: Path) -> None:
    """Where the time of one of our sends goes, for those who make it faster: ``python -c`` from a shell."""
    import cProfile
    import pstats

    ground = Ground(var, quick=True, seed=1)
    ground.start()
    try:
        with ground.database("sends"), running_sink(ground.var / "sends" / "sink.log") as port:
            from django.test import override_settings

            from bench.letters import queue_letters

            with override_settings(OUTBOUND="sink", OUTBOUND_SINK=f"127.0.0.1:{port}"):
                queue_letters(400)
                _send_ours(100)
                with cProfile.Profile() as taken_times:
                    _send_ours(300)
        pstats.Stats(taken_times).sort_stats("cumulative").print_stats(45)
    finally:
        ground.stop()
