"""What cases ask an engine: the fields of a case, a reply, how the customer takes it."""

from agents import embeddings
from agents.evidence import number_marks
from agents.skills import Answer, Skill
from cases.asking import DraftedReply, DraftReply, PredictedFields, PredictFields, Reaction, ReadReaction
from cases.drafting import draft_reply
from cases.prediction import predict_fields
from cases.reactions import read_reaction


class PredictFieldsSkill(Skill[PredictFields, PredictedFields]):
    """Fill a case's fields from its conversation.

    Numbers, dates, amounts and names are copied from the customer's own words; classes are named in words or follow
    from confirmed cases. Confidence of the answer is that of its least sure value; 0 when nothing was found.
    """

    name = "cases.predict_fields"
    version = "1"
    Input, Output = PredictFields, PredictedFields

    def local(self, question: PredictFields) -> Answer[PredictedFields]:
        """Abstains per field: a value without evidence is None with the reason."""
        fields = predict_fields(question)
        marked = iter(number_marks([one for found in fields for one in found.evidence]))
        fields = [found.model_copy(update={"evidence": [next(marked) for _ in found.evidence]}) for found in fields]
        sure = [found.confidence for found in fields if found.value is not None]
        evidence = [one for found in fields for one in found.evidence]
        return self.answer(PredictedFields(fields=fields), evidence, min(sure, default=0.0), embeddings.engine())


class DraftReplySkill(Skill[DraftReply, DraftedReply]):
    """Answer a customer with sentences of external articles, each cited.

    Questions are answered in the order asked, steps stay whole and in order, and the language is the customer's.
    """

    name = "cases.draft_reply"
    version = "2"
    Input, Output = DraftReply, DraftedReply

    def local(self, question: DraftReply) -> Answer[DraftedReply]:
        """Abstains (no parts, confidence 0) when nothing found answers and nothing is missing."""
        draft = draft_reply(question)
        quotes = [part.quote.model_copy(update={"part": str(at)}) for at, part in enumerate(draft.parts) if part.quote]
        marked = number_marks(quotes)
        by_part = {one.part: one for one in marked}
        parts = [part.model_copy(update={"quote": by_part.get(str(at))}) for at, part in enumerate(draft.parts)]
        draft = draft.model_copy(update={"parts": parts})
        return self.answer(draft, marked, draft.confidence, embeddings.engine())


class ReadReactionSkill(Skill[ReadReaction, Reaction]):
    """Tell how a customer takes an answer: accepts, rejects, asks for a person, only thanks, asks something new.

    The evidence is the customer's own sentences; quoted text of ours never counts.
    """

    name = "cases.read_reaction"
    version = "1"
    Input, Output = ReadReaction, Reaction

    def local(self, question: ReadReaction) -> Answer[Reaction]:
        """Abstains (none, confidence 0) when the words do not say, and before irony."""
        output, words, sure = read_reaction(question)
        return self.answer(output, number_marks(words), sure)
