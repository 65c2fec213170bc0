"""Mail as an effect: whether it may leave, how it leaves, and how it is found out whether it left."""

import base64
import contextlib
import datetime as dt
import re
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.models import Effect
from agents.models.levels import ArrivedAs
from agents.outbox import Go, Handler, Hold, NotSent, Stop, handler
from conversations import delivery, fetch
from conversations.contacts import mark_bounced
from conversations.credentials import Unsealable
from conversations.models import Contact, Delivery, Mailbox, Message
from conversations.outgoing import KIND, doubts_about_sender
from conversations.suppression import list_refusals

OPERATOR_LOOK = dt.timedelta(minutes=5)
READING_LOOK = dt.timedelta(seconds=15)
# A message that nobody could be offered for so long keeps no approved answer back.
READING_TAKES = dt.timedelta(minutes=10)
STATES = {
    Effect.State.QUEUED: Message.SendState.QUEUED,
    Effect.State.SENT: Message.SendState.SENT,
    Effect.State.REFUSED: Message.SendState.REFUSED,
    Effect.State.UNKNOWN: Message.SendState.UNKNOWN,
    Effect.State.CANCELLED: Message.SendState.NOT_SENT,
}
# These left, or may have: they count towards the caps.
COUNTED = (Effect.State.TRANSMITTING, Effect.State.SENT, Effect.State.UNKNOWN)
_NO_SUCH_ADDRESS = re.compile(r"^(?P<address>\S+@\S+): 5\d\d (?P<status>5\.1\.\d{1,3})\b")


class MailSession:
    """A batch of mails on kept connections."""

    def __init__(self, lines: delivery.Lines) -> None:
        self.lines = lines
        self._mailboxes: dict[int, Mailbox] = {}

    def transmit(self, effect: Effect) -> str:
        """Hand the frozen bytes over; returns what the server called them."""
        payload = effect.payload
        raw = base64.b64decode(payload["raw"])
        line = self.lines.to(self._mailbox(payload["mailbox"]))
        return line.send(raw, sender=payload["sender"], recipients=payload["recipients"])

    def _mailbox(self, pk: int) -> Mailbox:
        """Read once for the batch, as its connection is opened once; whether it may send, the gate asks each time."""
        try:
            return self._mailboxes.get(pk) or self._mailboxes.setdefault(pk, Mailbox.objects.get(pk=pk))
        except (DatabaseError, Mailbox.DoesNotExist) as error:
            raise NotSent(_("The mailbox could not be read: %(why)s") % {"why": type(error).__name__}) from error


@handler
class SendMail(Handler):
    """One mail to one or more people, once."""

    kind = KIND

    def may_leave(self, effect: Effect, now: dt.datetime) -> Go | Hold | Stop:
        """The operator's word, the mailbox, the addresses, the caps on automatic mail, in the gate's transaction."""
        for ask in (_operator, _mailbox, _addresses, _suppressed, _automatic, _unread):
            if (verdict := ask(effect, now)) is not None:
                return verdict
        return Go()

    @contextlib.contextmanager
    def session(self) -> Iterator[MailSession]:
        """Connections that are kept for the batch."""
        with delivery.kept_lines() as lines:
            yield MailSession(lines)

    def find_evidence(self, effect: Effect) -> bool | None:
        """Whether it left: somebody answered it, a server reported on it, or it lies in the Sent folder."""
        message_id = effect.payload["message_id"]
        answers = Message.objects.filter(references__contains=[message_id], direction=Message.Direction.IN)
        came_back = Message.objects.filter(message_id=message_id, direction=Message.Direction.IN)
        if answers.exists() or came_back.exists():
            return True
        mailbox = Mailbox.objects.filter(pk=effect.payload["mailbox"]).first()
        if mailbox is None or settings.OUTBOUND == "sink":
            return None
        try:
            return fetch.find_in_sent(mailbox, message_id)
        except fetch.CannotRead:
            return None

    def settled(self, effect: Effect) -> None:
        """Say on the message what became of it; an address its server does not know is marked."""
        state = STATES.get(Effect.State(effect.state))
        if state is None:
            return
        Message.objects.filter(pk=effect.payload["message"]).update(send_state=state, send_reason=effect.reason)
        unknown = _NO_SUCH_ADDRESS.match(effect.reason) if state == Message.SendState.REFUSED else None
        if unknown:
            mark_bounced(unknown["address"], status=unknown["status"], now=timezone.now())


def _operator(effect: Effect, now: dt.datetime) -> Hold | None:
    """OUTBOUND belongs to the operator: what it does not let out waits, and says so."""
    mode = settings.OUTBOUND
    if mode in ("live", "sink"):
        return None
    if mode == "allowlist":
        outside = [each for each in effect.payload["recipients"] if not _is_allowed(each)]
        if not outside:
            return None
        return Hold(_("%(address)s is not on the operator's list.") % {"address": outside[0]}, now + OPERATOR_LOOK)
    return Hold(_("The operator holds all outgoing mail (OUTBOUND=hold)."), now + OPERATOR_LOOK)


def _is_allowed(address: str) -> bool:
    allowed = {entry.strip().lower().removeprefix("@") for entry in settings.OUTBOUND_ALLOWLIST}
    return address in allowed or address.rpartition("@")[2] in allowed


def _mailbox(effect: Effect, now: dt.datetime) -> Hold | None:
    mailbox = Mailbox.objects.only("name", "is_active", "smtp_host").get(pk=effect.payload["mailbox"])
    if not mailbox.is_active:
        return Hold(_("The mailbox “%(name)s” is switched off.") % {"name": mailbox.name}, now + OPERATOR_LOOK)
    if not mailbox.smtp_host and settings.OUTBOUND != "sink":
        return Hold(_("The mailbox “%(name)s” names no SMTP server.") % {"name": mailbox.name}, now + OPERATOR_LOOK)
    return None


def _addresses(effect: Effect, now: dt.datetime) -> Stop | None:
    """The recipients' rows are locked until the mail is marked as leaving: a bounce noted before stops it."""
    contacts = Contact.objects.select_for_update().only("address", "bounced_at", "bounce_status")
    for contact in contacts.filter(address__in=effect.payload["recipients"]).order_by("pk"):
        if contact.bounced_at:
            values = {"address": contact.address, "status": contact.bounce_status}
            return Stop(_("Mail to %(address)s could not be delivered (%(status)s).") % values)
    return None


def _suppressed(effect: Effect, now: dt.datetime) -> Hold | Stop | None:
    """Whoever asked for no more mail since it was approved gets none; a list that cannot be read holds everything."""
    payload = effect.payload
    try:
        reasons = list_refusals(payload["recipients"], outreach=payload.get("is_outreach", False))
    except Unsealable:
        reason = _("Whom not to write to cannot be read: the key STORED_SECRETS_KEYS changed. Put the old key back.")
        return Hold(reason, now + OPERATOR_LOOK)
    return Stop("; ".join(reasons)) if reasons else None


def _automatic(effect: Effect, now: dt.datetime) -> Stop | None:
    """What no person approved: never to a machine, and only so much of it, counted without looking at any header."""
    if not effect.payload["is_automatic"]:
        return None
    message = Message.objects.select_related("conversation").get(pk=effect.payload["message"])
    # A cadence ends by its number of mails: an absence note in its thread makes no loop.
    is_outreach = effect.payload.get("is_outreach", False)
    if reasons := [] if is_outreach else doubts_about_sender(message.conversation):
        return Stop("; ".join(reasons))
    per_hour, per_day = settings.AUTOMATIC_PER_ADDRESS_AND_HOUR, settings.AUTOMATIC_PER_CONVERSATION_AND_DAY
    if _count_automatic(effect, now - dt.timedelta(hours=1), contact=message.contact_id) >= per_hour:
        return Stop(_("This address got %(cap)d automatic mails within an hour.") % {"cap": per_hour})
    if _count_automatic(effect, now - dt.timedelta(days=1), conversation=message.conversation_id) >= per_day:
        return Stop(_("This conversation got %(cap)d automatic mails within a day.") % {"cap": per_day})
    return None


def _unread(effect: Effect, now: dt.datetime) -> Hold | None:
    """What the customer wrote meanwhile is read first: then the fingerprint says whether this still answers it."""
    is_automatic = effect.payload["is_automatic"]
    if not is_automatic and effect.suggestion_id is None:
        return None
    waiting = Message.objects.filter(
        conversation=effect.payload["conversation"], direction=Message.Direction.IN, offered_at=None
    )
    if not is_automatic:
        waiting = waiting.filter(created_at__gt=now - READING_TAKES)
    stored = Delivery.objects.filter(
        mailbox=effect.payload["mailbox"], state=Delivery.State.STORED, arrived_as=ArrivedAs.LIVE
    )
    if waiting.exists() or (is_automatic and stored.exists()):
        return Hold(_("Mail that has arrived is read first."), now + READING_LOOK)
    return None


def _count_automatic(effect: Effect, since: dt.datetime, **where: int | None) -> int:
    """How many automatic mails left since then, by the moment they passed the gate."""
    # An effect waits at most two days before it leaves or is given up.
    made = Message.objects.filter(is_automatic=True, created_at__gt=since - dt.timedelta(days=3), **where)
    keys = made.exclude(effect_key=effect.key).values("effect_key")
    return Effect.objects.filter(key__in=keys, state__in=COUNTED, transmitting_at__gt=since).count()
