"""What publishing an article would do."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, Field


class DraftSentence(BaseModel):
    """A sentence of the draft and its section; ``part`` names it among the evidence, "" when it has no source."""

    section: str
    text: str
    part: str = ""
    is_step: bool = True


class ArticlePayload(BaseModel):
    """A new article, or the next text of ``article`` (0: a new one) as it stood in ``article_version``."""

    title: str = Field(min_length=1, max_length=200)
    summary: str = ""
    body: str = Field(min_length=1, max_length=200_000)
    language: str = "en"
    audience: Literal["internal", "external"] = "internal"
    compliance: Literal["pending", "compliant", "non_compliant"] = "pending"
    then: Literal["publish", "approve", "draft"] = "publish"
    publish_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    keywords: list[str] = []
    products: list[int] = []
    subjects: list[int] = []
    lines: list[int] = []
    article: int = 0
    article_version: int = 0
    sentences: list[DraftSentence] = []
