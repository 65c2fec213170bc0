"""Which database this is: a mark outside it keeps a restored or copied one silent until a person confirms."""

import json
import tempfile
import uuid
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from agents.models import Effect, Epoch


def _path() -> Path:
    return Path(settings.VAR_DIR) / "epoch.json"


def _read() -> dict[str, object]:
    try:
        return json.loads(_path().read_text())
    except (OSError, ValueError):
        return {}


def _write(mark: dict[str, object]) -> None:
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix="epoch.", delete=False) as fresh:
        fresh.write(json.dumps(mark))
    Path(fresh.name).replace(path)


def current() -> uuid.UUID:
    """The epoch of this database, made on first need.

    The first need is inside a transaction that may come to nothing, and the mark stays behind: the next one takes it.
    """
    row = Epoch.objects.order_by("-id").first()
    if row is None:
        if not _path().exists():
            _write({"epoch": str(uuid.uuid4()), "last": 0})
        mark = _read()
        unused = {"uid": uuid.UUID(str(mark["epoch"]))} if "epoch" in mark and not mark.get("last") else {}
        row = Epoch.objects.get_or_create(uid=unused["uid"])[0] if unused else Epoch.objects.create()
    return row.uid


def is_confirmed() -> bool:
    """Whether the mark outside knows this database: same epoch, and nothing that left is forgotten here."""
    uid, mark = current(), _read()
    if mark.get("epoch") != str(uid):
        return False
    last = int(str(mark.get("last", 0)))
    return not last or Effect.objects.filter(pk=last, transmitting_at__isnull=False).exists()


def mark(effect_id: int) -> None:
    """Remember outside the database that an effect passed the gate: after its commit, before the first byte."""
    seen = _read()
    if int(str(seen.get("last", 0))) < effect_id:
        _write({**seen, "last": effect_id})


def confirm() -> uuid.UUID:
    """A person confirms that this database may send. What was on its way becomes unknown; returns the new epoch."""
    with transaction.atomic():
        row = Epoch.objects.create()
        Effect.objects.filter(state__in=[Effect.State.QUEUED, Effect.State.CLAIMED, Effect.State.TRANSMITTING]).update(
            state=Effect.State.UNKNOWN,
            reason="The database was restored; whether it left is not known.",
            transmitting_at=timezone.now(),
            epoch=row.uid,
            lease=None,
        )
    _write({"epoch": str(row.uid), "last": 0})
    return row.uid
