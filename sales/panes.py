"""What sales offers to the navigation."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agents.panes import NavLink, register
from sales.listing import Filters, list_leads
from sales.models import Lead
from sales.outreach import lead_page as lead_page


def list_mine(user: Any) -> QuerySet[Lead]:
    """Leads of mine with something to decide."""
    return list_leads(user, Filters(view="review"))


register(
    NavLink(
        name="leads",
        label=_("Leads"),
        url_name="sales:leads",
        icon="target",
        key="g l",
        order=30,
        permission="sales.work",
        count=list_mine,
    ),
)
