"""Every operation of the API against what its own description allows and forbids, in the hands of two people.

Schemathesis writes requests from the OpenAPI description, sends them through WSGI, and holds the answers to it. Keys in
addresses are mine, another's, or nobody's: an answer of success about what is another's is a failure.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks

from accounts import tokens
from accounts.models import Team
from accounts.notifications import notify
from agents.models import LineOfBusiness, SectionSetting, Suggestion
from agents.proposals import Proposal, propose
from cases.models import Case
from cases.opening import open_by_hand
from cases.payloads import ReplyPayload
from cases.replies import reply_fingerprint, send_reply
from config.wsgi import application
from conversations import todos
from conversations.models import Attachment, Mailbox, Message, Queue
from intents.models import Determination, Intent
from knowledge import articles
from knowledge.models import Article, Product, Subject
from tests.api_clients import APIClient, make_person

pytestmark = pytest.mark.django_db
SCHEMA = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
SCHEMA.app = application
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]
RESOURCES = sorted({each.path.split("/")[3] for each in OPERATIONS})
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
# Names of products and lines are everybody's; the rest belongs to who sees it.
SHARED = {"lines-of-business", "products", "subjects", "queues"}
NOBODYS = ["0", "9", "999999999999", "999999999999999999"]


class World:
    """Two people in two teams, each with a case, a draft, a mail, a file and an article; a token of the first."""

    def __init__(self) -> None:
        self.mine: dict[str, list[str]] = {}
        self.others: dict[str, list[str]] = {}
        SectionSetting.objects.create(section="cases.resolution", is_on=True, level="ask")
        for name, keys in (("mine", self.mine), ("other", self.others)):
            line = LineOfBusiness.objects.create(name=f"Line {name}")
            team = Team.objects.create(name=f"Team {name}", line_of_business=line)
            queue = Queue.objects.create(name=name, team=team, line_of_business=line)
            Mailbox.objects.create(
                name=name, address=f"{name}@example.com", queue=queue, line_of_business=line, smtp_host="127.0.0.1"
            )
            person = make_person(f"{name}@people.example", "supervisor", teams=[team], lines=[line])
            keys["lines-of-business"] = [str(line.uid)]
            keys["queues"] = [str(queue.pk)]
            keys["products"] = [str(Product.objects.create(name=f"Product {name}").pk)]
            keys["subjects"] = [str(Subject.objects.create(name=f"Subject {name}").pk)]
            self._fill(keys, person, queue, line)
            if name == "mine":
                self.secret = tokens.issue_token(person, name="all", scopes=tokens.SCOPES, by=person)[1]

    def _fill(self, keys: dict[str, list[str]], person: Any, queue: Queue, line: LineOfBusiness) -> None:
        now = timezone.now()
        made = [
            open_by_hand(title="A", address=f"c{person.pk}@customer.example", queue=queue, by=person) for _ in range(2)
        ]
        message = send_reply(made[0], body="Hello", by=person, key=f"k{person.pk}")
        file = Attachment.objects.create(message=message, name="a.txt", digest="0", file="attachments/gone")
        article = articles.create_article(title="B", body="C", by=person, lines_of_business=[line])
        article = articles.set_state(article, state=Article.State.PUBLISHED, by=person)
        payload = ReplyPayload(to=["c@customer.example"], subject="Re", body="Hold.")
        case = Case.objects.get(pk=made[1].pk)
        fingerprint = reply_fingerprint(case)
        drafts = propose("cases.send_reply", case, Proposal(payload=payload, fingerprint=fingerprint), now=now)
        intent = Intent.objects.create(
            name="Leaks", key=f"leaks-{line.pk}", line_of_business=line, review_state="approved"
        )
        inbound = made[1].links.get().conversation
        seen = Determination.objects.create(
            message=Message.objects.filter(conversation=inbound).first() or message, conversation=inbound, intent=intent
        )
        news = notify(person, "A case is yours", link=f"/desk/cases/{case.number}/", kind="assigned")
        keys |= {
            "tasks": [str(todos.create_task("Call them", subject=case, owner=person, by=person).pk)],
            "notifications": [str(news.pk)] if news else [],
            "intents": [str(intent.pk)],
            "determinations": [str(seen.pk)],
            "cases": [str(case.number) for case in made],
            "messages": [str(message.pk)],
            "attachments": [str(file.pk)],
            "articles": [str(article.pk)],
            "suggestions": [str(each.pk) for each in drafts],
        }


@pytest.fixture
def world(settings: Any) -> Iterator[World]:
    """The two people, with as many requests a minute as they like."""
    cache.clear()
    settings.API_REQUESTS_PER_MINUTE = 0
    # As Django's own test client does: the test's connection outlives its requests.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield World()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def fuzz(operation: Any, world: World, *, examples: int) -> None:
    """Send ``examples`` requests that fit the description, and as many that do not."""
    resource = operation.path.split("/")[3]
    known = [*world.mine.get(resource, []), *world.others.get(resource, [])]
    keys = [*known, *NOBODYS] if "{" in operation.path else [""]
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        strategy = operation.as_strategy(generation_mode=mode)

        @settings(
            max_examples=examples,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=strategy, key=st.sampled_from(keys))
        def send(case: Any, key: str) -> None:
            _send(case, key, key in world.others.get(resource, []) and resource not in SHARED, world)

        # An operation that takes nothing cannot be given anything wrong.
        with contextlib.suppress(Unsatisfiable):
            send()


def _send(case: Any, key: str, is_others: bool, world: World) -> None:
    path = case.meta.components.get(ParameterLocation.PATH)
    if key and not (path and path.mode.is_negative):
        case.path_parameters = dict.fromkeys(case.path_parameters, key)
    else:
        is_others = False
    response = case.call(headers={"Authorization": f"Bearer {world.secret}"})
    case.validate_response(response, checks=CHECKS)
    assert not (is_others and response.status_code < 300), f"{case.method} {case.path} of another: {key}"


@pytest.mark.parametrize("resource", RESOURCES)
def test_what_schemathesis_sends_is_answered_as_described(resource, world):
    for operation in OPERATIONS:
        if operation.path.split("/")[3] == resource:
            with transaction.atomic():  # each operation finds the world as it was
                fuzz(operation, world, examples=5)
                transaction.set_rollback(True)


@pytest.mark.nightly
@pytest.mark.parametrize("operation", OPERATIONS, ids=[each.label for each in OPERATIONS])
def test_what_schemathesis_sends_in_a_long_night_is_answered_as_described(operation, world):
    fuzz(operation, world, examples=500)


def test_the_keys_of_the_other_are_out_of_reach(world):
    """The other's rows are there and mine answer: a 404 above means forbidden, not empty."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {world.secret}")
    for resource in ("cases", "messages", "articles", "suggestions", "intents", "determinations"):
        assert client.get(f"/api/v1/{resource}/{world.mine[resource][0]}/").status_code == 200
        assert client.get(f"/api/v1/{resource}/{world.others[resource][0]}/").status_code == 404
    assert Suggestion.objects.filter(state="pending").count() == 2
    assert Message.objects.count() == 2
