"""How drafts to leads are shown: the text in pieces, each with the number of what it rests on."""

from dataclasses import dataclass
from typing import Any

from agents.models import Suggestion


@dataclass(frozen=True)
class Piece:
    """A piece of a mail; ``mark`` numbers its source, 0 for none; ``source`` says what sort of sentence it is."""

    text: str
    mark: int = 0
    source: str = ""


@dataclass(frozen=True)
class Draft:
    """A mail as it is read: whom to, its subject, its pieces, and its claims one by one."""

    to: str
    subject: str
    pieces: list[Piece]
    claims: list[dict[str, Any]]
    risks: list[str]


def cite_parts(suggestion: Suggestion) -> Draft:
    """The mail of a suggestion, lit where its sentences have a source; an edited sentence has none."""
    payload = suggestion.payload
    marks = {item.get("part"): item for item in suggestion.evidence if item.get("part")}
    quoted = {item["text"]: item for item in suggestion.evidence if item.get("text")}
    wanted: list[tuple[str, int, str]] = []
    claims = []
    for at, part in enumerate(payload.get("parts") or payload.get("sentences") or []):
        item = marks.get(str(at)) or quoted.get(part["text"])
        source = part.get("source") or "passage"
        wanted.append((part["text"], item["mark"] if item else 0, source))
        if source in ("finding", "offer", "passage", "field"):
            claims.append({"text": part["text"], "mark": item["mark"] if item else 0, "source": source,
                           "title": item["title"] if item else ""})  # fmt: skip
    pieces, body, at = [], payload["body"], 0
    for text, mark, source in wanted:
        start = body.find(text, at)
        if start < 0 or not text:
            continue
        if body[at:start]:
            pieces.append(Piece(body[at:start]))
        pieces.append(Piece(text, mark, source))
        at = start + len(text)
    if body[at:]:
        pieces.append(Piece(body[at:]))
    return Draft(payload["to"], payload["subject"], pieces, claims, suggestion.risks)
