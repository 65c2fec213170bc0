"""What a condition is: a tree of all/any groups of (fact, operator, value), as JSON and as pydantic models."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

MOST_LEAVES = 60
DEEPEST = 4


class Leaf(BaseModel):
    """One comparison. The value is a text, a list, or two texts for a span, as the operator takes."""

    model_config = ConfigDict(extra="forbid")
    fact: Annotated[str, Field(max_length=80)]
    op: Annotated[str, Field(max_length=20)]
    value: Any = None


class Group(BaseModel):
    """All of its items, or any of them."""

    model_config = ConfigDict(extra="forbid")
    join: Literal["all", "any"] = "all"
    items: Annotated[list["Group | Leaf"], Field(max_length=MOST_LEAVES)] = []

    def leaves(self) -> Iterator[Leaf]:
        """Every comparison in the tree."""
        for item in self.items:
            if isinstance(item, Leaf):
                yield item
            else:
                yield from item.leaves()

    @property
    def depth(self) -> int:
        """How many groups lie in each other."""
        return 1 + max((item.depth for item in self.items if isinstance(item, Group)), default=0)


Tree = Mapping[str, Any] | Group | None


class Malformed(ValueError):  # noqa: N818
    """The JSON is no condition."""


def parse(tree: Tree) -> Group:
    """The tree as models; nothing at all is the group that always holds. Raises Malformed."""
    if isinstance(tree, Group):
        return tree
    try:
        group = Group.model_validate(tree or {})
    except (ValidationError, RecursionError) as error:
        raise Malformed(str(error)) from error
    if group.depth > DEEPEST or sum(1 for _leaf in group.leaves()) > MOST_LEAVES:
        raise Malformed(f"At most {MOST_LEAVES} conditions in {DEEPEST} levels of groups.")
    return group
