"""What the Manage pages of the Sales Agent share: they look at leads, and are tried on one."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from agents.sections import Section
from sales.access import RELATED, visible_leads
from sales.models import Lead
from sales.selection import AGENT


class LeadSection(Section):
    """A page about leads; ``statuses`` are those that its rules look at, all when there is none."""

    agent = AGENT
    subjects = gettext_lazy("leads")
    statuses: ClassVar[tuple[str, ...]] = ()

    def preview(self, user: Any) -> QuerySet[Any]:
        """Leads this user may see, newest first."""
        rows = visible_leads(user).order_by("-last_activity_at", "-id")
        return rows.filter(status__in=self.statuses) if self.statuses else rows

    def preview_row(self, row: Lead) -> dict[str, Any]:
        """Company and name, where it stands, where it came from."""
        note = " · ".join(filter(None, (str(row.get_status_display()), row.source)))
        return {"label": str(row), "url": row.get_absolute_url(), "note": note}

    def try_choices(self, user: Any) -> list[tuple[str, str]]:
        """The newest leads this user may see."""
        return [(str(lead.pk), str(lead)) for lead in visible_leads(user).order_by("-last_activity_at")[:20]]


def find_lead(given: str, user: Any) -> Lead | None:
    """The lead of that key, when this user may see it."""
    if not given.strip().isdecimal() or len(given.strip()) > 15:
        return None
    return visible_leads(user).select_related(*RELATED).filter(pk=int(given)).first()
