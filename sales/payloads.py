"""What the Sales Agent would do to a lead, as suggestions hold it."""

from typing import Literal

from pydantic import BaseModel

from sales.asking import Reason


class Verdict(BaseModel):
    """Whether a lead is worth writing to, and how it was judged."""

    verdict: Literal["qualified", "disqualified"]
    rank: Literal["high", "moderate", "low"]
    score: int
    reasons: list[Reason] = []
