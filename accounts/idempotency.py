"""Unsafe requests with an ``Idempotency-Key`` are done once and answered alike when they come again."""

import datetime as dt
import hashlib
import json
from typing import Any, cast

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from accounts.models import ApiToken, IdempotentRequest, User

HEADER = "Idempotency-Key"
KEPT_FOR = dt.timedelta(hours=24)
# A request that began this long ago and left no answer died with its process; its key may be tried again.
RUNS_AT_MOST = dt.timedelta(minutes=5)
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


class StillRunning(APIException):
    """The first request with this key has not been answered yet."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("The first request with this Idempotency-Key is still running.")
    default_code = "idempotency_key_in_use"


class OtherBody(APIException):
    """The key was used for another request."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = _("This Idempotency-Key was used for another request.")
    default_code = "idempotency_key_reused"


class Idempotent:
    """Put before ``APIView``: the answer to an unsafe request with a key is stored, and given again for 24 hours.

    Answers of 500 and more, 401, 403, 409 and 429 are not kept: the client should be able to try those again.
    """

    _held: IdempotentRequest | None = None
    _stored: IdempotentRequest | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After sign-in and permission, before the handler: hold the key or find the stored answer."""
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        key = request.headers.get(HEADER, "")
        if not key or request.method not in UNSAFE:
            return
        if len(key) > 255 or "\x00" in key:
            raise ValidationError({HEADER: [_("At most 255 characters.")]})
        self._held, self._stored = _hold(request, key)
        if self._stored:
            self._replace_handler(request)

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """A handler that failed by a mistake of ours lets go of the key, so that the client can try again."""
        try:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        except Exception:
            if self._held is not None:
                IdempotentRequest.objects.filter(pk=self._held.pk).delete()
            raise

    def _replace_handler(self, request: Request) -> None:
        """Let the stored answer be the handler of this request: nothing is done twice."""
        stored = self._stored
        setattr(self, (request.method or "").lower(), lambda *args, **kwargs: _answer_again(stored))

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Keep the answer, or let go of the key."""
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        if self._held is not None:
            _keep(self._held, response)
        return response


def delete_old_answers(*, now: dt.datetime | None = None) -> int:
    """Forget answers older than 24 hours; how many there were."""
    before = (now or timezone.now()) - KEPT_FOR
    return IdempotentRequest.objects.filter(created_at__lt=before).delete()[0]


def _hold(request: Request, key: str) -> tuple[IdempotentRequest | None, IdempotentRequest | None]:
    """(the row this request now holds, None) or (None, the row with the stored answer)."""
    now, digest = timezone.now(), _digest(request)
    owner = cast(User, request.user)
    mine = IdempotentRequest.objects.filter(user=owner, key=key)
    mine.filter(created_at__lt=now - KEPT_FOR).delete()
    mine.filter(created_at__lt=now - RUNS_AT_MOST, status=None).delete()
    token = request.auth if isinstance(request.auth, ApiToken) else None
    row, is_first = IdempotentRequest.objects.get_or_create(
        user=owner, key=key, defaults={"token": token, "digest": digest, "created_at": now}
    )
    if is_first:
        return row, None
    if row.digest != digest:
        raise OtherBody
    if row.status is None:
        raise StillRunning
    return None, row


def _digest(request: Request) -> str:
    said = [request.method, request.get_full_path(), _plain(request.data)]
    return hashlib.sha256(json.dumps(said, sort_keys=True, cls=JSONEncoder, default=str).encode()).hexdigest()


def _plain(said: Any) -> Any:
    """The body as JSON knows it; of an uploaded file its digest, so that two files with one name differ."""
    if not hasattr(said, "lists"):
        return said
    return {name: [_file_digest(v) if hasattr(v, "chunks") else v for v in values] for name, values in said.lists()}


def _file_digest(upload: Any) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


def _answer_again(stored: IdempotentRequest | None) -> Response:
    assert stored is not None
    return Response(stored.body, status=stored.status, headers={"Idempotency-Replayed": "true"})


def _keep(held: IdempotentRequest, response: Response) -> None:
    rows = IdempotentRequest.objects.filter(pk=held.pk)
    if response.status_code >= 500 or response.status_code in {401, 403, 409, 429}:
        rows.delete()
        return
    body = json.loads(json.dumps(getattr(response, "data", None), cls=JSONEncoder))
    rows.update(status=response.status_code, body=body)
