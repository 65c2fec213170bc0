"""What the agent would do to a case, as people see and edit it."""

from typing import Any

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
    """The mail that would leave; ``sentences`` say where each part of the body comes from."""

    model_config = ConfigDict(extra="forbid")

    to: list[str] = Field(min_length=1)
    cc: list[str] = []
    subject: str = Field(max_length=300)
    body: str = Field(min_length=1, max_length=50_000)
    sentences: list[dict[str, Any]] = []
    template: str = ""
