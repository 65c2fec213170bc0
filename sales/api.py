"""The API's view of leads and of files of leads."""

from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from agents.models import LineOfBusiness
from agents.rest import Body, Named, NamedLine, Query, Resource
from conversations.models import Queue
from knowledge.models import Product
from sales import importing
from sales.access import WORK, get_import, get_lead, hidden_lead_fields, may_change, visible_imports, visible_leads
from sales.fields import NEEDS
from sales.leads import change_lead, create_lead
from sales.lifecycle import WrongMove, move_lead
from sales.models import Finding, HandOver, ImportRow, Lead, LeadImport
from sales.reading import UnreadableFile
from sales.research import current_findings
from sales.selection import take_up

LONGEST_FILE = 1_000_000
WRITTEN = (
    "name", "company_name", "email", "phone", "title", "country", "language", "website", "industry", "employees",
    "source", "note", "consent_note", "custom",
)  # fmt: skip


class LeadSerializer(serializers.ModelSerializer):
    """A lead. Fields hidden from the token's owner are left out."""

    owner = Named(read_only=True, allow_null=True)
    queue = Named(read_only=True, allow_null=True)
    product = Named(read_only=True, allow_null=True)
    line_of_business = NamedLine(read_only=True, allow_null=True)

    class Meta:
        model = Lead
        fields = [
            "id", *WRITTEN, "rating", "product", "status", "status_why", "fit", "fit_score", "fit_reasons", "research",
            "research_why", "researched_at", "owner", "queue", "line_of_business", "arrived_as", "created_at",
            "last_activity_at",
        ]  # fmt: skip
        read_only_fields = fields

    def to_representation(self, instance: Lead) -> dict[str, Any]:
        """Without what is hidden, also from the reasons."""
        shown = super().to_representation(instance)
        hidden = hidden_lead_fields(self.context["request"].user)
        if hidden:
            shown["fit_reasons"] = []
        return {name: value for name, value in shown.items() if name not in hidden}


class FindingSerializer(serializers.ModelSerializer):
    """One finding: `quote` stands from `start` to `end` in the named field, or in the page at `url`."""

    class Meta:
        model = Finding
        fields = ["id", "topic", "claim", "value", "quote", "start", "end", "field", "url", "fetched_at", "confidence",
                  "engine", "created_at"]  # fmt: skip
        read_only_fields = fields


class HandOverSerializer(serializers.ModelSerializer):
    """One hand-over: what the lead wants, to whom it goes, and whether it came about."""

    person = Named(read_only=True, allow_null=True)

    class Meta:
        model = HandOver
        fields = ["id", "intent", "target", "state", "person", "reason", "why", "suggestion", "created_at",
                  "settled_at"]  # fmt: skip
        read_only_fields = fields


class LeadQuery(Query):
    """Which leads."""

    q = serializers.CharField(required=False, max_length=200, help_text="Words of company, name or address.")
    status = serializers.ChoiceField(Lead.Status.choices, required=False)
    fit = serializers.ChoiceField([(code, label) for code, label in Lead.Fit.choices if code], required=False)
    line = serializers.SlugRelatedField(
        queryset=LineOfBusiness.objects.all(), slug_field="uid", required=False, help_text="Uid of a line of business."
    )
    queue = serializers.PrimaryKeyRelatedField(queryset=Queue.objects.all(), required=False)


class LeadBody(Body):
    """A lead as it is written."""

    name = serializers.CharField(required=False, allow_blank=True, max_length=200)
    company_name = serializers.CharField(required=False, allow_blank=True, max_length=200)
    email = serializers.CharField(required=False, allow_blank=True, max_length=254)
    phone = serializers.CharField(required=False, allow_blank=True, max_length=40)
    title = serializers.CharField(required=False, allow_blank=True, max_length=160)
    country = serializers.CharField(required=False, allow_blank=True, max_length=80)
    language = serializers.CharField(required=False, allow_blank=True, max_length=40)
    website = serializers.CharField(required=False, allow_blank=True, max_length=300)
    industry = serializers.CharField(required=False, allow_blank=True, max_length=120)
    employees = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=99_999_999)
    source = serializers.CharField(required=False, allow_blank=True, max_length=80)  # type: ignore[assignment]
    note = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    consent_note = serializers.CharField(required=False, allow_blank=True, max_length=300)
    custom = serializers.DictField(child=serializers.CharField(max_length=500, allow_blank=True), required=False)
    product = serializers.PrimaryKeyRelatedField(queryset=Product.objects.all(), required=False, allow_null=True)


class CreateLeadBody(LeadBody):
    """A new lead, and where it waits."""

    queue = serializers.PrimaryKeyRelatedField(queryset=Queue.objects.all(), required=False)


class MoveBody(Body):
    """Where the lead goes."""

    status = serializers.ChoiceField([Lead.Status.QUALIFIED, Lead.Status.DISQUALIFIED, Lead.Status.CLOSED])
    why = serializers.CharField(required=False, max_length=300)


class _OfLeads(Resource):
    """What both resources share: they are open to people who work leads."""

    scopes = {"read": "leads:read", "write": "leads:write"}
    lookup_value_regex = "[0-9]{1,18}"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse who does not work leads."""
        super().initial(request, *args, **kwargs)
        user: Any = request.user
        if not user.has_perm(WORK):
            raise PermissionDenied


@extend_schema_view(
    list=extend_schema(summary="List leads", parameters=[LeadQuery]), retrieve=extend_schema(summary="One lead")
)
class Leads(_OfLeads):
    """People at companies who may want to buy."""

    queryset = Lead.objects.none()
    serializer_class = LeadSerializer
    query = LeadQuery
    ordering = ("-last_activity_at", "-id")

    def get_queryset(self) -> QuerySet[Lead]:
        """What the user may see."""
        related = ("owner", "queue", "product", "line_of_business")
        return visible_leads(self.request.user).select_related(*related)

    def list(self, request: Request) -> Response:
        """Leads, where something happened last first."""
        asked = self.read_query()
        rows, words = self.get_queryset(), asked.pop("q", "")
        paths = {"line": "line_of_business"}
        rows = rows.filter(**{paths.get(name, name): value for name, value in asked.items()})
        if words:
            found = rows.none()
            for name in {"company_name", "name", "email"} - hidden_lead_fields(request.user):
                found |= rows.filter(**{f"{name}__icontains": words})
            rows = found
        return self.answer_page(rows)

    def retrieve(self, request: Request, pk: str) -> Response:
        """The lead."""
        return self.answer(get_lead(request.user, int(pk)))

    @extend_schema(summary="Add a lead", request=CreateLeadBody, responses={201: LeadSerializer})
    def create(self, request: Request) -> Response:
        """A new lead; the selection looks at it within a minute."""
        given = self.read_body(CreateLeadBody)
        queue = given.pop("queue", None)
        self._refuse_kept(given)
        return self.answer(self._write(create_lead, given, by=request.user, queue=queue), status=201)

    @extend_schema(summary="Change a lead", request=LeadBody)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Write the named fields."""
        lead, given = get_lead(request.user, int(pk)), self.read_body(LeadBody)
        self._refuse_kept(given)
        changed = self._write(lambda values, by: change_lead(lead, values, by=by), given, by=request.user)
        return self.answer(get_lead(request.user, changed.pk))

    def _refuse_kept(self, given: dict[str, Any]) -> None:
        wrong = [name for name in given if not may_change(self.request.user, name)]
        if wrong:
            raise ValidationError({name: [_("Your roles do not change this field.")] for name in wrong})

    def _write(self, act: Any, given: dict[str, Any], **more: Any) -> Any:
        try:
            return act(given, **more)
        except ModelError as problem:
            raise ValidationError(problem.message_dict) from problem

    @extend_schema(summary="What is known about a lead", responses=FindingSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def findings(self, request: Request, pk: str) -> Response:
        """Every finding with the words it rests on."""
        hidden = hidden_lead_fields(request.user)
        rows = [row for row in current_findings(get_lead(request.user, int(pk))) if row.field not in hidden]
        return Response(FindingSerializer(rows, many=True).data)

    @extend_schema(summary="The hand-overs of a lead", responses=HandOverSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def handovers(self, request: Request, pk: str) -> Response:
        """Every one, newest first, with how it ended."""
        rows = get_lead(request.user, int(pk)).handovers.select_related("person")
        return Response(HandOverSerializer(rows, many=True).data)

    @extend_schema(summary="Ask for research", request=None)
    @action(detail=True, methods=["post"])
    def research(self, request: Request, pk: str) -> Response:
        """The record and the lead's pages are read soon, while research is switched on."""
        lead = take_up(get_lead(request.user, int(pk)), by=request.user, now=timezone.now())
        return self.answer(get_lead(request.user, lead.pk))

    @extend_schema(summary="Move a lead", request=MoveBody)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Put it into another status by hand; 400 when it cannot go there from where it stands."""
        lead, given = get_lead(request.user, int(pk)), self.read_body(MoveBody)
        try:
            lead = move_lead(lead, given["status"], by=request.user, why=given.get("why", ""))
        except WrongMove as refusal:
            raise ValidationError({"status": [str(refusal)]}) from refusal
        return self.answer(get_lead(request.user, lead.pk))


class ImportSerializer(serializers.ModelSerializer):
    """A file of leads; `counts` says what became of its rows, or would."""

    class Meta:
        model = LeadImport
        fields = ["id", "name", "state", "state_why", "encoding", "delimiter", "header", "mapping", "total", "position",
                  "counts", "created_at", "finished_at"]  # fmt: skip
        read_only_fields = fields


class ImportRowSerializer(serializers.ModelSerializer):
    """What became of one row, or would."""

    class Meta:
        model = ImportRow
        fields = ["number", "outcome", "label", "why", "lead"]
        read_only_fields = fields


class ImportBody(Body):
    """A file and how its columns are read; without a mapping they are guessed."""

    name = serializers.CharField(max_length=200)
    content = serializers.CharField(max_length=LONGEST_FILE, trim_whitespace=False, help_text="The file as text.")
    mapping = serializers.DictField(
        child=serializers.CharField(max_length=80),
        required=False,
        help_text='Column number to field: `{"0": "email"}`.',
    )
    needs = serializers.ListField(
        child=serializers.ChoiceField(NEEDS), required=False, help_text="Fields every row must have."
    )
    updates_existing = serializers.BooleanField(required=False, default=False)
    source = serializers.CharField(  # type: ignore[assignment]
        required=False, allow_blank=True, max_length=80, default=""
    )
    consent_note = serializers.CharField(required=False, allow_blank=True, max_length=300, default="")
    queue = serializers.PrimaryKeyRelatedField(queryset=Queue.objects.all(), required=False)


@extend_schema_view(list=extend_schema(summary="List your files"), retrieve=extend_schema(summary="One file"))
class LeadImports(_OfLeads):
    """Files of leads: checked first, imported when you say so."""

    queryset = LeadImport.objects.none()
    serializer_class = ImportSerializer
    query = Query
    ordering = ("-created_at", "-id")

    def get_queryset(self) -> QuerySet[LeadImport]:
        """The user's own."""
        return visible_imports(self.request.user)

    def list(self, request: Request) -> Response:
        """Newest first."""
        self.read_query()
        return self.answer_page(self.get_queryset())

    def retrieve(self, request: Request, pk: str) -> Response:
        """How far it is."""
        return self.answer(get_import(request.user, int(pk)))

    @extend_schema(summary="Check a file", request=ImportBody, responses={201: ImportSerializer})
    def create(self, request: Request) -> Response:
        """Keep a file and check its rows; no lead is written. Larger files come by the page of the workspace."""
        given = self.read_body(ImportBody)
        try:
            batch = importing.keep_file(given.pop("name"), given.pop("content").encode(), by=request.user)
        except UnreadableFile as problem:
            raise ValidationError({"content": [str(problem)]}) from problem
        mapping = given.pop("mapping", batch.mapping)
        if problems := importing.check_mapping(batch, mapping, given.get("needs", ())):
            batch.delete()
            raise ValidationError({"mapping": problems})
        importing.start_check(batch, mapping=mapping, by=request.user, **given)
        return self.answer(get_import(request.user, batch.pk), status=201)

    @extend_schema(summary="Import the checked rows", request=None)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """A worker imports them; 400 when the file is not checked yet or was imported before."""
        batch = get_import(request.user, int(pk))
        if not importing.start_import(batch, by=request.user):
            raise ValidationError({"state": [_("It is not checked yet, or was imported already.")]})
        return self.answer(get_import(request.user, batch.pk))

    @extend_schema(summary="What became of each row", responses=ImportRowSerializer(many=True))
    @action(detail=True, methods=["get"])
    def rows(self, request: Request, pk: str) -> Response:
        """Every row with its outcome and why."""
        self.ordering = ("number", "id")
        return self.answer_page(get_import(request.user, int(pk)).rows.all(), ImportRowSerializer)
