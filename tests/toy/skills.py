"""The smallest skill that a language model may answer as well."""

from typing import ClassVar

from pydantic import BaseModel

from agents.evidence import Words
from agents.skills import Answer, Material, Skill
from tests.toy.models import Thing

COLOURS = [str(value) for value in Thing.Colour.values]


class NameColour(BaseModel):
    """A letter, by sentence, and who wrote it."""

    message: int = 0
    sentences: list[str]
    sender_name: str = ""


class NamedColour(BaseModel):
    """The colour, or none."""

    colour: str = ""


class WrittenColour(BaseModel):
    """What a model fills: the colour, and the number of the sentence that says it (0: none does)."""

    colour: str = ""
    sentence: int = 0


class NameColourSkill(Skill[NameColour, NamedColour]):
    """Which colour does a letter ask for?"""

    name = "toy.name_colour"
    prompt = "name_colour"
    Input, Output = NameColour, NamedColour
    Written: ClassVar[type[BaseModel] | None] = WrittenColour

    def local(self, question: NameColour) -> Answer[NamedColour]:
        """The first colour named."""
        for at, sentence in enumerate(question.sentences):
            for colour in COLOURS:
                if colour in sentence.lower():
                    return self.answer(NamedColour(colour=colour), [self._words(question, at)], 0.9)
        return self.answer(NamedColour())

    def show(self, question: NameColour) -> Material:
        """The sentences, numbered from 1."""
        lines = [f"{number}. {text}" for number, text in enumerate(question.sentences, 1)]
        known = [("person", question.sender_name)] if question.sender_name else []
        return Material({"letter": "\n".join(lines)}, {"colours": ", ".join(COLOURS)}, known)

    def check(self, question: NameColour, output: WrittenColour) -> list[str]:
        """A colour there is, in a sentence there is."""
        if not output.colour:
            return []
        if output.colour not in COLOURS:
            return [f"{output.colour} is no colour of ours"]
        if not 1 <= output.sentence <= len(question.sentences):
            return [f"there is no sentence {output.sentence}"]
        said = question.sentences[output.sentence - 1].lower()
        return [] if output.colour in said else [f"sentence {output.sentence} does not say {output.colour}"]

    def ground(self, question: NameColour, output: WrittenColour) -> Answer[NamedColour]:
        """The sentence is the evidence."""
        if not output.colour:
            return Answer(NamedColour())
        words = self._words(question, output.sentence - 1)
        return Answer(NamedColour(colour=output.colour), [words], 0.8)

    def _words(self, question: NameColour, at: int) -> Words:
        text = question.sentences[at]
        return Words(message=question.message, start=0, end=len(text), text=text, mark=1)
