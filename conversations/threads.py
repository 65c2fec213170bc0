"""Which conversation a mail belongs to. Only reads; a subject never decides.

In this order: our own reply token, which nobody can guess; then In-Reply-To and References, when the sender is known to
be part of that conversation; then a mail stored earlier that names this one, when both come from the same people (mail
arrives out of order). Whoever holds a token joins, also from another address, because customers forward our mails to
colleagues; the message then carries a warning, and no agent acts on it alone. A mail that fails its domain's DMARC
rules proves no sender: only a token lets it join, with a warning.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Q

from conversations import warnings
from conversations.models import Conversation, Message
from conversations.parsed import Nature, ParsedMessage

LOOKED_AT = 60
"""So many of the newest references are looked up; longer chains name the same thread."""


@dataclass
class Found:
    """The conversation a mail joins, or None for a new one; what is odd about that."""

    conversation: Conversation | None = None
    warnings: list[dict[str, str]] = field(default_factory=list)


def find_conversation(parsed: ParsedMessage, *, own: frozenset[str]) -> Found:
    """The conversation of a mail, by token, then by what it refers to, then by what refers to it."""
    forged = parsed.auth_results.get("dmarc") == "fail"
    odd = [warnings.warn(warnings.NOT_AUTHENTIC, parsed.from_address)] if forged else []
    if conversation := _by_token(parsed):
        if not forged and parsed.nature == Nature.PERSON and not _knows(conversation, parsed.from_address, own):
            odd.append(warnings.warn(warnings.STRANGER_WITH_TOKEN, parsed.from_address))
        return Found(conversation, odd)
    if parsed.nature in (Nature.BOUNCE, Nature.COMPLAINT):
        return Found(_by_report(parsed), odd)
    referred = _by_reference(parsed)
    for conversation in referred:
        if not forged and _knows(conversation, parsed.from_address, own):
            return Found(conversation, odd)
    if referred:
        return Found(None, [*odd, warnings.warn(warnings.QUOTES_ANOTHER)])
    return Found(None if forged else _by_later(parsed, own), odd)


def lock_thread(parsed: ParsedMessage) -> None:
    """Keep two mails of one thread from being stored at the same time, until the transaction ends."""
    root = next(iter([*parsed.references, *parsed.in_reply_to, parsed.message_id]), "") or parsed.identity
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [root])


def participants(conversation: Conversation, *, own: frozenset[str]) -> set[str]:
    """The addresses that wrote in a conversation or were written to, without our own."""
    found = {conversation.contact.address} if conversation.contact else set()
    rows = Message.objects.filter(conversation=conversation).exclude(nature=Nature.BOUNCE)
    for sender, to, cc in rows.values_list("from_address", "to", "cc"):
        found.add(sender)
        found.update(each["address"] for each in [*to, *cc])
    return {address for address in found if address} - own


def _knows(conversation: Conversation, address: str, own: frozenset[str]) -> bool:
    return address in own or address in participants(conversation, own=own)


def _by_token(parsed: ParsedMessage) -> Conversation | None:
    if not parsed.reply_tokens:
        return None
    found = Conversation.objects.select_related("contact").filter(reply_token__in=parsed.reply_tokens[:LOOKED_AT])
    by_token = {conversation.reply_token: conversation for conversation in found}
    return next((by_token[token] for token in parsed.reply_tokens if token in by_token), None)


def _by_report(parsed: ParsedMessage) -> Conversation | None:
    """A report about one of our mails belongs to where that was written."""
    if not parsed.original_message_id:
        return None
    ours = Message.objects.filter(message_id=parsed.original_message_id, direction=Message.Direction.OUT)
    found = ours.select_related("conversation").first()
    return found.conversation if found else None


def _by_reference(parsed: ParsedMessage) -> list[Conversation]:
    """The conversations that a mail claims to answer, the one of the nearest reference first."""
    named = list(dict.fromkeys([*parsed.in_reply_to, *reversed(parsed.references)]))[:LOOKED_AT]
    if not named:
        return []
    rows = Message.objects.filter(message_id__in=named).select_related("conversation__contact").order_by("id")
    near = sorted(rows, key=lambda message: named.index(message.message_id))
    return list({message.conversation_id: message.conversation for message in near}.values())


def _by_later(parsed: ParsedMessage, own: frozenset[str]) -> Conversation | None:
    """The conversation of a mail that answers this one and was stored first, between the same people."""
    if not parsed.message_id:
        return None
    # Sorted here: asked for in order, the database would walk all messages instead of the index of references.
    answers = Message.objects.filter(~Q(from_address=""), references__contains=[parsed.message_id])
    found = sorted(answers.values_list("pk", flat=True)[:20])
    here = _addresses(parsed) - own
    for answer in Message.objects.filter(pk__in=found).select_related("conversation__contact").order_by("pk"):
        if here & ({answer.from_address} - own) and parsed.from_address in participants(answer.conversation, own=own):
            return answer.conversation
    return None


def _addresses(parsed: ParsedMessage) -> set[str]:
    people: Iterable[str] = (each.address for each in [*parsed.to, *parsed.cc, *parsed.reply_to])
    return {parsed.from_address, *people} - {""}
