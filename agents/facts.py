"""Facts: what conditions may look at, registered per model in each app's ``facts.py``.

A fact is read from one subject in Python and stands for one expression in the database; conditions hold both to one
answer. A list of facts that depends on rows (custom fields) is offered by a source, a function called when asked.
"""

import builtins
import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateTimeField, F, Field, Model
from django.db.models.expressions import Combinable
from django.utils.functional import Promise

Choices = Sequence[tuple[Any, Any]]


class Type(StrEnum):
    """What kind of value a fact has; it decides the comparisons."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIME = "time"
    SET = "set"
    USER = "user"
    DURATION = "duration"


@dataclass(frozen=True, kw_only=True, eq=False)
class Fact:
    """One thing that conditions may look at.

    path: the way from the model to the value, as a Django lookup ("contact__email", "queue_id"); many-valued only for
    a set. Or ``compute(subject, now)`` together with ``expression(now)``, the same value in the database.
    choices: (key, label) pairs or a function that returns them; keys are strings or integers.
    A duration whose path leads to a date and time is the time since then.
    """

    name: str
    label: str | Promise
    type: Type
    model: builtins.type[Model]
    path: str = ""
    compute: Callable[[Any, dt.datetime], Any] | None = None
    expression: Callable[[dt.datetime], Combinable] | None = None
    choices: Choices | Callable[[], Choices] = ()
    hint: str | Promise = ""

    def __post_init__(self) -> None:
        """A fact that could be read in only one of the two ways is a mistake in the code: ValueError."""
        computed = self.compute is not None and self.expression is not None
        if bool(self.path) == computed or (self.type == Type.SET and not self.path):
            raise ValueError(f"Fact {self.name!r} needs a path, or compute and expression; a set needs a path.")
        if self.path and bool(self.field.many_to_many or self.field.one_to_many) != (self.type == Type.SET):
            raise ValueError(f"Fact {self.name!r}: only a set may lead to many values, and a set must.")

    @cached_property
    def field(self) -> Any:
        """The field at the end of the path; ValueError when the path leads nowhere."""
        model: Any = self.model
        found: Any = None
        for part in self.path.split("__"):
            try:
                found = model._meta.get_field(part)
            except FieldDoesNotExist:
                raise ValueError(f"Fact {self.name!r}: {model.__name__} has no field {part!r}.") from None
            model = found.related_model
        return found

    @property
    def is_age(self) -> bool:
        """Whether this is a duration counted from a date and time."""
        return self.type == Type.DURATION and bool(self.path) and isinstance(self.field, DateTimeField)

    @cached_property
    def key_type(self) -> builtins.type[int] | builtins.type[str]:
        """``int`` for foreign keys, sets and whole-number columns, else ``str``."""
        if not self.path:
            keys = [key for key, _label in self.list_choices()]
            return int if keys and all(isinstance(key, int) for key in keys) else str
        field = self.field
        if field.is_relation:
            field = field.target_field if hasattr(field, "target_field") else field.related_model._meta.pk
        return int if isinstance(field, Field) and "Integer" in field.get_internal_type() + _auto(field) else str

    def list_choices(self) -> list[tuple[Any, str]]:
        """The (key, label) pairs a person may choose from, now."""
        pairs = self.choices() if callable(self.choices) else self.choices
        return [(key, str(label)) for key, label in pairs]

    def read(self, subject: Any, now: dt.datetime) -> Any:
        """The value for one subject; None when there is none, a set of keys for a set."""
        if self.compute is not None:
            return self.compute(subject, now)
        value = subject
        for part in self.path.split("__"):
            if value is None:
                return set() if self.type == Type.SET else None
            if part == self.path.split("__")[-1] and self.type == Type.SET:
                return {row.pk for row in getattr(value, part).all()} if value.pk else set()
            value = getattr(value, part)
        return value.pk if isinstance(value, Model) else value

    def express(self, now: dt.datetime) -> Any:
        """The value in the database."""
        return F(self.path) if self.expression is None else self.expression(now)


_facts: dict[type[Model], dict[str, Fact]] = {}
_sources: dict[type[Model], list[Callable[[], Iterable[Fact]]]] = {}


def register(*facts: Fact) -> None:
    """Offer facts to all conditions about their model; a name taken twice is ValueError."""
    for fact in facts:
        known = _facts.setdefault(fact.model, {})
        if fact.name in known:
            raise ValueError(f"Two facts about {fact.model.__name__} are called {fact.name!r}.")
        known[fact.name] = fact


def register_source(model: type[Model], source: Callable[[], Iterable[Fact]]) -> None:
    """Offer facts that depend on rows: ``source`` is called each time the facts are asked for."""
    _sources.setdefault(model, []).append(source)


def facts_of(model: type[Model]) -> dict[str, Fact]:
    """All facts about a model by name, in the order in which they were registered."""
    found = dict(_facts.get(model, {}))
    for source in _sources.get(model, []):
        found.update({fact.name: fact for fact in source()})
    return found


def _auto(field: Any) -> str:
    return "Integer" if field.get_internal_type().endswith("AutoField") else ""
