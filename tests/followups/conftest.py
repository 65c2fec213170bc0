"""A support desk whose customers go quiet: rules, cases that wait, and a clock in hand."""

import datetime as dt

import pytest
from django.utils import timezone

from agents.models import Effect, Rule
from agents.outbox import transmission
from cases import replies
from cases.models import Case
from followups import plans, starting
from followups.models import Plan
from tests.cases.conftest import (  # noqa: F401
    ann,
    arrive,
    come_in,
    desk,
    mailbox,
    own_mark,
    person,
    publish,
    queue,
    rule,
    switch,
    trade,
)

SHAPE = {
    "triggers": ["status"],
    "status_reason": "waiting",
    "own_mail_counts": False,
    "references": [],
    "in_hours": False,
    "steps": [{"wait": 2, "unit": "days", "template": None}, {"wait": 3, "unit": "days", "template": None}],
    "end": {"wait": 4, "unit": "days"},
    "resolution_type": "no_answer",
    "resolution": "Nobody answered {{ case.number }}.",
    "closing_mail": True,
    "closing_template": None,
}
NOW = timezone.now().replace(microsecond=0)
DAY = dt.timedelta(days=1)


@pytest.fixture
def chase(switch, rule):  # noqa: F811
    """Switch follow-ups on with one rule for every open case: ``chase("auto", steps=[…])``."""

    def make(level: str = "ask", *leaves, name: str = "Quiet customers", **changes) -> Rule:
        switch("followups.follow_ups", "auto", link_days=30, footer="Written by a computer.")
        shape = {**SHAPE, **changes}
        return rule("followups.follow_ups", name, *(leaves or [("status", "is", "open")]), level=level, **shape)

    return make


@pytest.fixture
def quiet(come_in, ann):  # noqa: F811
    """A case in which we answered and nobody wrote since: ``quiet(ago=timedelta)``."""

    def make(
        *, ago: dt.timedelta = dt.timedelta(), sender: str = "Ellen Roth <ellen@customer.example>", **mail
    ) -> Case:
        at = NOW - ago
        message = come_in(sender=sender, at=at - DAY, date=at - DAY, **mail)
        case = Case.objects.get(message_links__message=message)
        sent = replies.send_reply(case, body="Could you send us a photo?", by=ann, key=f"ours:{case.pk}", now=at)
        Effect.objects.filter(key=sent.effect_key).update(state="sent", settled_at=at)
        type(sent).objects.filter(pk=sent.pk).update(send_state="sent")
        return Case.objects.get(pk=case.pk)

    return make


@pytest.fixture
def begin(chase, quiet):
    """A quiet case with its plan."""

    def make(level: str = "ask", *, ago: dt.timedelta = dt.timedelta(), **changes) -> Plan:
        if not Rule.objects.filter(section=plans.SECTION).exists():
            chase(level, **changes)
        case = quiet(ago=ago)
        plan = starting.consider_case(case.pk, now=NOW)
        assert plan is not None
        return plan

    return make


def look(plan: Plan, now: dt.datetime) -> Plan:
    """Look at the plan as the sweep does."""
    plans.advance(plan.pk, now=now)
    return Plan.objects.get(pk=plan.pk)


def leave(now: dt.datetime | None = None) -> None:
    """Let leave what is queued; ``now`` is when it then counts as left."""
    waiting = list(Effect.objects.filter(state="queued").values_list("pk", flat=True))
    Effect.objects.filter(pk__in=waiting).update(not_before=timezone.now())
    transmission.deliver_due()
    if now is not None:
        Effect.objects.filter(pk__in=waiting, state="sent").update(settled_at=now)
