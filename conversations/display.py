"""How the body of a message is shown: sanitised, remote images blocked, quotes folded away."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from conversations.models import Message
from conversations.sanitise import clean_html

TEXT_SHOWN = 200_000
"""Characters of a text; what lies beyond is in the export only."""


@dataclass(frozen=True)
class Body:
    """What a page shows of a message. ``html`` is safe to show as it is; ``newest`` and ``rest`` are plain text.

    ``blocked`` counts remote images that were not loaded; ``images_url`` is a page of its own that loads them.
    """

    newest: str
    rest: str
    html: SafeString
    blocked: int
    images_url: str


def show_body(message: Message, *, show_images: bool = False) -> Body:
    """The body of a message for a page. Inline images of the mail itself are never loaded from elsewhere."""
    html = clean_html(message.html, show_images=show_images) if message.html and message.direction == "in" else ""
    newest = (message.newest_text or message.text)[:TEXT_SHOWN]
    rest = (
        message.text[:TEXT_SHOWN] if message.newest_text and message.newest_text.strip() != message.text.strip() else ""
    )
    return Body(
        newest=newest,
        rest=rest,
        html=mark_safe(html),  # noqa: S308  clean_html made it of known tags only
        blocked=html.count('class="blocked-image"'),
        images_url=reverse("conversations:with_images", args=[message.pk]),
    )
