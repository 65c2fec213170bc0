"""What the hub adds to the navigation: the way back to the first run."""

from django.utils.translation import gettext_lazy as _

from agents.panes import NavLink, register

register(
    NavLink(
        name="first_run",
        label=_("First run"),
        url_name="hub:first_run",
        icon="rocket",
        group="manage",
        order=900,
        permission="agents.manage",
    )
)
