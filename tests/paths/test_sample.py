"""The sample company end to end, beside what its index says about every mail."""

import datetime as dt
import json
from collections import Counter

import pytest

from accounts.roles import ensure_roles
from agents import sweeps
from agents.models import Suggestion
from cases.models import Case
from conversations.models import Delivery
from hub import loading, sample

NOW = dt.datetime(2026, 6, 20, 9, tzinfo=dt.UTC)
SWEEPS = ("knowledge.index", "conversations.read", "conversations.route", "cases.own_mail", "cases.fields",
          "cases.replies")  # fmt: skip


@pytest.fixture(scope="module")
def worked(django_db_setup, django_db_blocker):
    """The sample loaded, received and worked through once; everything is rolled back afterwards."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        # A test with transactions of its own, earlier in this worker, has emptied the table.
        ensure_roles()
        loading.load_company(now=NOW)
        loading.receive_mails(now=NOW)
        for name in SWEEPS:
            while sweeps.run(name, now=NOW):
                pass
        yield {row["file"]: row for row in json.loads((sample.FOLDER / "mail" / "index.json").read_text())}
        transaction.set_rollback(True)


@pytest.fixture
def messages(worked, django_db_blocker):
    """The message each file of the sample became."""
    with django_db_blocker.unblock():
        rows = Delivery.objects.select_related("message__case_link__case__product", "message__conversation")
        yield {row.origin: row.message for row in rows if row.source == "sample"}


def test_every_mail_is_read_as_what_it_is(worked, messages):
    wrong = [
        (name, row["nature"], messages[name] and messages[name].nature)
        for name, row in worked.items()
        if messages[name] is None or messages[name].nature != row["nature"]
    ]
    print(f"\nnatures: {len(worked) - len(wrong)} of {len(worked)} as labelled; others: {wrong}")
    assert len(wrong) <= len(worked) // 20


def test_mails_of_one_matter_stand_in_one_case_and_others_apart(worked, messages):
    homes: dict[str, Counter] = {}
    for name, row in worked.items():
        link = getattr(messages[name], "case_link", None)
        if row["case"] and link:
            homes.setdefault(row["case"], Counter())[link.case_id] += 1
    whole = [slug for slug, found in homes.items() if len(found) == 1]
    shared = Counter(next(iter(found)) for found in homes.values() if len(found) == 1)
    print(f"\ncases: {len(whole)} of {len(homes)} matters in one case; torn: {sorted(set(homes) - set(whole))}")
    assert len(whole) >= 0.85 * len(homes)
    assert max(shared.values()) == 1


def test_what_the_agent_fills_is_mostly_right(worked, messages, capsys):
    products = {row.slug: row.name for row in sample.read_products().products}
    right, filled, asked = Counter(), Counter(), Counter()
    for name, row in worked.items():
        link = getattr(messages[name], "case_link", None)
        first = link and link.case.message_links.order_by("message__received_at").first()
        if not link or not first or first.message_id != messages[name].pk:
            continue
        for field in ("product", "category", "type", "order_number", "serial_number"):
            expected = (row["expected"] or {}).get(field)
            asked[field] += bool(expected)
            value = getattr(link.case, field)
            if value:
                filled[field] += 1
                right[field] += str(value) == str(products.get(expected, expected) if expected else expected)
    print("\nfield            written  right  labelled")
    for field in asked:
        print(f"{field:<16} {filled[field]:>7} {right[field]:>6} {asked[field]:>9}")
    assert sum(right.values()) >= 0.75 * sum(filled.values())


def test_drafts_wait_and_nothing_left_by_itself(worked, messages):
    states = Counter(Suggestion.objects.filter(kind="cases.send_reply").values_list("state", flat=True))
    cases = Case.objects.filter(message_count__gt=0).count()
    print(f"\n{cases} cases; drafts by state: {dict(states)}")
    assert states["pending"] >= 10
    assert states["accepted"] == 0
