"""What is wrong with a condition, in words: unknown facts, unreadable values, empty groups, contradictions."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from agents.conditions.operands import Unreadable
from agents.conditions.operators import OPERATORS
from agents.conditions.tree import Group, Leaf, Malformed, Tree, parse
from agents.facts import Fact, Type, facts_of

Read = tuple[str, Any]


def check(tree: Tree, model: type[Model], *, may_be_empty: bool = False) -> list[str]:
    """The errors of a condition about ``model``; an empty list says that it can hold and can be read."""
    try:
        group = parse(tree)
    except Malformed as error:
        return [str(error)]
    if not group.items:
        return [] if may_be_empty else [_("Add at least one condition.")]
    facts = facts_of(model)
    errors = [error for leaf in group.leaves() for error in _check_leaf(leaf, facts)]
    if any(not inner.items for inner in _groups(group) if inner is not group):
        errors.append(_("A group is empty. Add a condition to it or remove it."))
    return errors or _contradictions(group, facts)


def _check_leaf(leaf: Leaf, facts: dict[str, Fact]) -> Iterator[str]:
    fact = facts.get(leaf.fact)
    if fact is None:
        yield _("“%(fact)s” is not known here any more. Remove this condition or choose another.") % {"fact": leaf.fact}
        return
    operator = OPERATORS[fact.type].get(leaf.op)
    if operator is None:
        yield _("%(fact)s cannot be compared this way.") % {"fact": fact.label}
        return
    try:
        operand = operator.read(fact, leaf.value)
    except Unreadable as error:
        yield f"{fact.label}: {error}"
        return
    if fact.type in (Type.CHOICE, Type.USER, Type.SET) and operator.takes != "nothing":
        known = {key for key, _label in fact.list_choices()}
        given = set(operand) if isinstance(operand, list) else {operand}
        if known and not given <= known:
            yield _("%(fact)s: a value is not among the choices any more.") % {"fact": fact.label}


def _groups(group: Group) -> Iterator[Group]:
    yield group
    for item in group.items:
        if isinstance(item, Group):
            yield from _groups(item)


def _contradictions(group: Group, facts: dict[str, Fact]) -> list[str]:
    """Comparisons that all have to hold and cannot: looked for in each group of "all", inner ones included."""
    errors = []
    for inner in _groups(group):
        if inner.join != "all":
            continue
        by_fact: dict[str, list[Read]] = defaultdict(list)
        for leaf in _together(inner):
            fact = facts[leaf.fact]
            by_fact[leaf.fact].append((leaf.op, OPERATORS[fact.type][leaf.op].read(fact, leaf.value)))
        errors += [
            _("%(fact)s cannot meet all of its conditions: nothing would ever match.") % {"fact": facts[name].label}
            for name, reads in by_fact.items()
            if any(_exclude(one, other) or _exclude(other, one) for one, other in combinations(reads, 2))
        ]
    return list(dict.fromkeys(errors))


def _together(group: Group) -> Iterator[Leaf]:
    """The comparisons of a group of "all" and of the groups of "all" directly in it."""
    for item in group.items:
        if isinstance(item, Leaf):
            yield item
        elif item.join == "all":
            yield from _together(item)


def _exclude(one: Read, other: Read) -> bool:
    """Whether the two comparisons of one fact can never hold together."""
    (op, value), (other_op, other_value) = one, other
    if op in ("is", "any_of"):
        return _excludes_values(value if op == "any_of" else [value], other_op, other_value)
    if op == "is_empty":
        return other_op not in ("is_empty", "is_not", "not_contains", "none_of", "has_none", "is_false")
    if op == "is_true":
        return other_op == "is_false"
    if op in ("over", "after"):
        return _is_above(value if op == "over" else value[1], other_op, other_value)
    if op == "has_none":
        return other_op in ("has_all",) and not set(value).isdisjoint(other_value)
    if op == "between" and other_op == "between":
        return value[1] < other_value[0]
    return False


def _excludes_values(values: list[Any], op: str, other: Any) -> bool:
    """Whether a fact that has one of these values can never meet the other comparison."""
    tests = {
        "is": lambda value: value == other,
        "is_not": lambda value: value != other,
        "any_of": lambda value: value in other,
        "none_of": lambda value: value not in other,
        "contains": lambda value: other in value,
        "not_contains": lambda value: other not in value,
        "starts_with": lambda value: value.startswith(other),
        "over": lambda value: value > other,
        "under": lambda value: value < other,
        "between": lambda value: other[0] <= value <= other[1],
        "is_empty": lambda value: False,
    }
    return op in tests and not any(tests[op](value) for value in values)


def _is_above(low: Any, op: str, other: Any) -> bool:
    """Whether more than ``low`` leaves no room under the other comparison."""
    highest = {"under": lambda: other, "before": lambda: other[0], "between": lambda: other[1]}
    return op in highest and low >= highest[op]()
