"""Groups of intents: make, rename, review, and who belongs to them."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.rights import Refused
from agents.audit import record
from agents.sections import versions
from intents.library import check_group, lock_library, note_change, version_target
from intents.models import Intent, IntentGroup, Review

FIELDS = ("name", "description")


@transaction.atomic
def save_group(
    group: IntentGroup | None,
    *,
    by: Any,
    expected: int | None = None,
    now: dt.datetime | None = None,
    members: Iterable[Intent] = (),
    **fields: Any,
) -> IntentGroup:
    """Add or change a group; ``members`` join it. Raises Refused for a name that is taken and for a foreign member."""
    now = now or timezone.now()
    lock_library()
    row = IntentGroup.objects.select_for_update(of=("self",)).get(pk=group.pk) if group else IntentGroup(created_at=now)
    state = fields.pop("review_state", None)
    for name, value in fields.items():
        setattr(row, name, value)
    row.name = " ".join(row.name.split())
    _check_group_row(row)
    row.updated_at = now
    row.save()
    kept = {name: getattr(row, name) for name in FIELDS}
    kept["line_of_business"] = row.line_of_business.name if row.line_of_business else ""
    version = versions.save_version(version_target(row), kept, by=by, expected=expected, now=now)
    if version.number != row.version or group is None:
        row.version = version.number
        row.save(update_fields=["version"])
        verb, text = ("group.changed", _("changed the group")) if group else ("group.added", _("added the group"))
        record(verb, by=by, subject=row, text=text, changes=version.changes if group else (), now=now)
    if state and state != row.review_state:
        review_group(row, state=state, by=by, now=now)
        row.refresh_from_db()
    add_members(row, members, by=by, now=now)
    return row


def _check_group_row(row: IntentGroup) -> None:
    if not row.name:
        raise Refused(_("A group needs a name."))
    same = IntentGroup.objects.filter(name__iexact=row.name, line_of_business=row.line_of_business)
    if same.exclude(pk=row.pk).exists():
        raise Refused(_("There is a group of that name already."))
    line = row.line_of_business_id
    if row.pk and line and row.intents.exclude(line_of_business=line).exists():
        raise Refused(_("Intents of another line of business stand in it. Remove them first."))


@transaction.atomic
def review_group(group: IntentGroup, *, state: str, by: Any, now: dt.datetime | None = None) -> IntentGroup:
    """Approve or discard a group. Its intents stay as they are; a discarded group is left by them."""
    now = now or timezone.now()
    lock_library()
    row = IntentGroup.objects.select_for_update(of=("self",)).get(pk=group.pk)
    if row.review_state == state:
        return row
    old = row.get_review_state_display()
    row.review_state, row.review_source, row.reviewed_at, row.reviewed_by = Review(state), "person", now, by
    row.save(update_fields=["review_state", "review_source", "reviewed_at", "reviewed_by"])
    change = {"field": "review_state", "label": _("Review status"), "old": old, "new": row.get_review_state_display()}
    record(f"group.{state}", by=by, subject=row, text=_("reviewed the group"), changes=[change], now=now)
    if state == Review.DISCARDED:
        remove_members(row, row.intents.all(), by=by, now=now)
    return row


@transaction.atomic
def add_members(
    group: IntentGroup, intents: Iterable[Intent], *, by: Any, now: dt.datetime | None = None
) -> list[Intent]:
    """Let intents join a group, leaving the one they stood in. Raises Refused for one that may not."""
    now = now or timezone.now()
    rows = list(Intent.objects.filter(pk__in=[row.pk for row in intents]).exclude(group=group).select_related("group"))
    for row in rows:
        if row.review_state == Review.DISCARDED:
            raise Refused(_("%(intent)s is discarded.") % {"intent": row.name})
        check_group(row, group)
    return _move(rows, group, by=by, now=now)


@transaction.atomic
def remove_members(
    group: IntentGroup, intents: Iterable[Intent], *, by: Any, now: dt.datetime | None = None
) -> list[Intent]:
    """Take intents out of a group; they stay in the library."""
    rows = list(group.intents.filter(pk__in=[row.pk for row in intents]))
    return _move(rows, None, by=by, now=now or timezone.now())


def _move(rows: list[Intent], group: IntentGroup | None, *, by: Any, now: dt.datetime) -> list[Intent]:
    for row in rows:
        change = {
            "field": "group",
            "label": _("Intent group"),
            "old": row.group.name if row.group else "",
            "new": group.name if group else "",
        }
        record("intent.moved", by=by, subject=row, text=_("moved the intent"), changes=[change], now=now)
    Intent.objects.filter(pk__in=[row.pk for row in rows]).update(group=group)
    if rows:
        note_change(now=now)
    return rows


def describe_use(intents: Iterable[Intent]) -> list[str]:
    """What may be affected when these intents join another group: the groups they leave, in words."""
    leaving: dict[str, int] = {}
    for row in intents:
        if row.group:
            leaving[row.group.name] = leaving.get(row.group.name, 0) + 1
    return [
        ngettext("%(count)d intent leaves %(group)s", "%(count)d intents leave %(group)s", count)
        % {"count": count, "group": name}
        for name, count in sorted(leaving.items())
    ]
