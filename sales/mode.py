"""How far the Sales Agent goes: it researches and drafts while people send, or it also writes, answers and follows up.

The mode stands on the General page, for all or for one line of business. Kinds that write to a lead ask here when they
are decided and at the gate, so that a change of the mode also holds for what is queued.
"""

from django.db.models import Q
from django.utils.translation import gettext as _

from agents import sections
from agents.models import LineOfBusiness, SectionSetting, Suggestion

SECTION = "sales.general"
RESEARCH, ENGAGE = "research", "engage"


def only_drafts(line: LineOfBusiness | None) -> bool:
    """Whether people send everything that goes to a lead."""
    return sections.load(SECTION, line).values.get("mode") != ENGAGE


def of_drafting_lines() -> Q:
    """Leads of the lines of business for which people send."""
    rows = SectionSetting.objects.filter(section=SECTION, line_of_business__isnull=False)
    own = dict(rows.values_list("line_of_business", "values"))
    found = Q(line_of_business__in=[line for line, values in own.items() if values.get("mode") != ENGAGE])
    return found | ~Q(line_of_business__in=list(own)) if only_drafts(None) else found


def list_refusals(suggestion: Suggestion) -> list[str]:
    """What stands against the agent writing to a lead by itself; nothing against a person who does."""
    if suggestion.decided_by_agent and only_drafts(suggestion.line_of_business):
        return [_("The agent only drafts: people send (General).")]
    return []
