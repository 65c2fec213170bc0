"""A support desk in small: people, a mailbox with a sink behind it, sections that are on, mail that becomes cases."""

from collections.abc import Callable

import pytest

from accounts.models import Role, User
from accounts.roles import ensure_roles
from agents.models import LineOfBusiness, Rule, SectionSetting
from agents.sections import SECTIONS
from cases.models import Case, FieldOption
from conversations.models import Mailbox, Message, Queue
from conversations.routing import route_message
from knowledge import articles, indexing
from knowledge.models import Product
from tests.conversations.conftest import arrive, message_of  # noqa: F401
from tests.conversations.mails import NOON
from tests.intents.small import small_library, teach  # noqa: F401


@pytest.fixture(autouse=True)
def own_mark(tmp_path, settings):
    """The mark outside the database lies in the test's own folder, and mail may leave to the test's sink."""
    settings.VAR_DIR = tmp_path
    settings.OUTBOUND = "live"


@pytest.fixture
def person(db) -> Callable[..., User]:
    """A person with roles; without lines they see what has no line."""
    ensure_roles()

    def make(name: str = "Ann Weber", *roles: str) -> User:
        user = User.objects.create_user(f"{name.split()[0].lower()}@haldenroe.example", "secret", name=name)
        user.roles.set(Role.objects.filter(code__in=roles or ["supervisor"]))
        return user

    return make


@pytest.fixture
def ann(person) -> User:
    return person("Ann Weber", "supervisor")


@pytest.fixture
def queue(db) -> Queue:
    return Queue.objects.create(name="Care")


@pytest.fixture
def mailbox(queue, smtp_sink) -> Mailbox:
    """The support mailbox whose mail goes to the sink."""
    return Mailbox.objects.create(
        name="Support",
        address="support@example.com",
        queue=queue,
        history_before=NOON.replace(day=1),
        smtp_host=smtp_sink.host,
        smtp_port=smtp_sink.port,
        smtp_security=Mailbox.Security.NONE,
    )


@pytest.fixture
def switch(db):
    """Set a section: ``switch("cases.resolution", "auto", auto_from=0.5)``; off with level "off"."""

    def set_section(name: str, level: str = "ask", **values) -> None:
        SectionSetting.objects.update_or_create(
            section=name,
            line_of_business=None,
            defaults={"is_on": level != "off", "level": level, "values": {**SECTIONS[name].defaults, **values}},
        )

    return set_section


@pytest.fixture
def desk(switch):
    """All three sections on, at human confirmation."""
    for name in ("cases.creation", "cases.fields", "cases.resolution"):
        switch(name)
    return switch


@pytest.fixture
def rule(db):
    """Add an active rule to a section: conditions as (fact, op, value) triples that all must hold."""

    def add(section: str, name: str, *leaves, level: str = "ask", order: int = 0, **outcome) -> Rule:
        items = [{"fact": fact, "op": op, "value": value} for fact, op, value in leaves]
        tree = {"join": "all", "items": items}
        return Rule.objects.create(
            section=section, name=name, order=order, is_active=True, conditions=tree, level=level, outcome=outcome
        )

    return add


@pytest.fixture
def come_in(arrive, desk):  # noqa: F811
    """A mail arrives, is read and offered; returns its message."""

    def receive(**mail) -> Message:
        message = message_of(arrive(**mail))
        route_message(message.pk, now=mail.get("at", NOON))
        return message

    return receive


@pytest.fixture
def case(come_in) -> Case:
    """The case of a first mail."""
    return Case.objects.get(message_links__message=come_in())


@pytest.fixture
def catalogue(db):
    """Two products, two categories."""
    FieldOption.objects.create(field="category", value="fault", label="Machine fault", description="It does not work")
    FieldOption.objects.create(
        field="category", value="billing", label="Billing", description="Charged, invoice, refund"
    )
    return [
        Product.objects.create(name="Halden Duo 58", aliases=["Duo 58"]),
        Product.objects.create(name="Roe Grinder G2", aliases=["G2 grinder"]),
    ]


@pytest.fixture
def publish(ann):
    """A published external article, indexed."""

    def make(title: str, body: str, **fields):
        article = articles.create_article(title=title, body=body, audience="external", language="en", by=ann, **fields)
        articles.set_state(article, state="published", by=ann)
        indexing.index_article(article.pk)
        return article

    return make


@pytest.fixture
def trade(db) -> LineOfBusiness:
    return LineOfBusiness.objects.create(name="Trade")
