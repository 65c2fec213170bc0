"""What the review queue adds to the navigation."""

from django.utils.translation import gettext_lazy as _

from agents.panes import NavLink, register
from agents.review.waiting import count_waiting

register(
    NavLink(
        name="review",
        label=_("Review"),
        url_name="agents:review",
        icon="inbox",
        key="g r",
        order=20,
        count=count_waiting,
        due=True,
    )
)
