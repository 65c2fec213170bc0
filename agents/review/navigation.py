"""What the review queue adds to the navigation."""

from django.utils.translation import gettext_lazy as _

from agents.panes import NavLink, register
from agents.review.waiting import MOST, waiting

register(
    NavLink(
        name="review",
        label=_("Review"),
        url_name="agents:review",
        icon="inbox",
        key="g r",
        order=20,
        count=waiting,
        most=MOST + 1,
        due=True,
    )
)
