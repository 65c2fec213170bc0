"""One suggestion as a person sees it before deciding: why it waits, what would be done, on what grounds."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ValidationError

from agents.actors import say_agent
from agents.kinds import Kind, get_kind
from agents.models import Suggestion
from agents.review.lit import ShownEvidence, show_evidence

DEFAULT_TEMPLATE = "agents/kinds/default.html"
State = Suggestion.State


@dataclass
class Shown:
    """A suggestion with everything its drawer and its page need.

    ``changes`` are rows of {part, label, before, after, number}: what would change, each a part that can be taken or
    left when ``part`` is set. ``refusals`` and ``is_stale`` are as of now, and only asked while it is pending.
    """

    suggestion: Suggestion
    kind: Kind
    payload: BaseModel | None
    evidence: ShownEvidence
    context: dict[str, Any]
    changes: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    is_stale: bool = False

    @property
    def agent_name(self) -> str:
        """The agent's name as people read it."""
        return say_agent(self.suggestion.agent)

    @property
    def template(self) -> str:
        """The template that shows the payload."""
        return self.kind.template or DEFAULT_TEMPLATE

    @property
    def consequence(self) -> str:
        """What accepting does, for the button."""
        return self.kind.consequence(self.suggestion)

    @property
    def why_not(self) -> str:
        """Why it cannot be accepted now, "" when it can."""
        return "; ".join(self.refusals)

    @property
    def why(self) -> str:
        """Why it waits, in sentences: the rule, the reason, how sure the agent is."""
        asked = self.suggestion
        said = [_("Rule “%(rule)s”") % {"rule": asked.rule_name} if asked.rule_name else "", asked.why]
        if asked.confidence is not None:
            said.append(_("The agent is %(percent)s %% sure") % {"percent": round(asked.confidence * 100)})
        return " ".join(text if text.endswith((".", "?", "!")) else f"{text}." for text in said if text)

    @property
    def is_pending(self) -> bool:
        """Whether it still waits."""
        return self.suggestion.state == State.PENDING

    @property
    def texts(self) -> list[tuple[str, str]]:
        """The payload's own texts, for the default template: (label, text)."""
        plain = self.suggestion.payload.items() if isinstance(self.suggestion.payload, dict) else ()
        return [(_label(name), str(value)) for name, value in plain if isinstance(value, str | int | float) and value]

    @property
    def has_parts(self) -> bool:
        """Whether parts of it can be taken and left."""
        return any(row["part"] for row in self.changes)


def show(suggestion: Suggestion, user: Any) -> Shown:
    """Everything a page shows about ``suggestion`` to ``user``; a fixed number of queries besides the kind's own."""
    kind = get_kind(suggestion.kind)
    shown = Shown(
        suggestion=suggestion,
        kind=kind,
        payload=_read_payload(kind, suggestion),
        evidence=show_evidence(suggestion, user),
        context={},
    )
    if shown.payload is not None and suggestion.subject is not None:
        shown.context = kind.context(suggestion, user)
    shown.changes = [_with_mark(row, shown.evidence) for row in shown.context.get("changes", _changes(shown))]
    if suggestion.state == State.PENDING:
        _look_at_now(shown)
    return shown


def _look_at_now(shown: Shown) -> None:
    """What stands against it at this moment."""
    subject = shown.suggestion.subject
    if subject is None or shown.payload is None:
        shown.refusals = [_("What it is about is gone.")]
        return
    shown.is_stale = shown.kind.fingerprint(subject) != shown.suggestion.fingerprint
    shown.refusals = shown.kind.guard(shown.suggestion)


def _read_payload(kind: Kind, suggestion: Suggestion) -> BaseModel | None:
    """The payload, or None when it was erased or is of an older shape."""
    try:
        return kind.Payload.model_validate(suggestion.payload)
    except ValidationError:
        return None


def _changes(shown: Shown) -> list[dict[str, Any]]:
    """For a kind that says nothing better: the table of values in its payload, with what the fingerprint saw before."""
    if shown.payload is None:
        return []
    parts, before = shown.kind.parts(shown.payload), shown.suggestion.fingerprint
    tables = [value for value in shown.suggestion.payload.values() if isinstance(value, dict)]
    return [
        {"part": name if name in parts else "", "label": _label(name), "before": before.get(name), "after": value}
        for table in tables
        for name, value in table.items()
    ]


def _with_mark(row: dict[str, Any], evidence: ShownEvidence) -> dict[str, Any]:
    """The row with the number of its evidence, the kind's own words kept."""
    marks = evidence.marks.get(row.get("part") or row.get("name", ""), [])
    return {"part": "", "number": marks[0] if marks else None, **row}


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()
