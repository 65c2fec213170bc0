"""Who is there for work: people say so themselves, and who went home without saying so is offline some hours later."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rights import MANAGE_PEOPLE, Refused, change
from agents.audit import record
from agents.queue import ring

Presence = User.Presence
# Who may say it for somebody else.
SAY_FOR_OTHERS = (MANAGE_PEOPLE, "cases.supervise")
# What somebody at work takes new cases from: available alone, or busy as well.
PRESENT = (Presence.AVAILABLE, Presence.BUSY)
OFFLINE_AFTER = dt.timedelta(hours=4)
SEEN_NOTED_EVERY = dt.timedelta(minutes=5)
# Icon, colour role of a pill, extra class of an icon.
LOOKS = {
    "available": ("circle-check", "good", "ok"),
    "busy": ("circle-minus", "bad", "no"),
    "away": ("clock", "caution", "warn"),
    "offline": ("circle-off", "plain", ""),
}
# Rung when somebody may take work that waits.
READY_BELL = "person.ready"


@dataclass(frozen=True)
class Said:
    """One presence as people read it."""

    value: str
    text: str
    icon: str
    look: str
    tone: str
    is_current: bool = False


def word_presence(value: str, *, is_current: bool = False) -> Said:
    """A presence with its word, icon and colour."""
    icon, look, tone = LOOKS[value]
    return Said(value, str(Presence(value).label), icon, look, tone, is_current)


def say_all(person: User) -> list[Said]:
    """Every presence, the person's own marked."""
    return [word_presence(value, is_current=value == person.presence) for value in Presence.values]


def may_say_for(user: User, person: User) -> bool:
    """Whether ``user`` may set the presence of ``person``."""
    return user.pk == person.pk or any(user.has_perm(code) for code in SAY_FOR_OTHERS)


@transaction.atomic
def set_presence(person: User, presence: str, *, by: User | None, now: dt.datetime | None = None) -> User:
    """Say whether somebody is there; what waits for people is looked at again. Raises ``Refused``."""
    now = now or timezone.now()
    if presence not in Presence.values:
        raise Refused(gettext("Choose from what is offered."))
    if by is not None and not may_say_for(by, person):
        raise Refused(gettext("Only they, or who looks after people, can say that."))
    person = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if person.is_agent or not person.is_active:
        raise Refused(gettext("Somebody who is switched off is never there."))
    old, person.seen_at = person.presence, now
    if old != presence:
        person.presence, person.presence_since = presence, now
        words = change("presence", _("Presence"), str(Presence(old).label), str(Presence(presence).label))
        text = gettext("set the presence of %(name)s") % {"name": person.name}
        record("accounts.presence_set", by=by, subject=person, text=text, changes=[words], now=now)
        ring(READY_BELL)
    person.save(update_fields=["presence", "presence_since", "seen_at"])
    return person


def note_seen(person: User, *, now: dt.datetime) -> None:
    """Somebody who is not offline asked for a page; written at most every five minutes."""
    if person.presence == Presence.OFFLINE or (person.seen_at and now - person.seen_at < SEEN_NOTED_EVERY):
        return
    User.objects.filter(pk=person.pk).update(seen_at=now)


def find_gone(*, now: dt.datetime) -> list[User]:
    """People who are not offline and have not been seen for hours, or were switched off."""
    unseen = Q(seen_at=None) | Q(seen_at__lt=now - OFFLINE_AFTER) | Q(is_active=False)
    return list(User.objects.exclude(presence=Presence.OFFLINE).filter(unseen, is_agent=False))


def rest_gone(*, now: dt.datetime) -> int:
    """Set them offline, so that nobody's cases wait for an empty chair; how many."""
    gone = find_gone(now=now)
    for person in gone:
        with transaction.atomic():
            still = User.objects.filter(pk=person.pk, seen_at=person.seen_at).exclude(presence=Presence.OFFLINE)
            if not still.update(presence=Presence.OFFLINE, presence_since=now):
                continue
            words = change("presence", _("Presence"), person.get_presence_display(), str(Presence.OFFLINE.label))
            text = gettext("%(name)s was not seen for hours") % {"name": person.name}
            record("accounts.presence_set", by=None, subject=person, text=text, changes=[words], now=now)
    return len(gone)
