"""What is still missing for an intent: asked for once, never twice."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from intents.attributes import FULFILLED, OPEN
from intents.models import Attribute, Determination


def list_open(determination: Determination) -> list[Attribute]:
    """The required attributes that nobody has said yet, in order, whether they were asked for or not."""
    if determination.intent is None or determination.is_over:
        return []
    known = determination.values
    rows = determination.intent.attributes.filter(is_required=True)
    return [one for one in rows if known.get(one.name, {}).get("state", OPEN) != FULFILLED]


def was_asked(determination: Determination, name: str) -> bool:
    """Whether a mail of ours asked for this attribute before: nothing is asked for twice."""
    return bool(determination.values.get(name, {}).get("asked_at"))


@transaction.atomic
def note_asked(determination: Determination, names: Iterable[str], *, now: dt.datetime) -> Determination:
    """Remember, when the mail leaves, what it asks for."""
    row = Determination.objects.select_for_update(of=("self",)).get(pk=determination.pk)
    values = {name: dict(known) for name, known in row.values.items()}
    for name in names:
        known = values.setdefault(name, {"state": OPEN})
        known.setdefault("asked_at", now.isoformat())
    row.values = values
    row.save(update_fields=["values"])
    return row
