"""What accounts adds to the navigation."""

from django.utils.translation import gettext_lazy as _

from agents.panes import NavLink, register

register(
    NavLink(
        name="people",
        label=_("People"),
        url_name="accounts:people",
        icon="users",
        group="manage",
        order=80,
        permission="accounts.manage",
    )
)
