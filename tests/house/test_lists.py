"""A list costs as many queries for ten rows as for one."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from model_bakery import baker

from accounts.models import Role, Team, User
from accounts.notifications import notify
from agents.models import Attempt, LanguageModel, LineOfBusiness, ModelCall
from agents.sections import SECTIONS, configuring
from cases.models import Case
from conversations import todos
from conversations.models import Delivery, Mailbox, Message, MessageTemplate, Raw, Suppression
from intents.models import Intent, IntentGroup
from knowledge.models import Article, Harvest, HarvestRun, Product, Subject
from sales.models import Lead
from tests.house.world import make_plan


def make_parked(place: int) -> object:
    raw = baker.make(Raw, digest=f"{place:064}")
    return baker.make(Delivery, raw=raw, state="parked", error="Too deep", mailbox=None, uid=None)


def make_one_plan(place: int) -> object:
    message = baker.make(Message, identity=f"plan {place}")
    case = baker.make(Case, number=7000 + place, title=f"Quiet {place}", last_message=message)
    return make_plan(case, "running")


LISTS: dict[str, Callable[[int], object]] = {
    "conversations:mailboxes": lambda n: baker.make(Mailbox, name=f"Box {n}", address=f"box{n}@example.com"),
    "conversations:templates": lambda n: baker.make(MessageTemplate, name=f"Template {n}", body="Hello"),
    "conversations:parked": make_parked,
    "conversations:suppressions": lambda n: baker.make(
        Suppression, digest=f"{n:064}", reason="person", _fill_optional=["by"]
    ),
    "hub:parked_work": lambda n: Attempt.objects.create(sweep="x.y", object_id=n, parked_at=timezone.now()),
    "accounts:notifications": lambda n: notify(
        User.objects.get(email="administrator@haldenroe.example"), f"News {n}", link=f"/?{n}", kind="assigned"
    ),
    "conversations:tasks": lambda n: todos.create_task(
        f"Task {n}", owner=User.objects.get(email="administrator@haldenroe.example"), by=None
    ),
    "agents:models": lambda n: baker.make(LanguageModel, name=f"Model {n}", model="x"),
    "agents:model_calls": lambda n: baker.make(ModelCall, skill="toy", asked=f"Model {n}"),
    "agents:lines": lambda n: baker.make(LineOfBusiness, name=f"Line {n}"),
    "accounts:roles": lambda n: baker.make(Role, code=f"role-{n}", name=f"Role {n}"),
    "accounts:teams": lambda n: baker.make(Team, name=f"Team {n}"),
    "knowledge:drafts": lambda n: baker.make(Harvest, source="case", object_id=n, label=f"Case {n}"),
    "knowledge:runs": lambda n: baker.make(HarvestRun, source=f"source-{n}"),
    "knowledge:help": lambda n: baker.make(
        Article,
        title=f"Help {n}",
        slug=f"help-{n}",
        state="published",
        audience="external",
        published_at=timezone.now(),
    ),
    "intents:library": lambda n: baker.make(Intent, name=f"Intent {n}", key=f"intent-{n}"),
    "intents:groups": lambda n: baker.make(IntentGroup, name=f"Group {n}"),
    "knowledge:products": lambda n: baker.make(Product, name=f"Product {n}"),
    "knowledge:subjects": lambda n: baker.make(Subject, name=f"Subject {n}", parent=None),
    "followups:plans": make_one_plan,
    "sales:leads": lambda n: baker.make(Lead, company_name=f"Company {n}", email=f"a{n}@b.example"),
    "cases:inbox": lambda n: baker.make(Case, number=5000 + n, title=f"Case {n}"),
}


VIEWS = {"cases:inbox": "?view=all", "knowledge:drafts": "?show=all"}


@pytest.mark.parametrize("name", LISTS)
def test_ten_rows_cost_as_many_queries_as_one(client, people, name):
    client.force_login(people["administrator"])
    configuring.change_settings(SECTIONS["knowledge.help_centre"], by=people["administrator"], is_on=True)
    page = reverse(name) + VIEWS.get(name, "")

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(page).status_code == 200
        return len(asked)

    LISTS[name](0)
    client.get(page)
    one = count()
    for place in range(1, 10):
        LISTS[name](place)
    assert count() == one
