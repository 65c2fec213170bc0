"""What intents add to the navigation."""

from django.utils.translation import gettext_lazy as _

from agents.panes import Finder, NavLink, register
from intents.finding import find_intents

register(
    Finder(name="intents", label=_("Intents"), icon="shapes", permission="agents.manage", order=50, find=find_intents),
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
