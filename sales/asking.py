"""What is asked of the skills that look into leads, and what they answer."""

from typing import Literal

from pydantic import BaseModel

Met = Literal["yes", "no", "unknown"]


class SourceText(BaseModel):
    """A text about a lead; ``key`` names it to us (``field:note``, ``page:12``) and never comes from a model."""

    key: str
    title: str = ""
    text: str
    is_record: bool = False


class Research(BaseModel):
    """Whom we ask about, in which texts, and which names matter to us."""

    company: str = ""
    texts: list[SourceText] = []
    products: list[str] = []
    competitors: list[str] = []


class FoundClaim(BaseModel):
    """One thing found: ``start`` and ``end`` count characters of the text named ``source``."""

    topic: str
    claim: str
    value: str = ""
    source: str
    start: int
    end: int
    quote: str
    confidence: float = 0.0


class Researched(BaseModel):
    """What was found, best first in each topic, and which texts try to give us orders."""

    findings: list[FoundClaim] = []
    ordering: list[str] = []


class WrittenClaim(BaseModel):
    """What a language model writes: the number of the text, and words that stand in it exactly."""

    topic: str
    claim: str
    text: int
    quote: str


class WrittenResearch(BaseModel):
    """The claims of a language model."""

    claims: list[WrittenClaim] = []


class Criterion(BaseModel):
    """One criterion of the customer we look for; ``wanted`` are words, ``least`` and ``most`` a span of a number.

    ``stored`` names the field of the lead that says it; without one it is looked for in the findings.
    """

    name: str
    label: str
    kind: Literal["industry", "size", "location", "role", "revenue", "words"]
    wanted: list[str] = []
    least: int | None = None
    most: int | None = None
    weight: int = 1
    stored: str = ""


class Known(BaseModel):
    """One finding as it is judged; ``id`` is ours, 0 for the value of a field that ``topic`` names by its criterion."""

    id: int
    topic: str
    claim: str
    value: str = ""
    quote: str


class Qualify(BaseModel):
    """A lead's findings, and the criteria they are judged by; bars in percent of the weight matched."""

    criteria: list[Criterion] = []
    findings: list[Known] = []
    high: int = 70
    moderate: int = 50


class Reason(BaseModel):
    """How one criterion came out, why, and by which finding."""

    criterion: str
    label: str
    met: Met
    why: str
    weight: int = 1
    finding: int | None = None


class Fit(BaseModel):
    """How well a lead fits; no rank is an abstention."""

    rank: Literal["", "high", "moderate", "low"] = ""
    score: int = 0
    reasons: list[Reason] = []
