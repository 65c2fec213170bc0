"""What rules may look at: the intent of a message, and of its conversation."""

import datetime as dt
from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from agents.facts import Fact, Type, register
from conversations.models import Conversation, Message
from intents.models import Determination, Intent, IntentGroup, Review


def intent_choices() -> list[tuple[str, str]]:
    """The intents that are not discarded, by topic key; with their line where two have one name."""
    rows = Intent.objects.exclude(review_state=Review.DISCARDED).select_related("line_of_business").order_by("name")
    return [(row.key, f"{row.name} ({row.line_of_business})" if row.line_of_business else row.name) for row in rows]


def group_choices() -> list[tuple[int, str]]:
    """The groups that are not discarded."""
    rows = IntentGroup.objects.exclude(review_state=Review.DISCARDED).select_related("line_of_business")
    return [(row.pk, f"{row.name} ({row.line_of_business})" if row.line_of_business else row.name) for row in rows]


def group_of_topic(topic: str) -> int | None:
    """The group in which the intent of a topic stands."""
    return Intent.objects.filter(key=topic).values_list("group_id", flat=True).first() if topic else None


def topic_facts(model: type[Any]) -> list[Fact]:
    """The facts *intent* and *intent group* of a model with a column ``topic``."""
    return [
        Fact(name="intent", label=_("Intent"), type=Type.CHOICE, model=model, path="topic", choices=intent_choices),
        Fact(
            name="intent_group",
            label=_("Intent group"),
            type=Type.CHOICE,
            model=model,
            compute=lambda subject, now: group_of_topic(subject.topic),
            expression=lambda now: Subquery(Intent.objects.filter(key=OuterRef("topic")).values("group_id")[:1]),
            choices=group_choices,
        ),
    ]


def _newest(message: Message) -> Determination | None:
    return message.determinations.select_related("intent").order_by("-pk").first()


def _newest_topic(message: Message, now: dt.datetime) -> str | None:
    row = _newest(message)
    return row.topic or None if row else None


def _newest_group(message: Message, now: dt.datetime) -> int | None:
    row = _newest(message)
    return row.intent.group_id if row and row.intent else None


def _in_database(path: str) -> Combinable:
    rows = Determination.objects.filter(message=OuterRef("pk")).order_by("-pk")
    return Subquery(rows.values(path)[:1])


register(
    *topic_facts(Conversation),
    Fact(
        name="intent",
        label=_("Intent"),
        type=Type.CHOICE,
        model=Message,
        compute=_newest_topic,
        expression=lambda now: _in_database("topic"),
        choices=intent_choices,
    ),
    Fact(
        name="intent_group",
        label=_("Intent group"),
        type=Type.CHOICE,
        model=Message,
        compute=_newest_group,
        expression=lambda now: _in_database("intent__group_id"),
        choices=group_choices,
    ),
)
