"""How the body of a message is shown: sanitised, remote images blocked, quotes folded away."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from conversations.models import Attachment, Message
from conversations.sanitise import clean_html

TEXT_SHOWN = 200_000
"""Characters of a text; what lies beyond is in the export only."""


SHOWN_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What its bytes must be for a file to be shown as a picture; no kind that can carry script."""
PICTURE_LIMIT = 10 * 1024 * 1024
"""Bytes of a picture that is shown in its mail; a larger one is saved like any file."""


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
    """The body of a message for a page; pictures that came in the mail itself are shown from our own copy."""
    html = ""
    if message.html and message.direction == "in":
        html = clean_html(message.html, show_images=show_images, cid_url=_pictures(message))
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


def is_picture(attachment: Attachment) -> bool:
    """Whether a file may be shown as a picture: by what its bytes are, not by what the mail says of them."""
    return attachment.sniffed_type in SHOWN_TYPES and attachment.size <= PICTURE_LIMIT


def _pictures(message: Message) -> Callable[[str], str | None] | None:
    """Content-ID to our own address, for the pictures of this mail; other files of it are never loaded."""
    if "cid:" not in message.html.lower():
        return None
    shown = {each.content_id: each.pk for each in message.attachments.all() if each.content_id and is_picture(each)}
    return lambda key: reverse("conversations:picture", args=[shown[key]]) if key in shown else None
