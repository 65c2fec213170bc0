"""What every app's part of the API is made of: strict bodies, pages by key, small shapes that many answers share."""

import base64
import binascii
import datetime as dt
import json
from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.db.models import Field, Model, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers, viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

USUAL_PAGE, LARGEST_PAGE = 25, 100
JSON_TYPES: list[tuple[type[serializers.Field], type | tuple[type, ...]]] = [
    (serializers.BooleanField, bool),
    (serializers.IntegerField, int),
    (serializers.FloatField, (int, float)),
    (serializers.CharField, str),
    (serializers.ChoiceField, str),
    (serializers.DateTimeField, str),
]


class Query(serializers.Serializer):
    """What may stand in the address of a list; a name that is not declared is refused, so no filter fails silently."""

    PAGING = frozenset({"cursor", "limit"})

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The declared values; ValidationError names what is unknown."""
        unknown = set(data) - set(self.fields) - self.PAGING
        if unknown:
            raise ValidationError({name: [_("There is no such parameter.")] for name in sorted(unknown)})
        return super().to_internal_value(data)


class Body(serializers.Serializer):
    """A JSON body: unknown names and values of another JSON type are refused, nothing is guessed."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The declared values; ValidationError names each one that cannot stand."""
        if isinstance(data, dict):
            given = {name for name, field in self.fields.items() if not field.read_only}
            wrong = {name: [_("There is no such field.")] for name in sorted(set(data) - given)}
            wrong |= {name: [_("This is of another type.")] for name in given & set(data) if not self._fits(name, data)}
            if wrong:
                raise ValidationError(wrong)
        return super().to_internal_value(data)

    def _fits(self, name: str, data: dict[str, Any]) -> bool:
        return _is_of_type(self.fields[name], data[name])


def _is_of_type(field: serializers.Field, value: Any) -> bool:
    if value is None:
        return True  # null is the field's own question
    if isinstance(field, serializers.ListField):
        return isinstance(value, list) and all(_is_of_type(field.child, item) for item in value)
    if isinstance(field, serializers.ManyRelatedField):
        return isinstance(value, list) and all(_is_of_type(field.child_relation, item) for item in value)
    if isinstance(field, serializers.PrimaryKeyRelatedField):
        return _is_number(value)
    for kind, wanted in JSON_TYPES:
        if isinstance(field, kind):
            return _is_number(value) if wanted is int else isinstance(value, wanted)
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


class Named(serializers.Serializer):
    """Something another answer points to: its key and the name people read."""

    id = serializers.IntegerField(source="pk", read_only=True)
    name = serializers.CharField(source="__str__", read_only=True)


class NamedLine(serializers.Serializer):
    """A line of business: the uid is the same in every copy of the database, the name is for people."""

    uid = serializers.UUIDField(read_only=True)
    name = serializers.CharField(read_only=True)


class KeysetPagination(BasePagination):
    """Pages by the last row seen: stable while rows come and go, equally fast on the thousandth page, never a count.

    The view's ``ordering`` names fields that are never empty, all in one direction, the last one unique.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """The rows behind the request's cursor, at most ``limit``."""
        self.request, self.ordering = request, view.ordering
        limit = _read_limit(request.query_params.get("limit"))
        cursor = request.query_params.get("cursor")
        rows = queryset.order_by(*self.ordering)
        if cursor:
            rows = rows.filter(_after(self.ordering, _read_cursor(queryset.model, self.ordering, cursor)))
        found = list(rows[: limit + 1])
        self.last = found[limit - 1] if len(found) > limit else None
        return found[:limit]

    def get_paginated_response(self, data: Any) -> Response:
        """``results`` and the address of the ``next`` page, null on the last one."""
        return Response({"results": data, "next": self._next_url()})

    def _next_url(self) -> str | None:
        if self.last is None:
            return None
        query = self.request.query_params.copy()
        query["cursor"] = _write_cursor(self.last, self.ordering)
        return self.request.build_absolute_uri(f"{self.request.path}?{query.urlencode()}")

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """How the API's description shows a page."""
        next_url = {"type": "string", "format": "uri", "nullable": True, "description": _("The next page, if any.")}
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {"results": schema, "next": next_url},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The two parameters of every list."""
        limit = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": USUAL_PAGE}
        says = _("Where the page begins; taken from `next` of the page before.")
        return [
            {"name": "cursor", "in": "query", "required": False, "description": says, "schema": {"type": "string"}},
            {"name": "limit", "in": "query", "required": False, "description": _("Rows on a page."), "schema": limit},
        ]


def _read_limit(given: str | None) -> int:
    if given is None:
        return USUAL_PAGE
    limit = int(given) if given.isascii() and given.isdigit() and len(given) < 4 else 0
    if not 1 <= limit <= LARGEST_PAGE:
        raise ValidationError({"limit": [_("Between 1 and %(most)d.") % {"most": LARGEST_PAGE}]})
    return limit


def _after(ordering: tuple[str, ...], values: list[Any]) -> Q:
    """Rows that come later in the order than the one with ``values``."""
    found, equal = Q(pk__in=[]), Q()
    for name, value in zip(ordering, values, strict=True):
        field, beyond = name.removeprefix("-"), "lt" if name.startswith("-") else "gt"
        found |= equal & Q(**{f"{field}__{beyond}": value})
        equal &= Q(**{field: value})
    return found


def _write_cursor(row: Model, ordering: tuple[str, ...]) -> str:
    values = [getattr(row, name.removeprefix("-")) for name in ordering]
    plain = [value.isoformat() if isinstance(value, dt.datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def _read_cursor(model: type[Model], ordering: tuple[str, ...], cursor: str) -> list[Any]:
    try:
        plain = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
        fields = [model._meta.get_field(name.removeprefix("-")) for name in ordering]
        return [_as_key(field, value) for field, value in zip(fields, plain, strict=True)]
    except (ValueError, TypeError, RecursionError, binascii.Error, ModelError):
        raise ValidationError({"cursor": [_("This cursor was not given by a list like this one.")]})


def _as_key(field: Any, value: Any) -> Any:
    assert isinstance(field, Field)
    key = field.to_python(value)
    is_naive = isinstance(key, dt.datetime) and key.tzinfo is None
    if key is None or is_naive or (isinstance(key, str) and "\x00" in key):
        raise ValueError(value)
    return key


class Resource(viewsets.GenericViewSet):
    """What the viewsets of every app share.

    ``scopes`` and ``required_permission`` say what opens it; ``ordering`` is the key of its pages; ``query`` checks
    the address of its list.
    """

    http_method_names = ["get", "head", "post", "patch"]
    pagination_class: type[BasePagination] | None = KeysetPagination
    ordering: tuple[str, ...] = ("-id",)
    query: type[Query] = Query
    scopes: dict[str, str] = {}
    required_permission = ""

    def read_query(self, query: type[Query] | None = None) -> dict[str, Any]:
        """The checked parameters of the address."""
        asked = (query or self.query)(data=self.request.query_params.dict(), context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        found: dict[str, Any] = asked.validated_data
        return found

    def read_body(self, body: type[Body], **options: Any) -> dict[str, Any]:
        """The checked body."""
        given = body(data=self.request.data, context=self.get_serializer_context(), **options)
        given.is_valid(raise_exception=True)
        found: dict[str, Any] = given.validated_data
        return found

    def answer_page(self, rows: QuerySet[Any], serializer: type[serializers.BaseSerializer] | None = None) -> Response:
        """One page of ``rows``."""
        found = self.paginate_queryset(rows)
        shape = serializer or self.get_serializer_class()
        return self.get_paginated_response(shape(found, many=True, context=self.get_serializer_context()).data)

    def answer(self, row: Any, *, status: int = 200) -> Response:
        """One row in this resource's own shape."""
        return Response(self.get_serializer(row).data, status=status)
