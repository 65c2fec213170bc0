"""What became of the old mail, in numbers that add up: every mail, every message and every case is counted once."""

from dataclasses import dataclass, field

from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Count, Q, Sum

from agents.models import Suggestion
from agents.models.levels import ArrivedAs
from cases.models import Case, IntakeOutcome
from conversations.models import Delivery, Message
from hub.models import Archive

What = IntakeOutcome.What


@dataclass(frozen=True)
class FieldCount:
    """A field, in how many cases a value was observed for it, and how sure the agent was on average (0 to 1)."""

    name: str
    label: str
    cases: int
    confidence: float


@dataclass(frozen=True)
class Summary:
    """Counts of the old mail. ``seen`` is the sum of the six behind it; ``messages`` that of ``became``."""

    seen: int
    messages: int
    copies: int
    parked: int
    discarded: int
    refused: int
    waiting: int
    became: dict[str, int]
    cases: int
    open: int
    resolved: int
    cancelled: int
    adopted: int
    considered: int
    drafts: int
    fields: list[FieldCount] = field(default_factory=list)

    @property
    def undrafted(self) -> int:
        """Cases that were considered and for which knowledge had no answer."""
        return self.considered - self.drafts

    def adds_up(self) -> bool:
        """Whether nothing is lost between the numbers."""
        mails = self.messages + self.copies + self.parked + self.discarded + self.refused + self.waiting
        states = self.open + self.resolved + self.cancelled
        return self.seen == mails and self.messages == sum(self.became.values()) and self.cases == states


def summarise() -> Summary:
    """Count everything out of history, adopted cases included. Six queries."""
    mails = _count_mails()
    cases = _count_cases()
    return Summary(**mails, became=_count_outcomes(), **cases, drafts=_count_drafts(), fields=count_fields())


def _count_mails() -> dict[str, int]:
    states = Delivery.State
    rows = Delivery.objects.filter(arrived_as=ArrivedAs.HISTORY)
    found = dict(rows.values_list("state").annotate(count=Count("pk")))
    refused = Archive.objects.aggregate(count=Sum("refused"))["count"] or 0
    return {
        "seen": sum(found.values()) + refused,
        "messages": found.get(states.PARSED, 0),
        "copies": found.get(states.COPY, 0),
        "parked": found.get(states.PARKED, 0),
        "discarded": found.get(states.DISCARDED, 0),
        "refused": refused,
        "waiting": found.get(states.STORED, 0),
    }


def _count_outcomes() -> dict[str, int]:
    """What each message became: a case, part of one, a note, nothing (and why), or still to be placed."""
    arrived = Delivery.objects.filter(arrived_as=ArrivedAs.HISTORY, state=Delivery.State.PARSED)
    rows = Message.objects.filter(pk__in=arrived.values("message"))
    counts = {"opened": 0, "joined": 0, "noted": 0, "ours": 0, "nothing": 0, "to_come": 0}
    grouped = rows.values_list("direction", "intake__what").annotate(
        count=Count("pk"), offered=Count("pk", filter=Q(offered_at__isnull=False))
    )
    for direction, what, count, offered in grouped:
        if direction == Message.Direction.OUT:
            counts["ours"] += count
        elif what is None:
            counts["nothing"] += offered
            counts["to_come"] += count - offered
        else:
            counts[what if what in counts else "joined"] += count
    return counts


def _count_cases() -> dict[str, int]:
    rows = Case.objects.filter(Q(arrived_as=ArrivedAs.HISTORY) | Q(adopted_at__isnull=False))
    found = rows.aggregate(
        cases=Count("pk"),
        open=Count("pk", filter=Q(status=Case.Status.OPEN)),
        resolved=Count("pk", filter=Q(status=Case.Status.RESOLVED)),
        cancelled=Count("pk", filter=Q(status=Case.Status.CANCELLED)),
        adopted=Count("pk", filter=Q(adopted_at__isnull=False)),
        considered=Count("pk", filter=Q(reply_seen__gt=0)),
    )
    return dict(found)


def _observed(kind: str) -> Q:
    return Q(kind=kind, state=Suggestion.State.OBSERVED, arrived_as=ArrivedAs.HISTORY)


def _count_drafts() -> int:
    return Suggestion.objects.filter(_observed("cases.send_reply")).aggregate(n=Count("object_id", distinct=True))["n"]


def count_fields() -> list[FieldCount]:
    """For each field the cases in which a value was observed, most first."""
    sql = """
        SELECT part->>'name', max(part->>'label'), count(DISTINCT s.object_id), avg((part->>'confidence')::float)
        FROM agents_suggestion s, jsonb_array_elements(s.proposed->'fields') part
        WHERE s.kind = 'cases.fill_fields' AND s.state = 'observed' AND s.arrived_as = 'history'
          AND s.content_type_id = %s
        GROUP BY 1 ORDER BY 3 DESC, 1
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [ContentType.objects.get_for_model(Case).pk])
        return [FieldCount(name, label or name, cases, sure) for name, label, cases, sure in cursor.fetchall()]
