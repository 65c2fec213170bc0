"""The test of a language model: one small question, and exactly what is wrong."""

import datetime as dt
import socket
import time
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import BaseModel

from agents.llm import breaker, transport, wording
from agents.llm.addresses import ForbiddenAddressError, check_url
from agents.models import LanguageModel

ASKED = [
    {"role": "system", "content": 'Answer with one JSON object and nothing else: {"word": "ready"}'},
    {"role": "user", "content": "Are you ready?"},
]


class TrialAnswer(BaseModel):
    """What the model is asked to fill."""

    word: str


@dataclass(frozen=True)
class _Found:
    state: str
    text: str


def try_model(pk: int, *, now: dt.datetime) -> list[list[str]]:
    """Ask once, keep what was found on the model's row, and end its rest when it answers."""
    model = LanguageModel.objects.get(pk=pk)
    found = [[one.state, one.text] for one in _look(model)]
    LanguageModel.objects.filter(pk=pk, test_asked_at=model.test_asked_at).update(
        test_found=found, tested_at=timezone.now()
    )
    if all(state != "no" for state, _text in found):
        breaker.note_success(model)
    return found


def find_asked(limit: int) -> list[int]:
    """Models that somebody wants tested."""
    rows = LanguageModel.objects.filter(test_asked_at__isnull=False, tested_at__isnull=True)
    return list(rows.order_by("test_asked_at").values_list("pk", flat=True)[:limit])


def _look(model: LanguageModel) -> list[_Found]:
    if model.base_url:
        try:
            check_url(model.base_url)
        except ForbiddenAddressError as error:
            return [_Found("no", str(error))]
        except socket.gaierror:
            return [_Found("no", _("Nobody knows a server of this name."))]
    transport.load()
    begun = time.monotonic()
    try:
        reply = transport.ask(model, ASKED, TrialAnswer, seconds=model.deadline)
    except transport.Failure as failure:
        return [_Found("no", str(failure))]
    seconds = f"{time.monotonic() - begun:.1f}"
    found = [_Found("ok", _("%(model)s answered in %(seconds)s s.") % {"model": reply.resolved, "seconds": seconds})]
    return [*found, _read(reply.text), *_price(model)]


def _read(text: str) -> _Found:
    letter: Any = wording.Letter("", "", {})
    try:
        wording.read_answer(text, TrialAnswer, letter)
    except wording.NotReadableError:
        said = _("It does not answer in JSON: “%(text)s”. Choose another form of answer, or another model.")
        return _Found("no", said % {"text": " ".join(text.split())[:120]})
    return _Found("ok", _("It answers in the form asked for."))


def _price(model: LanguageModel) -> list[_Found]:
    if any(transport.prices(model)):
        return []
    return [_Found("warn", _("No price is known: its calls count as free, and budgets do not hold it."))]
