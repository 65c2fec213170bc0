"""Times on pages are in the zone of whoever reads them; and who reads pages is there."""

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.presence import note_seen


class OwnTimeZone:
    """Shows times in the time zone of the signed-in person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the zone for this request alone."""
        # Nobody is asked for who came without a session: a page for everybody stays one that caches may keep.
        is_known = settings.SESSION_COOKIE_NAME in request.COOKIES
        with timezone.override(_zone(getattr(request.user, "zone", "UTC") if is_known else "UTC")):
            return self.get_response(request)


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


class NoteSeen:
    """Notes that somebody who said they are there still asks for pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; what is noted costs no query of its own while it was noted lately."""
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            note_seen(request.user, now=timezone.now())
        return self.get_response(request)
