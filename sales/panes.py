"""What sales offers to the navigation."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from agents.panes import NavLink, register
from sales.listing import Filters, list_leads
from sales.outreach import lead_page as lead_page


def count_mine(user: Any) -> int | None:
    """Leads of mine with something to decide, up to a hundred."""
    return list_leads(user, Filters(view="review"))[:100].count() or None


register(
    NavLink(
        name="leads",
        label=_("Leads"),
        url_name="sales:leads",
        icon="target",
        key="g l",
        order=30,
        permission="sales.work",
        count=count_mine,
    ),
)
