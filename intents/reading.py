"""Reading what a customer wrote: whose words they are, what is denied, what is corrected. Pure."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from pydantic import BaseModel

from agents.evidence import Envelope, Words
from agents.skills.languages import fold
from knowledge.passages import Span, sentences

_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_QUOTE_HEAD = re.compile(
    r"^[ \t]*(?:-{2,}\s*(?:original message|urspr.ngliche nachricht|message d.origine|mensaje original).*"
    r"|(?:on|am|le|el)\b.{5,120}(?:wrote|schrieb|a écrit|escribió).{0,60}:[ \t]*)$",
    re.IGNORECASE | re.MULTILINE,
)
_FORWARDED = re.compile(r"^\s*(?:fwd?|wg|tr|rv)\s*:", re.IGNORECASE)
_DENIED = re.compile(
    r"(?:\bnot|n't|\binstead of|\brather than|\bwithout|\bnicht|\bkeine?n?|\bstatt|\banstatt|\bohne"
    r"|\bpas|\bau lieu d[eu]"
    r"|\bsans|\bno es|\bno|\ben vez de[l]?|\ben lugar de[l]?|\bsin)\s+(?:\w+\s+){0,3}$",
    re.IGNORECASE,
)
_TURNED = re.compile(r"[,;:.]|\b(?:but|sondern|mais|sino)\b", re.IGNORECASE)
_CORRECTED = re.compile(
    r"\b(?:sorry|correction|i meant|actually|mistyped|typo|entschuldigung|korrektur|korrigiere|ich meinte|vertippt"
    r"|richtig ist|pardon|désolée?|je voulais dire|erreur|perdón|perdone|disculpe|quise decir|en realidad)\b",
    re.IGNORECASE,
)


class MessageText(BaseModel):
    """A message of the conversation, oldest first; ``text`` is the newest text without quotes and signature.

    Spans of evidence count characters of this ``text``. ``day`` is the day it was sent (ISO), from which "yesterday"
    is reckoned.
    """

    id: int
    direction: Literal["in", "out"] = "in"
    text: str
    subject: str = ""
    sender: str = ""
    sender_name: str = ""
    language: str = ""
    channel: str = "email"
    day: str = ""


@dataclass(frozen=True)
class Source:
    """Text of one message in which values may stand; ``header`` names a header, or is empty for the body."""

    message: MessageText
    text: str
    header: str = ""

    @property
    def is_forwarded(self) -> bool:
        return bool(_FORWARDED.match(self.message.subject))

    @cached_property
    def sentences(self) -> list[Span]:
        return sentences(self.text)

    def sentence_at(self, at: int) -> Span:
        """The sentence in which a character stands."""
        return next(
            (span for span in self.sentences if span.start <= at < span.end), Span(0, len(self.text), self.text)
        )

    def evidence(self, start: int, end: int) -> Words | Envelope:
        """The span as evidence; of a header, the header."""
        if self.header:
            return Envelope(message=self.message.id, header=self.header, value=self.text)
        return Words(message=self.message.id, start=start, end=end, text=self.message.text[start:end])

    def is_denied(self, start: int) -> bool:
        """Whether the words just before say "not this one"."""
        sentence = self.sentence_at(start)
        before = self.text[sentence.start : start]
        match = _DENIED.search(before)
        return match is not None and not _TURNED.search(match.group())

    def is_corrected(self, start: int) -> bool:
        """Whether the sentence, or the one before it, takes something back."""
        sentence = self.sentence_at(start)
        return bool(_CORRECTED.search(self.text[max(0, sentence.start - 60) : sentence.end]))


def own_text(message: MessageText) -> str:
    """The message's text with quoted lines blanked, so that every character keeps its place."""
    text = _QUOTED_LINE.sub(_blank, message.text)
    head = _QUOTE_HEAD.search(text)
    if head and not _FORWARDED.match(message.subject) and text[: head.start()].strip():
        text = text[: head.start()] + _blank_text(text[head.start() :])
    return text


def _blank(match: re.Match) -> str:
    return _blank_text(match.group())


def _blank_text(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def inbound_sources(messages: list[MessageText]) -> list[Source]:
    """Where the customer speaks, newest first: each body, then its subject. Our own messages are no source."""
    found = []
    for message in reversed([one for one in messages if one.direction == "in"]):
        found.append(Source(message, own_text(message)))
        if message.subject.strip():
            found.append(Source(message, message.subject, "Subject"))
    return found


def matter(messages: list[MessageText]) -> str:
    """The text by which a conversation is compared with confirmed cases: subject and the customer's words."""
    inbound = [message for message in messages if message.direction == "in"]
    if not inbound:
        return ""
    return "\n".join([clean_subject(inbound[0].subject), *(own_text(message) for message in inbound)]).strip()


_PREFIX = re.compile(
    r"^\s*(?:(?:re|fwd?|aw|wg|antw|antwort|tr|rv|res|sv|vs|ref|external|extern)\s*(?:\[\d+\])?\s*:"
    r"|\[[^\]]{1,40}\]|\((?:extern|external)\)|#\d{2,}\b[:\s-]*)\s*",
    re.IGNORECASE,
)


def clean_subject(subject: str) -> str:
    """A subject without reply marks and tags of other desks."""
    text, before = " ".join(subject.split()), None
    while text != before:
        before, text = text, _PREFIX.sub("", text, count=1)
    return re.sub(r"\s*[\[(](?:case|ticket|ref|fall|#)[^\])]*[\])]\s*$", "", text, flags=re.IGNORECASE).strip(" -:")


def words_of(text: str) -> list[Span]:
    """The words of a text where they stand, each folded."""
    return [Span(match.start(), match.end(), fold(match.group())) for match in re.finditer(r"\w+", text)]
