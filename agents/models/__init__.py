"""The rows every agent shares."""

from agents.models.decisions import Entry, Suggestion
from agents.models.lines import AgentPause, Calendar, Holiday, LineOfBusiness
from agents.models.outgoing import Effect, Epoch
from agents.models.running import Attempt, Heartbeat, TrainingRun
from agents.models.settings import Rule, SectionSetting, Version
from agents.models.thinking import LanguageModel, ModelBudget, ModelCall, ModelSpending, SkillEngine

__all__ = [
    "AgentPause",
    "Attempt",
    "Calendar",
    "Effect",
    "Entry",
    "Epoch",
    "Heartbeat",
    "Holiday",
    "LanguageModel",
    "LineOfBusiness",
    "ModelBudget",
    "ModelCall",
    "ModelSpending",
    "Rule",
    "SectionSetting",
    "SkillEngine",
    "Suggestion",
    "TrainingRun",
    "Version",
]
