"""A sales desk in small: sellers, leads, sections that are on."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Role, User
from accounts.roles import ensure_roles
from conversations.models import Queue
from sales.models import Lead
from tests.cases.conftest import own_mark, switch  # noqa: F401


@pytest.fixture
def person(db) -> Callable[..., User]:
    """A person with roles; without lines they see what has no line."""
    ensure_roles()

    def make(name: str = "Mei Tanaka", *roles: str) -> User:
        user = User.objects.create_user(f"{name.split()[0].lower()}@haldenroe.example", "secret", name=name)
        user.roles.set(Role.objects.filter(code__in=roles or ["seller"]))
        return user

    return make


@pytest.fixture
def mei(person) -> User:
    return person("Mei Tanaka", "seller")


@pytest.fixture
def ada(person) -> User:
    return person("Ada Admin", "administrator")


@pytest.fixture
def ann(person) -> User:
    return person("Ann Weber", "supervisor", "author")


@pytest.fixture
def queue(db) -> Queue:
    return Queue.objects.create(name="Trade")


@pytest.fixture
def lead(db) -> Callable[..., Lead]:
    """A lead as an import would make it: ``lead(company_name="…")``."""

    def make(**values: Any) -> Lead:
        number = Lead.objects.count() + 1
        given = {
            "name": "Rosalind Achebe",
            "company_name": "Brightwater Hotels",
            "email": f"r.achebe{number}@brightwater.example",
            "source": "Web form",
        }
        return Lead.objects.create(**{**given, **values})

    return make
