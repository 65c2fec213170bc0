"""A case's title and description out of its first message."""

import re
import textwrap

from conversations.models import Message

# Reply and forward marks of mail clients in many languages, and the tags other help desks add.
_MARK = re.compile(
    r"^\s*(?:(?:re|aw|wg|fwd?|fw|tr|rv|sv|vs|vb|antw|odp|ynt|rif|r|i|enc|res|ré|réf|ref)(?:\s*\[\d+\])?\s*[:：]"
    r"|\[[^\]]{1,40}\])\s*",
    re.IGNORECASE,
)
_EMPTY_WORDS = {"", "(no subject)", "no subject", "kein betreff", "sans objet", "sin asunto", "help", "question"}


def clean_subject(subject: str) -> str:
    """The subject without reply marks and tags; empty when nothing is left that says anything."""
    while (shorter := _MARK.sub("", subject, count=1)) != subject:
        subject = shorter
    subject = " ".join(subject.split())
    return "" if subject.casefold().strip(" .!?-") in _EMPTY_WORDS else subject


def title_message(message: Message) -> str:
    """The subject where it says something, else the first sentence that does."""
    subject = clean_subject(message.subject)
    if subject:
        return subject
    for line in message.newest_text.splitlines():
        sentence = re.split(r"(?<=[.!?])\s", line.strip())[0]
        if len(sentence.split()) >= 4:
            return textwrap.shorten(sentence, 100, placeholder="…")
    return textwrap.shorten(message.newest_text, 100, placeholder="…") or message.from_address or "—"


def describe_message(message: Message) -> str:
    """The newest text, cut at 2,000 characters on a word."""
    text = message.newest_text.strip()
    return text if len(text) <= 2000 else text[:2000].rsplit(" ", 1)[0] + "…"
