"""The one way to think: a named question with a typed answer, and the engines that can answer it."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar

from django.utils.module_loading import autodiscover_modules
from pydantic import BaseModel

from agents.evidence import Evidence

Question = TypeVar("Question", bound=BaseModel)
Reply = TypeVar("Reply", bound=BaseModel)


class UnknownSkillError(LookupError):
    """No app declares a skill of this name."""


@dataclass(frozen=True)
class Scope:
    """For whom a question is asked; the settings of this line of business choose the engine."""

    line_of_business: int | None = None


@dataclass(frozen=True)
class Answer(Generic[Reply]):
    """What an engine answered.

    ``confidence`` is a probability (0 to 1, four digits): of 100 answers at 0.9 about 90 are right; 0 with an empty
    output is an abstention. ``engine`` and ``version`` say who thought, for the suggestion's record. ``cost`` is in
    the currency of the provider's price list and 0 for the local engine. ``instead_of`` says why a language model
    that was asked first did not answer.
    """

    output: Reply
    evidence: list[Evidence] = field(default_factory=list)
    confidence: float = 0.0
    engine: str = "local"
    version: str = ""
    cost: Decimal = Decimal(0)
    instead_of: str = ""


class WaitsForPerson(Exception):  # noqa: N818
    """The language model did not answer, and the settings want a person rather than the local engine."""


@dataclass(frozen=True)
class Material:
    """What a language model is shown of a question.

    ``texts`` is everything others wrote (mails, articles, pages), by a name of ours: it is fenced as text that gives
    no orders, and masked. ``values`` fill ``$name`` in the prompt and are our own words only. ``known`` is what the
    record knows of the people, as (kind, value) pairs such as ("person", "Mara Lind"): it is always masked.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    known: Sequence[tuple[str, str]] = ()


class Skill(Generic[Question, Reply]):
    """A named question without side effects; subclasses are registered when their module is imported.

    ``local`` must be pure and deterministic: the same input gives the same answer in another process, with another
    hash seed, whatever was asked before. It may abstain. ``version`` rises when answers change.

    With ``prompt`` (a file ``prompts/<prompt>.md`` beside the module) a language model may be asked as well
    (docs/skills.md). It fills ``Written``, which holds no ids: what it points at are numbers that ``show`` gave. By
    default that is ``Output``, for outputs without ids and evidence.
    """

    name: ClassVar[str] = ""
    version: ClassVar[str] = "1"
    prompt: ClassVar[str] = ""
    Input: ClassVar[type[BaseModel]]
    Output: ClassVar[type[BaseModel]]
    Written: ClassVar[type[BaseModel] | None] = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.name:
            _register(cls)

    def local(self, question: Question) -> Answer[Reply]:
        """Answer without a language model. Raises nothing for any input that fits ``Input``."""
        raise NotImplementedError(f"{type(self).__name__} has no local engine")

    def show(self, question: Question) -> Material:
        """What a model sees of the question; by default all of it, as text that others wrote."""
        return Material(texts={"question": question.model_dump_json(indent=1)})

    def check(self, question: Question, output: Any) -> list[str]:
        """Reasons in code why a model's ``output`` (a ``Written``) is not taken; it may mend it once. Pure."""
        return []

    def ground(self, question: Question, output: Any) -> Answer[Reply]:
        """The answer made of a model's checked ``output``, with evidence that is found in the question alone. Pure.

        By default without evidence and without confidence: nothing then happens by itself.
        """
        return Answer(output)

    def answer(
        self, output: Reply, evidence: Sequence[Evidence] | None = None, confidence: float = 0.0, thinks_with: str = ""
    ) -> Answer[Reply]:
        """An answer of the local engine; ``thinks_with`` names the vectors or the training run that it used."""
        version = f"{self.version}+{thinks_with}" if thinks_with else self.version
        return Answer(output, list(evidence or []), round(float(confidence), 4), "local", version)


Engine = Callable[[Skill, BaseModel, Scope], Answer | None]

_skills: dict[str, Skill] = {}


def _register(cls: type[Skill]) -> None:
    known = _skills.get(cls.name)
    if known and (type(known).__module__, type(known).__qualname__) != (cls.__module__, cls.__qualname__):
        raise ValueError(f"two skills are called {cls.name}")
    _skills[cls.name] = cls()


@cache
def _discover() -> None:
    autodiscover_modules("skills")


def registered() -> dict[str, Skill]:
    """Every skill by name, found in the ``skills.py`` of the installed apps."""
    _discover()
    return dict(sorted(_skills.items()))


def get(name: str) -> Skill:
    """The skill of this name. Raises UnknownSkillError."""
    try:
        return registered()[name]
    except KeyError:
        raise UnknownSkillError(name) from None


def think_locally(skill: Skill, question: BaseModel, scope: Scope) -> Answer:
    """The engine that is always present; it never passes."""
    return skill.local(question)


def think_with_model(skill: Skill, question: BaseModel, scope: Scope) -> Answer | None:
    """The language model chosen for the skill; passes where there is none."""
    if not skill.prompt:
        return None
    from agents.skills import engine  # it stands on models, which are not there yet when this module is imported

    return engine.think_with_model(skill, question, scope)


# Asked in this order; the first that does not pass (None) answers. The local engine is the last and never passes.
ENGINES: list[Engine] = [think_with_model, think_locally]


def run(name: str, question: BaseModel | dict, scope: Scope | None = None) -> Answer:
    """Ask the skill ``name``; the only way to think.

    ``question`` is the skill's Input or what validates as one (pydantic's ValidationError otherwise). Without a scope
    nobody is asked for whom a model could be paid: the local engine answers, and no database is needed. Raises
    UnknownSkillError, and WaitsForPerson where a model did not answer and the settings want a person.
    """
    skill = get(name)
    asked = question if isinstance(question, skill.Input) else skill.Input.model_validate(question)
    for engine in ENGINES if scope is not None else [think_locally]:
        answer = engine(skill, asked, scope or Scope())
        if answer is not None:
            return answer
    raise RuntimeError(f"no engine answered {name}")


def digest(question: BaseModel) -> str:
    """A short fingerprint of a question: equal questions are asked once by whoever keeps it."""
    return hashlib.sha256(question.model_dump_json().encode()).hexdigest()[:32]
