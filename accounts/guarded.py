"""The fields that a role may hide or lock, as the apps that own them offer them at start-up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps

_offered: dict[str, Sequence[str]] = {}


@dataclass(frozen=True)
class Offered:
    """One field an administrator may hide or lock."""

    label: str
    name: str
    text: str

    @property
    def key(self) -> str:
        """The name of its control on the page."""
        return f"{self.label}:{self.name}"


def offer_fields(label: str, names: Sequence[str]) -> None:
    """Let roles hide or lock ``names`` of the model ``label`` (``"cases.case"``); called from an app's ``ready``."""
    _offered[label] = names


def list_offered() -> list[tuple[str, list[Offered]]]:
    """The offered fields under the plural name of their model."""
    return [_group(apps.get_model(label), label, names) for label, names in _offered.items()]


def _group(model: Any, label: str, names: Sequence[str]) -> tuple[str, list[Offered]]:
    fields = [Offered(label, name, str(model._meta.get_field(name).verbose_name).capitalize()) for name in names]
    return str(model._meta.verbose_name_plural).capitalize(), fields
