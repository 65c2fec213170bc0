"""What people are told inside the application: one unread line per kind and link, theirs alone, for 90 days."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts.models import Notification, User
from accounts.signin import may_sign_in

KEPT_FOR = dt.timedelta(days=90)
MOST_COUNTED = 100
MUTED = "muted"


@dataclass(frozen=True)
class NotificationKind:
    """A sort of news; people switch each off on their profile."""

    name: str
    label: str | Promise


KINDS: dict[str, NotificationKind] = {}


def register(*kinds: NotificationKind) -> None:
    """Offer kinds on the profile page. News of a kind nobody registered always arrives."""
    for kind in kinds:
        KINDS[kind.name] = kind


register(
    NotificationKind("assigned", _("Work is assigned to me")),
    NotificationKind("task", _("A task is given to me, or is due")),
    NotificationKind("handed_over", _("An agent hands something over to me")),
    NotificationKind("problem", _("Something I look after needs me")),
)


def notify(
    user: User | None, title: str, *, link: str, kind: str, now: dt.datetime | None = None
) -> Notification | None:
    """Tell one person; None when there is nobody to tell or they do not want this kind.

    ``link`` is a path of this site. While a line of the same kind and link is unread, that line says it anew.
    """
    if not url_has_allowed_host_and_scheme(link, allowed_hosts=None) or not link.startswith("/"):
        raise ValueError("A notification leads to a page of this site.")
    if user is None or not may_sign_in(user) or kind in muted_kinds(user):
        return None
    said = {"title": title[:200], "created_at": now or timezone.now()}
    unread = Notification.objects.filter(user=user, kind=kind, link=link, read_at=None)
    if not unread.update(**said):
        try:
            with transaction.atomic():
                return Notification.objects.create(user=user, kind=kind, link=link, **said)
        except IntegrityError:  # somebody else said it in the same moment
            unread.update(**said)
    return unread.first()


def muted_kinds(user: Any) -> frozenset[str]:
    """The kinds this person does not want."""
    return frozenset(user.preferences.get(MUTED, []))


def count_unread(user: Any) -> int:
    """How many lines are unread, counted up to a hundred: the bell says 99+ beyond."""
    return notifications_of(user, unread=True)[:MOST_COUNTED].count()


def notifications_of(user: Any, *, unread: bool = False) -> QuerySet[Notification]:
    """This person's lines, and nobody else's."""
    rows = Notification.objects.filter(user=user)
    return rows.filter(read_at=None) if unread else rows


def mark_read(user: Any, pk: int, *, now: dt.datetime | None = None) -> None:
    """Mark one of one's own lines as read; what is read stays so."""
    Notification.objects.filter(user=user, pk=pk, read_at=None).update(read_at=now or timezone.now())


def mark_all_read(user: Any, *, up_to: int, now: dt.datetime | None = None) -> int:
    """Mark as read what was there when the page was drawn (``up_to`` is the newest line shown); how many."""
    rows = Notification.objects.filter(user=user, read_at=None, pk__lte=up_to)
    return rows.update(read_at=now or timezone.now())


def delete_old_notifications(*, now: dt.datetime) -> int:
    """Forget what is older than 90 days, read or not; how many."""
    return Notification.objects.filter(created_at__lt=now - KEPT_FOR).delete()[0]
