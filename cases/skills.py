"""What cases ask an engine: the fields of a case."""

from agents import embeddings
from agents.evidence import number_marks
from agents.skills import Answer, Skill
from cases.asking import PredictedFields, PredictFields
from cases.prediction import predict_fields


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
