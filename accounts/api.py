"""The API's view of who is asking."""

from typing import Any

from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import reach
from accounts.models import ApiToken
from agents.rest import Named, NamedLine, Resource


class TokenSerializer(serializers.Serializer):
    """The token of this request."""

    name = serializers.CharField()
    prefix = serializers.CharField(help_text="The public beginning of the secret, by which people tell tokens apart.")
    scopes = serializers.ListField(child=serializers.CharField())
    expires_at = serializers.DateTimeField()


class MeSerializer(serializers.Serializer):
    """A person, what their roles allow, and the token they came with."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    email = serializers.EmailField()
    zone = serializers.CharField(help_text="Time zone (IANA name) in which this person reads times.")
    roles = Named(many=True)
    permissions = serializers.ListField(child=serializers.CharField(), help_text="Such as `cases.work`.")
    teams = Named(many=True)
    lines_of_business = NamedLine(many=True)
    token = TokenSerializer(allow_null=True, help_text="Null for somebody signed in with a browser.")


class Me(Resource):
    """Who is asking, and what they may do. Open to every token."""

    permission_classes = [IsAuthenticated]
    pagination_class = None
    serializer_class = MeSerializer

    @extend_schema(operation_id="me", summary="Who am I?", responses=forced_singular_serializer(MeSerializer))
    def list(self, request: Request) -> Response:
        """The owner of the token with roles, permissions, teams and lines of business."""
        self.read_query()
        user: Any = request.user
        known = reach(user)
        token = request.auth if isinstance(request.auth, ApiToken) else None
        shown = {
            "pk": user.pk,
            "name": user.name,
            "email": user.email,
            "zone": user.zone,
            "roles": known.roles,
            "permissions": sorted(known.permissions),
            "teams": user.teams.all(),
            "lines_of_business": user.lines_of_business.all(),
            "token": token,
        }
        return Response(MeSerializer(shown).data)
