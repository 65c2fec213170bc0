"""The links that the Manage pages offer to the navigation."""

from django.utils.translation import gettext_lazy as _

from agents.panes import NavLink, register

register(
    NavLink(
        name="models",
        label=_("Language models"),
        url_name="agents:models",
        icon="brain-circuit",
        group="manage",
        order=70,
        permission="agents.manage",
    ),
    NavLink(
        name="manage",
        label=_("Admin center"),
        url_name="agents:manage",
        icon="sliders-horizontal",
        group="manage",
        order=10,
        permission="agents.manage",
    ),
    NavLink(
        name="lines",
        label=_("Lines of business"),
        url_name="agents:lines",
        icon="layers",
        group="manage",
        order=60,
        permission="agents.manage",
    ),
)
