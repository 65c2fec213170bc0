"""A reply is composed: rendered and frozen, a message in the thread, and one effect, in the caller's transaction."""

import base64
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from agents import outbox
from agents.models import Effect, Suggestion
from agents.models.levels import ArrivedAs
from agents.suggestions import NotAllowed
from conversations.addresses import can_be_written_to, clean_header, normalise_address, own_message_id, reply_address
from conversations.blinding import write_token
from conversations.composing import Letter, as_html, write_mail
from conversations.contacts import own_addresses
from conversations.models import Contact, Conversation, Mailbox, Message, MessageTemplate
from conversations.parsed import Address, Nature
from conversations.sanitise import clean_text
from conversations.storing import count_message, search_vector
from conversations.suppression import list_refusals
from conversations.warnings import doubts

KIND = "conversations.send_mail"


class CannotSend(NotAllowed):
    """Sending is impossible as things are; ``reasons`` say why, for people."""


def default_recipients(conversation: Conversation) -> list[Address]:
    """Whom a reply goes to: the last person who wrote, else the conversation's contact."""
    inbound = conversation.messages.filter(direction=Message.Direction.IN, nature=Nature.PERSON)
    last = inbound.exclude(contact=None).select_related("contact").order_by("-received_at", "-id").first()
    contact = last.contact if last else conversation.contact
    return [Address(name=contact.name, address=contact.address)] if contact else []


def blockers(
    conversation: Conversation,
    to: Sequence[Address | str] | None = None,
    cc: Sequence[Address | str] = (),
    *,
    is_automatic: bool = False,
    outreach: bool = False,
) -> list[str]:
    """Why nothing can be sent in this conversation now; empty when it can. ``outreach`` is sales mail nobody asked for.

    Mail that the operator holds or whose server is down is no blocker: it waits, and the outbox page says so.
    """
    recipients = _as_addresses(to) if to is not None else default_recipients(conversation)
    reasons = [*_mailbox_blockers(conversation.mailbox), *_recipient_blockers(recipients, _as_addresses(cc), outreach)]
    if conversation.arrived_as == ArrivedAs.HISTORY:
        reasons.append(_("This conversation is history. Adopt it before answering."))
    if is_automatic and not outreach:
        reasons += doubts_about_sender(conversation)
    return reasons


def _mailbox_blockers(mailbox: Mailbox | None) -> list[str]:
    if mailbox is None:
        return [_("The conversation has no mailbox to send from.")]
    if not mailbox.is_active:
        return [_("The mailbox “%(name)s” is switched off.") % {"name": mailbox.name}]
    if not mailbox.smtp_host and settings.OUTBOUND != "sink":
        return [_("The mailbox “%(name)s” names no SMTP server.") % {"name": mailbox.name}]
    return []


def _recipient_blockers(recipients: list[Address], copies: list[Address], outreach: bool) -> list[str]:
    if not recipients:
        return [_("There is nobody to send to.")]
    if outreach and len(recipients) + len(copies) > 1:
        return [_("Sales mail goes to one person: the link that ends it is theirs.")]
    own, addresses = own_addresses(), [each.address for each in [*recipients, *copies]]
    reasons = [_("“%(address)s” is no e-mail address.") % {"address": a} for a in addresses if not can_be_written_to(a)]
    reasons += [_("%(address)s is a mailbox of ours.") % {"address": a} for a in addresses if a in own]
    bounced = Contact.objects.filter(address__in=addresses, bounced_at__isnull=False)
    for contact in bounced:
        values = {"address": contact.address, "status": contact.bounce_status}
        reasons.append(_("Mail to %(address)s could not be delivered (%(status)s).") % values)
    told = {contact.address for contact in bounced}
    return [*reasons, *list_refusals([each for each in addresses if each not in told], outreach=outreach)]


def doubts_about_sender(conversation: Conversation) -> list[str]:
    """Why the last message may not be answered automatically: a machine wrote it, or nobody vouches for its sender."""
    last = conversation.messages.filter(direction=Message.Direction.IN).order_by("-received_at", "-id").first()
    if last is None:
        return []
    if last.nature != Nature.PERSON:
        why = {"why": last.get_nature_display()}
        return [_("The last message was not written by a person: %(why)s") % why]
    return doubts(last)


def compose_reply(
    conversation: Conversation,
    *,
    body: str,
    author: Any,
    authority: str,
    key: str,
    now: dt.datetime,
    subject: str | None = None,
    to: Sequence[Address | str] | None = None,
    cc: Sequence[Address | str] = (),
    template: MessageTemplate | None = None,
    suggestion: Suggestion | None = None,
    agent: str = "",
    is_automatic: bool = False,
    citations: Iterable[Any] = (),
    not_before: dt.datetime | None = None,
    not_after: dt.datetime | None = None,
    effect_subject: Any = None,
    unsubscribe_words: str = "",
) -> Message:
    """Freeze a reply and queue it, in the caller's transaction; the same ``key`` again gives the message that is there.

    ``body`` is the finished text without signature; ``template`` only lends its subject when none is given. Recipients,
    bytes and Message-ID are fixed here for life. ``effect_subject`` is the row under which record and outbox show it
    (the case); without one, the conversation. ``unsubscribe_words`` make it outreach: they stand at the end, before the
    link that ends it. Raises CannotSend.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a reply is composed in the transaction that decides on it")
    conversation = _lock(conversation)
    if known := Message.objects.filter(effect_key=key).first():
        return known
    people = _people(conversation, to, cc, is_automatic=is_automatic, outreach=bool(unsubscribe_words))
    chosen = _subject(conversation, subject, template)
    letter = _letter(conversation, *people, body, chosen, key, is_automatic, now)
    if unsubscribe_words:
        letter = _with_way_out(letter, unsubscribe_words)
    wrote = {"author": author, "agent": agent, "is_automatic": is_automatic, "citations": list(citations)}
    message = _add_message(conversation, letter, key, **wrote)
    approved_by = author if authority == Effect.Authority.PERSON else None
    effect = {"key": key, "authority": authority, "approved_by": approved_by, "agent": agent, "suggestion": suggestion}
    when = {"not_before": not_before, "not_after": not_after, "now": now}
    _queue_letter(letter, message, effect_subject or conversation, **effect, **when)
    return message


def _people(
    conversation: Conversation,
    to: Sequence[Address | str] | None,
    cc: Sequence[Address | str],
    *,
    is_automatic: bool,
    outreach: bool,
) -> tuple[list[Address], list[Address]]:
    """Whom it goes to, and the copies. Raises CannotSend when it may not go to them now."""
    recipients = _as_addresses(to) if to is not None else default_recipients(conversation)
    if reasons := blockers(conversation, recipients, cc, is_automatic=is_automatic, outreach=outreach):
        raise CannotSend(reasons)
    return recipients, _as_addresses(cc)


def _lock(conversation: Conversation) -> Conversation:
    rows = Conversation.objects.select_for_update(of=("self",)).select_related("mailbox", "contact")
    return rows.get(pk=conversation.pk)


def _queue_letter(letter: Letter, message: Message, subject: Any, **effect: Any) -> None:
    """One effect for the frozen letter."""
    outbox.queue(KIND, payload=_payload(letter, message), subject=subject, label=_label(letter), **effect)


def _as_addresses(people: Sequence[Address | str]) -> list[Address]:
    """Each person once, by normalised address; what is no address stays as it was written, and blocks."""
    found: dict[str, Address] = {}
    for each in people:
        name, address = (each.name, each.address) if isinstance(each, Address) else ("", each)
        normal = normalise_address(address) or address
        found.setdefault(normal, Address(name=clean_header(name, limit=120), address=normal))
    return list(found.values())


def _subject(conversation: Conversation, subject: str | None, template: MessageTemplate | None) -> str:
    chosen = subject or (template.subject if template else "")
    if chosen:
        return clean_header(chosen, limit=300)
    told = clean_header(conversation.subject, limit=290)
    return told if told.lower().startswith("re:") else f"Re: {told}".strip()


def _letter(
    conversation: Conversation,
    to: list[Address],
    cc: list[Address],
    body: str,
    subject: str,
    key: str,
    is_automatic: bool,
    now: dt.datetime,
) -> Letter:
    mailbox = conversation.mailbox
    assert mailbox
    earlier = conversation.messages.exclude(message_id="").order_by("-received_at", "-id")
    answered = earlier.filter(direction=Message.Direction.IN).first() or earlier.first()
    back = reply_address(mailbox.address, conversation.reply_token) if mailbox.uses_plus_address else ""
    return Letter(
        sender=Address(name=mailbox.name, address=mailbox.address),
        reply_to=back,
        to=to,
        cc=[each for each in cc if each.address not in {person.address for person in to}],
        subject=subject,
        text=with_signature(body, mailbox),
        message_id=own_message_id(key, settings.MESSAGE_ID_DOMAIN, token=conversation.reply_token),
        in_reply_to=answered.message_id if answered else "",
        references=list(answered.references) if answered else [],
        is_automatic=is_automatic,
        date=now,
    )


def with_signature(body: str, mailbox: Mailbox) -> str:
    """The text as it leaves: the mailbox's signature below it."""
    text = clean_text(body).strip()
    signature = clean_text(mailbox.signature).strip()
    return f"{text}\n\n-- \n{signature}\n" if signature else f"{text}\n"


def unsubscribe_url(address: str) -> str:
    """The link by which a reader ends outreach; from ``PUBLIC_URL``, like every link in a mail."""
    return settings.PUBLIC_URL.rstrip("/") + reverse("conversations:unsubscribe", args=[write_token(address)])


def _with_way_out(letter: Letter, words: str) -> Letter:
    """The letter with the link that ends mail of its sort, in a header for mail programs and a line for people."""
    url = unsubscribe_url(letter.to[0].address)
    return replace(letter, text=f"{letter.text.rstrip()}\n\n{words} {url}\n", unsubscribe_url=url)


def _add_message(
    conversation: Conversation,
    letter: Letter,
    key: str,
    *,
    author: Any,
    agent: str,
    is_automatic: bool,
    citations: list[Any],
) -> Message:
    message = Message.objects.create(
        conversation=conversation,
        direction=Message.Direction.OUT,
        mailbox=conversation.mailbox,
        contact=Contact.objects.filter(address=letter.to[0].address).first(),
        message_id=letter.message_id,
        identity=f"out:{letter.message_id.strip('<>').partition('.')[0]}",
        in_reply_to=[letter.in_reply_to] if letter.in_reply_to else [],
        references=list(dict.fromkeys([*letter.references, *([letter.in_reply_to] if letter.in_reply_to else [])])),
        from_name=letter.sender.name,
        from_address=normalise_address(letter.sender.address),
        to=[each.model_dump() for each in letter.to],
        cc=[each.model_dump() for each in letter.cc],
        subject=letter.subject,
        text=letter.text,
        newest_text=letter.text,
        html=as_html(letter.text),
        sent_at=letter.date,
        received_at=letter.date,
        created_at=letter.date,
        author=author,
        agent=agent,
        is_automatic=is_automatic,
        citations=citations,
        effect_key=key,
        send_state=Message.SendState.QUEUED,
        search=search_vector(letter.subject, letter.text),
    )
    count_message(conversation, at=letter.date)
    return message


def _payload(letter: Letter, message: Message) -> dict[str, Any]:
    """What the outbox keeps: the frozen bytes and their envelope."""
    return {
        "raw": base64.b64encode(write_mail(letter)).decode(),
        "sender": normalise_address(letter.sender.address),
        "recipients": [each.address for each in [*letter.to, *letter.cc]],
        "message": message.pk,
        "mailbox": message.mailbox_id,
        "conversation": message.conversation_id,
        "message_id": letter.message_id,
        "is_automatic": letter.is_automatic,
        "is_outreach": bool(letter.unsubscribe_url),
    }


def _label(letter: Letter) -> str:
    return _("%(subject)s, to %(who)s") % {"subject": letter.subject, "who": ", ".join(a.address for a in letter.to)}
