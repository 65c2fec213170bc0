"""The second engine: a language model, where an administrator chose one for the skill."""

from dataclasses import replace

import structlog
from pydantic import BaseModel

from agents import llm
from agents.models import SkillEngine
from agents.skills import Answer, Scope, Skill, WaitsForPerson
from agents.skills.prompts import load_prompt

log = structlog.get_logger(__name__)


def think_with_model(skill: Skill, question: BaseModel, scope: Scope) -> Answer | None:
    """What the chosen model answers, checked and grounded in the question; None where none is chosen or needed.

    When the model does not answer, the local engine does and says so, or WaitsForPerson is raised, as configured.
    """
    choice = llm.choose(skill.name, scope.line_of_business) if skill.prompt else None
    if choice is None or choice.model is None:
        return None
    material = skill.show(question)
    if not material.texts:
        return None
    if llm.is_in_transaction():  # a last look at the gate: it has to be quick, and the local engine is
        log.info("skill.model_not_asked", skill=skill.name)
        return replace(skill.local(question), instead_of="inside a transaction")
    asked = llm.Question(
        skill=skill.name,
        prompt=load_prompt(type(skill), skill.prompt),
        material=material,
        schema=skill.Written or skill.Output,
        check=lambda output: skill.check(question, output),
        line_of_business=scope.line_of_business,
    )
    try:
        done = llm.complete(asked, choice.model)
    except llm.ModelError as error:
        if choice.on_failure == SkillEngine.OnFailure.WAIT:
            raise WaitsForPerson(str(error)) from error
        return replace(skill.local(question), instead_of=str(error))
    answer = skill.ground(question, done.output)
    version = f"{asked.prompt.name}@{asked.prompt.version}"
    return replace(answer, engine=choice.model.model[:80], version=version[:40], cost=done.cost)
