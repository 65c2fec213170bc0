"""What intents ask an engine: why a customer writes."""

from typing import ClassVar, Literal

from pydantic import BaseModel, Field

from agents.evidence import Evidence, Examples, Words, number_marks
from agents.skills import Answer, Material, Skill
from intents import recognition
from intents.recognition import Seen
from knowledge.passages import sentences

# Without a bar of its own a question is answered from here on.
USUAL_BAR = 0.5
# Fewer confirmed examples than this are no evidence; the words alone are.
FEWEST_EXAMPLES = 3
# A model chooses among so many of the likeliest intents.
MOST_SHOWN = 40
# Both engines say the same; the model alone; the model leaves out what the local engine chose.
AGREED, ALONE, AGAINST = 0.92, 0.75, 0.4


class MatchIntents(BaseModel):
    """A message, and the library it is compared with (``intents.matching.current_library``).

    ``left_out`` are topics that a person denied for this conversation; below ``bar`` nothing is recognised.
    """

    message: int = 0
    text: str
    subject: str = ""
    language: str = ""
    library: bytes = Field(default=b"", exclude=True, repr=False)
    left_out: list[str] = []
    bar: float = Field(default=USUAL_BAR, ge=0, le=1)
    several: bool = True


class RankedIntent(BaseModel):
    """An intent the message may have; ``is_chosen`` when it is recognised."""

    topic: str
    label: str
    confidence: float
    is_chosen: bool = False


class MatchedIntents(BaseModel):
    """The ranked alternatives, best first; none of them chosen means that the message is out of scope."""

    ranked: list[RankedIntent] = []
    reason: Literal["", "empty", "no_library", "unsure"] = ""

    @property
    def chosen(self) -> list[RankedIntent]:
        """What is recognised, the surest first."""
        return [one for one in self.ranked if one.is_chosen]


class WrittenReason(BaseModel):
    """An intent by the number that was shown, and the number of the sentence that says it."""

    reason: int
    sentence: int


class WrittenMatch(BaseModel):
    """What a model fills."""

    chosen: list[WrittenReason] = Field(default=[], max_length=3)


class MatchIntentsSkill(Skill[MatchIntents, MatchedIntents]):
    """Say which intents of the library a message has, or that it has none of them.

    Evidence is the confirmed examples nearest to it with the words that weighed most; where an intent has fewer than
    three examples, the words alone.
    """

    name = "intents.match"
    version = "1"
    prompt = "match"
    Input, Output = MatchIntents, MatchedIntents
    Written: ClassVar[type[BaseModel] | None] = WrittenMatch

    def local(self, question: MatchIntents) -> Answer[MatchedIntents]:
        """Abstains (nothing chosen, confidence 0) for an empty text, an empty library and what is under the bar."""
        if not question.library:
            return self.answer(MatchedIntents(reason="no_library"))
        seen = recognition.recognise(
            question.library,
            question.text,
            subject=question.subject,
            language=question.language,
            left_out=question.left_out,
        )
        if not seen:
            return self.answer(MatchedIntents(reason="empty"))
        chosen = _choose(seen, question.bar, question.several)
        ranked = [
            RankedIntent(topic=one.key, label=one.label, confidence=one.confidence, is_chosen=one in chosen)
            for one in seen
        ]
        evidence = number_marks([piece for one in chosen for piece in _evidence(question, one)])
        output = MatchedIntents(ranked=ranked, reason="" if chosen else "unsure")
        sure = chosen[0].confidence if chosen else 0.0
        return self.answer(output, evidence, sure, recognition.engine_of(question.library))

    def show(self, question: MatchIntents) -> Material:
        """The sentences and the likeliest intents, by number; nothing where the library knows none."""
        ranked, spans = self.local(question).output.ranked[:MOST_SHOWN], sentences(question.text)
        if not ranked or not spans:
            return Material()
        mail = [f"{number}. {' '.join(span.text.split())}" for number, span in enumerate(spans, 1)]
        reasons = [f"{number}. {one.label}" for number, one in enumerate(ranked, 1)]
        return Material({"mail": "\n".join([question.subject, *mail]), "reasons": "\n".join(reasons)})

    def check(self, question: MatchIntents, output: WrittenMatch) -> list[str]:
        """Numbers that were not given."""
        reasons, spans = len(self.local(question).output.ranked[:MOST_SHOWN]), len(sentences(question.text))
        return [
            f"there is no reason {one.reason} or no sentence {one.sentence}"
            for one in output.chosen
            if not (1 <= one.reason <= reasons and 1 <= one.sentence <= spans)
        ]

    def ground(self, question: MatchIntents, output: WrittenMatch) -> Answer[MatchedIntents]:
        """What the model chose, on the sentence it named; surer where the local engine chose the same."""
        local, spans = self.local(question), sentences(question.text)
        shown = local.output.ranked[:MOST_SHOWN]
        said = {shown[one.reason - 1].topic: spans[one.sentence - 1] for one in reversed(output.chosen)}
        if not question.several:
            said = {topic: said[topic] for topic in [shown[one.reason - 1].topic for one in output.chosen][:1]}
        ranked = [_regrade(one, one.topic in said) for one in local.output.ranked]
        ranked.sort(key=lambda one: (not one.is_chosen, -one.confidence))
        evidence: list[Evidence] = [piece for piece in local.evidence if piece.part in said]
        evidence += [
            Words(message=question.message, part=topic, start=span.start, end=span.end, text=span.text)
            for topic, span in said.items()
        ]
        matched = MatchedIntents(ranked=ranked, reason="" if said else "unsure")
        sure = max((one.confidence for one in ranked if one.is_chosen), default=0.0)
        return Answer(matched, number_marks(evidence), sure)


def _regrade(one: RankedIntent, is_said: bool) -> RankedIntent:
    """An intent with both engines weighed; one that the local engine chose alone is not chosen any more."""
    if is_said:
        sure = max(one.confidence, AGREED) if one.is_chosen else max(one.confidence, ALONE)
        return one.model_copy(update={"is_chosen": True, "confidence": sure})
    sure = min(one.confidence, AGAINST) if one.is_chosen else one.confidence
    return one.model_copy(update={"is_chosen": False, "confidence": sure})


def _choose(seen: list[Seen], bar: float, several: bool) -> list[Seen]:
    """The first over the bar, and others over it: in sentences of their own, or where the library has them together."""
    chosen: list[Seen] = []
    for one in seen:
        apart = one.is_beside or all(_is_apart(one, other) for other in chosen)
        if one.confidence >= bar and (not chosen or (several and apart)):
            chosen.append(one)
    return chosen


def _is_apart(one: Seen, other: Seen) -> bool:
    if one.span is None or other.span is None:
        return False
    return one.span.end <= other.span.start or other.span.end <= one.span.start


def _evidence(question: MatchIntents, seen: Seen) -> list[Evidence]:
    words = [
        Words(message=question.message, part=seen.key, start=span.start, end=span.end, text=span.text)
        for span in recognition.weigh_words(question.library, question.text, seen)
    ]
    if len(seen.examples) >= FEWEST_EXAMPLES:
        return [Examples(part=seen.key, subjects=seen.examples, labels=seen.example_texts, words=words)]
    return list(words)
