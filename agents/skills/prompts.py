"""Prompts: one text file for each skill that a language model may answer, known by name and by its content."""

import hashlib
import inspect
import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class PromptMissingError(LookupError):
    """A skill names a prompt whose file is not there."""


@dataclass(frozen=True)
class Prompt:
    """The words that a skill says to a model; ``version`` changes with every change of the file."""

    name: str
    version: str
    text: str

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with ``$name`` replaced by our own values. Raises KeyError for one that is not given."""
        return string.Template(self.text).substitute(values)


def load_prompt(owner: type, name: str) -> Prompt:
    """The prompt of a skill's class, from ``prompts/<name>.md`` beside its module. Raises PromptMissingError."""
    path = Path(inspect.getfile(owner)).parent / "prompts" / f"{name}.md"
    try:
        text = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise PromptMissingError(f"{owner.__module__} has no prompts/{name}.md") from None
    return Prompt(name, hashlib.sha256(text.encode()).hexdigest()[:12], text)
