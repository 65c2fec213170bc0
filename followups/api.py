"""The API's view of plans: list, read, stop, skip."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agents.rest import Named, Query, Resource
from followups import controls
from followups.access import get_plan, visible_plans
from followups.models import Plan


class PlanQuery(Query):
    """Filters of the list of plans."""

    state = serializers.ChoiceField(Plan.State.choices, required=False)
    case = serializers.IntegerField(required=False, min_value=1, help_text="Number of the case.")
    rule = serializers.IntegerField(required=False, min_value=1, help_text="Id of the rule.")
    due_before = serializers.DateTimeField(required=False, help_text="Plans whose next step is due before this.")


class PlanSerializer(serializers.ModelSerializer):
    """A plan: its rule, how far it is, what comes next and when, and how it ended."""

    case = serializers.IntegerField(source="case.number", read_only=True, help_text="Number of the case.")
    rule = Named(read_only=True, allow_null=True)
    steps = serializers.IntegerField(source="count", read_only=True, help_text="How many follow-ups it has.")
    waits_for_person = serializers.SerializerMethodField(help_text="Whether its next step waits for a decision.")
    ended_by = Named(read_only=True, allow_null=True)

    class Meta:
        model = Plan
        fields = [
            "id", "case", "rule", "rule_name", "trigger", "why", "state", "started_at", "step", "steps", "next_action",
            "due_at", "held", "waits_for_person", "has_replied", "is_confirmed", "ended_at", "ended_as", "ended_why",
            "ended_by",
        ]  # fmt: skip
        read_only_fields = fields

    def get_waits_for_person(self, row: Plan) -> bool:
        """Nothing is looked at until somebody decides."""
        return row.is_running and row.look_at is None


@extend_schema_view(
    list=extend_schema(summary="List follow-up plans", parameters=[PlanQuery], responses=PlanSerializer(many=True)),
    retrieve=extend_schema(summary="One follow-up plan"),
)
class Plans(Resource):
    """Plans that chase quiet customers."""

    queryset = Plan.objects.none()
    serializer_class = PlanSerializer
    query = PlanQuery
    ordering: tuple[str, ...] = ("-id",)
    lookup_value_regex = "[0-9]{1,18}"
    required_permission = "cases.work"
    scopes = {"read": "cases:read", "write": "cases:write"}

    def get_queryset(self) -> QuerySet[Plan]:
        """What the user may see."""
        return visible_plans(self.request.user).select_related("case", "rule", "ended_by")

    def list(self, request: Request) -> Response:
        """The plans of the cases you see, newest first."""
        names = {"case": "case__number", "rule": "rule_id", "due_before": "due_at__lt"}
        asked: dict[str, Any] = self.read_query()
        return self.answer_page(self.get_queryset().filter(**{names.get(k, k): v for k, v in asked.items()}))

    def retrieve(self, request: Request, pk: str) -> Response:
        """The plan with this id."""
        return self._answer(pk)

    @extend_schema(summary="Stop a plan", request=None)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: str) -> Response:
        """End it: the case stays open, what waits is withdrawn, what is queued stays here. 422 when it had ended."""
        controls.stop_plan(get_plan(request.user, int(pk)), by=request.user)
        return self._answer(pk)

    @extend_schema(summary="Skip the next follow-up", request=None)
    @action(detail=True, methods=["post"])
    def skip(self, request: Request, pk: str) -> Response:
        """Leave it out; the wait for what comes after begins now. 422 when none is left."""
        controls.skip_step(get_plan(request.user, int(pk)), by=request.user)
        return self._answer(pk)

    def _answer(self, pk: str) -> Response:
        plan = get_plan(self.request.user, int(pk))
        return self.answer(self.get_queryset().get(pk=plan.pk))
