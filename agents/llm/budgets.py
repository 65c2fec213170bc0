"""What models may cost: reserved before a call, settled after it, per day and month, of all and of each line."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.db.models import F
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
    with transaction.atomic():
        for line, period, limit in _limits(call.line_of_business_id, now):
            if _set_aside(line, period, limit, amount):
                continue
            first = ModelSpending(line_of_business_id=line, period=period)
            ModelSpending.objects.bulk_create([first], ignore_conflicts=True)
            if not _set_aside(line, period, limit, amount):
                raise OverBudget(_say_over(line, period, limit))
        ModelCall.objects.filter(pk=call.pk).update(reserved=F("reserved") + amount)


def _set_aside(line: int | None, period: str, limit: Decimal | None, amount: Decimal) -> bool:
    """Whether there is room for it in one period; false also where the period has no row yet."""
    rows = ModelSpending.objects.filter(line_of_business=line, period=period)
    if limit is not None:
        rows = rows.annotate(after=F("spent") + F("reserved") + amount).filter(after__lte=limit)
    return bool(rows.update(reserved=F("reserved") + amount))


def settle(call: ModelCall, cost: Decimal, *, now: dt.datetime) -> None:
    """Put what a call did cost in the place of what was set aside for it, in the periods in which it began."""
    with transaction.atomic():
        for line, period, limit in _limits(call.line_of_business_id, call.at):
            rows = ModelSpending.objects.filter(line_of_business=line, period=period)
            rows.update(reserved=F("reserved") - call.reserved, spent=F("spent") + cost)
            if limit:
                _warn(line, period, limit, now=now)


def _warn(line: int | None, period: str, limit: Decimal, *, now: dt.datetime) -> None:
    """Put into the record, once for each mark, how much of a budget is used."""
    row = ModelSpending.objects.get(line_of_business=line, period=period)
    reached = max((mark for mark in WARN_AT if row.spent * 100 >= limit * mark), default=0)
    if not ModelSpending.objects.filter(pk=row.pk, warned__lt=reached).update(warned=reached):
        return
    words = {"percent": reached, "period": period, "spent": f"{row.spent:.2f}", "limit": f"{limit:.2f}"}
    said = _("%(percent)d %% of the budget for language models of %(period)s is used: %(spent)s of %(limit)s")
    named = LineOfBusiness.objects.filter(pk=line).first() if line else None
    record("agents.model_budget_warned", by=None, text=said % words, line_of_business=named, now=now)


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
