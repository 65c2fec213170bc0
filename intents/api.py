"""The API's view of intents and of what was recognised."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rights import Refused
from agents.models import LineOfBusiness
from agents.rest import Body, Named, NamedLine, Query, Resource
from conversations.models import Conversation
from intents import library, rematching
from intents.access import MANAGE, get_intent, visible_determinations, visible_intents
from intents.models import Attribute, Determination, Example, Intent, IntentGroup, Review
from knowledge.models import Article


class AttributeSerializer(serializers.ModelSerializer):
    """What must be known for an intent."""

    class Meta:
        model = Attribute
        fields = ["name", "label", "question", "type", "pattern", "options", "is_required", "case_field"]
        read_only_fields = fields


class IntentRowSerializer(serializers.ModelSerializer):
    """An intent without its examples; `key` is the topic on cases and suggestions."""

    group = Named(read_only=True, allow_null=True)
    line_of_business = NamedLine(read_only=True, allow_null=True)

    class Meta:
        model = Intent
        fields = [
            "id", "key", "name", "definition", "description", "language", "group", "line_of_business", "review_state",
            "review_source", "source", "is_self_service", "volume_total", "volume_month", "volume_year",
            "solution_rate", "version", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields


class IntentSerializer(IntentRowSerializer):
    """An intent with its attributes, examples and articles; `version` is named again when it is changed."""

    attributes = AttributeSerializer(many=True, read_only=True)
    examples = serializers.SerializerMethodField()
    articles = Named(many=True, read_only=True)

    class Meta(IntentRowSerializer.Meta):
        fields = [*IntentRowSerializer.Meta.fields, "attributes", "examples", "articles"]
        read_only_fields = fields

    def get_examples(self, row: Intent) -> list[str]:
        """The words it is recognised by."""
        return [example.text for example in row.examples.all()]


class IntentQuery(Query):
    """Which intents."""

    q = serializers.CharField(required=False, max_length=120, help_text="Words of the name.")
    review_state = serializers.ChoiceField(Review.choices, required=False)
    line = serializers.SlugRelatedField(queryset=LineOfBusiness.objects.all(), slug_field="uid", required=False)
    group = serializers.PrimaryKeyRelatedField(queryset=IntentGroup.objects.all(), required=False)


class AttributeBody(Body):
    """One attribute as it is written; without a `name` it is made from the label."""

    name = serializers.SlugField(max_length=40, required=False)
    label = serializers.CharField(max_length=80)  # type: ignore[assignment]
    question = serializers.CharField(max_length=300)
    type = serializers.ChoiceField(Attribute.Type.choices, required=False)
    pattern = serializers.CharField(max_length=200, required=False, allow_blank=True)
    options = serializers.ListField(child=serializers.DictField(), max_length=200, required=False)
    is_required = serializers.BooleanField(required=False)
    case_field = serializers.CharField(max_length=40, required=False, allow_blank=True)


class IntentBody(Body):
    """An intent as it is written."""

    name = serializers.CharField(max_length=120)
    definition = serializers.CharField(max_length=500, required=False, allow_blank=True)
    description = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    language = serializers.RegexField("^[a-z]{2,3}$", required=False)
    line_of_business = serializers.SlugRelatedField(
        queryset=LineOfBusiness.objects.all(), slug_field="uid", required=False, allow_null=True, help_text="Uid."
    )
    group = serializers.PrimaryKeyRelatedField(queryset=IntentGroup.objects.all(), required=False, allow_null=True)
    is_self_service = serializers.BooleanField(required=False)
    articles = serializers.PrimaryKeyRelatedField(queryset=Article.objects.all(), many=True, required=False)
    attributes = AttributeBody(many=True, required=False)
    examples = serializers.ListField(
        child=serializers.CharField(max_length=1000), max_length=500, required=False, help_text="Added, never replaced."
    )


class ChangeIntentBody(IntentBody):
    """What changes; `version` is the one it was read with."""

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    name = serializers.CharField(max_length=120, required=False)


class ReviewBody(Body):
    """What was decided."""

    review_state = serializers.ChoiceField(Review.choices)


class AgainSerializer(serializers.Serializer):
    """How many messages are compared again, and how many of them are left."""

    total = serializers.IntegerField()
    left = serializers.IntegerField()


@extend_schema_view(
    list=extend_schema(summary="List intents", parameters=[IntentQuery], responses=IntentRowSerializer(many=True)),
    retrieve=extend_schema(summary="One intent"),
)
class Intents(Resource):
    """Why customers write. People at work see what is approved for their lines; who manages agents edits all."""

    queryset = Intent.objects.none()
    serializer_class = IntentSerializer
    query = IntentQuery
    ordering = ("name", "id")
    scopes = {"read": "intents:read", "write": "intents:write"}
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Intent]:
        """What the user may see."""
        return visible_intents(self.request.user)

    def list(self, request: Request) -> Response:
        """Intents by name, without their examples."""
        asked = self.read_query()
        paths = {"q": "name__icontains", "line": "line_of_business"}
        rows = self.get_queryset().filter(**{paths.get(name, name): value for name, value in asked.items()})
        return self.answer_page(rows.select_related("group", "line_of_business"), IntentRowSerializer)

    def retrieve(self, request: Request, pk: str) -> Response:
        """The intent with attributes, examples and articles."""
        return self.answer(get_intent(request.user, int(pk)))

    @extend_schema(
        summary="Write an intent",
        request=IntentBody,
        responses={201: IntentSerializer},
        examples=[
            OpenApiExample(
                "An intent",
                value={"name": "Where is my order", "examples": ["Where is my parcel?"]},
                request_only=True,
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """A new intent; it waits for review and is recognised once it is approved."""
        self._require()
        return self.answer(self._save(None, self.read_body(IntentBody), None), status=201)

    @extend_schema(
        summary="Change an intent",
        request=ChangeIntentBody,
        examples=[OpenApiExample("A name", value={"version": 3, "name": "Where is it"}, request_only=True)],
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Save the named fields; examples are added. 409 when somebody saved since the version you read."""
        self._require()
        intent = get_intent(request.user, int(pk))
        given = self.read_body(ChangeIntentBody)
        return self.answer(self._save(intent, given, given.pop("version")))

    @extend_schema(summary="Approve or discard an intent", request=ReviewBody)
    @action(detail=True, methods=["post"])
    def review(self, request: Request, pk: str) -> Response:
        """Only approved intents are recognised; discarded ones are kept, and offered nowhere."""
        self._require()
        intent = get_intent(request.user, int(pk))
        library.review_intents([intent], state=self.read_body(ReviewBody)["review_state"], by=request.user)
        return self.answer(get_intent(request.user, intent.pk))

    @extend_schema(summary="Recognise open conversations again", request=None, responses={202: AgainSerializer})
    @action(detail=False, methods=["post"], url_path="recognise-again", pagination_class=None)
    def recognise_again(self, request: Request) -> Response:
        """Compare what is under way with the library as it is now; what people chose stands. 422 while it runs."""
        self._require()
        rematching.ask_again(by=request.user)
        return Response(AgainSerializer(rematching.show_progress()).data, status=202)

    def _save(self, intent: Intent | None, given: dict[str, Any], expected: int | None) -> Intent:
        texts = given.pop("examples", [])
        try:
            saved = library.save_intent(intent, by=self.request.user, expected=expected, **given)
            library.add_examples(saved, texts, by=self.request.user, source=Example.Source.MANUAL)
        except Refused as refusal:
            raise ValidationError({"detail": [str(refusal)]}) from None
        return get_intent(self.request.user, saved.pk)

    def _require(self) -> None:
        if not self.request.user.has_perm(MANAGE):
            raise PermissionDenied


class DeterminationSerializer(serializers.ModelSerializer):
    """What was recognised in a message. `values` are its attributes, each open or fulfilled, with the words."""

    class Meta:
        model = Determination
        fields = [
            "id", "message", "conversation", "topic", "topic_label", "confidence", "evidence", "alternatives", "reason",
            "state", "harvest", "values", "is_current", "engine", "engine_version", "library_version", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class DeterminationQuery(Query):
    """Of which conversation or message, or about what."""

    conversation = serializers.PrimaryKeyRelatedField(queryset=Conversation.objects.all(), required=False)
    message = serializers.IntegerField(required=False, min_value=1)
    topic = serializers.CharField(required=False, max_length=80)
    current = serializers.BooleanField(required=False)


@extend_schema_view(
    list=extend_schema(summary="List determinations", parameters=[DeterminationQuery]),
    retrieve=extend_schema(summary="One determination"),
)
class Determinations(Resource):
    """What was recognised in the messages of conversations you may read."""

    queryset = Determination.objects.none()
    serializer_class = DeterminationSerializer
    query = DeterminationQuery
    ordering = ("-id",)
    scopes = {"read": "intents:read", "write": "intents:write"}
    required_permission = "cases.work"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Determination]:
        """Those of visible conversations."""
        return visible_determinations(self.request.user)

    def list(self, request: Request) -> Response:
        """The newest first."""
        asked = self.read_query()
        paths = {"current": "is_current", "message": "message_id"}
        rows = self.get_queryset().filter(**{paths.get(name, name): value for name, value in asked.items()})
        return self.answer_page(rows)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One of them."""
        return self.answer(self.get_object())
