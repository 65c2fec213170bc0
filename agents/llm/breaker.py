"""The circuit breaker: a model that failed again and again is left alone for a while, by all workers."""

import datetime as dt

from django.db.models import F
from django.utils.translation import gettext as _

from agents.llm.outcomes import Unavailable
from agents.models import LanguageModel

FAILURES = 5
FIRST_REST, LONGEST_REST = 30.0, 600.0


def may_call(model: LanguageModel, *, now: dt.datetime) -> None:
    """Raise Unavailable while the model rests. After the rest one caller tries it, the others wait."""
    if model.rests_until is None:
        return
    rows = LanguageModel.objects.filter(pk=model.pk, rests_until=model.rests_until)
    probe_ends = now + dt.timedelta(seconds=model.deadline * 2)
    if model.rests_until > now or not rows.update(rests_until=probe_ends):
        said = _("%(model)s rests after %(count)d failures in a row: %(why)s")
        raise Unavailable(said % {"model": model, "count": model.failures, "why": model.last_error})


def note_failure(model: LanguageModel, why: str, *, now: dt.datetime) -> None:
    """Count a failure; with the fifth in a row the model rests, longer each time."""
    rows = LanguageModel.objects.filter(pk=model.pk)
    rows.update(failures=F("failures") + 1, last_error=why[:300])
    failures = rows.values_list("failures", flat=True).first() or 0
    if failures >= FAILURES:
        rest = min(FIRST_REST * 2 ** min(failures - FAILURES, 10), LONGEST_REST)
        rows.update(rests_until=now + dt.timedelta(seconds=rest))


def note_success(model: LanguageModel) -> None:
    """It answers again; costs nothing where it always did, as far as the row in hand knows."""
    if not model.failures and model.rests_until is None:
        return
    rows = LanguageModel.objects.filter(pk=model.pk).exclude(failures=0, rests_until=None)
    rows.update(failures=0, rests_until=None, last_error="")
