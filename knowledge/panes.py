"""What knowledge adds to the navigation."""

from django.utils.translation import gettext_lazy as _

from agents.panes import NavLink, register

register(
    NavLink(
        name="knowledge", label=_("Knowledge"), url_name="knowledge:articles", icon="book-open", key="g k", order=40
    ),
    NavLink(
        name="products",
        label=_("Products and subjects"),
        url_name="knowledge:products",
        icon="package",
        group="manage",
        order=60,
        permission="agents.manage",
    ),
)
