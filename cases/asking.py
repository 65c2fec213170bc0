"""What is asked of the skills of cases, and what they answer."""

from typing import Literal

from pydantic import BaseModel, Field

from agents.evidence import PassageQuote
from intents.copying import FieldOption, FieldTarget, PredictedField
from intents.reading import MessageText

__all__ = [
    "EVERY_FIELD",
    "ConfirmedExample",
    "DraftReply",
    "DraftedReply",
    "FieldOption",
    "FieldTarget",
    "MessageText",
    "PredictFields",
    "PredictedField",
    "PredictedFields",
    "ReplyPart",
    "SourcePassage",
]


# Under this name stands what was learned for all fields whose values are copied.
EVERY_FIELD = "*"


class ConfirmedExample(BaseModel):
    """A case whose values a person confirmed; ``values`` holds field name to stored value."""

    case: int
    label: str = ""
    text: str
    values: dict[str, str] = {}


class PredictFields(BaseModel):
    """A conversation, the fields wanted, and what was learned.

    ``trained`` holds the active training run's artefact per field name; without one the examples decide. That of
    ``EVERY_FIELD`` finds where values stand.
    """

    messages: list[MessageText]
    fields: list[FieldTarget]
    examples: list[ConfirmedExample] = []
    trained: dict[str, bytes] = {}


class PredictedFields(BaseModel):
    """One entry for each field asked, in that order."""

    fields: list[PredictedField] = []


class SourcePassage(BaseModel):
    """A passage that search found for the customer's mail; ``heading`` is the path of headings above it."""

    passage: int
    article: int
    version: int = 1
    title: str
    heading: str = ""
    text: str
    similarity: float = 0.0
    audience: Literal["internal", "external"] = "external"
    language: str = ""


class DraftReply(BaseModel):
    """The customer's last message and what an answer may be made of.

    ``greeting`` ("Hello {name},") and ``closing`` are the mailbox's own pieces; empty means the built-in ones of the
    customer's language. ``missing`` names what must be asked for, as people read it ("order number").
    ``clarify`` asks what the mail is about.
    """

    text: str
    subject: str = ""
    language: str = ""
    contact_name: str = ""
    greeting: str = ""
    closing: str = ""
    signature: str = ""
    missing: list[str] = []
    clarify: bool = False
    passages: list[SourcePassage] = []


class ReplyPart(BaseModel):
    """A sentence of the draft and where it comes from; ``paragraph`` numbers the paragraph it stands in."""

    text: str
    source: Literal["passage", "template", "question"]
    quote: PassageQuote | None = None
    paragraph: int = 0


class DraftedReply(BaseModel):
    """A draft, or no parts at all when nothing found answers the mail.

    ``open_questions`` are the customer's questions that no passage answers. ``unsourced_figures`` are figures, dates,
    amounts and links of the draft that stand neither in a source nor in the customer's mail.
    """

    parts: list[ReplyPart] = []
    body: str = ""
    language: str = "en"
    answered: list[str] = []
    open_questions: list[str] = []
    unsourced_figures: list[str] = []
    confidence: float = Field(default=0.0, ge=0, le=1)


class ReadReaction(BaseModel):
    """A customer's mail after an answer of ours: its newest text, and what we wrote before.

    ``message`` is the mail's id, for evidence; sentences of ``ours`` do not count as the customer's words.
    """

    message: int = 0
    text: str
    subject: str = ""
    language: str = ""
    ours: list[str] = []


ReactionName = Literal["accepts", "rejects", "person", "thanks", "question", "none"]


class Reaction(BaseModel):
    """How the customer takes it: accepts, rejects, asks for a person, only thanks, asks something new, or none of it.

    ``also`` names what other sentences say ("thanks" beside "accepts"); irony is left to people.
    """

    reaction: ReactionName = "none"
    also: list[str] = []
    is_ironic: bool = False
