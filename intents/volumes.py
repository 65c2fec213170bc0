"""How often each intent is recognised."""

import datetime as dt

from django.db.models import Count, Q

from intents.models import Determination, Intent


def count_volumes(*, now: dt.datetime) -> int:
    """Count the messages of each intent, by when they came in; returns how many intents changed.

    Of a message that was compared several times the newest determination counts.
    """
    newest = Determination.objects.order_by("message", "-pk").distinct("message").values("pk")
    month, year = now - dt.timedelta(days=30), now - dt.timedelta(days=365)
    rows = Determination.objects.filter(pk__in=newest, intent__isnull=False).values("intent")
    counted = {
        row["intent"]: (row["total"], row["month"], row["year"])
        for row in rows.annotate(
            total=Count("pk"),
            month=Count("pk", filter=Q(message__received_at__gte=month)),
            year=Count("pk", filter=Q(message__received_at__gte=year)),
        ).order_by()
    }
    changed = []
    for intent in Intent.objects.all():
        counts = counted.get(intent.pk, (0, 0, 0))
        if counts != (intent.volume_total, intent.volume_month, intent.volume_year):
            intent.volume_total, intent.volume_month, intent.volume_year = counts
            changed.append(intent)
    Intent.objects.bulk_update(changed, ["volume_total", "volume_month", "volume_year"], batch_size=200)
    return len(changed)


def set_solution_rates(rates: dict[str, float]) -> None:
    """Keep the share of finished cases that were solved, by topic; the app that knows cases reckons it."""
    rows = list(Intent.objects.filter(key__in=rates))
    for row in rows:
        row.solution_rate = rates[row.key]
    Intent.objects.bulk_update(rows, ["solution_rate"], batch_size=200)
