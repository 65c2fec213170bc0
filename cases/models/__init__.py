"""Cases, what their fields are, and how they came to be."""

from cases.models.assignments import Assignment, Turn
from cases.models.attention import AgentState
from cases.models.cases import Case, CaseConversation, CaseMessage
from cases.models.fields import FieldDefinition, FieldMark, FieldOption
from cases.models.intake import IntakeOutcome

__all__ = [
    "AgentState",
    "Assignment",
    "Case",
    "CaseConversation",
    "CaseMessage",
    "FieldDefinition",
    "FieldMark",
    "FieldOption",
    "IntakeOutcome",
    "Turn",
]
