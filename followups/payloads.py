"""What the agent would do about a silence, as people see and edit it."""

from pydantic import BaseModel, ConfigDict, Field


class FollowUpPayload(BaseModel):
    """The mail of one step of a plan."""

    model_config = ConfigDict(extra="forbid")

    plan: int
    step: int = Field(ge=1)
    to: list[str] = Field(min_length=1)
    subject: str = Field(max_length=300)
    body: str = Field(min_length=1, max_length=50_000)
    template: str = ""


class ClosePayload(BaseModel):
    """How the case is closed, and the mail that says so; without a body nothing is sent."""

    model_config = ConfigDict(extra="forbid")

    plan: int
    resolution_type: str = Field(min_length=1, max_length=40)
    resolution: str = Field(default="", max_length=4000)
    to: list[str] = []
    subject: str = Field(default="", max_length=300)
    body: str = Field(default="", max_length=50_000)
    template: str = ""
