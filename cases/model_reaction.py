"""How a customer takes an answer, as a language model reads it: one word, and the sentence that says it. Pure."""

from pydantic import BaseModel

from agents.evidence import Words
from agents.skills import Material
from cases.asking import Reaction, ReactionName, ReadReaction
from cases.reactions import customers_own, read_reaction
from knowledge.passages import Span, sentences

# Both engines say the same; the model alone; the two differ.
AGREED, ALONE, AGAINST = 0.92, 0.75, 0.3


class WrittenReaction(BaseModel):
    """What a model fills."""

    reaction: ReactionName = "none"
    sentence: int = 0


def show_reaction(question: ReadReaction) -> Material:
    """The customer's own sentences, numbered from 1."""
    spans = _spans(question)
    lines = [f"{number}. {' '.join(span.text.split())}" for number, span in enumerate(spans, 1)]
    return Material({"mail": "\n".join(lines)} if lines else {})


def check_reaction(question: ReadReaction, written: WrittenReaction) -> list[str]:
    """A reaction rests on a sentence that was given."""
    if written.reaction == "none" or 1 <= written.sentence <= len(_spans(question)):
        return []
    return [f"there is no sentence {written.sentence}"]


def ground_reaction(question: ReadReaction, written: WrittenReaction) -> tuple[Reaction, list[Words], float]:
    """The reaction, its sentence, and how sure; irony that the words show is left to people."""
    local, words, sure = read_reaction(question)
    if written.reaction == "none" or local.is_ironic:
        return (local if local.is_ironic else Reaction()), [], 0.0
    if local.reaction == written.reaction:
        return local, words, max(sure, AGREED)
    span = _spans(question)[written.sentence - 1]
    found = Words(message=question.message, start=span.start, end=span.end, text=span.text)
    return Reaction(reaction=written.reaction), [found], ALONE if local.reaction == "none" else AGAINST


def _spans(question: ReadReaction) -> list[Span]:
    return [span for span in sentences(customers_own(question)) if span.text.strip()][:80]
