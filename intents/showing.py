"""What was recognised, as pages show it."""

from dataclasses import dataclass, field
from typing import Any

from intents.asking import was_asked
from intents.attributes import FULFILLED
from intents.models import Determination


@dataclass(frozen=True)
class ShownAttribute:
    """A question of the intent with its answer; ``words`` are the customer's, where it stands in them."""

    label: str
    question: str
    value: str
    is_known: bool
    is_required: bool
    source: str = ""
    words: str = ""
    is_asked: bool = False


@dataclass(frozen=True)
class ShownBeside:
    """A further intent of the same message, and the words of the customer that speak for it."""

    label: str
    confidence: float
    words: list[str]


@dataclass(frozen=True)
class ShownDetermination:
    """A determination with its evidence in words."""

    row: Determination
    group: str
    words: list[str] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)
    also: list[ShownBeside] = field(default_factory=list)
    alternatives: list[dict[str, Any]] = field(default_factory=list)
    attributes: list[ShownAttribute] = field(default_factory=list)

    @property
    def answered(self) -> int:
        """How many of its questions have an answer."""
        return sum(one.is_known for one in self.attributes)


def show_determination(row: Determination) -> ShownDetermination:
    """A determination for a page: by which words and examples, what else it may be, what is known."""
    own = _evidence_of(row, "", row.topic)
    others = [one for one in row.alternatives if one["topic"] != row.topic]
    return ShownDetermination(
        row=row,
        group=row.intent.group.name if row.intent and row.intent.group else "",
        words=_words_in(own),
        examples=[label for piece in own for label in piece.get("labels", [])][:3],
        also=[
            ShownBeside(one["label"], one["confidence"], _words_in(_evidence_of(row, one["topic"])))
            for one in others
            if one.get("is_chosen")
        ],
        alternatives=[one for one in others if not one.get("is_chosen")][:3],
        attributes=list_attributes(row),
    )


def _evidence_of(row: Determination, *topics: str) -> list[dict[str, Any]]:
    return [piece for piece in row.evidence if piece.get("part") in topics]


def _words_in(evidence: list[dict[str, Any]]) -> list[str]:
    words = [word["text"] for piece in evidence for word in piece.get("words", [])]
    return words + [piece["text"] for piece in evidence if piece["kind"] == "words"]


def list_attributes(row: Determination) -> list[ShownAttribute]:
    """The attributes of the intent in order, each with what is known."""
    if row.intent is None:
        return []
    shown = []
    for attribute in row.intent.attributes.all():
        known = row.values.get(attribute.name, {})
        evidence = known.get("evidence") or [{}]
        shown.append(
            ShownAttribute(
                label=attribute.label,
                question=attribute.question,
                value=known.get("shown", ""),
                is_known=known.get("state") == FULFILLED,
                is_required=attribute.is_required,
                source=known.get("source", ""),
                words=evidence[0].get("text", ""),
                is_asked=was_asked(row, attribute.name),
            )
        )
    return shown
