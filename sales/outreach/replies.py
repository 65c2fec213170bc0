"""What comes back from leads: taken at once, so that nothing more leaves; read, and acted on by what it means."""

import datetime as dt
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agents import sections, skills
from agents.audit import record
from agents.evidence import Evidence
from agents.models import Suggestion
from agents.models.levels import ArrivedAs, Level
from agents.proposals import Proposal, propose
from agents.queue import ring
from agents.skills import Answer, Scope
from agents.suggestions import withdraw_stale
from conversations import suppression
from conversations.addresses import normalise_address
from conversations.contacts import own_addresses
from conversations.models import Mailbox, Message, Suppression
from sales.leads import create_lead
from sales.lifecycle import WrongMove, lock_lead, move_lead
from sales.models import Enrolment, HandOver, Lead, Touch
from sales.outreach import answers, enrolments, handed, handover
from sales.outreach.asking import ClassifiedReply, ClassifyReply
from sales.outreach.payloads import ReferralPayload
from sales.outreach.plan import AGENT, find_prohibited, read_lines
from sales.outreach.reading import must_stop

BELL, STALE = "lead.reply", "lead.reply_stale"
REFERRAL = "sales.follow_referral"
WAITING = ""
Nature, Direction = Message.Nature, Message.Direction
MACHINES = frozenset({Nature.OUT_OF_OFFICE, Nature.AUTO_REPLY, Nature.ROBOT, Nature.LIST, Nature.OWN_LOOP})
# Without a day of return a note of absence is waited out for so long.
ABSENT_FOR, LATER = dt.timedelta(days=7), dt.timedelta(days=90)
# At this hour somebody who is back is written to; the window of the cadence moves it on.
MORNING = dt.time(8)


class SalesRoute:
    """Takes what comes to sales mailboxes, and answers to outreach wherever they arrive."""

    name: ClassVar[str] = AGENT
    purposes: ClassVar[frozenset[str]] = frozenset({"sales", "both"})

    def take(self, message: Message, *, now: dt.datetime) -> bool:
        """Put a message with its lead; a mailbox for support and sales leaves us only what leads write."""
        lead = find_lead(message) or self._open_lead(message, now)
        if lead is None:
            return False
        take_reply(lead, message, now=now)
        return True

    def _open_lead(self, message: Message, now: dt.datetime) -> Lead | None:
        """Somebody new who writes to a sales mailbox is a lead; machines are not."""
        mailbox = message.mailbox
        if mailbox is None or mailbox.purpose != Mailbox.Purpose.SALES or message.nature != Nature.PERSON:
            return None
        address = message.contact.address if message.contact else normalise_address(message.from_address)
        if not address or address in own_addresses():
            return None
        values = {
            "email": address, "name": message.from_name[:200], "source": _("Mail"), "language": message.language,
            "note": message.newest_text[:4000], "consent_note": _("They wrote to us"),
            "company_name": str(message.contact.company) if message.contact and message.contact.company else "",
        }  # fmt: skip
        try:
            return create_lead(
                values, by=None, queue=mailbox.queue, line_of_business=mailbox.line_of_business,
                arrived_as=message.arrived_as, now=now,
            )  # fmt: skip
        except ValidationError:
            return Lead.objects.filter(email=address).first()


def find_lead(message: Message) -> Lead | None:
    """The lead whose thread this is, or who wrote it."""
    if lead := Lead.objects.filter(conversation=message.conversation_id).first():
        return lead
    if earlier := Touch.objects.filter(message__conversation=message.conversation_id).select_related("lead").first():
        return earlier.lead
    address = message.contact.address if message.contact else normalise_address(message.from_address)
    lead = Lead.objects.filter(email=address).first() if address else None
    is_sales = message.mailbox is not None and message.mailbox.purpose == Mailbox.Purpose.SALES
    return lead if lead and (is_sales or lead.touches.exists()) else None


@transaction.atomic
def take_reply(lead: Lead, message: Message, *, now: dt.datetime) -> Touch | None:
    """Note a message of a lead, once; a person's word holds the cadence until it is read."""
    lead = lock_lead(lead.pk)
    touch, created = Touch.objects.get_or_create(
        message=message, defaults={"lead": lead, "direction": Direction.IN, "at": message.received_at}
    )
    if not created:
        return None
    changed: dict[str, Any] = {"last_message": message, "last_direction": Direction.IN, "last_activity_at": now}
    if message.nature not in MACHINES:
        changed["last_inbound"] = message
    if lead.conversation_id is None:
        changed["conversation"] = message.conversation
    if message.contact_id and lead.contact_id is None and message.contact and message.contact.address == lead.email:
        changed["contact"] = message.contact
    Lead.objects.filter(pk=lead.pk).update(**changed)
    lead.refresh_from_db()
    running = enrolments.running_of(lead)
    if running:
        Touch.objects.filter(pk=touch.pk).update(enrolment=running)
    if running and running.state == Enrolment.State.ACTIVE and message.nature not in MACHINES:
        enrolments.hold(running, why=_("They answered; the mail is being read."), by=None, now=now)
    withdraw_stale(lead, reason=_("They wrote again."), now=now)
    ring(BELL, touch.pk)
    return touch


def find_unread(now: dt.datetime, limit: int) -> list[int]:
    """Messages of leads whose meaning nobody has read, oldest first."""
    rows = Touch.objects.filter(direction=Direction.IN, outcome=WAITING).exclude(message=None)
    return list(rows.order_by("id").values_list("pk", flat=True)[:limit])


def read_reply(pk: int, *, now: dt.datetime) -> str:
    """Find out what one reply means, and act on it once; returns the meaning."""
    touch = Touch.objects.select_related("lead__line_of_business", "lead__product", "lead__owner", "message").get(pk=pk)
    message = touch.message
    if touch.outcome != WAITING or message is None:
        return touch.outcome
    answer = classify(message, touch.lead)
    with transaction.atomic():
        lock_lead(touch.lead_id)
        said = answer.output.reply
        why = " ".join(words.text for words in answer.output.words)[:300]
        if not Touch.objects.filter(pk=pk, outcome=WAITING).update(outcome=said, outcome_why=why):
            return said
        record(
            "lead.reply_read",
            by=None,
            subject=touch.lead,
            text=_("read a reply: %(said)s") % {"said": said},
            why=why,
            now=now,
        )
        acts_on(touch.lead, message, answer.output, now=now)
    touch.lead.refresh_from_db()
    propose_next(touch.lead, message, answer, now=now)
    return said


def consider_again(pk: int, *, now: dt.datetime) -> list[Suggestion]:
    """What was suggested about a lead's last word was taken back: look once more, while the last word is theirs."""
    lead = Lead.objects.select_related("line_of_business", "product", "owner", "conversation").get(pk=pk)
    last = lead.touches.select_related("message").order_by("-at", "-id").first()
    if (
        last is None
        or last.direction != Direction.IN
        or last.outcome == WAITING
        or not last.message
        or not lead.is_open
    ):
        return []
    return propose_next(lead, last.message, classify(last.message, lead), now=now)


def classify(message: Message, lead: Lead) -> Answer[ClassifiedReply]:
    """The skill's answer about one mail; sentences of our own mails in it do not count.

    A wish to be left alone that the local engine hears is not put to any other: it holds although a language model is
    slow, away or of another opinion.
    """
    ours = Message.objects.filter(touch__lead=lead, direction=Direction.OUT).order_by("-id")
    question = ClassifyReply(
        message=message.pk,
        text=message.newest_text,
        subject=message.subject,
        language=message.language,
        nature=message.nature,
        ours=list(ours.values_list("text", flat=True)[:5]),
        day=(message.sent_at or message.received_at).date().isoformat(),
    )
    heard = skills.run("sales.classify_reply", question)
    if must_stop(heard.output):
        return heard
    return skills.run("sales.classify_reply", question, Scope(lead.line_of_business_id))


def acts_on(lead: Lead, message: Message, reply: ClassifiedReply, *, now: dt.datetime) -> None:
    """What happens at once, because it only ever stops us: suppress, end, wait. In the caller's transaction."""
    every = {reply.reply, *reply.also}
    if every & {"opt_out", "complaint"}:
        _suppress(lead, message, "complaint" if "complaint" in every else "opt_out", now)
        return
    if lead.arrived_as == ArrivedAs.HISTORY or message.arrived_as == ArrivedAs.HISTORY:
        return
    running = enrolments.running_of(lead)
    if reply.reply in ("out_of_office", "later"):
        _wait(lead, running, message, reply, now)
    elif reply.reply == "bounce":
        _end(lead, running, Enrolment.Ended.BOUNCED, message.failed_recipient or message.subject, now)
    elif reply.reply in ("not_interested", "wrong_person"):
        words = {"not_interested": _("They are not interested."), "wrong_person": _("It is the wrong person.")}
        _end(lead, running, Enrolment.Ended.REPLIED, words[reply.reply], now)
        _move(lead, Lead.Status.DISQUALIFIED, words[reply.reply], now)
        handed.tell_disqualified(lead, intent=HandOver.Intent.NEGATIVE, reason=words[reply.reply], now=now)
    else:
        _end(lead, running, Enrolment.Ended.REPLIED, _("They answered."), now)
        _move(lead, Lead.Status.REPLIED, _("They answered."), now)
    if (named := find_escalation(lead, message)) and not reply.is_negative:
        handed.tell_supervisor(lead, _("%(lead)s wrote “%(words)s”") % {"lead": lead, "words": named[0]}, now=now)
    if reply.is_negative:
        handed.tell_supervisor(lead, _("%(lead)s is angry") % {"lead": lead}, now=now)


def _suppress(lead: Lead, message: Message, said: str, now: dt.datetime) -> None:
    """Their address and the one they wrote from get nothing more; it holds for history as well."""
    reason = Suppression.Reason.COMPLAINT if said == "complaint" else Suppression.Reason.OPT_OUT
    sender = message.from_address if message.nature == Nature.PERSON else ""
    for address in {lead.email, normalise_address(sender)} - {""} - own_addresses():
        suppression.suppress(
            address, reason=reason, by=None, scope=Suppression.Scope.OUTREACH, message=message, now=now
        )
    ended = Enrolment.Ended.COMPLAINED if said == "complaint" else Enrolment.Ended.OPTED_OUT
    words = _("They complained.") if said == "complaint" else _("They asked us to stop.")
    _end(lead, enrolments.running_of(lead), ended, words, now)
    _move(lead, Lead.Status.CLOSED, words, now)
    if said == "complaint":
        handed.tell_supervisor(lead, _("%(lead)s complained") % {"lead": lead}, now=now)


def _end(lead: Lead, running: Enrolment | None, reason: str, why: str, now: dt.datetime) -> None:
    if running is not None:
        enrolments.end(running, reason, why=why, by=None, now=now)
    lead.refresh_from_db()


def _move(lead: Lead, status: str, why: str, now: dt.datetime) -> None:
    lead.refresh_from_db()
    if not lead.is_open or lead.status == status:
        return
    try:
        move_lead(lead, status, by=None, why=why, now=now)
    except WrongMove:
        return


def _wait(lead: Lead, running: Enrolment | None, message: Message, reply: ClassifiedReply, now: dt.datetime) -> None:
    """Write again when they are back, or when they asked for it."""
    if running is None:
        return
    named = message.returns_on.isoformat() if message.returns_on else reply.resume_on
    if named:
        at = dt.datetime.combine(dt.date.fromisoformat(named), MORNING, dt.UTC)
    else:
        at = now + (ABSENT_FOR if reply.reply == "out_of_office" else LATER)
    if running.state == Enrolment.State.ACTIVE:
        enrolments.hold(running, why=_("They are away."), by=None, now=now)
    why = _("They are away.") if reply.reply == "out_of_office" else _("They asked for later.")
    enrolments.resume(running, by=None, at=max(at, now), why=why, now=now)


# ── what is suggested ─────────────────────────────────────────────────────────────────────────────────────────────


def propose_next(
    lead: Lead, message: Message, answer: Answer[ClassifiedReply], *, now: dt.datetime
) -> list[Suggestion]:
    """What a person, or the agent by its level, decides about: an answer, a hand-over, a new lead."""
    reply, made = answer.output, []
    if {reply.reply, *reply.also} & {"opt_out", "complaint"}:
        return []
    if reply.referred_to and reply.reply in ("referral", "wrong_person"):
        made += suggest_referral(lead, message, reply.referred_to, list(answer.evidence), now=now)
    if named := find_escalation(lead, message):
        return made + handover.suggest_hand_over(
            lead, reason=_("They wrote “%(words)s”.") % {"words": named[0]}, intent="undetected", message=message,
            evidence=list(answer.evidence), target=HandOver.Target.SUPERVISOR, seller=_watcher(lead), now=now,
        )  # fmt: skip
    if reply.reply == "question" and (found := answers.suggest_answer(lead, message, now=now)):
        return made + found
    if reply.reply in REASONS:
        intent, reason = REASONS[reply.reply]
        made += handover.suggest_hand_over(
            lead, reason=str(reason()), intent=intent, message=message, evidence=list(answer.evidence),
            confidence=answer.confidence, engine=answer.engine, version=answer.version, now=now,
        )  # fmt: skip
    return made


def _watcher(lead: Lead) -> Any:
    """The supervisor, when they work leads themselves."""
    supervisor = handed.find_supervisor(lead)
    return supervisor if supervisor is not None and supervisor.has_perm("sales.work") else None


def find_escalation(lead: Lead, message: Message) -> list[str]:
    """The words of this mail that an administrator wants a person to see."""
    loaded = sections.load(answers.SECTION, lead.line_of_business)
    return find_prohibited(message.newest_text, read_lines(loaded.values.get("escalation", "")))


REASONS = {
    "interested": ("positive", lambda: _("They are interested.")),
    "meeting": ("positive", lambda: _("They want to talk.")),
    "question": ("undetected", lambda: _("They ask something that no published article answers.")),
    "unclear": (
        "undetected",
        lambda: _("It is not clear what they want; it may be a wish to be left alone. Read it first."),
    ),
}


def suggest_referral(
    lead: Lead, message: Message, address: str, evidence: list[Evidence], *, now: dt.datetime
) -> list[Suggestion]:
    """A new lead for whom they named, unless we know the address or may not write to it."""
    email = normalise_address(address)
    if not email or email in own_addresses() or Lead.objects.filter(email=email).exists():
        return []
    if suppression.is_suppressed(email, outreach=True):
        return []
    payload = ReferralPayload(email=email, company_name=lead.company_name, message=message.pk)
    proposal = Proposal(
        payload=payload,
        fingerprint=fingerprint_of(lead),
        evidence=evidence,
        confidence=0.7,
        engine="local",
        engine_version="1",
        wanted=Level.ASK,
        line_of_business=lead.line_of_business,
        channel="mail",
        arrived_as=lead.arrived_as,
    )
    return propose(REFERRAL, lead, proposal, now=now)


def fingerprint_of(lead: Lead) -> dict[str, Any]:
    """Their last word."""
    return {"last_inbound": lead.last_inbound_id}


def follow_referral(lead: Lead, payload: ReferralPayload, *, by: Any, now: dt.datetime) -> Lead:
    """Add whom they named as a lead of the same company; in the caller's transaction."""
    values = {
        "email": payload.email, "name": payload.name, "company_name": payload.company_name,
        "website": lead.website, "country": lead.country, "language": lead.language, "source": _("Referral"),
        "consent_note": _("Named by %(who)s") % {"who": lead.name or lead.email},
    }  # fmt: skip
    return create_lead(
        values, by=by, owner=lead.owner, queue=lead.queue, line_of_business=lead.line_of_business, now=now
    )
