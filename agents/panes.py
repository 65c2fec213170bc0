"""The pane register: pieces of a page, links of the navigation, and results of the search, that apps offer to others.

An app's `panes.py` registers them and is found at start-up (`agents.apps`).
A page names a slot and a subject; it never learns who fills the slot.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, kw_only=True)
class Pane:
    """One piece of a page.

    slot: the place a page names, "<page>.<place>" ("case.context").
    subject_type: the model label the pane is for ("cases.Case"), or "" for any subject.
    permission, feature: asked of the user before the pane is shown; "" asks nothing; of several permissions, with a
        space between, one is enough.
    context: what the template sees, from the page's subject and the user; None leaves the pane out this time.
    """

    name: str
    slot: str
    template: str
    context: Callable[[Any, Any], dict[str, Any] | None]
    order: int = 100
    subject_type: str = ""
    permission: str = ""
    feature: str = ""

    def fits(self, subject: Any) -> bool:
        """Whether the subject is of the type this pane was made for."""
        meta = getattr(subject, "_meta", None)
        return not self.subject_type or (meta is not None and meta.label == self.subject_type)


@dataclass(frozen=True, kw_only=True)
class NavLink:
    """A link of the main navigation: a pane of the slot "nav".

    url_name: reversed without arguments. key: two strokes as in "g i". group: "work" or "manage".
    count: the rows that wait for this user. They depend on nothing but who the user is and what their roles show: the
        statement is kept, and all links are counted in one. Counting stops at ``most``; 0 shows no number.
    due: the number waits for this user's decision and is shown in blue.
    """

    name: str
    label: Text
    url_name: str
    icon: str
    group: str = "work"
    key: str = ""
    order: int = 100
    permission: str = ""
    feature: str = ""
    count: Callable[[Any], QuerySet[Any]] | None = None
    most: int = 100
    due: bool = False


@dataclass(frozen=True, kw_only=True)
class Found:
    """One result of the search over everything; ``more`` is a word or two beside it."""

    text: str
    url: str
    more: str = ""


@dataclass(frozen=True, kw_only=True)
class Finder:
    """What an app offers to the search over everything (Ctrl K).

    find(user, words, limit): at most ``limit`` results among what the user may see, never by a field hidden from them.
    """

    name: str
    label: Text
    icon: str
    find: Callable[[Any, str, int], list[Found]]
    order: int = 100
    permission: str = ""
    feature: str = ""


_panes: dict[str, Pane] = {}
_finders: dict[str, Finder] = {}
_links: dict[str, NavLink] = {}


def register(*panes: Pane | NavLink | Finder) -> None:
    """Offer panes, links or finders. A name taken twice is a mistake in the code: ValueError."""
    for pane in panes:
        table: dict[str, Any] = {NavLink: _links, Finder: _finders}.get(type(pane), _panes)  # type: ignore[assignment]
        if table.get(pane.name, pane) != pane:
            raise ValueError(f"Two panes are called {pane.name!r}.")
        table[pane.name] = pane


def allows(user: Any, pane: Pane | NavLink | Finder) -> bool:
    """Whether the user has the permission and the feature switch the pane asks for."""
    if pane.permission and not any(user.has_perm(one) for one in pane.permission.split()):
        return False
    if pane.feature:
        has_feature = getattr(user, "has_feature", None)
        return has_feature is not None and has_feature(pane.feature)
    return True


def list_panes(slot: str, subject: Any, user: Any) -> Iterator[tuple[Pane, dict[str, Any]]]:
    """The panes of a slot for this subject and user, in order, each with its context."""
    for pane in sorted(_panes.values(), key=lambda pane: (pane.order, pane.name)):
        if pane.slot == slot and pane.fits(subject) and allows(user, pane):
            context = pane.context(subject, user)
            if context is not None:
                yield pane, context


def list_links(user: Any) -> list[NavLink]:
    """The navigation links this user may follow, in order."""
    links = sorted(_links.values(), key=lambda link: (link.order, link.name))
    return [link for link in links if allows(user, link)]


def list_finders(user: Any) -> list[Finder]:
    """The finders that search for this user, in order."""
    finders = sorted(_finders.values(), key=lambda finder: (finder.order, finder.name))
    return [finder for finder in finders if allows(user, finder)]
