"""Who a REST client is, and what its token opens."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.tokens import find_token

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer dh_…``. Every token that does not open is answered alike."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The owner and the token; None when the header speaks of something else."""
        scheme, _space, presented = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        token = find_token(presented.strip().decode("ascii", "replace"))
        if token is None:
            raise AuthenticationFailed(_("The token is wrong, expired or revoked."))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return 'Bearer realm="api"'


class HasScope(BasePermission):
    """A signed-in person whose token, if they came with one, has the scope the view asks for.

    The view says ``scopes = {"read": "cases:read", "write": "cases:write"}``, or names an action:
    ``{"accept": "suggestions:decide"}``. An action without a scope is open to no token. What the person may do at all
    is asked besides, by ``required_permission`` on the view (``"cases.work"``; of several, with a space between, one
    is enough).
    """

    message = _("The token lacks the scope for this.")

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether user and token both open the view."""
        if not request.user or not request.user.is_authenticated:
            return False
        needed = getattr(view, "required_permission", "")
        if needed and not any(request.user.has_perm(one) for one in needed.split()):
            self.message = _("Your roles do not allow this.")
            return False
        if not isinstance(request.auth, ApiToken):
            return True
        return scope_of(view, request.method or "GET") in request.auth.scopes


def scope_of(view: Any, method: str) -> str:
    """The scope that ``view`` asks for; empty when it names none."""
    scopes: dict[str, str] = getattr(view, "scopes", {})
    by_method = "read" if method in SAFE_METHODS else "write"
    return scopes.get(getattr(view, "action", None) or "", scopes.get(by_method, ""))


class TokenScheme(OpenApiAuthenticationExtension):
    """How the API's description speaks of tokens."""

    target_class = "accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "dh_…"}
