"""What is asked of the skills of outreach, and what they answer."""

from typing import Literal

from pydantic import BaseModel, Field

from agents.evidence import Words

Tone = Literal["formal", "friendly"]


class KnownFact(BaseModel):
    """A finding about the lead; ``quote`` stands word for word at ``where`` (a host, or "" for their own request)."""

    id: int
    topic: str
    claim: str
    quote: str
    where: str = ""
    start: int = 0
    url: str = ""
    confidence: float = 0.0


class Offer(BaseModel):
    """What we may say about what we sell: a sentence of the settings, for a product or for everything."""

    sentence: str
    product: str = ""


class DraftOutreach(BaseModel):
    """A lead as it is known, what we offer, and which mail of how many this is (1 is the first)."""

    lead_name: str = ""
    company: str = ""
    language: str = "en"
    tone: Tone = "formal"
    step: int = 1
    steps: int = 1
    product: str = ""
    facts: list[KnownFact] = []
    told: list[int] = []
    offers: list[Offer] = []
    told_offers: list[str] = []
    # Sentences of the settings about a field of the lead, filled in.
    woven: list[str] = []
    call_to_action: str = ""
    disclosures: list[str] = []
    sender: str = ""
    our_name: str = ""
    our_website: str = ""


class MailPart(BaseModel):
    """A sentence of the mail and what it rests on; ``fact`` is the finding's id, 0 for none."""

    text: str
    source: Literal["finding", "offer", "courtesy", "disclosure", "field"]
    fact: int = 0
    paragraph: int = 0


class DraftedOutreach(BaseModel):
    """A mail, or no parts at all when nothing could be said that rests on something."""

    subject: str = ""
    body: str = ""
    parts: list[MailPart] = []
    language: str = "en"
    unsourced: list[str] = []


class WrittenSentence(BaseModel):
    """A sentence a language model wrote, with the number of what it rests on: 0 is courtesy."""

    text: str = Field(max_length=600)
    rests_on: int = 0
    starts_paragraph: bool = False


class WrittenOutreach(BaseModel):
    """What a language model fills: a subject and sentences, without greeting, closing and disclosures."""

    subject: str = Field(max_length=120)
    sentences: list[WrittenSentence] = Field(max_length=14)


ReplyClass = Literal[
    "interested", "meeting", "question", "referral", "later", "not_interested", "opt_out", "out_of_office",
    "wrong_person", "bounce", "complaint", "unclear",
]  # fmt: skip


class ClassifyReply(BaseModel):
    """A lead's mail: its newest text, and the mails of ours that it may quote."""

    message: int = 0
    text: str
    subject: str = ""
    language: str = ""
    nature: str = "person"
    ours: list[str] = []
    day: str = ""


class WrittenReply(BaseModel):
    """What a language model fills: a meaning, and the number of the sentence that says it, 0 for none."""

    reply: ReplyClass
    sentence: int = Field(ge=0)


class ClassifiedReply(BaseModel):
    """What a reply means first of all, what else it says, and what it names: a date to come back, a person to ask."""

    reply: ReplyClass = "unclear"
    also: list[ReplyClass] = []
    words: list[Words] = []
    resume_on: str = ""
    referred_to: str = ""
    is_negative: bool = False
