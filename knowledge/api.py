"""The API's view of articles, products and subjects."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from agents.access import get_suggestion
from agents.models import LineOfBusiness
from agents.rest import Body, Named, NamedLine, Query, Resource
from knowledge import articles, harvest, redrafting
from knowledge.access import PUBLISH, WRITE, get_article, visible_articles
from knowledge.models import Article, Product, Subject
from knowledge.search import find_passages

LONGEST_TEXT = 200_000


class NameQuery(Query):
    """Which rows."""

    q = serializers.CharField(required=False, max_length=120, help_text="Words of the name.")


class ProductSerializer(serializers.ModelSerializer):
    """A product; `aliases` are the names customers use."""

    family = Named(read_only=True, allow_null=True)

    class Meta:
        model = Product
        fields = ["id", "name", "family", "sku", "aliases", "description", "serial_pattern", "is_active"]
        read_only_fields = fields


class SubjectSerializer(serializers.ModelSerializer):
    """A node of the subject tree."""

    parent = Named(read_only=True, allow_null=True)

    class Meta:
        model = Subject
        fields = ["id", "name", "parent", "description"]
        read_only_fields = fields


class _LookUp(Resource):
    """Rows with a name that other resources point to."""

    permission_classes = [IsAuthenticated]
    query = NameQuery
    ordering = ("name", "id")
    lookup_value_regex = "[0-9]{1,18}"

    def list(self, request: Request) -> Response:
        """All of them by name, or those whose name has the words."""
        asked = self.read_query()
        rows = self.get_queryset()
        return self.answer_page(rows.filter(name__icontains=asked["q"]) if "q" in asked else rows)

    def retrieve(self, request: Request, pk: str) -> Response:
        """One of them."""
        return self.answer(self.get_object())


@extend_schema_view(
    list=extend_schema(summary="Look up products", parameters=[NameQuery]),
    retrieve=extend_schema(summary="One product"),
)
class Products(_LookUp):
    """What customers write about. Open to every token."""

    queryset = Product.objects.select_related("family")
    serializer_class = ProductSerializer


@extend_schema_view(
    list=extend_schema(summary="Look up subjects", parameters=[NameQuery]),
    retrieve=extend_schema(summary="One subject"),
)
class Subjects(_LookUp):
    """The subject tree under which cases and articles are filed. Open to every token."""

    queryset = Subject.objects.select_related("parent")
    serializer_class = SubjectSerializer


class ArticleQuery(Query):
    """Which articles."""

    q = serializers.CharField(required=False, max_length=200, help_text="Words of the title.")
    state = serializers.ChoiceField(Article.State.choices, required=False)
    audience = serializers.ChoiceField(Article.Audience.choices, required=False)
    language = serializers.CharField(required=False, max_length=8)
    line = serializers.SlugRelatedField(
        queryset=LineOfBusiness.objects.all(), slug_field="uid", required=False, help_text="Uid of a line of business."
    )
    product = serializers.PrimaryKeyRelatedField(queryset=Product.objects.all(), required=False)


class SearchQuery(Query):
    """What is asked."""

    PAGING = frozenset()
    q = serializers.CharField(max_length=2000, help_text="A question or a whole mail.")
    language = serializers.CharField(required=False, max_length=8, help_text="The language of the question.")
    external_only = serializers.BooleanField(
        required=False, default=False, help_text="Only what customers may read as well."
    )
    line = serializers.SlugRelatedField(queryset=LineOfBusiness.objects.all(), slug_field="uid", required=False)
    product = serializers.PrimaryKeyRelatedField(queryset=Product.objects.all(), required=False)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=20, default=8)


class HitSerializer(serializers.Serializer):
    """A passage that answers: `sentence` answers best, from `start` to `end` of `text`."""

    article = serializers.IntegerField(help_text="The article's id.")
    version = serializers.IntegerField()
    title = serializers.CharField()
    heading = serializers.CharField(allow_blank=True)
    text = serializers.CharField()
    sentence = serializers.CharField(allow_blank=True)
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    audience = serializers.CharField()
    language = serializers.CharField()
    confidence = serializers.FloatField(help_text="0 to 1.")


class HitsSerializer(serializers.Serializer):
    """The best passages, best first."""

    results = HitSerializer(many=True)


class ArticleRowSerializer(serializers.ModelSerializer):
    """An article without its text."""

    state_reason = serializers.ChoiceField(Article.StateReason.choices, read_only=True, allow_blank=True)
    author = Named(read_only=True, allow_null=True)
    lines_of_business = NamedLine(many=True, read_only=True)
    products = Named(many=True, read_only=True)
    subjects = Named(many=True, read_only=True)

    class Meta:
        model = Article
        fields = [
            "id", "title", "slug", "state", "state_reason", "audience", "language", "version", "lines_of_business",
            "products", "subjects", "author", "created_at", "updated_at", "published_at",
        ]  # fmt: skip
        read_only_fields = fields


class ArticleSerializer(ArticleRowSerializer):
    """An article; `body` is Markdown, `version` is named again when it is changed."""

    class Meta(ArticleRowSerializer.Meta):
        fields = [*ArticleRowSerializer.Meta.fields, "body"]
        read_only_fields = fields


class ArticleBody(Body):
    """An article as it is written."""

    title = serializers.CharField(max_length=200)
    body = serializers.CharField(max_length=LONGEST_TEXT, trim_whitespace=False, help_text="Markdown.")
    audience = serializers.ChoiceField(Article.Audience.choices, required=False)
    language = serializers.RegexField("^[a-z]{2,3}$", required=False, help_text="ISO 639 code, such as `en`.")
    lines_of_business = serializers.SlugRelatedField(
        queryset=LineOfBusiness.objects.all(), slug_field="uid", many=True, required=False, help_text="Uids."
    )
    products = serializers.PrimaryKeyRelatedField(
        queryset=Product.objects.all(), many=True, required=False, help_text="Ids."
    )
    subjects = serializers.PrimaryKeyRelatedField(
        queryset=Subject.objects.all(), many=True, required=False, help_text="Ids."
    )


class ChangeArticleBody(ArticleBody):
    """What changes; `version` is the one it was read with."""

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    title = serializers.CharField(max_length=200, required=False)
    body = serializers.CharField(max_length=LONGEST_TEXT, trim_whitespace=False, required=False)


class ReasonBody(Body):
    """Why it stands where it stands."""

    reason = serializers.ChoiceField(Article.StateReason.choices, allow_blank=True)


class ReviseBody(Body):
    """What is to be changed in a waiting draft, in words; `title` and `body` when you hold a text of your own."""

    instruction = serializers.CharField(
        max_length=redrafting.MOST_INSTRUCTION,
        help_text="Such as `make it shorter`. Without a language model a few instructions are understood, one a line.",
    )
    title = serializers.CharField(max_length=200, required=False)
    body = serializers.CharField(max_length=LONGEST_TEXT, trim_whitespace=False, required=False)


class RevisionSerializer(serializers.Serializer):
    """A draft as it would be; nothing is kept. `engine` is `local` or the language model's name."""

    title = serializers.CharField()
    body = serializers.CharField()
    engine = serializers.CharField()
    instead_of = serializers.CharField(help_text="Why a language model that was asked first did not answer, or empty.")


class VersionBody(Body):
    """The version that was read, when nobody else's change may slip in; without it the state is set whatever."""

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


@extend_schema_view(
    list=extend_schema(summary="List articles", parameters=[ArticleQuery], responses=ArticleRowSerializer(many=True)),
    retrieve=extend_schema(summary="One article"),
)
class Articles(Resource):
    """What is known. Only published articles answer customers."""

    queryset = Article.objects.none()
    serializer_class = ArticleSerializer
    query = ArticleQuery
    ordering = ("-updated_at", "-id")
    scopes = {"read": "articles:read", "write": "articles:write"}
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[Article]:
        """What the user may read."""
        return visible_articles(self.request.user)

    def list(self, request: Request) -> Response:
        """Articles without their text, last changed first."""
        asked = self.read_query()
        paths = {"q": "title__icontains", "line": "lines_of_business", "product": "products"}
        rows = self.get_queryset().filter(**{paths.get(name, name): value for name, value in asked.items()})
        rows = rows.select_related("author").prefetch_related("lines_of_business", "products", "subjects").defer("body")
        return self.answer_page(rows, ArticleRowSerializer)

    def retrieve(self, request: Request, pk: str) -> Response:
        """The article with its Markdown."""
        return self.answer(get_article(request.user, int(pk)))

    @extend_schema(
        summary="Write an article",
        request=ArticleBody,
        responses={201: ArticleSerializer},
        examples=[
            OpenApiExample(
                "A draft",
                value={"title": "Descale the kettle", "body": "# Descale\n\nUse vinegar.", "audience": "external"},
                request_only=True,
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """A new draft; it answers nothing until it is published."""
        self._require(WRITE)
        given = self.read_body(ArticleBody)
        return self.answer(articles.create_article(by=request.user, **given), status=201)

    @extend_schema(
        summary="Change an article",
        request=ChangeArticleBody,
        examples=[OpenApiExample("A title", value={"version": 3, "title": "Descale it"}, request_only=True)],
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Save the named fields as the next version. 409 when somebody saved since the version you read."""
        article = get_article(request.user, int(pk))
        if reason := articles.why_fixed(article, request.user):
            raise PermissionDenied(reason)
        given = self.read_body(ChangeArticleBody)
        expected = given.pop("version")
        return self.answer(articles.change_article(article, by=request.user, expected=expected, **given))

    @extend_schema(summary="Find passages that answer", parameters=[SearchQuery], responses=HitsSerializer)
    @action(detail=False, methods=["get"], pagination_class=None)
    def search(self, request: Request) -> Response:
        """The passages of published articles that answer a question best, each with the sentence that does."""
        asked = self.read_query(SearchQuery)
        hits = find_passages(
            asked["q"],
            user=request.user,
            language=asked.get("language", ""),
            external_only=asked["external_only"],
            line_of_business=asked.get("line"),
            product=asked.get("product"),
            limit=asked["limit"],
        )
        return Response(HitsSerializer({"results": hits}).data)

    @extend_schema(summary="Publish an article", request=VersionBody)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """From now on it answers."""
        return self._set_state(pk, Article.State.PUBLISHED)

    @extend_schema(summary="Archive an article", request=VersionBody)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str) -> Response:
        """From now on it answers nothing; its versions are kept."""
        return self._set_state(pk, Article.State.ARCHIVED)

    @extend_schema(summary="Take an article back to draft", request=VersionBody)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: str) -> Response:
        """It answers nothing while it is written on."""
        return self._set_state(pk, Article.State.DRAFT)

    @extend_schema(summary="Set the status reason of an article", request=ReasonBody)
    @action(detail=True, methods=["post"], url_path="reason")
    def reason(self, request: Request, pk: str) -> Response:
        """It needs a review, is in review, is being updated; empty takes that back. 422 where its state has no such."""
        article = get_article(request.user, int(pk))
        self._require(WRITE)
        given = self.read_body(ReasonBody)
        return self.answer(articles.set_reason(article, reason=given["reason"], by=request.user))

    @extend_schema(
        summary="Revise a drafted article with instructions",
        request=ReviseBody,
        responses=RevisionSerializer,
        parameters=[OpenApiParameter("suggestion", int, "path", description="The id of the draft's suggestion.")],
        examples=[OpenApiExample("Shorter", value={"instruction": "make it shorter"}, request_only=True)],
    )
    @action(detail=False, methods=["post"], url_path="drafts/(?P<suggestion>[0-9]{1,18})/revise")
    def revise(self, request: Request, suggestion: str) -> Response:
        """The draft of a waiting suggestion as it would be; keep it by accepting that suggestion with `edits`.

        404 for no draft you may decide about, 409 when it was decided, 422 with the reason when nothing was made.
        """
        found = get_suggestion(request.user, int(suggestion))
        subject: Any = found.subject
        if found.kind != harvest.KIND or subject is None:
            raise Http404
        given = self.read_body(ReviseBody)
        return Response(RevisionSerializer(redrafting.revise_draft(subject, found, by=request.user, **given)).data)

    def _set_state(self, pk: str, state: str) -> Response:
        article = get_article(self.request.user, int(pk))
        self._require(PUBLISH)
        expected = self.read_body(VersionBody).get("version")
        return self.answer(articles.set_state(article, state=state, by=self.request.user, expected=expected))

    def _require(self, permission: str) -> None:
        user: Any = self.request.user
        if not user.has_perm(permission):
            raise PermissionDenied
