"""Whether a condition holds: for one subject in Python, for many as a filter of the database."""

import datetime as dt
from functools import reduce
from operator import and_, or_

from django.db.models import Model, Q

from agents.conditions.operands import Unreadable
from agents.conditions.operators import ALWAYS, NEVER, OPERATORS
from agents.conditions.tree import Group, Leaf, Tree, parse
from agents.facts import Fact, facts_of


def holds(tree: Tree, subject: Model, now: dt.datetime) -> bool:
    """Whether the condition holds for this subject. What cannot be read (a fact that is gone) never holds."""
    return _holds(parse(tree), facts_of(type(subject)), subject, now)


def compile(tree: Tree, model: type[Model], now: dt.datetime) -> Q:  # noqa: A001
    """The condition as a filter of the model's rows; the same answer as ``holds`` for each."""
    return _compile(parse(tree), facts_of(model), now)


def _holds(item: Group | Leaf, facts: dict[str, Fact], subject: Model, now: dt.datetime) -> bool:
    if isinstance(item, Group):
        answers = (_holds(part, facts, subject, now) for part in item.items)
        return all(answers) if item.join == "all" else any(answers)
    fact = facts.get(item.fact)
    operator = OPERATORS[fact.type].get(item.op) if fact else None
    if fact is None or operator is None:
        return False
    try:
        operand = operator.read(fact, item.value)
    except Unreadable:
        return False
    return operator.holds(fact.read(subject, now), operand, now)


def _compile(item: Group | Leaf, facts: dict[str, Fact], now: dt.datetime) -> Q:
    if isinstance(item, Group):
        parts = [_compile(part, facts, now) for part in item.items]
        if item.join == "all":
            return reduce(and_, parts) if parts else ALWAYS
        return reduce(or_, parts) if parts else NEVER
    fact = facts.get(item.fact)
    operator = OPERATORS[fact.type].get(item.op) if fact else None
    if fact is None or operator is None:
        return NEVER
    try:
        operand = operator.read(fact, item.value)
    except Unreadable:
        return NEVER
    return operator.build(fact, operand, now)
