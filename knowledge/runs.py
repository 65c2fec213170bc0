"""Runs over the past: estimated before they start, done in pieces, paused, resumed and stopped at any time."""

import datetime as dt
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from agents import conditions, sections
from agents.audit import record
from agents.policy import pausing
from agents.queue import ring
from knowledge import harvest
from knowledge.models import Harvest, HarvestRun
from knowledge.transcripts import GIVERS

log = structlog.get_logger(__name__)
State = HarvestRun.State
# A worker that dies holds a run no longer than this.
LEASE = dt.timedelta(minutes=2)
MOST = 100_000
SECONDS_EACH = 0.4
SHARE_DRAFTED = 0.3
MOST_SAMPLED = 200
WORDS = {
    State.RUNNING: ("run.started", gettext_noop("started a run over past cases")),
    State.PAUSED: ("run.paused", gettext_noop("paused a run over past cases")),
    State.STOPPED: ("run.stopped", gettext_noop("stopped a run over past cases")),
}
MAY = {
    State.RUNNING: (State.READY, State.PAUSED, State.FAILED),
    State.PAUSED: (State.RUNNING,),
    State.STOPPED: (State.READY, State.RUNNING, State.PAUSED, State.FAILED),
}


class NotNow(Exception):  # noqa: N818
    """The run cannot do that in its state; the text says why."""


@transaction.atomic
def plan_run(
    *, by: Any, now: dt.datetime, source: str, since: dt.datetime, until: dt.datetime, **limits: int
) -> HarvestRun:
    """A run that is estimated and waits to be started."""
    count, matching = estimate(source, since, until, now=now)
    if count > MOST:
        raise NotNow(_("The window holds more than %(most)s cases. Choose a shorter one.") % {"most": f"{MOST:,}"})
    run = HarvestRun.objects.create(
        source=source, since=since, until=until, created_by=by, created_at=now, estimated=matching,
        estimated_drafts=round(matching * _share_drafted()), **limits,
    )  # fmt: skip
    record("run.planned", by=by, subject=run, text=str(run), now=now)
    return run


def estimate(source: str, since: dt.datetime, until: dt.datetime, *, now: dt.datetime) -> tuple[int, int]:
    """How many were solved in the window, and how many of them the rules let through (from a sample of the first)."""
    giver = GIVERS[source]
    count = giver.count_past(since, until)
    rules = sections.load(harvest.HISTORY).rules
    if not rules or not count:
        return count, count
    idents = giver.find_past(since, until, 0, MOST_SAMPLED)
    rows = list(giver.rows(None).filter(pk__in=idents))
    fits = sum(any(conditions.holds(rule.conditions, row, now) for rule in rules) for row in rows)
    return count, round(count * fits / max(len(rows), 1))


def _share_drafted() -> float:
    """The share of what was harvested lately that became a draft."""
    states = list(Harvest.objects.order_by("-id").values_list("outcome", flat=True)[:MOST_SAMPLED])
    known = [state for state in states if state]
    if len(known) < 20:
        return SHARE_DRAFTED
    return sum(state != Harvest.Outcome.NONE for state in known) / len(known)


def say_duration(run: HarvestRun) -> dt.timedelta:
    """How long what is left takes, thinking alone: off-peak hours and a full queue of drafts come on top."""
    seconds = SECONDS_EACH
    if run.started_at and run.seen > 20:
        seconds = max((timezone.now() - run.started_at).total_seconds() / run.seen, 0.05)
    return dt.timedelta(seconds=round(max(run.estimated - run.seen, 0) * seconds))


@transaction.atomic
def set_run_state(run: HarvestRun, *, state: str, by: Any, now: dt.datetime) -> HarvestRun:
    """Start or resume, pause, or stop a run. Raises NotNow when it is over, or another one is under way."""
    run = HarvestRun.objects.select_for_update().get(pk=run.pk)
    if run.state not in MAY[State(state)]:
        raise NotNow(_("It is %(state)s already.") % {"state": run.get_state_display().lower()})
    run.state, run.waits_for, run.leased_until = state, "", None
    run.started_at = run.started_at or (now if state == State.RUNNING else None)
    run.finished_at = now if state == State.STOPPED else None
    try:
        with transaction.atomic():
            run.save()
    except IntegrityError:
        raise NotNow(_("Another run is under way. Stop it first: two would make the same drafts twice.")) from None
    verb, text = WORDS[State(state)]
    record(verb, by=by, subject=run, text=_(text), now=now)
    if state == State.RUNNING:
        ring("run.started", run.pk)
    return run


def advance_run(pk: int, *, now: dt.datetime) -> int:
    """Do the next batch of a run; returns how many were looked at. Safe to call twice, and after any crash."""
    run = _take_lease(pk, now)
    if run is None:
        return 0
    count = 0
    if why := why_waiting(run, now=now):
        HarvestRun.objects.filter(pk=pk).update(waits_for=why[:200])
    else:
        HarvestRun.objects.filter(pk=pk).update(waits_for="")
        count = _do_batch(run, now)
    HarvestRun.objects.filter(pk=pk).update(leased_until=None)
    return count


def _take_lease(pk: int, now: dt.datetime) -> HarvestRun | None:
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    taken = HarvestRun.objects.filter(free, pk=pk, state=State.RUNNING).update(leased_until=now + LEASE)
    return HarvestRun.objects.get(pk=pk) if taken else None


def why_waiting(run: HarvestRun, *, now: dt.datetime) -> str:
    """Why the run rests at this moment; empty when it may go on."""
    hour = timezone.localtime(now).hour
    first, last = run.hour_from, run.hour_until
    inside = first <= hour < last if first < last else (hour >= first or hour < last)
    if first != last and not inside:
        return _("It works between %(first)s:00 and %(last)s:00.") % {"first": first, "last": last}
    if not sections.load(harvest.SECTION).is_on:
        return _("Creation of articles is switched off.")
    if pausing.is_paused(harvest.AGENT, now=now):
        return _("The agent is paused.")
    if harvest.count_waiting() >= run.most_waiting:
        return _("%(count)s drafts wait for review; it goes on when some are decided.") % {"count": run.most_waiting}
    return ""


def _do_batch(run: HarvestRun, now: dt.datetime) -> int:
    idents = GIVERS[run.source].find_past(run.since, run.until, run.position, run.batch_size)
    for count, ident in enumerate(idents):
        if not _do_one(run, ident, now):
            return count
    if len(idents) < run.batch_size:
        with transaction.atomic():
            ended = HarvestRun.objects.filter(pk=run.pk, state=State.RUNNING)
            if ended.update(state=State.COMPLETED, finished_at=now, waits_for=""):
                record("run.completed", by=None, subject=run, text=str(run), now=now)
    else:
        ring("run.started", run.pk)
    return len(idents)


def _do_one(run: HarvestRun, ident: int, now: dt.datetime) -> bool:
    """One matter; False when the run stops here: it was paused, or as many drafts wait as may."""
    if not HarvestRun.objects.filter(pk=run.pk, state=State.RUNNING).exists():
        return False
    failed = drafted = 0
    made = None
    try:
        made = harvest.harvest_closing(run.source, ident, now=now, run=run)
    except harvest.CapReached:
        HarvestRun.objects.filter(pk=run.pk).update(waits_for=why_waiting(run, now=now)[:200])
        return False
    except Exception:
        log.exception("run.failed", run=run.pk, ident=ident)
        failed = 1
    if made is not None and made.run_id == run.pk and made.state == Harvest.State.DRAFTED:
        drafted = 1
    # What is counted twice after a crash is the look, never the draft: it is one for each closing.
    HarvestRun.objects.filter(pk=run.pk, position__lt=ident).update(
        position=ident, seen=F("seen") + 1, drafted=F("drafted") + drafted, failed=F("failed") + failed,
        skipped=F("skipped") + (0 if drafted or failed else 1), leased_until=now + LEASE,
    )  # fmt: skip
    return True


def due_runs(limit: int) -> list[int]:
    """Runs under way."""
    return list(HarvestRun.objects.filter(state=State.RUNNING).order_by("id").values_list("pk", flat=True)[:limit])
