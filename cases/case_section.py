"""What the Manage pages of the Case Management Agent share."""

from typing import Any

from django.db.models import QuerySet

from agents.sections import Section
from cases.access import visible_cases
from cases.models import Case
from cases.replies import AGENT


class CaseSection(Section):
    """What the agent's pages share."""

    agent = AGENT

    def preview(self, user: Any) -> QuerySet[Any]:
        """Open cases this user may see, newest first."""
        return visible_cases(user).filter(status=Case.Status.OPEN).order_by("-last_message_at", "-id")

    def preview_row(self, row: Case) -> dict[str, Any]:
        """Number, title and customer."""
        return {"label": str(row), "url": row.get_absolute_url(), "note": str(row.contact or "")}

    def try_choices(self, user: Any) -> list[tuple[str, str]]:
        """The newest cases this user may see."""
        rows = visible_cases(user).filter(last_inbound__isnull=False).order_by("-last_message_at")[:20]
        return [(str(case.number), str(case)) for case in rows]
