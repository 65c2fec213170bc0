"""The API's view of what agents suggest, and of the lines of business."""

import copy
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from agents import suggestions
from agents.access import get_suggestion, keep_parts, visible_suggestions
from agents.kinds import KINDS
from agents.models import LineOfBusiness, Suggestion
from agents.rest import Body, Named, NamedLine, Query, Resource


class LineQuery(Query):
    """Which lines of business."""

    name = serializers.CharField(required=False, max_length=80, help_text="The exact name, whatever its case.")
    uid = serializers.UUIDField(required=False, help_text="The uid.")


class LineSerializer(NamedLine):
    """A line of business."""

    description = serializers.CharField(read_only=True)
    is_active = serializers.BooleanField(read_only=True)


@extend_schema_view(
    list=extend_schema(summary="Look up lines of business", parameters=[LineQuery]),
    retrieve=extend_schema(summary="One line of business"),
)
class LinesOfBusiness(Resource):
    """The partitions of the work: looked up by name or uid. Open to every token."""

    permission_classes = [IsAuthenticated]
    queryset = LineOfBusiness.objects.all()
    serializer_class = LineSerializer
    query = LineQuery
    ordering = ("name",)
    lookup_field = "uid"
    lookup_value_regex = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

    def list(self, request: Request) -> Response:
        """Every line of business, or the one of a name or uid; ask by name once and keep the uid."""
        asked, rows = self.read_query(), self.get_queryset()
        if "name" in asked:
            rows = rows.filter(name__iexact=asked["name"])
        if "uid" in asked:
            rows = rows.filter(uid=asked["uid"])
        return self.answer_page(rows)

    def retrieve(self, request: Request, uid: str) -> Response:
        """The line of business with this uid."""
        return self.answer(self.get_object())


class SuggestionQuery(Query):
    """Which suggestions."""

    state = serializers.ChoiceField(Suggestion.State.choices, required=False)
    kind = serializers.CharField(required=False, max_length=80, help_text="Such as `cases.send_reply`.")
    agent = serializers.CharField(required=False, max_length=40, help_text="Such as `case-management`.")
    line = serializers.SlugRelatedField(
        queryset=LineOfBusiness.objects.all(), slug_field="uid", required=False, help_text="Uid of a line of business."
    )


class DeciderSerializer(Named):
    """Who decided."""

    is_agent = serializers.BooleanField(read_only=True)


class AboutSerializer(serializers.Serializer):
    """What a suggestion is about."""

    type = serializers.CharField(help_text="Such as `cases.case`.")
    id = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field here, no caption
    path = serializers.CharField(allow_blank=True, help_text="Its page, as a path on this host.")


class SuggestionRowSerializer(serializers.ModelSerializer):
    """A suggestion as lists show it."""

    title = serializers.SerializerMethodField(help_text="The kind in words.")
    about = serializers.SerializerMethodField()
    line_of_business = NamedLine(read_only=True, allow_null=True)
    decided_by = DeciderSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Suggestion
        fields = [
            "id", "kind", "title", "agent", "state", "level", "about", "summary", "why", "rule_name",
            "line_of_business", "channel", "topic", "topic_label", "confidence", "arrived_as", "created_at",
            "expires_at", "decided_at", "decided_by", "decided_by_agent", "reason", "undone_at",
        ]  # fmt: skip
        read_only_fields = fields

    def to_representation(self, instance: Suggestion) -> dict[str, Any]:
        """Without the values of parts that are kept from the reader."""
        return super().to_representation(keep_parts(copy.copy(instance), self.context["request"].user))

    def get_title(self, row: Suggestion) -> str:
        """The kind's title; its name when no app registers it any more."""
        return str(KINDS[row.kind].title) if row.kind in KINDS else row.kind

    @extend_schema_field(AboutSerializer)
    def get_about(self, row: Suggestion) -> dict[str, Any]:
        """Type, key, label and page of the subject."""
        kind = ContentType.objects.get_for_id(row.content_type_id)
        label = f"{kind.app_label}.{kind.model}"
        return {"type": label, "id": row.object_id, "label": row.label, "path": row.link}


class SuggestionSerializer(SuggestionRowSerializer):
    """A suggestion with what it would do and what it is based on."""

    undone_by = DeciderSerializer(read_only=True, allow_null=True)
    parts = serializers.SerializerMethodField(help_text="What can be taken or left apart; empty when it is one piece.")
    can_undo = serializers.SerializerMethodField(help_text="Whether it is accepted, has an inverse, and stands.")
    consequence = serializers.SerializerMethodField(help_text="What accepting does, in words.")
    proposed = serializers.DictField(read_only=True, help_text="What the agent would do; its shape is the kind's.")
    final = serializers.DictField(read_only=True, allow_null=True, help_text="What was taken, after edits.")
    evidence = serializers.ListField(
        child=serializers.DictField(),
        read_only=True,
        help_text="What it is based on: words of a message, headers, examples, rules, passages of articles.",
    )
    risks = serializers.ListField(child=serializers.JSONField(), read_only=True, help_text="What speaks against it.")
    left_out = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta(SuggestionRowSerializer.Meta):
        fields = [
            *SuggestionRowSerializer.Meta.fields, "proposed", "final", "left_out", "parts", "evidence", "risks",
            "engine", "engine_version", "settings_version", "undone_by", "can_undo", "consequence", "rating",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_parts(self, row: Suggestion) -> list[str]:
        """The names that ``accept`` takes under ``parts``."""
        kind = KINDS[row.kind]
        return kind.parts(kind.Payload.model_validate(row.proposed)) if row.proposed else []

    @extend_schema_field(OpenApiTypes.BOOL)
    def get_can_undo(self, row: Suggestion) -> bool:
        """Whether ``undo`` would have something to do."""
        return KINDS[row.kind].can_undo and row.state == Suggestion.State.ACCEPTED and row.undone_at is None

    @extend_schema_field(OpenApiTypes.STR)
    def get_consequence(self, row: Suggestion) -> str:
        """The kind's own words; empty once it is decided."""
        return str(KINDS[row.kind].consequence(row)) if row.state == Suggestion.State.PENDING else ""


class AcceptBody(Body):
    """What to change before accepting, and which parts to take."""

    edits = serializers.DictField(
        required=False, help_text="Fields of `proposed` with other values; the rest stays as it is."
    )
    parts = serializers.ListField(
        child=serializers.CharField(max_length=80),
        required=False,
        max_length=200,
        help_text="The parts to take; each one left out is recorded as rejected. Without it every part is taken.",
    )


class RejectBody(Body):
    """Why not."""

    reason = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")


class RateBody(Body):
    """What you think of it."""

    rating = serializers.ChoiceField(["right", "wrong"])


class NoBody(Body):
    """Nothing is asked."""


@extend_schema_view(
    list=extend_schema(
        summary="List suggestions", parameters=[SuggestionQuery], responses=SuggestionRowSerializer(many=True)
    ),
    retrieve=extend_schema(summary="One suggestion with its evidence"),
)
class Suggestions(Resource):
    """What agents want to do. A decision is made once: the second to decide gets 409 with who, when and what."""

    queryset = Suggestion.objects.none()
    serializer_class = SuggestionSerializer
    query = SuggestionQuery
    scopes = {"read": "suggestions:read", "write": "suggestions:decide"}
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Suggestion]:
        """What the user may decide about."""
        return visible_suggestions(self.request.user)

    def list(self, request: Request) -> Response:
        """What waits or was decided, newest first, about everything you may decide on."""
        return self.answer_suggestions(self.get_queryset(), self.read_query())

    def answer_suggestions(self, rows: QuerySet[Suggestion], asked: dict[str, Any]) -> Response:
        """One page of ``rows``, narrowed by the checked address."""
        names = {"line": "line_of_business"}
        rows = rows.filter(**{names.get(name, name): value for name, value in asked.items()})
        return self.answer_page(rows.select_related("line_of_business", "decided_by"), SuggestionRowSerializer)

    def retrieve(self, request: Request, pk: str) -> Response:
        """What would be done, what it is based on, and what became of it."""
        return self.answer(get_suggestion(request.user, int(pk)))

    @extend_schema(
        summary="Accept a suggestion",
        request=AcceptBody,
        examples=[
            OpenApiExample("As it is", value={}, request_only=True),
            OpenApiExample("A reply with another text", value={"edits": {"body": "Hello …"}}, request_only=True),
            OpenApiExample("Two of the fields", value={"parts": ["product", "priority"]}, request_only=True),
        ],
    )
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Decide yes; rows change and mails are queued in the same transaction.

        409 when it no longer waits, 422 with the reasons when it cannot be carried out now: then it waits still.
        """
        given, found = self.read_body(AcceptBody), get_suggestion(request.user, int(pk))
        suggestions.accept(found.pk, by=request.user, edits=given.get("edits"), parts=given.get("parts"))
        return self._answer_decided(found.pk)

    @extend_schema(
        summary="Reject a suggestion",
        request=RejectBody,
        examples=[OpenApiExample("With a reason", value={"reason": "Wrong product"}, request_only=True)],
    )
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        """Decide no; the agent learns from the reason. 409 when it no longer waits."""
        given, found = self.read_body(RejectBody), get_suggestion(request.user, int(pk))
        suggestions.reject(found.pk, by=request.user, reason=given["reason"])
        return self._answer_decided(found.pk)

    @extend_schema(summary="Undo an accepted suggestion", request=NoBody)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Do the inverse of an accepted suggestion, once. 422 where there is none: a mail that left has left."""
        self.read_body(NoBody)
        found = get_suggestion(request.user, int(pk))
        suggestions.undo(found.pk, by=request.user)
        return self._answer_decided(found.pk)

    @extend_schema(summary="Rate what was done", request=RateBody)
    @action(detail=True, methods=["post"])
    def rate(self, request: Request, pk: str) -> Response:
        """Say whether an accepted suggestion was right; the same again takes it back. 422 for what was not done."""
        given, found = self.read_body(RateBody), get_suggestion(request.user, int(pk))
        suggestions.rate(found.pk, given["rating"], by=request.user)
        return self._answer_decided(found.pk)

    def _answer_decided(self, pk: int) -> Response:
        related = ("line_of_business", "rule", "decided_by", "undone_by")
        return self.answer(Suggestion.objects.select_related(*related).get(pk=pk))
