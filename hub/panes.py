"""What the hub adds to the navigation and to the search: home, insights, parked work, leads, settings."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.manage.section_pages import url_of
from agents.panes import Finder, Found, NavLink, register
from agents.sections import AGENTS, SECTIONS
from hub.insights import READERS
from hub.parked import parked_work
from sales.access import hidden_lead_fields, visible_leads


def find_leads(user: Any, words: str, limit: int) -> list[Found]:
    """Leads within reach, by name, company and address, never by a field hidden from this person."""
    hidden, sought = hidden_lead_fields(user), Q(pk__in=[])
    for name in ("name", "company_name", "email"):
        if name not in hidden:
            sought |= Q(**{f"{name}__icontains": words})
    shows = not hidden & {"name", "company_name", "email"}
    rows = visible_leads(user).filter(sought)
    return [
        Found(text=str(row) if shows else f"#{row.pk}", url=row.get_absolute_url(), more=row.get_status_display())
        for row in rows.order_by("-last_activity_at", "-id")[:limit]
    ]


def find_settings(user: Any, words: str, limit: int) -> list[Found]:
    """Pages of the admin center, by their titles."""
    asked = words.casefold().split()
    titles = [(section, f"{AGENTS[section.agent].title} {section.title}".casefold()) for section in SECTIONS.values()]
    found = [section for section, title in titles if all(word in title for word in asked)]
    return [Found(text=str(one.title), url=url_of(one), more=str(AGENTS[one.agent].title)) for one in found[:limit]]


register(
    Finder(name="leads", label=_("Leads"), icon="target", permission="sales.work", order=20, find=find_leads),
    Finder(
        name="settings", label=_("Settings"), icon="settings", permission="agents.manage", order=90, find=find_settings
    ),
    NavLink(name="home", label=_("Home"), url_name="hub:home", icon="house", key="g h", order=5),
    NavLink(
        name="insights",
        label=_("Insights"),
        url_name="hub:insights",
        icon="chart-line",
        key="g n",
        order=60,
        permission=" ".join(READERS),
    ),
    NavLink(
        name="parked_work",
        label=_("Parked work"),
        url_name="hub:parked_work",
        icon="octagon-alert",
        group="manage",
        order=86,
        permission="agents.manage",
        count=lambda user: parked_work(),
    ),
    NavLink(
        name="first_run",
        label=_("First run"),
        url_name="hub:first_run",
        icon="rocket",
        group="manage",
        order=900,
        permission="agents.manage",
    ),
)
