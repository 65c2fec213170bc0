"""One history for everything administrators edit: settings, rules, templates."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.models import Version

Snapshot = dict[str, Any]
Change = dict[str, Any]
Wording = Callable[[str, Any], tuple[str, str]]
MISSING: Any = object()
EMPTY: tuple[Any, ...] = (None, "", False, [], {})
# A value that is compared and told as one, although it is a tree.
WHOLE = "conditions"


class Conflict(Exception):  # noqa: N818
    """Somebody saved after the form was opened; it carries who, when and what they changed."""

    def __init__(self, current: Version, changes: list[Change]) -> None:
        self.current, self.changes = current, changes
        super().__init__(_("Version %(number)s was saved meanwhile.") % {"number": current.number})

    @property
    def who(self) -> str:
        """The name of who saved."""
        return str(self.current.created_by or _("The system"))

    @property
    def when(self) -> dt.datetime:
        """When they saved."""
        return self.current.created_at


class Restore(Protocol):
    """Saves an older state of ``row`` as its newest version. Raises Conflict, and ValueError with what is wrong."""

    def __call__(self, row: Any, snapshot: Snapshot, /, *, by: Any, expected: int | None) -> object: ...


@dataclass(frozen=True)
class Versioned:
    """Rows whose versions are looked at, compared and restored on a page: kept under ``<name>:<pk>``.

    ``find`` gives the row for a user, or raises Http404; ``url`` is the page on which the row is edited.
    """

    name: str
    find: Callable[[Any, int], Any]
    url: Callable[[Any], str]
    restore: Restore


VERSIONED: dict[str, Versioned] = {}


def register(kept: Versioned) -> None:
    """Give the versions of such rows their page."""
    VERSIONED[kept.name] = kept


def latest(target: str) -> Version | None:
    """The newest version of what ``target`` names."""
    return Version.objects.filter(target=target).select_related("created_by").order_by("-number").first()


def save_version(
    target: str,
    snapshot: Snapshot,
    *,
    by: Any,
    expected: int | None,
    wording: Wording | None = None,
    before: Snapshot | None = None,
    now: dt.datetime | None = None,
) -> Version:
    """Keep a state as the next version, in the caller's transaction; the same state again makes no version.

    expected: the number of the version that the form was opened with, 0 for none; None does not check.
    before: what the first version is compared with, such as the defaults.
    Raises Conflict when another version has been saved since.
    """
    with transaction.atomic():
        lock(target)
        current = latest(target)
        number = current.number if current else 0
        if current and expected is not None and expected != number:
            raise Conflict(current, changes_since(target, expected, wording=wording))
        if current and current.snapshot == snapshot:
            return current
        return Version.objects.create(
            target=target,
            number=number + 1,
            snapshot=snapshot,
            changes=diff(current.snapshot if current else before or {}, snapshot, wording=wording),
            created_at=now or timezone.now(),
            created_by=by,
        )


def lock(target: str) -> None:
    """Let one transaction at a time save this target; until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"version:{target}"])


def get_snapshot(target: str, number: int) -> Snapshot:
    """The state that one version keeps; ``Version.DoesNotExist`` when there is none of that number."""
    return Version.objects.get(target=target, number=number).snapshot


def changes_since(target: str, number: int, *, wording: Wording | None = None) -> list[Change]:
    """What differs between that version and the newest."""
    older = Version.objects.filter(target=target, number=number).first()
    newest = latest(target)
    return diff(older.snapshot if older else {}, newest.snapshot if newest else {}, wording=wording)


def restore(
    target: str,
    number: int,
    *,
    apply: Callable[[Snapshot], None],
    by: Any,
    expected: int | None,
    wording: Wording | None = None,
    now: dt.datetime | None = None,
) -> Version:
    """Make an older state the newest version; ``apply`` writes the rows, in the same transaction."""
    with transaction.atomic():
        snapshot = get_snapshot(target, number)
        version = save_version(target, snapshot, by=by, expected=expected, wording=wording, now=now)
        apply(snapshot)
    return version


def diff(a: Snapshot, b: Snapshot, *, wording: Wording | None = None) -> list[Change]:
    """What changed from ``a`` to ``b``: dicts of field (dotted), label, old and new in words.

    Lists of dicts with an "id" are compared row by row; another order of the same rows is one change.
    """
    word = wording or _plain_words
    changes = []
    for field, old, new in _walk("", a, b):
        if (old is MISSING and new in EMPTY) or (new is MISSING and old in EMPTY):
            continue  # a field that was added to a form and left empty
        label, old_words = word(field, None if old is MISSING else old)
        new_words = word(field, None if new is MISSING else new)[1]
        changes.append({"field": field, "label": label, "old": old_words, "new": new_words})
    return changes


def _walk(path: str, a: Any, b: Any) -> Iterator[tuple[str, Any, Any]]:
    if a == b:
        return
    if path.rpartition(".")[2] == WHOLE:
        yield path, a, b
    elif isinstance(a, dict) and isinstance(b, dict):
        for key in dict.fromkeys([*a, *b]):
            yield from _walk(f"{path}.{key}" if path else key, a.get(key, MISSING), b.get(key, MISSING))
    elif _is_rows(a) and _is_rows(b):
        yield from _walk_rows(path, a, b)
    elif isinstance(b, dict) and a is MISSING and not _is_leaf(path):
        yield from _walk(path, {}, b)
    else:
        yield path, a, b


def _walk_rows(path: str, a: list[dict[str, Any]], b: list[dict[str, Any]]) -> Iterator[tuple[str, Any, Any]]:
    old, new = ({str(row["id"]): row for row in rows} for rows in (a, b))
    for key in dict.fromkeys([*old, *new]):
        if key in old and key in new:
            yield from _walk(f"{path}.{key}", old[key], new[key])
        else:
            yield f"{path}.{key}", old.get(key, MISSING), new.get(key, MISSING)
    kept = [key for key in old if key in new], [key for key in new if key in old]
    if kept[0] != kept[1]:
        yield f"{path}.order", [old[key] for key in kept[0]], [new[key] for key in kept[1]]


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) and "id" in row for row in value)


def _is_leaf(path: str) -> bool:
    return path.count(".") > 2


def _plain_words(field: str, value: Any) -> tuple[str, str]:
    """A label out of the field's name, and the value as text."""
    name = field.rsplit(".", 1)[-1]
    label = name.replace("_", " ").capitalize()
    return label, words_of(value)


def words_of(value: Any) -> str:
    """A JSON value as people read it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(words_of(item) for item in value)
    if isinstance(value, dict):
        return str(value.get("name", "")) or ", ".join(f"{key}: {words_of(item)}" for key, item in value.items())
    return str(value)
