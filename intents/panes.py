"""What intents add to the navigation."""

from django.utils.translation import gettext_lazy as _

from agents.panes import NavLink, register

register(
    NavLink(
        name="intents",
        label=_("Intents"),
        url_name="intents:library",
        icon="shapes",
        key="g t",
        order=45,
        permission="agents.manage",
    ),
)
