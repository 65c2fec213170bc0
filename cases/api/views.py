"""The API's view of cases: read, open, change, assign, note, answer, resolve, reopen."""

import datetime as dt
import hashlib
import uuid
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from agents.access import visible_suggestions
from agents.api import SuggestionQuery, SuggestionRowSerializer, SuggestionSerializer
from agents.models import Entry
from agents.rest import Query, Resource
from cases import assignment, attention, drafts, lifecycle, redrafting, replies
from cases.access import get_case, visible_cases
from cases.api.bodies import (
    AssignBody,
    CaseQuery,
    ChangeCaseBody,
    ConsiderBody,
    EscalateBody,
    NoteBody,
    OpenCaseBody,
    ReopenBody,
    ReplyBody,
    ResolveBody,
    TemplateBody,
)
from cases.api.messages import with_everything
from cases.api.shapes import CaseRowSerializer, CaseSerializer, NoteSerializer
from cases.fields import set_fields
from cases.inbox import Filters, list_cases
from cases.models import Case
from cases.opening import open_by_hand
from conversations import todos
from conversations.api import MessageSerializer
from conversations.models import Message, Note
from conversations.outgoing import CannotSend
from conversations.task_api import TaskBody, TaskSerializer


@extend_schema_view(
    list=extend_schema(summary="List cases", parameters=[CaseQuery], responses=CaseRowSerializer(many=True)),
    retrieve=extend_schema(summary="One case"),
)
class Cases(Resource):
    """The matters of customers."""

    queryset = Case.objects.none()
    serializer_class = CaseSerializer
    query = CaseQuery
    ordering: tuple[str, ...] = ("-last_message_at", "-id")
    lookup_field = "number"
    lookup_value_regex = "[0-9]{1,18}"
    required_permission = "cases.work"
    scopes = {
        "read": "cases:read",
        "write": "cases:write",
        "messages": "messages:read",
        "suggestions": "suggestions:read",
    }

    def get_queryset(self) -> QuerySet[Case]:
        """What the user may see."""
        return visible_cases(self.request.user)

    def list(self, request: Request) -> Response:
        """The cases you see, last message first, without their descriptions."""
        asked = self.read_query()
        since = asked.pop("updated_since", None)
        asked |= {name: str(asked[name].pk) for name in ("queue", "line") if name in asked}
        asked["draft"] = "1" if asked.get("draft") else ""
        rows = list_cases(request.user, Filters(**asked))
        rows = rows.select_related(*RELATED).defer("search", "description", "custom", "resolution")
        return self.answer_page(rows.filter(_changed_since(since)) if since else rows, CaseRowSerializer)

    def retrieve(self, request: Request, number: str) -> Response:
        """The case with this number."""
        return self.answer(self._get(number))

    @extend_schema(
        summary="Open a case",
        request=OpenCaseBody,
        responses={201: CaseSerializer},
        examples=[
            OpenApiExample(
                "With a customer and a product",
                value={
                    "title": "Grinder does not start",
                    "description": "Called this morning.",
                    "contact": {"address": "ellen@example.com", "name": "Ellen Roth"},
                    "priority": "high",
                    "custom": {},
                },
                request_only=True,
            )
        ],
    )
    def create(self, request: Request) -> Response:
        """A new case; with a contact it has a conversation, in which it can be answered."""
        given = self.read_body(OpenCaseBody)
        contact = given.pop("contact", {})
        opened = open_by_hand(
            **given, address=contact.get("address", ""), name=contact.get("name", ""), by=request.user
        )
        return self.answer(_reread(opened), status=201)

    @extend_schema(
        summary="Change fields of a case",
        request=ChangeCaseBody,
        examples=[OpenApiExample("Priority", value={"priority": "urgent"}, request_only=True)],
    )
    def partial_update(self, request: Request, number: str) -> Response:
        """Set the named fields, all or none; each is marked as set by you, so that agents leave it alone."""
        case = self._get(number)
        given = self.read_body(ChangeCaseBody)
        with transaction.atomic():
            set_fields(lifecycle.lock_case(case.pk), given["fields"], by=request.user)
            if reason := given.get("status_reason"):
                lifecycle.set_status_reason(case, reason=reason, by=request.user)
        return self.answer(_reread(case))

    @extend_schema(summary="Assign a case", request=AssignBody)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, number: str) -> Response:
        """Give it to a person, a queue, or both."""
        case = self._get(number)
        given = self.read_body(AssignBody)
        owner = given.get("owner", case.owner)
        queue = given.get("queue")
        lifecycle.assign_case(case, by=request.user, owner=owner, queue=queue, why=given["why"])
        return self.answer(_reread(case))

    @extend_schema(summary="Let the rules assign a case anew", request=None, responses={202: None})
    @action(detail=True, methods=["post"])
    def route(self, request: Request, number: str) -> Response:
        """Queue and owner follow soon; what people decided before is forgotten. 409 when the case is not open."""
        assignment.route_again(self._get(number), by=request.user)
        return Response(status=202)

    @extend_schema(summary="Resolve a case", request=ResolveBody)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, number: str) -> Response:
        """Resolve an open case; what waits about it is withdrawn. 409 when it is not open or has a newer message."""
        case = self._get(number)
        given = self.read_body(ResolveBody)
        seen = given.pop("last_message", None)
        lifecycle.resolve_case(case, by=request.user, seen_message=seen, **given)
        return self.answer(_reread(case))

    @extend_schema(summary="Reopen a case", request=ReopenBody)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, number: str) -> Response:
        """Open a resolved or cancelled case again. 409 when it is open."""
        case = self._get(number)
        why = self.read_body(ReopenBody)["why"] or _("By a program")
        lifecycle.reopen_case(case, by=request.user, why=why)
        return self.answer(_reread(case))

    @extend_schema(summary="Take a case from the agent", request=ReopenBody)
    @action(detail=True, methods=["post"], url_path="take-over")
    def take_over(self, request: Request, number: str) -> Response:
        """The agent does nothing in it until it is given back. 409 when somebody has it."""
        case = self._get(number)
        attention.take_over(case, by=request.user, why=self.read_body(ReopenBody)["why"])
        return self.answer(_reread(case))

    @extend_schema(summary="Give a case back to the agent", request=ReopenBody)
    @action(detail=True, methods=["post"], url_path="give-back")
    def give_back(self, request: Request, number: str) -> Response:
        """The agent goes on with it. 409 when people do not have it."""
        case = self._get(number)
        attention.give_back(case, by=request.user, why=self.read_body(ReopenBody)["why"])
        return self.answer(_reread(case))

    @extend_schema(summary="Escalate a case", request=EscalateBody)
    @action(detail=True, methods=["post"])
    def escalate(self, request: Request, number: str) -> Response:
        """Give it to people; nothing leaves by the agent alone until it is given back. 409 when it is not open."""
        case = self._get(number)
        why = self.read_body(EscalateBody)["why"]
        attention.escalate_case(case, reason="by_hand", details=why, by=request.user)
        return self.answer(_reread(case))

    @extend_schema(summary="Ask the agent to consider a case", request=ConsiderBody, responses={202: None})
    @action(detail=True, methods=["post"])
    def consider(self, request: Request, number: str) -> Response:
        """Let the agent fill the fields, think about what comes next, or both, soon; nothing is done twice."""
        case = self._get(number)
        attention.ask_again(case, self.read_body(ConsiderBody)["actions"])
        return Response(status=202)

    @extend_schema(
        summary="Put the waiting draft into another template", request=TemplateBody, responses=SuggestionSerializer
    )
    @action(detail=True, methods=["post"], url_path="draft-template")
    def draft_template(self, request: Request, number: str) -> Response:
        """The draft under a new number; 404 when none waits, 409 when it was decided, 422 when edits would be lost."""
        case = self._get(number)
        given = self.read_body(TemplateBody)
        draft = drafts.pending_reply(case, request.user)
        template = replies.list_templates(case).filter(pk=given["template"]).first() if given["template"] else None
        if draft is None or not draft.may_decide or (given["template"] and template is None):
            raise Http404
        made = redrafting.change_template(draft.suggestion, template, by=request.user)
        return Response(SuggestionSerializer(made, context=self.get_serializer_context()).data)

    @extend_schema(methods=["get"], summary="List the notes of a case", responses=NoteSerializer(many=True))
    @extend_schema(methods=["post"], summary="Add an internal note", request=NoteBody, responses={201: NoteSerializer})
    @action(detail=True, methods=["get", "post"], url_path="notes")
    def notes(self, request: Request, number: str) -> Response:
        """Internal notes, newest first; customers never see them."""
        case = self._get(number)
        if request.method == "POST":
            made = lifecycle.add_note(case, text=self.read_body(NoteBody)["text"], by=request.user)
            return Response(NoteSerializer(made).data, status=201)
        self.read_query(Query)
        self.ordering = ("-created_at", "-id")
        rows = Note.objects.filter(content_type=ContentType.objects.get_for_model(Case), object_id=case.pk)
        return self.answer_page(rows.select_related("author"), NoteSerializer)

    @extend_schema(methods=["get"], summary="List the tasks of a case", responses=TaskSerializer(many=True))
    @extend_schema(methods=["post"], summary="Make a task", request=TaskBody, responses={201: TaskSerializer})
    @action(detail=True, methods=["get", "post"], url_path="tasks")
    def tasks(self, request: Request, number: str) -> Response:
        """What people have to do for this case, newest first."""
        case = self._get(number)
        if request.method == "POST":
            made = todos.create_task(subject=case, by=request.user, **self.read_body(TaskBody))
            return Response(TaskSerializer(made).data, status=201)
        self.read_query(Query)
        self.ordering = ("-id",)
        return self.answer_page(todos.tasks_of(case).select_related("done_by"), TaskSerializer)

    @extend_schema(
        summary="Answer the customer",
        request=ReplyBody,
        responses={202: MessageSerializer},
        examples=[OpenApiExample("An answer", value={"body": "Hello Ellen,\n\nhold the button."}, request_only=True)],
    )
    @action(detail=True, methods=["post"])
    def reply(self, request: Request, number: str) -> Response:
        """Queue a mail; it leaves within seconds. With an Idempotency-Key the same request never makes two mails.

        422 with the reasons when nothing can be sent now, 409 when a newer message than `last_message` has arrived.
        """
        case = self._get(number)
        given = self.read_body(ReplyBody)
        message = self._send(case, given, given.pop("last_message", None))
        shown = with_everything(Message.objects.filter(pk=message.pk)).get()
        return Response(MessageSerializer(shown, context=self.get_serializer_context()).data, status=202)

    def _send(self, case: Case, given: dict[str, Any], seen: int | None) -> Message:
        with transaction.atomic():
            case = lifecycle.lock_case(case.pk)
            if seen is not None and case.last_message_id != seen:
                raise lifecycle.CaseChanged
            if reasons := replies.reply_blockers(case, given.get("to")):
                raise CannotSend(reasons)
            return replies.send_reply(case, by=self.request.user, key=self._key(case), **given)

    def _key(self, case: Case) -> str:
        """The same for the same request: the effect it names is made once even where the stored answer was lost."""
        given = self.request.headers.get("Idempotency-Key", "") or uuid.uuid4().hex
        return f"api:{case.pk}:{hashlib.sha256(f'{self.request.user.pk}:{given}'.encode()).hexdigest()[:32]}"

    @extend_schema(summary="List the messages of a case", responses=MessageSerializer(many=True))
    @action(detail=True, methods=["get"])
    def messages(self, request: Request, number: str) -> Response:
        """Every message that stands in the case, oldest first."""
        self.read_query(Query)
        self.ordering = ("received_at", "id")
        rows = Message.objects.filter(case_link__case=self._get(number))
        return self.answer_page(with_everything(rows), MessageSerializer)

    @extend_schema(
        summary="List the suggestions about a case",
        parameters=[SuggestionQuery],
        responses=SuggestionRowSerializer(many=True),
    )
    @action(detail=True, methods=["get"])
    def suggestions(self, request: Request, number: str) -> Response:
        """What agents want to do about the case, or wanted, newest first."""
        asked = self.read_query(SuggestionQuery)
        self.ordering = ("-id",)
        kind = ContentType.objects.get_for_model(Case)
        rows = visible_suggestions(request.user).filter(content_type=kind, object_id=self._get(number).pk)
        names = {"line": "line_of_business"}
        rows = rows.filter(**{names.get(name, name): value for name, value in asked.items()})
        return self.answer_page(rows.select_related("line_of_business", "decided_by"), SuggestionRowSerializer)

    def _get(self, number: str) -> Case:
        return get_case(self.request.user, int(number))


RELATED = ("contact", "company", "owner", "queue", "line_of_business", "product", "subject")


def _reread(case: Case) -> Case:
    """The case as it is now: whoever gave it away is still told how it left them."""
    return Case.objects.select_related(*RELATED).get(pk=case.pk)


def _changed_since(since: dt.datetime) -> Q:
    kind = ContentType.objects.get_for_model(Case)
    told = Entry.objects.filter(content_type=kind, object_id=OuterRef("pk"), at__gte=since)
    return Q(Exists(told), last_message_at__gte=since, _connector=Q.OR)
