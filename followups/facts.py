"""What follow-ups offer to templates."""

from django.utils.translation import gettext_lazy as _

from conversations.placeholders import offer_placeholder
from followups.composing import LINK

offer_placeholder(
    LINK, _("the link with which the customer opens the closed case again"), "https://desk.example/still-not-solved/…"
)
