"""A worker killed at any of its steps leaves nothing half done: what it was at is done again, once."""

import datetime as dt
import os
import signal
from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string

from agents import sweeps
from agents.models import Effect, Entry, Suggestion
from agents.outbox.transmission import deliver_due
from cases.models import Case, IntakeOutcome
from conversations.models import Delivery, Message
from conversations.receive import receive
from tests.cases.conftest import (  # noqa: F401
    ann,
    desk,
    mailbox,
    own_mark,
    person,
    publish,
    queue,
    switch,
)
from tests.conversations.mails import make_mail

STEPS = ("conversations.read", "conversations.route", "cases.fields", "cases.replies")
ARTICLE = "## Leaks\n\nIf water leaks under the machine, press the hose onto the clip behind the tank.\n"
# Where the worker is killed: the module, and the name it calls at that moment.
POINTS = [
    ("conversations.receive", "keep_files"),
    ("conversations.receive", "store_message"),
    ("conversations.receive", "ring"),
    ("conversations.routing", "offer"),
    ("cases.intake", "_outcome"),
    ("cases.intake", "ring"),
    ("cases.filling", "propose"),
    ("cases.resolving", "propose"),
    ("agents.proposals", "record"),
    ("agents.suggestions", "record"),
    ("conversations.outgoing", "_payload"),
    ("agents.outbox.transmission", "pass_gate"),
    ("conversations.effects", "_unread"),
]
pytestmark = pytest.mark.django_db(transaction=True)


def work(at: dt.datetime) -> None:
    """Every step a worker takes, at ``at``."""
    for name in STEPS:
        sweeps.run(name, now=at)
    Effect.objects.filter(state="queued").update(not_before=timezone.now())
    deliver_due()


def work_until_killed(module: str, name: str) -> bool:
    """Work in a child that kills itself where ``module`` calls ``name``; whether it came to that."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    try:
        connection.connection = None  # the parent's, which must stay open
        setattr(import_string(module), name, lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL))
        work(timezone.now())
    finally:
        os._exit(1)


@pytest.fixture
def automatic(desk, publish) -> None:  # noqa: F811
    """Fields are written and answers leave by themselves."""
    publish("Water leaks under the machine", ARTICLE)
    desk("cases.resolution", "auto", auto_from=0.0)


@pytest.mark.parametrize(("module", "name"), POINTS, ids=[f"{module}.{name}" for module, name in POINTS])
def test_killed_anywhere_each_mail_is_one_message_and_one_answer(module, name, automatic, mailbox, smtp_sink):  # noqa: F811
    for number in range(2):
        mail = make_mail(sender=f"p{number}@customer.example", subject="Leak", body="Water leaks under my machine.")
        receive(mail, mailbox=mailbox, source="test", received_at=timezone.now())
    assert work_until_killed(module, name)
    Effect.objects.filter(state="claimed").update(lease=timezone.now() - dt.timedelta(hours=1))
    sweeps.run("agents.requeue", now=timezone.now())
    for minutes in (2, 10, 60):
        work(timezone.now() + dt.timedelta(minutes=minutes))
    assert [each.state for each in Delivery.objects.all()] == ["parsed", "parsed"]
    assert Message.objects.filter(direction="in").count() == Case.objects.count() == IntakeOutcome.objects.count() == 2
    assert Counter(Suggestion.objects.filter(kind="cases.send_reply").values_list("state", flat=True)) == {
        "accepted": 2
    }
    assert Counter(Effect.objects.values_list("state", "held", "reason")) == {("sent", "", ""): 2}
    assert sorted(each.recipients[0] for each in smtp_sink.messages) == ["p0@customer.example", "p1@customer.example"]
    assert Entry.objects.filter(verb="cases.send_reply.accepted").count() == 2
