"""Cases, what their fields are, and how they came to be."""

from cases.models.cases import Case, CaseConversation, CaseMessage
from cases.models.fields import FieldDefinition, FieldMark, FieldOption
from cases.models.intake import IntakeOutcome

__all__ = [
    "Case",
    "CaseConversation",
    "CaseMessage",
    "FieldDefinition",
    "FieldMark",
    "FieldOption",
    "IntakeOutcome",
]
