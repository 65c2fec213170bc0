"""Who decides: the least of everything that limits an agent, with the reasons."""

import datetime as dt
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext as _

from agents import sections
from agents.kinds import Kind
from agents.models import LineOfBusiness, Rule
from agents.models.levels import Level, least
from agents.policy import pausing


@dataclass(frozen=True)
class Verdict:
    """The effective level and, for each limit that lowered it, why."""

    level: Level
    version: int
    why: list[str] = field(default_factory=list)


def effective_level(
    kind: Kind,
    *,
    rule: Rule | None,
    line_of_business: LineOfBusiness | None,
    now: dt.datetime,
    wanted: str | None = None,
) -> Verdict:
    """The least of the rule's level, the section's switch, the agent's pause and the operator's ceiling.

    ``wanted`` is a part's own level (a field above or below its bars) and counts as one more limit. The rule's level
    stands in place of the section's: a section without a matching rule falls back to its own level.
    """
    loaded = sections.load(kind.section, line_of_business)
    base = Level(rule.level) if rule is not None else Level(loaded.level)
    limits = [
        (base, _("Rule %(name)s") % {"name": rule.name} if rule else _("The section's level")),
        (Level.AUTO if loaded.is_on else Level.OFF, _("The section is switched off")),
        (Level.OFF if pausing.is_paused(kind.agent, now=now) else Level.AUTO, _("The agent is paused")),
        (Level(settings.AGENT_CEILING), _("The operator's ceiling")),
    ]
    if wanted is not None:
        limits.append((Level(wanted), _("How sure the agent is")))
    level = least(*(limit for limit, _why in limits))
    # Where nothing limits, the rule or the section alone is the reason.
    reasons = [why for limit, why in limits if limit == level] if level != Level.AUTO else [limits[0][1]]
    return Verdict(level, loaded.version, reasons)
