"""The API's view of tasks."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from agents.rest import Body, Named, Query, Resource
from conversations import todos
from conversations.access import TASKS, get_task, visible_tasks
from conversations.models import Task


class TaskSerializer(serializers.ModelSerializer):
    """Something to do: `about` and `path` say what it belongs to, if to anything."""

    owner = Named(read_only=True, allow_null=True)
    about = serializers.CharField(source="label", read_only=True)
    path = serializers.CharField(source="link", read_only=True, help_text="The page of what it is about.")
    done_by = Named(read_only=True, allow_null=True)

    class Meta:
        model = Task
        fields = [
            "id", "title", "owner", "about", "path", "due_at", "agent", "created_at", "done_at", "done_by",
        ]  # fmt: skip
        read_only_fields = fields


class TaskQuery(Query):
    """Which tasks."""

    mine = serializers.BooleanField(required=False, help_text="Only those of the token's owner.")
    overdue = serializers.BooleanField(required=False)
    done = serializers.BooleanField(required=False, default=False, help_text="Done ones in place of open ones.")


class TaskBody(Body):
    """A task; without `owner` nobody has it yet."""

    title = serializers.CharField(max_length=200)
    owner = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True, is_agent=False), required=False, allow_null=True
    )
    due_at = serializers.DateTimeField(required=False, allow_null=True)


@extend_schema_view(
    list=extend_schema(summary="List tasks", parameters=[TaskQuery]), retrieve=extend_schema(summary="One task")
)
class Tasks(Resource):
    """What people have to do."""

    queryset = Task.objects.none()
    serializer_class = TaskSerializer
    query = TaskQuery
    scopes = {"read": "tasks:read", "write": "tasks:write"}
    required_permission = " ".join(TASKS.values())
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Any]:
        """What the token's owner may see."""
        return visible_tasks(self.request.user).select_related("owner", "done_by")

    def list(self, request: Request) -> Response:
        """Open tasks, newest first."""
        asked = self.read_query()
        rows = self.get_queryset().filter(done_at__isnull=not asked["done"])
        if asked.get("mine"):
            rows = rows.filter(owner=request.user)
        if asked.get("overdue"):
            rows = rows.filter(due_at__lte=timezone.now())
        return self.answer_page(rows)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One task."""
        return self.answer(self.get_object())

    @extend_schema(summary="Make a task", request=TaskBody, responses={201: TaskSerializer})
    def create(self, request: Request) -> Response:
        """A task by itself; one about a case is made under the case."""
        made = todos.create_task(by=request.user, **self.read_body(TaskBody))
        return self.answer(made, status=201)

    @extend_schema(summary="Mark a task as done", request=None)
    @action(detail=True, methods=["post"])
    def done(self, request: Request, pk: str) -> Response:
        """Done stays done when it is said twice."""
        todos.finish_task(get_task(request.user, int(pk)), by=request.user)
        return self.answer(self.get_object())

    @extend_schema(summary="Take a task up again", request=None)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """The inverse of done."""
        todos.reopen_task(get_task(request.user, int(pk)), by=request.user)
        return self.answer(self.get_object())
