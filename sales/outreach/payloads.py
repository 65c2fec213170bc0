"""What the kinds of outreach would do, as people see and edit it."""

from typing import Any

from pydantic import BaseModel, Field


class OutreachPayload(BaseModel):
    """One mail of a cadence. ``parts`` are its sentences with what each rests on; the address is the lead's."""

    enrolment: int | None = None
    step: int = 1
    steps: int = 1
    to: str
    subject: str = Field(min_length=1, max_length=200)
    body: str = Field(min_length=1, max_length=20_000)
    parts: list[dict[str, Any]] = []


class AnswerPayload(BaseModel):
    """An answer to a lead's question, sentence by sentence from articles."""

    message: int
    to: str
    subject: str = Field(min_length=1, max_length=200)
    body: str = Field(min_length=1, max_length=20_000)
    sentences: list[dict[str, Any]] = []


class HandOverPayload(BaseModel):
    """A lead goes to a person, with a note that says why and what is known."""

    seller: int | None = None
    seller_name: str = ""
    intent: str = "undetected"
    target: str = "seller"
    # While people send, a lead keeps its status: the seller decides about the drafts that go on.
    keeps_status: bool = False
    reason: str = Field(max_length=300)
    note: str = Field(max_length=20_000)
    message: int | None = None
    task: str = Field(default="", max_length=200)
    due_days: int = Field(default=1, ge=0, le=60)


class ReferralPayload(BaseModel):
    """Somebody named another person to write to: a new lead of the same company."""

    email: str = Field(max_length=254)
    name: str = Field(default="", max_length=200)
    company_name: str = Field(default="", max_length=200)
    message: int | None = None
