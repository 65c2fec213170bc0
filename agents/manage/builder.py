"""The condition builder as a plain form: a tree becomes rows of controls, and posted controls a tree.

Controls are called by their place: ``c.join`` for the outermost group, ``c.0.fact``, ``c.0.op`` and ``c.0.value`` for
its first condition, ``c.2.join`` for a group within. Buttons named ``change`` carry ``add:<group>``, ``group:<group>``
or ``remove:<place>``, so that everything works as a form without a script.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from agents.conditions.operators import OPERATORS, Operator
from agents.conditions.tree import DEEPEST, MOST_LEAVES
from agents.facts import Fact, Type, facts_of

ROOT = "c"
PLACE = re.compile(rf"^{ROOT}(?:\.\d{{1,4}})*$")
CONTROL = re.compile(rf"^({ROOT}(?:\.\d{{1,4}})*)\.(join|fact|op|value)$")
Tree = dict[str, Any]


@dataclass
class ConditionRow:
    """One comparison as controls."""

    place: str
    number: int
    facts: list[tuple[str, str]]
    fact: str
    operators: list[tuple[str, str]]
    operator: str
    takes: str
    choices: list[tuple[str, str]]
    values: list[str]
    hint: str = ""
    is_choice: bool = False

    @property
    def one(self) -> str:
        """The value, for a single control."""
        return self.values[0] if self.values else ""

    @property
    def two(self) -> list[str]:
        """Both values of a span."""
        return [*self.values, "", ""][:2]


@dataclass
class GroupRow:
    """One group as controls."""

    place: str
    join: str
    may_nest: bool
    items: list["ConditionRow | GroupRow"] = field(default_factory=list)
    is_group: bool = True


class Builder:
    """The builder over the facts of one model."""

    def __init__(self, model: Any, tree: Tree) -> None:
        self.facts = facts_of(model)
        self.tree = tree
        self._numbers: Iterator[int] = iter(range(1, 10 * MOST_LEAVES))

    def rows(self) -> GroupRow:
        """The tree as controls."""
        self._numbers = iter(range(1, 10 * MOST_LEAVES))
        return self._group(self.tree, ROOT, 1)

    def _group(self, tree: Tree, place: str, depth: int) -> GroupRow:
        items: list[ConditionRow | GroupRow] = []
        for number, item in enumerate(tree.get("items", [])):
            inner = f"{place}.{number}"
            items.append(self._group(item, inner, depth + 1) if "items" in item else self._row(item, inner))
        return GroupRow(place, tree.get("join", "all"), depth < min(DEEPEST, 3), items)

    def _row(self, leaf: Tree, place: str) -> ConditionRow:
        name = leaf.get("fact") or next(iter(self.facts), "")
        fact = self.facts.get(name)
        known = OPERATORS[fact.type] if fact else {}
        operator = known.get(leaf.get("op", "")) or next(iter(known.values()), None)
        labels = [(fact.name, str(fact.label)) for fact in self.facts.values()]
        return ConditionRow(
            place=place,
            number=next(self._numbers),
            facts=labels if fact else [(name, name), *labels],
            fact=name,
            operators=[(one.code, str(one.label)) for one in known.values()],
            operator=operator.code if operator else "",
            takes=operator.takes if operator else "nothing",
            choices=[(str(key), label) for key, label in fact.list_choices()] if fact else [],
            values=_as_texts(leaf.get("value")),
            hint=_hint(fact, operator),
            is_choice=bool(fact and (callable(fact.choices) or fact.choices)),
        )


def read(post: QueryDict, model: Any) -> Tree:
    """The tree that was posted; values are kept as they were written."""
    facts = facts_of(model)
    nodes: dict[tuple[int, ...], dict[str, Any]] = {}
    for key in post:
        if found := CONTROL.match(key):
            path = tuple(int(part) for part in found[1].split(".")[1:])
            if len(path) <= DEEPEST:
                nodes.setdefault(path, {})[found[2]] = post.getlist(key)
    return _assemble(nodes, (), facts)


def change(tree: Tree, act: str) -> Tree:
    """The tree after a button (``add:``, ``group:`` or ``remove:`` and a place); anything else changes nothing."""
    verb, _colon, place = act.partition(":")
    if verb not in ("add", "group", "remove") or not PLACE.match(place):
        return tree
    path = [int(part) for part in place.split(".")[1:]]
    group = tree
    for step in path[:-1] if verb == "remove" else path:
        items = group.get("items", [])
        if step >= len(items) or "items" not in items[step]:
            return tree
        group = items[step]
    if verb == "add":
        group["items"].append({"fact": "", "op": "", "value": None})
    elif verb == "group":
        group["items"].append({"join": "any", "items": [{"fact": "", "op": "", "value": None}]})
    elif path and path[-1] < len(group["items"]):
        del group["items"][path[-1]]
    return tree


def _assemble(nodes: dict[tuple[int, ...], dict[str, Any]], path: tuple[int, ...], facts: dict[str, Fact]) -> Tree:
    join = nodes.get(path, {}).get("join", ["all"])[-1]
    items = []
    children = sorted(
        {other[: len(path) + 1] for other in nodes if len(other) > len(path) and other[: len(path)] == path}
    )
    for child in children:
        node = nodes.get(child, {})
        if "fact" in node:
            items.append(_leaf(node, facts))
        elif "join" in node:
            items.append(_assemble(nodes, child, facts))
    return {"join": join if join in ("all", "any") else "all", "items": items}


def _leaf(node: dict[str, Any], facts: dict[str, Fact]) -> Tree:
    name = node["fact"][-1]
    fact = facts.get(name)
    known = OPERATORS[fact.type] if fact else {}
    code = node.get("op", [""])[-1]
    if fact and code not in known:  # another fact was chosen: its first comparison, and no value
        return {"fact": name, "op": next(iter(known)), "value": None}
    takes = known[code].takes if code in known else "one"
    values = [value.strip() for value in node.get("value", [])]
    if takes == "nothing":
        return {"fact": name, "op": code, "value": None}
    if takes == "many" and fact and fact.type == Type.TEXT:
        return {
            "fact": name,
            "op": code,
            "value": [part.strip() for part in ",".join(values).split(",") if part.strip()],
        }
    if takes in ("many", "two"):
        return {"fact": name, "op": code, "value": values}
    return {"fact": name, "op": code, "value": values[0] if values else ""}


def _as_texts(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(part) for part in value] if isinstance(value, list) else [str(value)]


def _hint(fact: Fact | None, operator: Operator | None) -> str:
    """What to write into the text box."""
    if fact is None or operator is None or operator.takes == "nothing":
        return ""
    if fact.hint:
        return str(fact.hint)
    if fact.type == Type.DURATION or operator.code in ("in_last", "older_than"):
        return "2 days"
    return {Type.TIME: "2026-06-09", Type.NUMBER: "50"}.get(fact.type, "")
