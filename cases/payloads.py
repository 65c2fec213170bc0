"""What the agent would do to a case, as people see and edit it."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class FieldValue(BaseModel):
    """One proposed value; ``shown`` and ``old`` are what people read."""

    model_config = ConfigDict(extra="forbid")

    name: str
    label: str = ""
    value: str | int | bool | None = None
    shown: str = ""
    old: str = ""
    confidence: float = 0.0


class FieldsPayload(BaseModel):
    """The fields that would be written."""

    model_config = ConfigDict(extra="forbid")

    fields: list[FieldValue] = Field(min_length=1)


class ReplyPayload(BaseModel):
    """The mail that would leave; ``sentences`` say where each part of the body comes from.

    ``act`` is what it does for the case: it answers, asks what is meant, or asks for the attributes named in ``asks``.
    """

    model_config = ConfigDict(extra="forbid")

    to: list[str] = Field(min_length=1)
    cc: list[str] = []
    subject: str = Field(max_length=300)
    body: str = Field(min_length=1, max_length=50_000)
    sentences: list[dict[str, Any]] = []
    template: str = ""
    act: Literal["answer", "clarify", "ask"] = "answer"
    asks: list[str] = []


class ResolvePayload(BaseModel):
    """How the case would end; ``said`` are the customer's words it rests on."""

    model_config = ConfigDict(extra="forbid")

    resolution_type: str = Field(default="solved", max_length=40)
    resolution: str = Field(default="", max_length=20_000)
    said: str = ""


class EscalatePayload(BaseModel):
    """To whom the case would be given, and why; ``tried`` are the titles of what was sent."""

    model_config = ConfigDict(extra="forbid")

    reason: str
    details: str = Field(default="", max_length=500)
    queue: int | None = None
    from_queue: int | None = None
    tried: list[str] = []


class AssignPayload(BaseModel):
    """Queue and owner a case would get; ``waits`` when nobody is free, ``shown`` is both as people read them."""

    model_config = ConfigDict(extra="forbid")

    queue: int | None = None
    owner: int | None = None
    from_queue: int | None = None
    from_owner: int | None = None
    reason: str = Field(default="", max_length=500)
    waits: bool = False
    shown: str = ""
