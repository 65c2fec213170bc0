"""A parsed mail becomes rows: contact, conversation, message, attachments, in the caller's transaction."""

import datetime as dt
from typing import Any

from django.contrib.postgres.search import SearchVector
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import F, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Greatest

from agents.models.levels import ArrivedAs
from agents.skills.languages import fold
from conversations import warnings
from conversations.addresses import find_tokens, new_token
from conversations.authenticity import note_verdicts
from conversations.contacts import find_or_add_contact, mark_bounced
from conversations.models import Attachment, Contact, Conversation, Delivery, Message, Suppression
from conversations.parsed import Address, Nature, ParsedAttachment, ParsedMessage
from conversations.suppression import suppress
from conversations.threads import LOOKED_AT, find_conversation, lock_thread

SEARCHED = 60_000
"""Characters of a text that search looks at."""
# Whoever sent such a mail is a machine, not somebody we know.
NOBODY = (Nature.BOUNCE, Nature.COMPLAINT, Nature.OWN_LOOP)
# Sources that only people of ours fill, in which mail from our own address is what we really sent.
HANDED_OVER = frozenset({"file", "sample", "sent"})


def keep_files(parsed: ParsedMessage) -> dict[str, str]:
    """Write the attachments under names made of their digests, before any transaction; digest to stored name.

    A crash afterwards leaves a file that no row names, never a row without its file; the same bytes are written once.
    """
    return {each.digest: _keep_file(each) for each in parsed.attachments}


def _keep_file(attachment: ParsedAttachment) -> str:
    name = f"attachments/{attachment.digest[:2]}/{attachment.digest}"
    if default_storage.exists(name):
        if default_storage.size(name) == attachment.size:
            return name
        default_storage.delete(name)  # a crash cut it short
    return default_storage.save(name, ContentFile(attachment.content))


def store_message(
    parsed: ParsedMessage, delivery: Delivery, files: dict[str, str], *, own: frozenset[str], now: dt.datetime
) -> tuple[Message, bool]:
    """The message of a mail, and whether it is new; a second copy gives the message that is there.

    ``own`` are the addresses of our mailboxes. IntegrityError: another worker stored the other copy between our look
    and our insert; who tries again finds it.
    """
    lock_thread(parsed)
    same_id = _same_id(parsed)
    known = next((row for row in same_id if row.identity == parsed.identity), None) or _find_sent_copy(parsed)
    if known:
        note_verdicts(known.pk, parsed.auth_results, now=now)
        return known, False
    odd = _mark_reused(same_id)
    return _store_new(parsed, delivery, files, own, odd, now), True


def _store_new(
    parsed: ParsedMessage,
    delivery: Delivery,
    files: dict[str, str],
    own: frozenset[str],
    reused: list[dict[str, str]],
    now: dt.datetime,
) -> Message:
    found = find_conversation(parsed, own=own)
    ours = _is_ours(parsed, delivery, own)
    contact = _find_addressee(parsed, own, now) if ours else _find_contact(parsed, own, now)
    conversation = found.conversation or _open_conversation(parsed, delivery, contact, now)
    odd = [*found.warnings, *reused, *(warnings.warn(warnings.DEFECT, text) for text in parsed.defects)]
    said_by = {"nature": Nature.PERSON.value, "nature_reason": ""} if ours else {}
    message = Message.objects.create(
        **(_columns(parsed) | said_by),
        conversation=conversation,
        direction=Message.Direction.OUT if ours else Message.Direction.IN,
        arrived_as=delivery.arrived_as,
        mailbox=delivery.mailbox,
        contact=contact,
        received_at=delivery.received_at,
        created_at=now,
        warnings=odd,
        search=search_vector(parsed.subject, parsed.text),
    )
    Attachment.objects.bulk_create(_attachment(each, message, files) for each in parsed.attachments)
    if found.conversation:
        count_message(conversation, at=delivery.received_at)
    if delivery.arrived_as == ArrivedAs.LIVE and conversation.arrived_as == ArrivedAs.HISTORY:
        # Somebody goes on with an old conversation today: from here it is answered like any other.
        Conversation.objects.filter(pk=conversation.pk).update(arrived_as=ArrivedAs.LIVE)
    if parsed.nature == Nature.BOUNCE:
        note_bounce(message, now=now)
    if parsed.nature == Nature.COMPLAINT:
        note_complaint(message, now=now)
    return message


def _columns(parsed: ParsedMessage) -> dict[str, Any]:
    return {
        "nature": parsed.nature.value,
        "nature_reason": parsed.nature_reason[:300],
        "message_id": parsed.message_id[:998],
        "identity": parsed.identity,
        "in_reply_to": parsed.in_reply_to,
        "references": list(dict.fromkeys([*parsed.references, *parsed.in_reply_to])),
        "from_name": parsed.from_name[:200],
        "from_address": parsed.from_address[:320],
        "to": as_people(parsed.to),
        "cc": as_people(parsed.cc),
        "subject": parsed.subject[:300],
        "text": parsed.text,
        "newest_text": parsed.newest_text,
        "html": parsed.html,
        "language": parsed.language[:8],
        "sent_at": parsed.sent_at,
        "auth_results": parsed.auth_results,
        "failed_recipient": parsed.failed_recipient[:320],
        "bounce_status": parsed.bounce_status[:12],
        "returns_on": parsed.returns_on,
    }


def as_people(addresses: list[Address]) -> list[dict[str, str]]:
    """Addresses as a message keeps them."""
    return [{"name": each.name, "address": each.address} for each in addresses]


def search_vector(subject: str, text: str) -> Combinable:
    """What full-text search finds a message by; accents are folded, no language is assumed."""
    return SearchVector(Value(fold(subject)), weight="A", config="simple") + SearchVector(
        Value(fold(text[:SEARCHED])), weight="B", config="simple"
    )


def _find_contact(parsed: ParsedMessage, own: frozenset[str], now: dt.datetime) -> Contact | None:
    """Whom an answer goes to: Reply-To where the sender asks for it, else the sender; nobody for machines."""
    if parsed.nature in NOBODY:
        return None
    writer = next((each for each in parsed.reply_to if each.address not in own), None)
    address, name = (writer.address, writer.name) if writer else (parsed.from_address, parsed.from_name)
    if not address or address in own:
        return None
    return find_or_add_contact(address, name=name or parsed.from_name, now=now)


def _is_ours(parsed: ParsedMessage, delivery: Delivery, own: frozenset[str]) -> bool:
    """Whether this is mail that people of ours sent, in an archive that somebody of ours handed over.

    What merely comes in under our address may be forged or a loop of our own, and is never taken as our word.
    """
    return delivery.source in HANDED_OVER and parsed.nature == Nature.OWN_LOOP and parsed.from_address in own


def _find_addressee(parsed: ParsedMessage, own: frozenset[str], now: dt.datetime) -> Contact | None:
    """Whom a mail of ours went to: the first address that is not our own."""
    reader = next((each for each in [*parsed.to, *parsed.cc] if each.address and each.address not in own), None)
    return find_or_add_contact(reader.address, name=reader.name, now=now) if reader else None


def _open_conversation(
    parsed: ParsedMessage, delivery: Delivery, contact: Contact | None, now: dt.datetime
) -> Conversation:
    mailbox = delivery.mailbox
    return Conversation.objects.create(
        channel=Conversation.Channel.MAIL,
        subject=parsed.subject[:300],
        contact=contact,
        mailbox=mailbox,
        queue_id=mailbox.queue_id if mailbox else None,
        line_of_business_id=mailbox.line_of_business_id if mailbox else None,
        reply_token=new_token(),
        arrived_as=delivery.arrived_as,
        created_at=now,
        last_message_at=delivery.received_at,
        message_count=1,
    )


def count_message(conversation: Conversation, *, at: dt.datetime) -> None:
    """Keep on the conversation what lists show of its messages."""
    Conversation.objects.filter(pk=conversation.pk).update(
        message_count=F("message_count") + 1, last_message_at=Greatest(F("last_message_at"), at)
    )


def _attachment(each: ParsedAttachment, message: Message, files: dict[str, str]) -> Attachment:
    return Attachment(
        message=message,
        name=each.name[:200],
        claimed_type=each.claimed_type[:120],
        sniffed_type=each.sniffed_type[:120],
        size=each.size,
        digest=each.digest,
        content_id=each.content_id[:300],
        is_inline=each.inline,
        file=files[each.digest],
    )


def _same_id(parsed: ParsedMessage) -> list[Message]:
    """Messages of this identity, which are copies, and others of this Message-ID. Nearly every mail is new."""
    same = Q(identity=parsed.identity)
    if parsed.message_id:
        same |= Q(message_id=parsed.message_id[:998])
    return list(Message.objects.filter(same).only("pk", "identity", "warnings"))


def _mark_reused(others: list[Message]) -> list[dict[str, str]]:
    """The warning that another message has the same Message-ID with other content; that one is marked too."""
    mark = warnings.warn(warnings.REUSED_ID)
    for other in others:
        if mark not in other.warnings:
            Message.objects.filter(pk=other.pk).update(warnings=[*other.warnings, mark])
    return [mark] if others else []


def _find_sent_copy(parsed: ParsedMessage) -> Message | None:
    """Our own mail that came back unchanged (we were in Cc, it lies in the Sent folder): the message we sent.

    Some providers give a mail another Message-ID on its way out: then the thread's own token and the words tell.
    """
    if parsed.nature != Nature.OWN_LOOP:
        return None
    ours = Q(message_id=parsed.message_id) if parsed.message_id else Q(pk__in=[])
    if tokens := [*parsed.reply_tokens[:LOOKED_AT], *find_tokens(each.address for each in parsed.reply_to)]:
        ours |= Q(conversation__reply_token__in=tokens)
    for sent in Message.objects.filter(ours, direction=Message.Direction.OUT).order_by("pk"):
        if sent.from_address == parsed.from_address and sent.text.split() == parsed.text.split():
            return sent
    return None


def note_bounce(message: Message, *, now: dt.datetime) -> None:
    """A final bounce of a mail of ours marks the address, when we did write to it; a made-up report marks nobody."""
    if not message.bounce_status.startswith("5") or not message.failed_recipient:
        return
    if message.failed_recipient in _written_to(message):
        mark_bounced(message.failed_recipient, status=message.bounce_status, now=now)


def note_complaint(message: Message, *, now: dt.datetime) -> None:
    """A provider says that somebody took a mail of ours for spam: they get nothing more.

    Providers that hide who complained name only the mail; then it is whom that mail went to.
    """
    written_to = _written_to(message)
    named = {message.failed_recipient} & written_to or (written_to if len(written_to) == 1 else set())
    for address in named:
        suppress(address, reason=Suppression.Reason.COMPLAINT, by=None, message=message, now=now)


def _written_to(message: Message) -> set[str]:
    """Whom we wrote to in the message's conversation."""
    ours = Message.objects.filter(conversation=message.conversation, direction=Message.Direction.OUT)
    return {each["address"] for to, cc in ours.values_list("to", "cc") for each in [*to, *cc]}
