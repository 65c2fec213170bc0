"""Raw bytes become a message: pure, bounded, without Django and without a database.

Hostile mails belong into ``pool.ParserPool``, which runs this under limits of CPU and memory.
"""

import re
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from functools import cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from .addresses import find_tokens
from .bodies import Bodies, check_tree, read_bodies
from .headers import (
    parse_addresses,
    raw_value,
    raw_values,
    read_addresses,
    read_date,
    read_ids,
    read_text,
    read_verdicts,
)
from .identity import compute_identity
from .limits import LIMITS, Limits, refuse_oversized
from .machine import Mail, Verdict, automatic_headers, classify
from .newest import Newest, newest_reply
from .parsed import Address, ParsedMessage, Unparseable

_TOKEN_HEADERS = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Forwarded-To", "Resent-To")
LEAST_LETTERS = 24
"""Fewer letters than this do not tell a language (a CJK character counts for four)."""
LEAST_CONFIDENCE = 0.6


def parse(
    raw: bytes, *, own_addresses: frozenset[str] = frozenset(), own_domain: str = "", limits: Limits = LIMITS
) -> ParsedMessage:
    """The message in ``raw``.

    ``own_addresses`` (lower case) and ``own_domain`` (of our Message-IDs) let our own loops be recognised.
    Raises ``Unparseable`` past the limits, and for nothing else.
    """
    refuse_oversized(raw, limits)
    try:
        message = BytesParser(policy=compat32).parsebytes(_mail_start(raw))
        check_tree(message, limits)
        return _read(message, own_addresses, own_domain)
    except RecursionError:
        raise Unparseable("nested too deep")
    except (MessageError, ValueError, TypeError, LookupError, AttributeError, AssertionError, OverflowError) as error:
        raise Unparseable(f"not understood ({type(error).__name__})") from error


def _mail_start(raw: bytes) -> bytes:
    """Without the byte order mark, blank lines and mbox ``From `` line that some exports put first.

    Lone carriage returns, where there are no other line ends, are line ends.
    """
    raw = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if b"\r" in raw and b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    return raw.partition(b"\n")[2] if raw.startswith((b"From ", b">From ")) else raw


def _read(message: Message, own_addresses: frozenset[str], own_domain: str) -> ParsedMessage:
    bodies = read_bodies(message)
    text, html = bodies.text, bodies.html
    sender = next(iter(read_addresses(message, "From")), Address(name=read_text(message, "From", limit=200)))
    subject = read_text(message, "Subject")
    message_id = next(iter(read_ids(message, "Message-ID")), "")
    reply_to, sent_at = read_addresses(message, "Reply-To"), read_date(message)
    newest = newest_reply(text, html, subject=subject, sender=sender.name)
    verdict = classify(
        Mail(
            message=message,
            text=text,
            newest=newest.newest,
            subject=subject,
            from_name=sender.name,
            from_address=sender.address,
            reply_to=tuple(address.address for address in reply_to),
            message_id=message_id,
            sent_at=sent_at,
            own_addresses=own_addresses,
            own_domain=own_domain,
        )
    )
    in_reply_to, references = read_ids(message, "In-Reply-To"), read_ids(message, "References")
    return ParsedMessage(
        message_id=message_id,
        in_reply_to=in_reply_to,
        references=references,
        from_name=sender.name,
        from_address=sender.address,
        reply_to=reply_to,
        to=read_addresses(message, "To"),
        cc=read_addresses(message, "Cc"),
        subject=subject,
        sent_at=sent_at,
        text=text,
        html=html,
        reply_tokens=_read_tokens(message, [*in_reply_to, *references], own_domain),
        auth_results=read_verdicts(message),
        defects=sorted(set(bodies.defects))[:20],
        automatic_headers=automatic_headers(message),
        attachments=bodies.attachments,
        identity=_identify(message, message_id, subject, bodies),
        **_newest_fields(newest, bodies),
        **_verdict_fields(verdict),
    )


def _newest_fields(newest: Newest, bodies: Bodies) -> dict[str, Any]:
    origin = next(iter(parse_addresses(_origin_value(newest.origin))), None)
    enclosed = not newest.newest and any(a.claimed_type == "message/rfc822" for a in bodies.attachments)
    return {
        "newest_text": newest.newest,
        "quoted_text": newest.quoted,
        "signature_text": newest.signature,
        "language": tell_language(newest.newest),
        "forwarded": newest.forwarded or enclosed,
        "forwarded_from": origin,
    }


def _origin_value(line: str) -> str:
    """``Anna <anna@example.com>`` out of ``*From:* Anna <mailto:anna@example.com> [...]`` in any language."""
    line = re.sub(r"^[\s>*_|]*[^:<@]{1,30}[:：][\s*_]*", "", line[:500].replace("mailto:", ""))
    line = re.sub(r"[\[(]([^\s\[\]()@]+@[^\s\[\]()]+)[\])]", r"<\1>", line)
    return line.replace("*", "")


def _verdict_fields(verdict: Verdict) -> dict[str, Any]:
    return {
        "nature": verdict.nature,
        "nature_reason": verdict.reason,
        "failed_recipient": verdict.report.recipient,
        "bounce_status": verdict.report.status,
        "original_message_id": verdict.report.original_id,
        "returns_on": verdict.returns_on,
    }


def _read_tokens(message: Message, ids: list[str], own_domain: str) -> list[str]:
    addresses = [value for name in _TOKEN_HEADERS for value in raw_values(message, name)]
    return find_tokens(addresses, ids, own_domain=own_domain)


def _identify(message: Message, message_id: str, subject: str, bodies: Bodies) -> str:
    return compute_identity(
        message_id=message_id,
        sender=raw_value(message, "From"),
        date=raw_value(message, "Date"),
        subject=subject,
        bodies=[part for pair in bodies.segments for part in pair],
        digests=[attachment.digest for attachment in bodies.attachments],
    )


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def tell_language(text: str) -> str:
    """The ISO 639-1 code of the text's language, empty when it is too short or too mixed to tell."""
    sample = re.sub(r"\S*[@/\\]\S*|\d+", " ", text[:2000])
    letters = sum(4 if character > "\u2e80" else 1 for character in sample if character.isalpha())
    if letters < LEAST_LETTERS:
        return ""
    language, confidence = _identifier().classify(sample)
    return language if confidence >= LEAST_CONFIDENCE else ""
