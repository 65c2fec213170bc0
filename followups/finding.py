"""Follow-up plans in the search over everything."""

from typing import Any

from accounts.access import hidden_fields
from agents.panes import Found
from cases.access import MODEL, say_case, visible_cases
from cases.inbox import search_cases
from followups.access import visible_plans
from followups.models import Plan


def find_plans(user: Any, words: str, limit: int) -> list[Found]:
    """Running plans of cases found by these words, within reach and never by a hidden field; each leads to its case."""
    cases = search_cases(visible_cases(user), words, hidden_fields(user, MODEL)).values("pk")
    rows = visible_plans(user).filter(case__in=cases).exclude(state=Plan.State.ENDED).select_related("case")
    return [
        Found(text=say_case(row.case, user), url=row.case.get_absolute_url(), more=str(row.get_state_display()))
        for row in rows.order_by("-pk")[:limit]
    ]
