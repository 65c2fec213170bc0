"""A condition in words."""

from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from agents.conditions.operators import OPERATORS, Operator
from agents.conditions.tree import Group, Leaf, Tree, parse
from agents.facts import Fact, Type, facts_of


def describe(tree: Tree, model: type[Model]) -> str:
    """The condition as one sentence without a full stop: "Reason is Defect or Damage, and Status is open"."""
    group = parse(tree)
    words = _describe(group, facts_of(model), outermost=True)
    return words[:1].upper() + words[1:] if words else _("Always")


def _describe(item: Group | Leaf, facts: dict[str, Fact], *, outermost: bool = False) -> str:
    if isinstance(item, Leaf):
        return _describe_leaf(item, facts)
    parts = [words for part in item.items if (words := _describe(part, facts))]
    joiner = _(", and ") if item.join == "all" else _(", or ")
    words = joiner.join(parts)
    return words if outermost or len(parts) < 2 else f"({words})"


def _describe_leaf(leaf: Leaf, facts: dict[str, Fact]) -> str:
    fact = facts.get(leaf.fact)
    operator = OPERATORS[fact.type].get(leaf.op) if fact else None
    if fact is None or operator is None:
        return _("%(fact)s (no longer known)") % {"fact": leaf.fact}
    return " ".join(filter(None, [str(fact.label), str(operator.label), describe_value(fact, operator, leaf.value)]))


def describe_value(fact: Fact, operator: Operator, value: Any) -> str:
    """The value of a comparison in words, with the labels of choices."""
    if operator.takes == "nothing":
        return ""
    parts = value if isinstance(value, list) else [value]
    if fact.type in (Type.CHOICE, Type.USER, Type.SET):
        labels = {str(key): label for key, label in fact.list_choices()}
        parts = [labels.get(str(part), str(part)) for part in parts]
    elif fact.type == Type.TEXT:
        parts = [f"“{part}”" for part in parts]
    return (_(" and ") if operator.takes == "two" else _(" or ")).join(str(part) for part in parts)
