"""Teams: people who work the same queues."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from accounts.rights import Refused, change
from agents.audit import record
from agents.models import LineOfBusiness


@transaction.atomic
def save_team(
    team: Team | None, *, name: str, line_of_business: LineOfBusiness | None, members: Iterable[User], by: User | None
) -> Team:
    """Make a team, or change ``team``; its members see its queues with their next request."""
    members = list(members)
    if any(member.is_agent for member in members):
        raise Refused(gettext("Agents belong to no team."))
    before = _state(team) if team else {"name": "", "line_of_business": "", "members": ""}
    team = team or Team()
    team.name, team.line_of_business = name, line_of_business
    team.save()
    team.members.set(members)
    after = _state(team)
    labels = {"name": _("Name"), "line_of_business": _("Line of business"), "members": _("Members")}
    changes = [change(key, labels[key], before[key], after[key]) for key in after if before[key] != after[key]]
    if changes:
        text = gettext("changed the team %(name)s") % {"name": team}
        record("accounts.team_changed", by=by, subject=team, text=text, changes=changes)
    return team


@transaction.atomic
def delete_team(team: Team, *, by: User | None) -> None:
    """Delete a team; its queues stay, belong to no team, and are open to everybody of their line of business."""
    text = gettext("deleted the team %(name)s") % {"name": team}
    record("accounts.team_deleted", by=by, subject=team, text=text, changes=[change("name", _("Name"), str(team), "")])
    team.delete()


def _state(team: Team) -> dict[str, str]:
    line = str(team.line_of_business or "")
    return {"name": team.name, "line_of_business": line, "members": ", ".join(sorted(map(str, team.members.all())))}
