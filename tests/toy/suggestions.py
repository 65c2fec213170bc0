"""Toy kinds: one that writes a note and sends it, one whose payload has parts."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from pydantic import BaseModel, Field

from agents import outbox
from agents.kinds import Kind, kind
from agents.models import Effect, Suggestion
from tests.toy.models import Thing


class NotePayload(BaseModel):
    """The note that would be written and sent."""

    text: str = Field(min_length=1)


class ToyKind(Kind):
    """Everybody who may sign in as operator decides about things."""

    agent = "toy"
    section = "toy.section"
    permission = "toy.decide"

    def visible(self, user: Any) -> QuerySet[Thing]:
        """Things nobody owns, and one's own."""
        return Thing.objects.filter(owner__isnull=True) | Thing.objects.filter(owner=user)

    def fingerprint(self, subject: Thing) -> dict[str, Any]:
        """The last message and whether the thing is open."""
        return {"last": subject.last_message, "open": subject.is_open}


@kind
class SendNote(ToyKind):
    """Writes a note and sends it outside."""

    name = "toy.send_note"
    title = "Send a note"
    Payload: ClassVar[type[BaseModel]] = NotePayload
    can_undo = False
    bell = "toy.note_due"

    def guard(self, suggestion: Suggestion) -> list[str]:
        """A note that says "forbidden" is not sent."""
        return ["It says forbidden."] if "forbidden" in suggestion.payload["text"] else []

    def apply(self, suggestion: Suggestion, by: Any) -> None:
        """Write and queue; "boom" breaks."""
        if suggestion.payload["text"] == "boom":
            raise RuntimeError("apply failed")
        Thing.objects.filter(pk=suggestion.object_id).update(note=suggestion.payload["text"], last_message=7)
        outbox.queue(
            "toy.send",
            key=f"note:{suggestion.pk}",
            payload={"text": suggestion.payload["text"]},
            subject=suggestion.subject,
            label=suggestion.summary,
            authority=Effect.Authority.AGENT if by.is_agent else Effect.Authority.PERSON,
            approved_by=by,
            agent=self.agent,
            suggestion=suggestion,
        )


class PartsPayload(BaseModel):
    """Columns of a thing to write."""

    values: dict[str, Any]


@kind
class FillThing(ToyKind):
    """Writes columns; each is a part; it can be undone."""

    name = "toy.fill"
    title = "Fill a thing"
    Payload: ClassVar[type[BaseModel]] = PartsPayload
    can_undo = True

    def fingerprint(self, subject: Thing) -> dict[str, Any]:
        """The columns it writes, too."""
        return {**super().fingerprint(subject), "title": subject.title, "size": subject.size}

    def apply(self, suggestion: Suggestion, by: Any) -> None:
        """Write the columns."""
        Thing.objects.filter(pk=suggestion.object_id).update(**suggestion.payload["values"])

    def undo(self, suggestion: Suggestion, by: Any) -> None:
        """Write what stood there."""
        old = {name: suggestion.fingerprint[name] for name in suggestion.payload["values"]}
        Thing.objects.filter(pk=suggestion.object_id).update(**old)

    def parts(self, payload: PartsPayload) -> list[str]:
        """The column names."""
        return sorted(payload.values)

    def take_parts(self, payload: PartsPayload, names: set[str]) -> PartsPayload:
        """Only these columns."""
        return PartsPayload(values={name: value for name, value in payload.values.items() if name in names})
