"""The one condition builder: a tree of all/any groups of (fact, operator, value) over registered facts."""

from agents.conditions.checking import check
from agents.conditions.evaluation import compile, holds  # noqa: A004
from agents.conditions.previewing import Preview, preview
from agents.conditions.tree import Group, Leaf, Malformed, Tree, parse
from agents.conditions.wording import describe

__all__ = ["Group", "Leaf", "Malformed", "Preview", "Tree", "check", "compile", "describe", "holds", "parse", "preview"]
