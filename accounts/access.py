"""Which records and which fields a person, or an agent's own user, gets to see.

A role sees *own*, *team*, *line* or *all* records, each of which contains the one before:

- **own**: records they own, and records nobody owns that wait within their reach, so that they can take one;
- **team**: every record in a queue of their teams, and those in no team's queue whose line of business is theirs;
- **line**: every record whose line of business is theirs;
- **all**: every record.

The lines of business of a person are the ones set on them. With none set, records without a line of business are
theirs: an installation that uses no lines needs to set nothing, and one that does never shows a line by accident.

Several roles add up: whatever one of them shows is shown, and a field is kept from a person only when each of their
roles keeps it from them. Where a permission is named, only the roles that grant it count, so that a role for articles
does not open cases.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet, Value

from accounts.models import Role

Row = TypeVar("Row", bound=Model)
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Paths:
    """Where a row keeps what visibility looks at, as query paths."""

    owner: str = "owner"
    team: str = "queue__team"
    line: str = "line_of_business"

    @classmethod
    def through(cls, relation: str) -> "Paths":
        """The paths of rows that belong to a routed row, such as the messages of a case (``"case"``)."""
        return cls(f"{relation}__owner", f"{relation}__queue__team", f"{relation}__line_of_business")


ROUTED = Paths()


@dataclass(frozen=True)
class Reach:
    """What visibility knows about one user: read once per request and kept on the user object."""

    roles: tuple[Role, ...]
    teams: tuple[int, ...]
    lines: tuple[int, ...]
    is_unlimited: bool = False
    permissions: frozenset[str] = field(default=NOTHING)

    def counting(self, permission: str) -> tuple[Role, ...]:
        """The roles that count for rows opened by ``permission``; all of them when it is empty."""
        return tuple(role for role in self.roles if not permission or permission in role.permissions)

    @property
    def signature(self) -> str:
        """Everything visibility looks at, in one comparable text: who has the same sees rows by the same rule."""
        shown = [
            (role.pk, role.visibility, role.permissions, role.hidden_fields, role.read_only_fields)
            for role in self.roles
        ]
        return repr((shown, self.teams, self.lines, self.is_unlimited))


def reach(user: Any) -> Reach:
    """The roles, teams and lines of ``user``: two or three queries, then kept on the user.

    Somebody who is not signed in or switched off has none of them.
    """
    if not getattr(user, "is_active", False):
        return Reach((), (), ())
    # By attribute, so that request.user, which only stands for the user, keeps it where the user itself does.
    found: Reach | None = getattr(user, "_reach", None)
    if found is None:
        # Agents' users hold the role for agents unless somebody gave them others.
        roles = tuple(user.roles.all()) or tuple(Role.objects.filter(code="agent") if user.is_agent else ())
        teams, lines = _belonging(user)
        permissions = frozenset(code for role in roles for code in role.permissions)
        found = Reach(roles, teams, lines, is_unlimited=user.is_superuser, permissions=permissions)
        user._reach = found
    return found


def _belonging(user: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The teams and the lines of business of ``user``, in one query."""
    teams = user.teams.through.objects.filter(user=user).values_list(Value("team"), "team_id")
    lines = user.lines_of_business.through.objects.filter(user=user).values_list(Value("line"), "lineofbusiness_id")
    rows = sorted(teams.union(lines, all=True))
    return tuple(pk for of, pk in rows if of == "team"), tuple(pk for of, pk in rows if of == "line")


def forget_reach(user: Any) -> None:
    """Read the roles, teams and lines of ``user`` again at the next question."""
    user._reach = None


def visible(
    queryset: QuerySet[Row], user: Any, *, permission: str = "", rules: Paths = ROUTED, own: Q | None = None
) -> QuerySet[Row]:
    """The rows of ``queryset`` that ``user`` may see.

    ``permission`` is what opens these rows at all (``"cases.work"``); ``rules`` says where they keep owner, team and
    line; ``own`` adds rows that count as the user's own for another reason.
    """
    known = reach(user)
    if known.is_unlimited:
        return queryset
    levels = {role.visibility for role in known.counting(permission)}
    if Role.Visibility.ALL in levels:
        return queryset
    if not levels:
        return queryset.none()
    return queryset.filter(_seen(levels, user, known, rules) | (own or Q(pk__in=[])))


def _seen(levels: set[str], user: Any, known: Reach, at: Paths) -> Q:
    """The widest of ``levels``, of which each contains the narrower ones."""
    fits = Q(**{f"{at.line}__in": known.lines}) if known.lines else Q(**{f"{at.line}__isnull": True})
    within = Q(**{f"{at.team}__in": known.teams}) | (Q(**{f"{at.team}__isnull": True}) & fits)
    seen = Q(**{at.owner: user}) | (Q(**{f"{at.owner}__isnull": True}) & within)
    if levels & {Role.Visibility.TEAM, Role.Visibility.LINE}:
        seen |= within
    if Role.Visibility.LINE in levels:
        seen |= fits
    return seen


def hidden_fields(user: Any, label: str, *, permission: str = "") -> frozenset[str]:
    """The fields of ``label`` (``"cases.case"``) that ``user`` never sees, searches, exports or is answered with."""
    return _kept_from(user, "hidden_fields", label, permission)


def read_only_fields(user: Any, label: str, *, permission: str = "") -> frozenset[str]:
    """The fields of ``label`` that ``user`` may not change; hidden ones are among them."""
    return _kept_from(user, "read_only_fields", label, permission, "hidden_fields")


def redact(mapping: Mapping[str, Any], user: Any, label: str, *, permission: str = "") -> dict[str, Any]:
    """``mapping`` of field names to values without the fields kept from ``user``."""
    hidden = hidden_fields(user, label, permission=permission)
    return {name: value for name, value in mapping.items() if name not in hidden}


def _kept_from(user: Any, attribute: str, label: str, permission: str, *also: str) -> frozenset[str]:
    """What every role that counts keeps from the user; with no role that counts, nothing is open to begin with."""
    known = reach(user)
    roles = known.counting(permission)
    if known.is_unlimited or not roles:
        return NOTHING
    lists = [{name for kind in (attribute, *also) for name in getattr(role, kind).get(label, [])} for role in roles]
    return frozenset(set.intersection(*lists))
