"""The API of suppressed addresses: asked by address, never answered with one."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agents.rest import Body, Named, Query, Resource
from conversations import access, suppression
from conversations.models import Suppression

MOST_ASKED = 100


class SuppressionSerializer(serializers.ModelSerializer):
    """One reason why an address or a domain is not written to; which one is not kept."""

    by = Named(read_only=True, allow_null=True, help_text="Who added it; null when it came by itself.")

    class Meta:
        model = Suppression
        fields = ["id", "is_domain", "scope", "reason", "note", "by", "created_at"]
        read_only_fields = fields


class SuppressionQuery(Query):
    """Which rows."""

    reason = serializers.ChoiceField(Suppression.Reason.choices, required=False)
    scope = serializers.ChoiceField(Suppression.Scope.choices, required=False)


class SuppressBody(Body):
    """Whom not to write to."""

    address = serializers.CharField(max_length=320, help_text="`ellen@example.com`, or `example.com` for everybody.")
    scope = serializers.ChoiceField(Suppression.Scope.choices, required=False, default=Suppression.Scope.OUTREACH)
    reason = serializers.ChoiceField(Suppression.Reason.choices, required=False, default=Suppression.Reason.PERSON)
    note = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")


class CheckBody(Body):
    """Whether these may be written to."""

    addresses = serializers.ListField(child=serializers.CharField(max_length=320), max_length=MOST_ASKED)
    outreach = serializers.BooleanField(
        required=False, default=True, help_text="Asks for sales mail; false: for mail of any sort."
    )


class LiftBody(Body):
    """Why an address may be written to again."""

    reason = serializers.CharField(max_length=200)


class CheckedSerializer(serializers.Serializer):
    """The answer for one address, in the order asked."""

    address = serializers.CharField()
    suppressed = SuppressionSerializer(allow_null=True, help_text="Null: nothing keeps mail from it.")


@extend_schema_view(
    list=extend_schema(summary="List suppressed addresses, without the addresses", parameters=[SuppressionQuery]),
    retrieve=extend_schema(summary="One row of the list"),
)
class Suppressions(Resource):
    """Whom nothing more is sent to. Addresses are kept as digests: ask for one, none is ever told."""

    queryset = Suppression.objects.none()
    serializer_class = SuppressionSerializer
    query = SuppressionQuery
    ordering = ("-created_at", "-id")
    scopes = {
        "read": "suppressions:read",
        "write": "suppressions:write",
        "check": "suppressions:read",
    }
    required_permission = access.MANAGE
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Suppression]:
        """Everything, for those who look after mail."""
        return access.visible_suppressions(self.request.user).select_related("by")

    def list(self, request: Request) -> Response:
        """Newest first."""
        return self.answer_page(self.get_queryset().filter(**self.read_query()))

    def retrieve(self, request: Request, pk: str) -> Response:
        """One row."""
        return self.answer(self.get_object())

    @extend_schema(
        summary="Suppress an address or a domain", request=SuppressBody, responses={201: SuppressionSerializer}
    )
    def create(self, request: Request) -> Response:
        """It holds at once, also for what is approved and has not left. The same again gives the row that is there."""
        given: dict[str, Any] = self.read_body(SuppressBody)
        try:
            row = suppression.suppress(given.pop("address"), by=request.user, now=timezone.now(), **given)
        except suppression.NoTarget:
            raise ValidationError({"address": [_("This is neither an e-mail address nor a domain.")]}) from None
        return self.answer(row, status=201)

    @extend_schema(summary="Ask for addresses", request=CheckBody, responses=CheckedSerializer(many=True))
    @action(detail=False, methods=["post"])
    def check(self, request: Request) -> Response:
        """Whether these addresses may be written to, each with the row that says no."""
        given = self.read_body(CheckBody)
        found = suppression.find_suppressed(given["addresses"], outreach=given["outreach"])
        rows = [{"address": each, "suppressed": found.get(each)} for each in given["addresses"]]
        return Response(CheckedSerializer(rows, many=True).data)

    @extend_schema(
        summary="Let an address be written to again",
        request=LiftBody,
        responses={204: OpenApiResponse(description="It is off the list.")},
    )
    @action(detail=True, methods=["post"])
    def lift(self, request: Request, pk: str) -> Response:
        """With a reason, which stands in the record."""
        row = self.get_object()
        suppression.lift(row.pk, reason=self.read_body(LiftBody)["reason"], by=request.user, now=timezone.now())
        return Response(status=204)
