"""Pieces that wait for a language model: two workers of twenty calls each, a stub that takes one second per call."""

import datetime as dt
import multiprocessing
import time
from typing import Any

from bench.ground import Ground
from bench.report import Table, verdict

AIM = 0.8
WORKERS, AT_ONCE, SECONDS = 2, 20, 1.0
ASKS = "bench.asks"
_fork = multiprocessing.get_context("fork")


def measure(ground: Ground) -> list[Table]:
    """First a sweep that does nothing but ask, then whole considerations of the answer to a case."""
    from django.test import override_settings

    count = ground.size(400, 80)
    rows, notes = [], []
    for sweep, what, has_aim in ((ASKS, "one question each", True), ("cases.replies", "a case's answer each", False)):
        with ground.database("model"), override_settings(MODEL_PRIVATE_ADDRESSES=True):
            speed, cpu, said = _take(sweep, count)
        share = speed / (WORKERS * AT_ONCE / SECONDS)
        aim = [f"{AIM:.2f}", verdict(share, AIM)] if has_aim else ["–", ""]
        rows.append([f"{count} pieces, {what}", f"{speed:.1f}", f"{share:.2f}", f"{cpu:.0f}", *aim])
        notes.append(f"{what}: {said}")
    notes.append(
        f"{WORKERS} workers of {AT_ONCE} calls: {WORKERS * AT_ONCE / SECONDS:.0f} pieces/s are ideal. Every piece "
        "is claimed, masked, paid for, called over HTTP, checked and recorded. The stub shares the machine. Each "
        "worker has thought once before, without a model."
    )
    return [Table(["what", "pieces/s", "share of ideal", "processor ms a piece", "aim", ""], rows, notes)]


def _take(sweep: str, count: int) -> tuple[float, float, str]:
    """Pieces per second, processor time of a piece in the workers, and what the stub saw."""
    from django.db import connections

    from tests.model_stub import running_model

    with running_model() as stub:
        _set_up(stub.url, count, "cases.read_reaction" if sweep == ASKS else "cases.draft_reply")
        asks_alone = sweep == ASKS
        stub.say(
            {"reaction": "rejects", "sentence": 1} if asks_alone else {"sentences": [], "open_questions": ["When?"]}
        )
        stub.seconds = SECONDS
        connections.close_all()
        ready, go, spent = _fork.Semaphore(0), _fork.Event(), _fork.Value("d", 0.0)
        workers = [_fork.Process(target=_work, args=(sweep, ready, go, spent)) for _each in range(WORKERS)]
        for each in workers:
            each.start()
        for _each in workers:
            ready.acquire()
        begun = time.monotonic()
        go.set()
        for each in workers:
            each.join()
        took = time.monotonic() - begun
        said = f"{len(stub.asked)} calls for {count} pieces, at most {stub.most_at_once} at once."
        return count / took, spent.value / count * 1000, said


def _set_up(url: str, count: int, skill: str) -> None:
    from django.utils import timezone
    from model_bakery import baker

    from agents.models import LanguageModel, ModelBudget, SectionSetting, SkillEngine
    from agents.sections import SECTIONS
    from cases.models import Case
    from conversations.models import Conversation, Message
    from knowledge import articles, indexing

    model = LanguageModel.objects.create(
        name="Stub", model="stub-1", base_url=url, concurrency=AT_ONCE, deadline=60, price_in=1, price_out=1
    )
    SkillEngine.objects.create(skill=skill, model=model)
    ModelBudget.objects.create(per_day=100)
    values = dict(SECTIONS["cases.resolution"].defaults)
    SectionSetting.objects.create(section="cases.resolution", is_on=True, level="ask", values=values)
    article = articles.create_article(
        title="Water leaks under the machine", body="If water leaks under the machine, press the hose onto the clip.",
        audience="external", language="en", by=None,
    )  # fmt: skip
    articles.set_state(article, state="published", by=None)
    indexing.index_article(article.pk)
    now = timezone.now()
    for place in range(count):
        conversation = baker.make(Conversation)
        message = baker.make(
            Message, conversation=conversation, identity=f"leak {place}", direction="in", subject="Leak",
            newest_text=f"Water leaks under my machine number {place}. What do I do?", language="en",
            from_address=f"c{place}@customer.example", received_at=now, nature="person",
        )  # fmt: skip
        baker.make(
            Case, number=10_000 + place, title=f"Leak {place}", last_inbound=message, last_message=message,
            last_direction="in", reply_seen=0, status="open", arrived_as="live",
        )  # fmt: skip


def _work(sweep: str, ready: Any, go: Any, spent: Any) -> None:
    from agents import llm, skills, sweeps

    _register()
    llm.preload()
    skills.run("cases.read_reaction", {"text": "It is still broken."})  # a worker at work has its readers in memory
    sweeps.ring_sweep = lambda name: None
    ready.release()
    go.wait()
    begun = time.process_time()
    sweeps.run(sweep)
    with spent.get_lock():
        spent.value += time.process_time() - begun


def _register() -> None:
    """A sweep that does nothing but ask a skill about each case."""
    from agents import skills, sweeps
    from cases.models import Case

    class Asks(sweeps.Sweep):
        name, skill = ASKS, "cases.read_reaction"

        def find(self, now: dt.datetime, limit: int) -> list[int]:
            return list(Case.objects.filter(fields_seen=0).order_by("pk").values_list("pk", flat=True)[:limit])

        def do(self, ident: int, now: dt.datetime) -> None:
            skills.run(self.skill, {"text": "It is still broken. I am at home on Monday."}, skills.Scope())
            Case.objects.filter(pk=ident).update(fields_seen=1)

    sweeps.SWEEPS[ASKS] = Asks()
