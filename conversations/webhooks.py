"""Mail that a provider hands in by HTTP: authenticated per mailbox, its bytes stored before anything is answered."""

import json
from collections.abc import Callable
from email.parser import BytesParser
from email.policy import HTTP

import structlog
from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.webhooks.mailgun import MailgunInboundWebhookView
from anymail.webhooks.postmark import PostmarkInboundWebhookView
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from conversations.credentials import Unsealable, open_sealed
from conversations.models import Mailbox
from conversations.receive import receive

log = structlog.get_logger(__name__)
USER = "deskhand"
# What a provider wraps around a mail: base64 or JSON make it longer, fields stand beside it.
WRAPPING = 2
SMALL = 4096


class Unreadable(Exception):  # noqa: N818
    """A request without a mail in it."""


@csrf_exempt
@require_POST
def hand_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one mail. A mailbox that is missing, off or takes none answers like a wrong secret: 403.

    200 once the bytes are stored; 413 over the size limit, 400 without a mail: both stay with the provider.
    """
    mailbox = Mailbox.objects.filter(pk=pk, is_active=True).exclude(webhook="").first()
    limit = settings.MAIL_SIZE_LIMIT
    body = request.read(limit * WRAPPING + 1)  # type: ignore[attr-defined]
    fields = _read_form(request, body)
    if mailbox is None or not is_genuine(mailbox, request, fields):
        log.warning("webhook.refused", mailbox=pk)
        return HttpResponse(status=403)
    if len(body) > limit * WRAPPING:
        return HttpResponse(status=413)
    try:
        raw = READERS[mailbox.webhook](body, fields)
    except (Unreadable, ValueError, TypeError, KeyError, AttributeError, UnicodeError):
        log.warning("webhook.unreadable", mailbox=pk, size=len(body))
        return HttpResponse(status=400)
    if len(raw) > limit:
        log.warning("webhook.too_large", mailbox=pk, size=len(raw))
        return HttpResponse(status=413)
    delivery = receive(
        raw, mailbox=mailbox, source="webhook", received_at=timezone.now(), origin=f"webhook:{mailbox.webhook}"
    )
    return HttpResponse(str(delivery.pk), content_type="text/plain")


def is_genuine(mailbox: Mailbox, request: HttpRequest, fields: dict[str, bytes]) -> bool:
    """Whether the request knows the mailbox's secret: Mailgun's signature, or the password of HTTP Basic."""
    try:
        secret = open_sealed(mailbox.webhook_secret)
    except Unsealable:
        secret = ""
    if not secret:
        return False
    view = (
        MailgunInboundWebhookView(webhook_signing_key=secret)
        if mailbox.webhook == Mailbox.Webhook.MAILGUN
        else PostmarkInboundWebhookView(webhook_secret=f"{USER}:{secret}")
    )
    _show_fields(request, fields)
    try:
        view.run_validators(request)
    except (AnymailWebhookValidationFailure, ValueError, UnicodeError):
        return False
    return True


def _show_fields(request: HttpRequest, fields: dict[str, bytes]) -> None:
    """Give the validators the short fields; the mail itself may be longer than Django lets a field be."""
    given = QueryDict(mutable=True)
    for name, value in fields.items():
        if len(value) <= SMALL:
            given[name] = value.decode("utf-8", "replace")
    request._post, request._files = given, MultiValueDict()  # type: ignore[attr-defined]


def _read_form(request: HttpRequest, body: bytes) -> dict[str, bytes]:
    """The fields of a form, as bytes; empty for any other body."""
    kind = request.headers.get("Content-Type", "")
    if kind.startswith("application/x-www-form-urlencoded"):
        form = QueryDict(body[: settings.MAIL_SIZE_LIMIT * WRAPPING], encoding="utf-8")
        return {name: form[name].encode() for name in form}
    if not kind.startswith("multipart/form-data"):
        return {}
    whole = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode("latin-1") + b"\r\n\r\n" + body)
    parts = whole.get_payload() if whole.is_multipart() else []
    found = {}
    for part in parts:
        name = part.get_param("name", header="content-disposition")  # type: ignore[union-attr]
        if isinstance(name, str):
            found[name] = part.get_payload(decode=True) or b""  # type: ignore[union-attr]
    return found  # type: ignore[return-value]


def _read_raw(body: bytes, fields: dict[str, bytes]) -> bytes:
    return _not_empty(body)


def _read_mailgun(body: bytes, fields: dict[str, bytes]) -> bytes:
    """Routes that end in "mime" send the whole mail."""
    return _not_empty(fields.get("body-mime", b""))


def _read_sendgrid(body: bytes, fields: dict[str, bytes]) -> bytes:
    """With "POST the raw, full MIME message" switched on."""
    return _not_empty(fields.get("email", b""))


def _read_postmark(body: bytes, fields: dict[str, bytes]) -> bytes:
    """With "Include raw email content in JSON payload" switched on."""
    return _not_empty(json.loads(body)["RawEmail"].encode())


def _not_empty(raw: bytes) -> bytes:
    if not raw.strip():
        raise Unreadable
    return raw


READERS: dict[str, Callable[[bytes, dict[str, bytes]], bytes]] = {
    Mailbox.Webhook.RAW: _read_raw,
    Mailbox.Webhook.MAILGUN: _read_mailgun,
    Mailbox.Webhook.SENDGRID: _read_sendgrid,
    Mailbox.Webhook.POSTMARK: _read_postmark,
}
