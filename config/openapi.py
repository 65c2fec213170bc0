"""How the API describes itself, beyond what serializers and views say."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from accounts.idempotency import HEADER, UNSAFE
from config.problems import CONTENT_TYPE, ProblemSerializer


class Schema(AutoSchema):
    """Adds to every operation what all of them share: the ways it can fail, and the idempotency key."""

    FAILURES = {
        "400": "The request is malformed or a value cannot stand; `errors` says which.",
        "401": "No token, or one that is wrong, expired or revoked.",
        "403": "The token lacks the scope, or the roles of its owner do not allow this.",
        "404": "It does not exist, or it is not yours to see; which of the two is not told.",
        "409": "Somebody was faster, or a request with this Idempotency-Key is still running.",
        "413": "The body is larger than the server takes.",
        "415": "The body is not `application/json`.",
        "422": "Understood, but not possible now (`reasons`); or the Idempotency-Key was used for another request.",
        "429": "Too many requests this minute; `Retry-After` says how many seconds to wait.",
    }

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        responses = super()._get_response_bodies(direction)
        for code in self._possible_failures():
            told = OpenApiResponse(ProblemSerializer, description=self.FAILURES[code])
            responses.setdefault(code, self._get_response_for_code(told, code, media_types=[CONTENT_TYPE]))
        return dict(sorted(responses.items()))

    def _possible_failures(self) -> list[str]:
        found = ["400", "401", "403", "404", "429"]
        return [*found, "409", "413", "415", "422"] if self.method in UNSAFE else found

    def get_override_parameters(self) -> list[Any]:
        """What the view declares, and the key of unsafe requests."""
        given = super().get_override_parameters()
        if self.method not in UNSAFE:
            return given
        says = _("Any text of at most 255 characters. The same request with the same key is done once, for 24 hours.")
        return [*given, OpenApiParameter(HEADER, {"type": "string", "maxLength": 255}, "header", description=says)]


def refuse_unknown_fields(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Say in the description that bodies with undeclared fields are refused."""
    for name, schema in result.get("components", {}).get("schemas", {}).items():
        if name.endswith("Request") and schema.get("type") == "object" and "properties" in schema:
            schema["additionalProperties"] = False
    return result
