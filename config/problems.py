"""Everything that goes wrong under /api/ is answered in one shape: problem details, RFC 9457."""

import datetime as dt
import sys
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import pydantic
from django.core.exceptions import RequestDataTooBig
from django.core.exceptions import ValidationError as ModelError
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.utils.translation import gettext as _
from django.views import defaults
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import exception_handler

from accounts.rights import Refused
from agents.sections.versions import Conflict
from agents.suggestions import NotAllowed, NotPending
from cases.lifecycle import CaseChanged
from config.reading import TooLarge
from conversations.outgoing import CannotSend

CONTENT_TYPE = "application/problem+json"
PREFIX = "/api/"
AWAY_SECONDS = 3
Members = dict[str, Any]


class ActorSerializer(serializers.Serializer):
    """Who did it; null is the system."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """What went wrong (RFC 9457). `type` names the kind of problem and never changes; the texts may."""

    type = serializers.CharField(help_text="`urn:deskhand:problem:` and a name, such as `not-pending`.")
    title = serializers.CharField(help_text="The kind of problem in words.")
    status = serializers.IntegerField(help_text="The HTTP status.")
    detail = serializers.CharField(help_text="What happened this time, and how to mend it.")
    errors = serializers.DictField(  # type: ignore[assignment]  # a field here, no property
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="What is wrong with each field; a dot leads into an inner one: `contact.address`.",
    )
    reasons = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Each reason why it is not possible now."
    )
    who = ActorSerializer(required=False, allow_null=True, help_text="409: who was faster; null is the system.")
    when = serializers.DateTimeField(required=False, allow_null=True, help_text="409: when that was.")
    outcome = serializers.CharField(required=False, help_text="409: what was decided.")
    version = serializers.IntegerField(required=False, help_text="409: the version that is there now.")


def answer_exception(exc: Exception, context: Any) -> Response | None:
    """The answer to what a view of the API raised; None lets Django log it and answer 500 without saying why."""
    for kind, tell in TOLD.items():
        if isinstance(exc, kind):
            return _respond(tell(exc))
    response = exception_handler(exc, context)
    if response is None:
        return None
    response.data = _tell_known(exc, response)
    response.content_type = CONTENT_TYPE
    return response


def problem(code: str, status: int, title: str, detail: str, **more: Any) -> Members:
    """The members of one problem; ``code`` is the name at the end of its type."""
    return {
        "type": f"urn:deskhand:problem:{code.replace('_', '-')}",
        "title": title,
        "status": int(status),
        "detail": detail,
        **more,
    }


def _respond(told: Members) -> Response:
    return Response(told, status=told["status"], content_type=CONTENT_TYPE)


def _tell_known(exc: Exception, response: Response) -> Members:
    """A problem out of what REST framework raises."""
    status = response.status_code
    title = HTTPStatus(status).phrase.capitalize()
    if isinstance(exc, exceptions.ValidationError):
        return _tell_fields(flatten(exc.detail))
    code = getattr(exc, "default_code", "") or HTTPStatus(status).name.lower()
    detail = response.data.get("detail", "") if isinstance(response.data, Mapping) else ""
    return problem({"error": "bad_request"}.get(code, code), status, title, str(detail) or title)


def _tell_fields(errors: dict[str, list[str]]) -> Members:
    detail = _("Nothing was changed: see what is wrong with each field under “errors”.")
    return problem("invalid", 400, _("Invalid request"), detail, errors=errors)


def flatten(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Errors by dotted path: ``{"contact": {"address": ["…"]}}`` is ``{"contact.address": ["…"]}``."""
    if isinstance(detail, Mapping):
        inner = [flatten(value, f"{path}.{name}" if path else str(name)) for name, value in detail.items()]
    elif isinstance(detail, list | tuple) and any(isinstance(item, Mapping | list) for item in detail):
        inner = [flatten(value, f"{path}.{place}" if path else str(place)) for place, value in enumerate(detail)]
    else:
        texts = detail if isinstance(detail, list | tuple) else [detail]
        name = path.removesuffix("non_field_errors").removesuffix(".")
        return {name or "body": [str(text) for text in texts]}
    return {name: texts for part in inner for name, texts in part.items()}


def _tell_not_pending(exc: NotPending) -> Members:
    found = exc.suggestion
    who = {"id": found.decided_by.pk, "name": str(found.decided_by)} if found.decided_by else None
    return problem(
        "not_pending",
        409,
        _("Decided already"),
        found.reason or _("This suggestion no longer waits for a decision."),
        who=who,
        when=_moment(found.decided_at),
        outcome=found.state,
    )


def _tell_conflict(exc: Conflict) -> Members:
    saved = exc.current
    who = {"id": saved.created_by.pk, "name": exc.who} if saved.created_by else None
    detail = _("Somebody saved since the version you named. Read it again, then decide.")
    return problem(
        "changed_meanwhile",
        409,
        _("Changed meanwhile"),
        detail,
        who=who,
        when=_moment(exc.when),
        version=saved.number,
    )


def _tell_not_allowed(exc: Any) -> Members:
    detail = _("Nothing was done, and what waited is waiting still.")
    return problem("not_allowed", 422, _("Not possible now"), detail, reasons=[str(reason) for reason in exc.reasons])


def _tell_case_changed(exc: CaseChanged) -> Members:
    detail = _("The case is not as you saw it. Read it again, then decide.")
    return problem("case_changed", 409, _("Changed meanwhile"), detail)


def _tell_refused(exc: Refused) -> Members:
    return problem("refused", 422, _("Not possible"), str(exc))


def _tell_payload(exc: pydantic.ValidationError) -> Members:
    errors: dict[str, list[str]] = {}
    for each in exc.errors(include_url=False, include_context=False, include_input=False):
        errors.setdefault(".".join(["edits", *map(str, each["loc"])]), []).append(each["msg"])
    return _tell_fields(errors)


def _tell_model(exc: ModelError) -> Members:
    return _tell_fields(exc.message_dict if hasattr(exc, "error_dict") else {"body": list(exc.messages)})


def _tell_too_big(exc: Exception) -> Members:
    return problem("too_large", 413, _("Too large"), str(TooLarge.default_detail))


def _moment(at: dt.datetime | None) -> str | None:
    return at.isoformat() if at else None


# What the apps' activities raise, each with what a client is told.
TOLD: dict[type[Exception], Callable[[Any], Members]] = {
    NotPending: _tell_not_pending,
    NotAllowed: _tell_not_allowed,
    CannotSend: _tell_not_allowed,
    CaseChanged: _tell_case_changed,
    Conflict: _tell_conflict,
    Refused: _tell_refused,
    RequestDataTooBig: _tell_too_big,
    pydantic.ValidationError: _tell_payload,
    ModelError: _tell_model,
}


def _outside(code: str, status: int, detail: str) -> HttpResponse:
    """A problem where no view of the API was reached."""
    told = problem(code, status, HTTPStatus(status).phrase.capitalize(), detail)
    return JsonResponse(told, status=status, content_type=CONTENT_TYPE)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: a problem under /api/, a page elsewhere."""
    if not request.path.startswith(PREFIX):
        return defaults.bad_request(request, exception)
    if isinstance(exception, RequestDataTooBig):
        return _outside("too_large", 413, str(TooLarge.default_detail))
    return _outside("bad_request", 400, _("The request cannot be read."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: a problem under /api/, a page elsewhere."""
    if not request.path.startswith(PREFIX):
        return defaults.page_not_found(request, exception)
    return _outside("not_found", 404, _("There is nothing here."))


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a problem under /api/, a page elsewhere; neither says what broke, the log does. 503 without a database."""
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        return _database_away(request)
    if not request.path.startswith(PREFIX):
        return defaults.server_error(request)
    return _outside("internal", 500, _("Something broke on our side. It was logged; the request may be tried again."))


def _database_away(request: HttpRequest) -> HttpResponse:
    """The database restarts, or cannot be reached: a page that was read comes back by itself."""
    if request.path.startswith(PREFIX):
        answer = _outside(
            "database_away", 503, _("The database cannot be reached just now. Try again in a few seconds.")
        )
    else:
        only_read = request.method in ("GET", "HEAD")
        answer = HttpResponse(loader.render_to_string("503.html", {"only_read": only_read}), status=503)
        if only_read:
            answer["Refresh"] = str(AWAY_SECONDS)
    answer["Retry-After"] = str(AWAY_SECONDS)
    return answer
