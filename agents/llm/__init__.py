"""Asking a language model, in this order: no open transaction, prompt, masking, fence, budget, call, check, record.

``agents.skills.engine`` is the only caller. Raises only Unavailable, Refused, Malformed and OverBudget. litellm is
imported by ``agents.llm.transport`` when the first question is asked.
"""

import gc
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection, connections
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import BaseModel

from agents import pii
from agents.llm import breaker, budgets, transport, wording
from agents.llm.outcomes import Malformed, ModelError, OverBudget, Refused, Unavailable
from agents.models import LanguageModel, LineOfBusiness, ModelCall, SkillEngine
from agents.skills import Material
from agents.skills.languages import detect_language
from agents.skills.prompts import Prompt

__all__ = ["Completion", "Malformed", "ModelError", "OverBudget", "Question", "Refused", "Unavailable", "complete"]

BACK_OFF = 0.5
_seats: dict[int, tuple[int, threading.BoundedSemaphore]] = {}
_seating = threading.Lock()


@dataclass(frozen=True)
class Question:
    """What a skill asks: its prompt, what is shown, the form of the answer, and what is refused of it."""

    skill: str
    prompt: Prompt
    material: Material
    schema: type[BaseModel]
    check: Callable[[Any], list[str]]
    line_of_business: int | None = None


@dataclass(frozen=True)
class Completion:
    """A checked answer, unmasked, and what it cost."""

    output: Any
    resolved: str
    cost: Decimal


@dataclass
class _Work:
    """One call under way: its row, its deadline, and what was counted so far."""

    call: ModelCall
    model: LanguageModel
    begun: float = field(default_factory=time.monotonic)
    cost: Decimal = Decimal(0)
    resolved: str = ""
    answer: str = ""

    @property
    def seconds_left(self) -> float:
        return self.model.deadline - (time.monotonic() - self.begun)


def choose(skill: str, line_of_business: int | None) -> SkillEngine | None:
    """The line's own choice of model for a skill, else the general one; None when no model is chosen."""
    rows = SkillEngine.objects.filter(skill=skill).select_related("model")
    found = {row.line_of_business_id: row for row in rows}
    chosen = found.get(line_of_business) or found.get(None)
    return chosen if chosen and chosen.model and chosen.model.is_active else None


def calls_at_once(skill: str) -> int:
    """How many questions of this skill one worker may ask side by side; 1 when no model is chosen anywhere."""
    rows = SkillEngine.objects.filter(skill=skill, model__is_active=True).values_list("model__concurrency", flat=True)
    return max(rows, default=1)


def complete(question: Question, model: LanguageModel) -> Completion:
    """Ask and check; the call is on record whatever becomes of it. Raises ModelError's four kinds."""
    if is_in_transaction():
        raise RuntimeError("a language model is never asked inside a transaction")
    transport.load()  # the first time this takes seconds, as masking does; they are not the model's
    letter = wording.write_letter(question.prompt, question.material, question.schema)
    line = LineOfBusiness.objects.filter(pk=question.line_of_business).first() if question.line_of_business else None
    call = ModelCall.objects.create(
        skill=question.skill, line_of_business=line, model=model, asked=model.model,
        prompt=question.prompt.name, prompt_version=question.prompt.version,
    )  # fmt: skip
    work = _Work(call, model)
    try:
        breaker.may_call(model, now=timezone.now())
        output, is_repaired = _converse(question, letter, work)
    except ModelError as error:
        _close(work, error.outcome, str(error))
        raise
    except BaseException:  # the worker is being stopped, or the code is wrong: what was set aside is given back
        _close(work, ModelCall.Outcome.LOST, "")
        raise
    _close(work, ModelCall.Outcome.REPAIRED if is_repaired else ModelCall.Outcome.ANSWERED, "")
    return Completion(output, work.resolved, work.cost)


def is_in_transaction() -> bool:
    """Whether rows may be locked now: nobody waits for a model then. (The transaction around a test is none.)"""
    return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


def _converse(question: Question, letter: wording.Letter, work: _Work) -> tuple[Any, bool]:
    """The checked answer, and whether it took a second try."""
    messages = letter.messages
    for is_repair in (False, True):
        work.answer = text = _ask_seated(question, work, messages)
        reasons, is_readable = [], True
        try:
            output = wording.read_answer(text, question.schema, letter)
            reasons = question.check(output)
        except wording.NotReadableError as error:
            reasons, is_readable = error.reasons, False
        if not reasons:
            return output, is_repair
        repair = wording.write_repair(reasons, letter.places)
        messages = [*messages, {"role": "assistant", "content": text}, {"role": "user", "content": repair}]
    said = wording.hide("; ".join(reasons), letter.places)
    if is_readable:
        raise Refused(_("What the model wrote is refused: %(why)s") % {"why": said})
    raise Malformed(_("The model did not answer in the form asked for: %(why)s") % {"why": said})


def _ask_seated(question: Question, work: _Work, messages: list[dict[str, str]]) -> str:
    """Ask with the money set aside, as one of so many at once."""
    price_in, price_out = transport.prices(work.model)
    most = transport.count_tokens(messages) * price_in + work.model.longest_answer * price_out
    budgets.reserve(work.call, most, now=work.call.at)
    work.call.reserved += most
    seat = _seat(work.model)
    if not seat.acquire(timeout=max(work.seconds_left, 0)):
        raise Unavailable(_("All places of this worker were taken until the deadline."))
    try:
        reply = _ask_with_retries(question, work, messages)
    finally:
        seat.release()
    breaker.note_success(work.model)
    work.resolved = reply.resolved
    work.call.tokens_in += reply.tokens_in
    work.call.tokens_out += reply.tokens_out
    work.cost += reply.tokens_in * price_in + reply.tokens_out * price_out
    return reply.text


def _ask_with_retries(question: Question, work: _Work, messages: list[dict[str, str]]) -> transport.Reply:
    for tries in range(work.model.retries + 1):
        if work.seconds_left <= 0:
            raise Unavailable(_("No answer before the deadline."))
        work.call.requests += 1
        try:
            return transport.ask(work.model, messages, question.schema, seconds=work.seconds_left)
        except transport.Failure as failure:
            wait = max(failure.wait, BACK_OFF * 2**tries)
            if not failure.is_temporary or tries == work.model.retries or wait >= work.seconds_left:
                if failure.code not in ("filter", "request"):  # those are about this one question
                    breaker.note_failure(work.model, str(failure), now=timezone.now())
                raise (Refused if failure.is_refusal else Unavailable)(str(failure)) from failure
            time.sleep(wait)
    raise AssertionError("unreachable")


def _seat(model: LanguageModel) -> threading.BoundedSemaphore:
    with _seating:
        size, seat = _seats.get(model.pk, (0, None))
        if seat is None or size != model.concurrency:
            seat = threading.BoundedSemaphore(max(model.concurrency, 1))
            _seats[model.pk] = (model.concurrency, seat)
        return seat


def _close(work: _Work, outcome: str, detail: str) -> None:
    """Settle the money and complete the row; a sweep that gave the call up meanwhile keeps its word."""
    call = work.call
    budgets.close(
        call, work.cost, now=timezone.now(),
        outcome=outcome, detail=detail[:300], resolved=work.resolved, answer=work.answer,
        tokens_in=call.tokens_in, tokens_out=call.tokens_out, requests=call.requests,
        milliseconds=int((time.monotonic() - work.begun) * 1000),
    )  # fmt: skip


def preload() -> bool:
    """Import what models need, before workers are forked, when any model is chosen; whether it was."""
    wanted = SkillEngine.objects.filter(model__is_active=True).exists()
    connections.close_all()  # nobody shares a connection with a fork
    if wanted:
        transport.load()
        pii.mask("Mara Lind, mara@lind.example")
        detect_language("What a model wrote is read in the language of the text.")
        gc.collect()
        gc.freeze()
    return wanted
