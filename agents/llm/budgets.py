"""What models may cost: reserved before a call, settled after it, per day and month, of all and of each line."""

import datetime as dt
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.audit import record
from agents.llm.outcomes import OverBudget
from agents.models import LineOfBusiness, ModelBudget, ModelCall, ModelSpending

# The record says when so much of a budget is used, in percent.
WARN_AT = (50, 80, 100)
ZERO = Decimal(0)


def periods(now: dt.datetime) -> tuple[str, str]:
    """The names of this day and this month, in the time zone of the installation."""
    here = timezone.localtime(now, timezone.get_default_timezone())
    return f"{here:%Y-%m-%d}", f"{here:%Y-%m}"


def _limits(line: int | None, now: dt.datetime) -> list[tuple[int | None, str, Decimal | None]]:
    """Whose, in which period, at most how much: of all, then of the call's line; always in this order."""
    day, month = periods(now)
    lines = [None, line] if line else [None]
    found = {row.line_of_business_id: row for row in ModelBudget.objects.all()}
    return [
        (one, period, getattr(found.get(one), name, None))
        for one in lines
        for period, name in ((day, "per_day"), (month, "per_month"))
    ]


def reserve(call: ModelCall, amount: Decimal, *, now: dt.datetime) -> None:
    """Set ``amount`` aside for a call, in all its budgets or in none. Raises OverBudget."""
    limits = _limits(call.line_of_business_id, now)
    with transaction.atomic():
        ModelCall.objects.filter(pk=call.pk).update(reserved=F("reserved") + amount)
        rows = _lock(limits)
        for row, limit in rows:
            if limit is not None and row.spent + row.reserved + amount > limit:
                raise OverBudget(_say_over(row.line_of_business_id, row.period, limit))
        _among(rows).update(reserved=F("reserved") + amount)


def close(call: ModelCall, cost: Decimal, *, now: dt.datetime, **changes: Any) -> bool:
    """Complete the row of a running call, and put its cost in the place of what was set aside for it, in the periods
    in which it began; whether it was running still. At one stroke: whoever dies between leaves no money set aside."""
    limits, rows = _limits(call.line_of_business_id, call.at), []
    with transaction.atomic():
        running = ModelCall.objects.filter(pk=call.pk, outcome=ModelCall.Outcome.RUNNING)
        if not running.update(cost=cost, **changes):
            return False
        if call.reserved or cost:
            rows = _lock(limits)
            _among(rows).update(reserved=F("reserved") - call.reserved, spent=F("spent") + cost)
    for row, limit in rows:
        if limit:
            _warn(row, row.spent + cost, limit, now=now)
    return True


def _lock(limits: list[tuple[int | None, str, Decimal | None]]) -> list[tuple[ModelSpending, Decimal | None]]:
    """The row of each period with its limit. Every call of all workers waits for these: they are locked last, always
    in the same order, and until the end of the transaction there is one statement more."""
    wanted = reduce(or_, (Q(line_of_business=line, period=period) for line, period, _limit in limits))
    of_period = {(line, period): limit for line, period, limit in limits}
    rows = list(ModelSpending.objects.select_for_update().filter(wanted).order_by("pk"))
    if len(rows) < len(limits):
        there = {(row.line_of_business_id, row.period) for row in rows}
        missing = [ModelSpending(line_of_business_id=key[0], period=key[1]) for key in of_period if key not in there]
        ModelSpending.objects.bulk_create(missing, ignore_conflicts=True)
        rows = list(ModelSpending.objects.select_for_update().filter(wanted).order_by("pk"))
    return [(row, of_period[row.line_of_business_id, row.period]) for row in rows]


def _among(rows: list[tuple[ModelSpending, Decimal | None]]) -> QuerySet[ModelSpending]:
    return ModelSpending.objects.filter(pk__in=[row.pk for row, _limit in rows])


def _warn(row: ModelSpending, spent: Decimal, limit: Decimal, *, now: dt.datetime) -> None:
    """Put into the record, once for each mark, how much of a budget is used."""
    reached = max((mark for mark in WARN_AT if spent * 100 >= limit * mark), default=0)
    if reached <= row.warned or not _among([(row, limit)]).filter(warned__lt=reached).update(warned=reached):
        return
    words = {"percent": reached, "period": row.period, "spent": f"{spent:.2f}", "limit": f"{limit:.2f}"}
    said = _("%(percent)d %% of the budget for language models of %(period)s is used: %(spent)s of %(limit)s")
    record("agents.model_budget_warned", by=None, text=said % words, line_of_business=row.line_of_business, now=now)


def _say_over(line: int | None, period: str, limit: Decimal | None) -> str:
    whose = str(LineOfBusiness.objects.filter(pk=line).first()) if line else _("all work")
    return _("The budget of %(whose)s for %(period)s is used up (%(limit)s).") % {
        "whose": whose,
        "period": period,
        "limit": f"{limit:.2f}" if limit is not None else "",
    }


def usage(now: dt.datetime) -> list[dict[str, object]]:
    """Every budget that has a limit, with what is spent of it now, for pages."""
    day, month = periods(now)
    spent = {
        (row.line_of_business_id, row.period): row.spent
        for row in ModelSpending.objects.filter(period__in=(day, month))
    }
    shown: list[dict[str, object]] = []
    for row in ModelBudget.objects.select_related("line_of_business").order_by("line_of_business__name"):
        for period, limit in ((day, row.per_day), (month, row.per_month)):
            if limit is not None:
                used = spent.get((row.line_of_business_id, period), ZERO)
                percent = int(used * 100 / limit) if limit else 100
                shown.append(
                    {"line": row.line_of_business, "period": period, "limit": limit, "spent": used, "percent": percent}
                )
    return shown
