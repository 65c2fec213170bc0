"""What record and outbox add to the navigation."""

from django.utils.translation import gettext_lazy as _

from agents.oversight.outbox import MOST, list_unknown
from agents.panes import NavLink, register

register(
    NavLink(
        name="outbox",
        label=_("Outbox"),
        url_name="agents:outbox",
        icon="mail-check",
        group="manage",
        order=85,
        permission="agents.pause",
        count=list_unknown,
        most=MOST + 1,
    ),
    NavLink(
        name="record",
        label=_("Record"),
        url_name="agents:record",
        icon="scroll-text",
        group="manage",
        order=90,
        permission="agents.record",
    ),
)
