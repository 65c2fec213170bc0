"""The API's view of one's own notifications."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import notifications
from accounts.models import Notification
from agents.rest import Query, Resource


class NotificationSerializer(serializers.ModelSerializer):
    """One line: what happened, and the path of the page that has it."""

    path = serializers.CharField(source="link", read_only=True)

    class Meta:
        model = Notification
        fields = ["id", "kind", "title", "path", "created_at", "read_at"]
        read_only_fields = fields


class NotificationQuery(Query):
    """Which lines."""

    unread = serializers.BooleanField(required=False, default=False)


@extend_schema_view(list=extend_schema(summary="List your notifications", parameters=[NotificationQuery]))
class Notifications(Resource):
    """What the token's owner was told."""

    queryset = Notification.objects.none()
    scopes = {"read": "tasks:read", "write": "tasks:write"}
    serializer_class = NotificationSerializer
    query = NotificationQuery
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Any]:
        """One's own."""
        return notifications.notifications_of(self.request.user)

    def list(self, request: Request) -> Response:
        """Newest first."""
        asked = self.read_query()
        return self.answer_page(notifications.notifications_of(request.user, unread=asked["unread"]))

    @extend_schema(summary="Mark a notification as read", request=None)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str) -> Response:
        """What is read stays so."""
        row = self.get_object()
        notifications.mark_read(request.user, row.pk)
        row.refresh_from_db()
        return self.answer(row)
