"""Times on pages are in the zone of whoever reads them."""

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone


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
