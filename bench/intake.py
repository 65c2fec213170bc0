"""Mail to case per second, beside django-helpdesk's get_email on the same mails; then with fields and draft."""

import datetime as dt
import shutil
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.ground import Ground
from bench.mails import Mail, make_mails
from bench.peer import run_peer, version_of
from bench.report import Table, percentile, verdict

PEER = "django-helpdesk"
AIM = 3.0
Times = dict[str, list[float]]


def measure(ground: Ground) -> list[Table]:
    """Both sides on both halves of the mails (ours, theirs, theirs, ours); then the agents' part alone."""
    count, thought = ground.size(1000, 80), ground.size(100, 8)
    now = dt.datetime.now(dt.UTC)
    # get_email opens files as UTF-8 text and would stop at others; both sides get the same mails.
    mails = [mail for mail in make_mails(count + count // 20, now=now) if _is_utf8(mail.raw)][:count]
    halves = mails[: count // 2], mails[count // 2 :]
    url = ground.empty_database("bench_peer")
    with ground.database("intake"):
        times, pace, became = _prepare(), [], Counter[str]()
        pace.append(_ours(halves[0], times, became))
        theirs = [_theirs(ground, half, url) for half in halves]
        pace.append(_ours(halves[1], times, became))
        thinking = _think(thought)
    return [_beside(count, pace, theirs, became), _stages(times, thinking)]


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _prepare() -> Times:
    """The sample company, a warm reader, an empty list of times for each stage.

    What django-helpdesk does is compared with the same work: cases opened by rule. Recognising why the customer
    writes is another agent's, switched off here and timed as a stage of its own.
    """
    from agents.models import SectionSetting
    from conversations.contacts import own_addresses
    from conversations.receive import read_bytes
    from hub.loading import load_company

    load_company()
    SectionSetting.objects.filter(section="intents.matching").update(is_on=False)
    read_bytes(b"Subject: warm\r\n\r\nwarm", own=own_addresses())
    return defaultdict(list)


def _ours(mails: list[Mail], times: Times, became: Counter[str]) -> float:
    """One process, one mail after the other, each stage committed; returns mails per second."""
    from conversations.models import Mailbox

    boxes = {box.address: box for box in Mailbox.objects.all()}
    begun = time.perf_counter()
    for number, mail in enumerate(mails):
        became[_one(mail, boxes, f"{id(mails)}:{number}", times)] += 1
    return len(mails) / (time.perf_counter() - begun)


def _one(mail: Mail, boxes: dict[str, Any], origin: str, times: Times) -> str:
    from django.utils import timezone

    from conversations import receive
    from conversations.routing import route_message

    stored = _timed(
        times["store"],
        lambda: receive.receive(
            mail.raw, mailbox=boxes[mail.mailbox], source="bench", received_at=timezone.now(), origin=origin
        ),
    )
    read = _timed(times["parse and thread"], lambda: receive.read_delivery(stored.pk))
    if read.state != "parsed":
        return str(read.state)
    _timed(times["open or join a case"], lambda: route_message(read.message_id))
    return "message"


def _timed(into: list[float], work: Callable[[], Any]) -> Any:
    begun = time.perf_counter()
    found = work()
    into.append(time.perf_counter() - begun)
    return found


def _theirs(ground: Ground, mails: list[Mail], url: str) -> dict[str, Any]:
    folder = ground.var / "peers" / "drop"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number, mail in enumerate(mails):
        Path(folder, f"{number:05d}.eml").write_bytes(mail.raw)
    return run_peer(ground.var, PEER, "read_mail.py", folder, database=url)


def _think(count: int) -> Times:
    """Intent, fields and draft of the newest cases, as the worker's sweeps do them."""
    from django.utils import timezone

    from agents.models import SectionSetting
    from agents.sweeps import SWEEPS
    from cases.filling import due_cases
    from cases.models import CaseMessage
    from intents.matching import determine_message

    times: Times = defaultdict(list)
    SectionSetting.objects.filter(section="intents.matching").update(is_on=True)
    newest = CaseMessage.objects.order_by("-pk").values_list("message_id", flat=True)[: count + 3]
    for number, message in enumerate(newest):
        _timed([] if number < 3 else times["intent"], lambda message=message: determine_message(message))
    for number, case in enumerate(due_cases(count + 3)):
        warm = number < 3  # models are built and loaded at first use
        for stage, sweep in (("fields", "cases.fields"), ("draft", "cases.replies")):
            _timed([] if warm else times[stage], lambda sweep=sweep, case=case: SWEEPS[sweep].do(case, timezone.now()))
    return times


def _beside(count: int, pace: list[float], theirs: list[dict[str, Any]], became: Counter[str]) -> Table:
    their_pace = [found["mails"] / found["seconds"] for found in theirs]
    ratio = statistics.median(pace) / statistics.median(their_pace)
    row = [
        f"mail to case, {count} mails", _speed(pace), _speed(their_pace), f"{ratio:.1f}", f"{AIM:.0f}",
        verdict(ratio, AIM),
    ]  # fmt: skip
    total = {name: sum(found[name] for found in theirs) for name in ("tickets", "followups", "stopped", "left")}
    outcome = ", ".join(f"{number} {name}" for name, number in sorted(became.items()))
    notes = [
        f"Deskhand: one worker process with its reader child; raw bytes, message and case committed one after the "
        f"other (fsync on); the Customer Intent Agent off, as the peer has none. Became: {outcome}.",
        f"django-helpdesk {version_of(PEER)}: `process_email` on a folder, its notifications off: {total['tickets']} "
        f"tickets, {total['followups']} follow-ups; {total['stopped']} mails stopped it and were taken away, "
        f"{total['left']} it left lying. It keeps no raw mail.",
    ]
    return Table(["what", "Deskhand, mails/s", "django-helpdesk, mails/s", "ratio", "aim", ""], [row], notes)


def _speed(values: list[float]) -> str:
    return f"{statistics.median(values):.0f} ({', '.join(f'{value:.0f}' for value in values)})"


def _stages(times: Times, thinking: Times) -> Table:
    rows = []
    for name, values in [*times.items(), *thinking.items()]:
        middle, high = statistics.median(values) * 1000, percentile(values, 0.95) * 1000
        rows.append([name, len(values), f"{middle:.1f}", f"{high:.1f}"])
    per_case = sum(statistics.mean(values) for values in [*times.values(), *thinking.values()])
    note = f"All stages together, one worker: {1 / per_case:.1f} mails per second, local engine, no language model."
    return Table(["stage", "n", "median, ms", "p95, ms"], rows, [note])
