"""The API's shapes of messages and files, and the look-up of queues."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from agents.rest import Named, NamedLine, Query, Resource
from conversations.models import Attachment, Message, Queue


class QueueSerializer(serializers.ModelSerializer):
    """Where work waits for a team."""

    team = Named(read_only=True, allow_null=True)
    line_of_business = NamedLine(read_only=True, allow_null=True)

    class Meta:
        model = Queue
        fields = ["id", "name", "team", "line_of_business"]
        read_only_fields = fields


class QueueQuery(Query):
    """Which queues."""

    q = serializers.CharField(required=False, max_length=80, help_text="Words of the name.")


@extend_schema_view(
    list=extend_schema(summary="Look up queues", parameters=[QueueQuery]),
    retrieve=extend_schema(summary="One queue"),
)
class Queues(Resource):
    """Where cases wait for a team."""

    queryset = Queue.objects.select_related("team", "line_of_business")
    serializer_class = QueueSerializer
    query = QueueQuery
    ordering = ("name", "id")
    scopes = {"read": "cases:read"}
    required_permission = "cases.work"
    lookup_value_regex = "[0-9]{1,18}"

    def list(self, request: Request) -> Response:
        """All queues by name, or those whose name has the words."""
        asked, rows = self.read_query(), self.get_queryset()
        return self.answer_page(rows.filter(name__icontains=asked["q"]) if "q" in asked else rows)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One queue."""
        return self.answer(self.get_object())


class PersonOutsideSerializer(serializers.Serializer):
    """Somebody in a mail's header."""

    name = serializers.CharField(allow_blank=True)
    address = serializers.CharField(allow_blank=True)


class AttachmentSerializer(serializers.ModelSerializer):
    """A file that came with a message. What it claims to be is not believed: `type` is what its bytes look like."""

    type = serializers.CharField(source="sniffed_type", read_only=True)
    url = serializers.SerializerMethodField(help_text="Where its bytes are downloaded, with the same token.")

    class Meta:
        model = Attachment
        fields = ["id", "name", "type", "claimed_type", "size", "digest", "is_inline", "url"]
        read_only_fields = fields

    @extend_schema_field(serializers.URLField())
    def get_url(self, row: Attachment) -> str:
        """The address of the download."""
        return reverse("api:attachments-detail", args=[row.pk], request=self.context.get("request"))


class MessageSerializer(serializers.ModelSerializer):
    """One message: `text` is what its writer added, `full_text` has quotes and signature too."""

    case = serializers.SerializerMethodField(help_text="The number of the case it stands in.")
    sender = serializers.SerializerMethodField()
    to = PersonOutsideSerializer(many=True, read_only=True)
    cc = PersonOutsideSerializer(many=True, read_only=True)
    text = serializers.CharField(source="newest_text", read_only=True)
    full_text = serializers.CharField(source="text", read_only=True)
    author = Named(read_only=True, allow_null=True, help_text="Who of us wrote it; null for the customer's.")
    citations = serializers.ListField(
        child=serializers.DictField(), read_only=True, help_text="Its sentences with their sources, when drafted."
    )
    warnings = serializers.ListField(
        child=serializers.JSONField(), read_only=True, help_text="What is odd about it, such as a forged sender."
    )
    attachments = AttachmentSerializer(many=True, read_only=True)

    class Meta:
        model = Message
        fields = [
            "id", "case", "direction", "nature", "nature_reason", "arrived_as", "message_id", "sender", "to", "cc",
            "subject", "text", "full_text", "language", "sent_at", "received_at", "author", "agent", "is_automatic",
            "citations", "send_state", "send_reason", "warnings", "attachments",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.IntegerField())
    def get_case(self, row: Message) -> int:
        """The case's number, read with the message."""
        link: Any = row.case_link  # type: ignore[attr-defined]
        return link.case.number

    @extend_schema_field(PersonOutsideSerializer())
    def get_sender(self, row: Message) -> dict[str, str]:
        """Who wrote it, as the mail says."""
        return {"name": row.from_name, "address": row.from_address}
