"""The API's view of the messages of cases, their files and their raw bytes."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from agents.rest import Resource
from cases.access import visible_messages
from conversations.api import AttachmentSerializer, MessageSerializer
from conversations.models import Attachment, Delivery, Message

MAY_EXPORT = ("cases.supervise", "conversations.manage")


def with_everything(rows: QuerySet[Message]) -> QuerySet[Message]:
    """Messages with what their shape shows, in a constant number of queries."""
    rows = rows.select_related("author", "case_link__case").prefetch_related("attachments")
    return rows.defer("html", "search", "case_link__case__search", "case_link__case__description")


@extend_schema_view(retrieve=extend_schema(summary="One message"))
class Messages(Resource):
    """The messages of the cases you see. A case lists its own under `/cases/{number}/messages/`."""

    queryset = Message.objects.none()
    serializer_class = MessageSerializer
    scopes = {"read": "messages:read"}
    required_permission = "cases.work"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Message]:
        """What the user may read."""
        return visible_messages(self.request.user)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One message with its text and the list of its files."""
        found = with_everything(self.get_queryset()).filter(pk=int(pk)).first()
        if found is None:
            raise Http404
        return self.answer(found)

    @extend_schema(summary="The mail as it arrived", responses={(200, "message/rfc822"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def raw(self, request: Request, pk: str) -> HttpResponse:
        """The bytes of the mail, for people who supervise cases or look after mailboxes; 404 for our own mails."""
        if not self.get_queryset().filter(pk=int(pk)).exists():
            raise Http404
        user: Any = request.user
        if not any(user.has_perm(permission) for permission in MAY_EXPORT):
            raise PermissionDenied
        delivery = Delivery.objects.filter(message=int(pk)).select_related("raw").order_by("pk").first()
        if delivery is None:
            raise Http404
        return _as_download(HttpResponse(bytes(delivery.raw.content), content_type="message/rfc822"), f"{pk}.eml")


@extend_schema_view(retrieve=extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}))
class Attachments(Resource):
    """Files of messages, as downloads."""

    queryset = Attachment.objects.none()
    serializer_class = AttachmentSerializer
    scopes = {"read": "messages:read"}
    required_permission = "cases.work"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Attachment]:
        """The files of what the user may read."""
        return Attachment.objects.filter(message__in=visible_messages(self.request.user))

    @extend_schema(summary="Download a file")
    def retrieve(self, request: Request, pk: str) -> FileResponse:
        """Its bytes, always as a download without a type: what a stranger sent is not opened by the browser."""
        found = self.get_queryset().filter(pk=int(pk)).first()
        if found is None or not found.file.name or not found.file.storage.exists(found.file.name):
            raise Http404
        answer = FileResponse(found.file.open("rb"), content_type="application/octet-stream")
        return _as_download(answer, found.name)


def _as_download(answer: Any, name: str) -> Any:
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=name) or "attachment"
    )
    return answer
