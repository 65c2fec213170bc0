"""What cases ask an engine: the fields of a case, a reply, how the customer takes it."""

from typing import ClassVar

from pydantic import BaseModel

from agents import embeddings
from agents.evidence import number_marks
from agents.skills import Answer, Material, Skill
from cases.asking import (
    DraftedReply,
    DraftReply,
    PredictedField,
    PredictedFields,
    PredictFields,
    Reaction,
    ReadReaction,
)
from cases.drafting import draft_reply
from cases.model_fields import WrittenFields, check_fields, ground_fields, show_fields
from cases.model_reaction import WrittenReaction, check_reaction, ground_reaction, show_reaction
from cases.model_reply import WrittenReply, check_reply, ground_reply, show_reply
from cases.prediction import predict_fields
from cases.reactions import read_reaction


class PredictFieldsSkill(Skill[PredictFields, PredictedFields]):
    """Fill a case's fields from its conversation.

    Numbers, dates, amounts and names are copied from the customer's own words; classes are named in words or follow
    from confirmed cases. Confidence of the answer is that of its least sure value; 0 when nothing was found.
    """

    name = "cases.predict_fields"
    version = "1"
    prompt = "predict_fields"
    Input, Output = PredictFields, PredictedFields
    Written: ClassVar[type[BaseModel] | None] = WrittenFields

    def local(self, question: PredictFields) -> Answer[PredictedFields]:
        """Abstains per field: a value without evidence is None with the reason."""
        answer = self._marked(predict_fields(question))
        return self.answer(answer.output, answer.evidence, answer.confidence, embeddings.engine())

    def show(self, question: PredictFields) -> Material:
        """The messages and the fields, by number."""
        return show_fields(question)

    def check(self, question: PredictFields, output: WrittenFields) -> list[str]:
        """Numbers that were not given, words the customer did not write, values that are not in them."""
        return check_fields(question, output)

    def ground(self, question: PredictFields, output: WrittenFields) -> Answer[PredictedFields]:
        """What both engines found; the model's values rest on the customer's words."""
        local = PredictedFields(fields=predict_fields(question))
        return self._marked(ground_fields(question, output, local).fields)

    def _marked(self, fields: list[PredictedField]) -> Answer[PredictedFields]:
        """The answer with its evidence numbered; as sure as its least sure value."""
        marked = iter(number_marks([one for found in fields for one in found.evidence]))
        fields = [found.model_copy(update={"evidence": [next(marked) for _ in found.evidence]}) for found in fields]
        sure = [found.confidence for found in fields if found.value is not None]
        evidence = [one for found in fields for one in found.evidence]
        return Answer(PredictedFields(fields=fields), evidence, min(sure, default=0.0))


class DraftReplySkill(Skill[DraftReply, DraftedReply]):
    """Answer a customer with sentences of external articles, each cited.

    Questions are answered in the order asked, steps stay whole and in order, and the language is the customer's.
    """

    name = "cases.draft_reply"
    version = "3"
    prompt = "draft_reply"
    Input, Output = DraftReply, DraftedReply
    Written: ClassVar[type[BaseModel] | None] = WrittenReply

    def local(self, question: DraftReply) -> Answer[DraftedReply]:
        """Abstains (no parts, confidence 0) when nothing found answers and nothing is missing."""
        answer = self._marked(draft_reply(question))
        return self.answer(answer.output, answer.evidence, answer.confidence, embeddings.engine())

    def show(self, question: DraftReply) -> Material:
        """The mail, and the passages by number."""
        return show_reply(question)

    def check(self, question: DraftReply, output: WrittenReply) -> list[str]:
        """Sentences without a source that was given; figures, dates and links that the source does not say."""
        return check_reply(question, output)

    def ground(self, question: DraftReply, output: WrittenReply) -> Answer[DraftedReply]:
        """The draft, each sentence with the passage's own words."""
        return self._marked(ground_reply(question, output))

    def _marked(self, draft: DraftedReply) -> Answer[DraftedReply]:
        """The answer with its quotes numbered."""
        quotes = [part.quote.model_copy(update={"part": str(at)}) for at, part in enumerate(draft.parts) if part.quote]
        marked = number_marks(quotes)
        by_part = {one.part: one for one in marked}
        parts = [part.model_copy(update={"quote": by_part.get(str(at))}) for at, part in enumerate(draft.parts)]
        draft = draft.model_copy(update={"parts": parts})
        return Answer(draft, list(marked), draft.confidence)


class ReadReactionSkill(Skill[ReadReaction, Reaction]):
    """Tell how a customer takes an answer: accepts, rejects, asks for a person, only thanks, asks something new.

    The evidence is the customer's own sentences; quoted text of ours never counts.
    """

    name = "cases.read_reaction"
    version = "1"
    prompt = "read_reaction"
    Input, Output = ReadReaction, Reaction
    Written: ClassVar[type[BaseModel] | None] = WrittenReaction

    def local(self, question: ReadReaction) -> Answer[Reaction]:
        """Abstains (none, confidence 0) when the words do not say, and before irony."""
        output, words, sure = read_reaction(question)
        return self.answer(output, number_marks(words), sure)

    def show(self, question: ReadReaction) -> Material:
        """The customer's sentences, by number."""
        return show_reaction(question)

    def check(self, question: ReadReaction, output: WrittenReaction) -> list[str]:
        """A sentence that was not given."""
        return check_reaction(question, output)

    def ground(self, question: ReadReaction, output: WrittenReaction) -> Answer[Reaction]:
        """The sentence is the evidence; where the two engines differ nobody is sure."""
        reaction, words, sure = ground_reaction(question, output)
        return Answer(reaction, number_marks(words), sure)
