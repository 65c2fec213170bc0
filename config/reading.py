"""How requests to the API are read: strict JSON, one answer format, so many a minute."""

import json
import time
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import ApiToken

MINUTE = 60
LARGEST_NUMBER = 1e300  # beyond it JSON has infinity and the database has an error


class TooLarge(APIException):
    """The body is larger than the server takes."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_detail = _("The body is larger than this server takes.")
    default_code = "too_large"


class StrictJSONParser(JSONParser):
    """JSON in UTF-8, of bounded size, with nothing in it that a database cannot keep."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The value; ParseError or TooLarge."""
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(most + 1)
        if len(raw) > most:
            raise TooLarge
        try:
            value = json.loads(raw.decode(), parse_constant=_refuse_constant)
            _refuse_unkeepable(value)
        except (ValueError, RecursionError):
            raise ParseError(_("The body is not JSON that can be kept: UTF-8, finite numbers, no NUL characters."))
        return value


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _refuse_unkeepable(value: Any) -> None:
    """ValueError for NUL, half a surrogate pair, and numbers beyond what JSON columns hold."""
    if isinstance(value, str):
        value.encode()
        if "\x00" in value:
            raise ValueError(value)
    elif isinstance(value, int | float) and not abs(value) < LARGEST_NUMBER:
        raise ValueError(value)
    elif isinstance(value, dict):
        for name, item in value.items():
            _refuse_unkeepable(name)
            _refuse_unkeepable(item)
    elif isinstance(value, list):
        for item in value:
            _refuse_unkeepable(item)


class AlwaysJSON(BaseContentNegotiation):
    """Whatever the client accepts, it gets JSON: an error in a format of its own would help nobody."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """The JSON parser for ``application/json``, none for anything else."""
        given = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == given), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        """The first renderer of the view."""
        return renderers[0], renderers[0].media_type


class PerMinute(BaseThrottle):
    """``API_REQUESTS_PER_MINUTE`` for each token, or person signed in: counted in the cache all web processes share."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count the request; False when the minute is used up."""
        most = settings.API_REQUESTS_PER_MINUTE
        if not most:
            return True
        who = f"token:{request.auth.pk}" if isinstance(request.auth, ApiToken) else f"user:{request.user.pk}"
        key = f"api:{who}:{int(time.time() // MINUTE)}"
        try:
            return cache.incr(key) <= most
        except ValueError:
            cache.add(key, 1, 2 * MINUTE)
            return True

    def wait(self) -> float:
        """Seconds until the next minute begins."""
        return MINUTE - time.time() % MINUTE
