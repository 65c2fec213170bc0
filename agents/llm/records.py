"""Keeping the record of calls: what died with its worker is settled, what models wrote is forgotten in time."""

import datetime as dt

from django.conf import settings

from agents.llm import budgets
from agents.models import ModelCall

# No call lives longer: the longest deadline is 100 seconds, and a repair shares it.
LONGEST_CALL = dt.timedelta(minutes=10)
AT_ONCE = 2000


def tidy(*, now: dt.datetime) -> int:
    """Settle lost calls, empty old answers, delete old lines; returns how many rows changed."""
    return settle_lost(now=now) + forget_answers(now=now) + delete_old(now=now)


def settle_lost(*, now: dt.datetime) -> int:
    """Count a call whose worker died at all that was set aside for it: it may have cost that."""
    lost = ModelCall.objects.filter(outcome=ModelCall.Outcome.RUNNING, at__lt=now - LONGEST_CALL)
    lost_one = ModelCall.Outcome.LOST
    return sum(budgets.close(call, call.reserved, now=now, outcome=lost_one) for call in lost[:AT_ONCE])


def forget_answers(*, now: dt.datetime) -> int:
    """Empty what models wrote, after MODEL_ANSWER_DAYS."""
    old = ModelCall.objects.exclude(answer="").filter(at__lt=now - dt.timedelta(days=settings.MODEL_ANSWER_DAYS))
    return ModelCall.objects.filter(pk__in=old.values("pk")[:AT_ONCE]).update(answer="")


def delete_old(*, now: dt.datetime) -> int:
    """Delete the lines about calls, after MODEL_CALL_DAYS."""
    old = ModelCall.objects.filter(at__lt=now - dt.timedelta(days=settings.MODEL_CALL_DAYS))
    return ModelCall.objects.filter(pk__in=old.values("pk")[:AT_ONCE]).delete()[0]
