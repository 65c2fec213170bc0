"""REST clients for tests: people with a role, a token, and a client that uses it."""

from typing import Any

from rest_framework.test import APIClient

from accounts import people, roles, tokens
from accounts.models import Role, User

PASSWORD = "long words here"


def make_person(email: str, *codes: str, **fields: Any) -> User:
    """A person with built-in roles, as an administrator would add them."""
    roles.ensure_roles()
    found = list(Role.objects.filter(code__in=codes))
    return people.create_person(
        email=email, name=email.split("@")[0], by=None, password=PASSWORD, roles=found, **fields
    )


def client_of(person: User, *scopes: str) -> APIClient:
    """A client with a token of ``person``; every scope when none is named."""
    secret = tokens.issue_token(person, name="test", scopes=scopes or tokens.SCOPES, by=person)[1]
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def post(client: APIClient, path: str, body: Any = None, **headers: str) -> Any:
    """POST JSON; headers are given with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(path, {} if body is None else body, format="json", headers=named)
