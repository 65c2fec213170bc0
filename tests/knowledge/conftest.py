"""People, lines and articles for the tests of knowledge."""

import pytest

from accounts import people, roles
from accounts.models import Role
from agents.models import LineOfBusiness
from knowledge import articles, indexing
from knowledge.models import Article


@pytest.fixture
def make_person(db):
    """`make_person("author", "ada@example.com", lines=[...])`; the role "none" holds nothing."""
    roles.ensure_roles()

    def make(code, email="", lines=()):
        person = people.create_person(
            email=email or f"{code}@example.com", name=f"A {code}", by=None,
            roles=list(Role.objects.filter(code=code)), lines=list(lines), password="long words here",
        )  # fmt: skip
        return type(person).objects.get(pk=person.pk)

    return make


@pytest.fixture
def lines(db):
    return [LineOfBusiness.objects.create(name=name) for name in ("Machines and repairs", "Trade")]


@pytest.fixture
def write(db):
    """`write("Title", "Text", lines_of_business=[...])`: a published external article that search knows."""

    def make(title, body, *, state=Article.State.PUBLISHED, by=None, index=True, **fields):
        fields = {"audience": "external", "language": "en"} | fields
        article = articles.create_article(title=title, body=body, by=by, **fields)
        if state != Article.State.DRAFT:
            article = articles.set_state(article, state=state, by=by)
        if index:
            indexing.index_article(article.pk)
        return Article.objects.get(pk=article.pk)

    return make
