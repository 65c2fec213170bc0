"""What a suggestion is based on: the words, the header, the examples, the rule or the passage."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Evidence(BaseModel):
    """``mark`` is the number shown beside the claim; ``part`` names the field or sentence it supports."""

    model_config = ConfigDict(extra="forbid")

    mark: int = 0
    part: str = ""


class Words(_Evidence):
    """A span of a message: ``start`` and ``end`` count characters of its plain text, ``text`` is what stands there."""

    kind: Literal["words"] = "words"
    message: int
    start: int
    end: int
    text: str


class Envelope(_Evidence):
    """A header, the channel or the sender of a message."""

    kind: Literal["envelope"] = "envelope"
    message: int
    header: str
    value: str


class Examples(_Evidence):
    """Confirmed rows that decided (at least three), with the words of this message that weighed most."""

    kind: Literal["examples"] = "examples"
    subjects: list[int] = Field(min_length=3)
    labels: list[str] = []
    words: list[Words] = []


class RuleMatch(_Evidence):
    """A rule of a Manage page that an administrator wrote."""

    kind: Literal["rule"] = "rule"
    rule: int | None = None
    name: str


class PassageQuote(_Evidence):
    """A sentence of an article: ``start`` and ``end`` count characters of the passage's text."""

    kind: Literal["passage"] = "passage"
    article: int
    version: int
    passage: int
    title: str
    start: int
    end: int
    text: str


class Quoted(_Evidence):
    """Words of another text the record keeps (a web page, a field): ``row`` is the key that its source knows it by."""

    kind: Literal["quoted"] = "quoted"
    row: int
    title: str
    url: str = ""
    start: int
    end: int
    text: str


Evidence = Annotated[Words | Envelope | Examples | RuleMatch | PassageQuote | Quoted, Field(discriminator="kind")]
EVIDENCE = TypeAdapter(list[Evidence])


def number_marks(evidence: Iterable[Evidence]) -> list[Evidence]:
    """The same evidence, numbered from 1 in its order; equal spans share a number."""
    seen: dict[str, int] = {}
    numbered = []
    for item in evidence:
        key = item.model_dump_json(exclude={"mark", "part"})
        numbered.append(item.model_copy(update={"mark": seen.setdefault(key, len(seen) + 1)}))
    return numbered
