"""Whole journeys against the real thing: a real database, a real mail server, and the sweeps the worker runs."""

import datetime as dt
import re

import pytest
import time_machine

from accounts.models import Role
from accounts.people import create_person
from agents import sweeps
from agents.models import Effect, Suggestion
from agents.outbox import transmission
from agents.sections import SECTIONS, configuring
from agents.suggestions import accept
from cases.lifecycle import resolve_case
from cases.models import Case
from conversations.ingest import ingest
from conversations.models import Mailbox
from conversations.receive import receive
from hub.summary import summarise
from knowledge import articles
from knowledge.models import Article
from tests.conversations.mails import make_mail

NOW = dt.datetime(2026, 6, 10, 12, tzinfo=dt.UTC)
HOW = """# Descale the Duo 58

The drop symbol blinks when the Duo 58 wants to be descaled. Pour in one sachet of descaler and press the rinse button
for five seconds. The programme takes 25 minutes.
"""
SWEEPS = (
    "knowledge.index",
    "conversations.read",
    "conversations.route",
    "cases.own_mail",
    "cases.fields",
    "cases.replies",
)


def work(now=NOW):
    """What the worker does with everything that waits; the outbox included."""
    for name in SWEEPS:
        while sweeps.run(name, now=now):
            pass
    return transmission.deliver_due(now=now)


@pytest.fixture
def priya(db):
    return create_person(
        email="priya@shop.example", name="Priya", by=None, roles=[Role.objects.get(code="administrator")]
    )


@pytest.fixture(autouse=True)
def own_mark(settings, tmp_path):
    """The mark that says which database may send is this test's own."""
    settings.VAR_DIR = tmp_path


@pytest.fixture
def box(db, smtp_sink, settings):
    settings.OUTBOUND, settings.OUTBOUND_SINK = "sink", f"127.0.0.1:{smtp_sink.port}"
    return Mailbox.objects.create(
        name="Care", address="care@shop.example", history_before=NOW - dt.timedelta(days=1), smtp_host="127.0.0.1",
        smtp_port=smtp_sink.port, smtp_security="none",
    )  # fmt: skip


def set_levels(by, fields, replies):
    """Everything on, at these levels."""
    configuring.change_settings(SECTIONS["cases.creation"], is_on=True, by=by)
    configuring.change_settings(SECTIONS["cases.fields"], level=fields, is_on=True, by=by)
    values = {"auto_from": 0.5}
    configuring.change_settings(SECTIONS["cases.resolution"], level=replies, is_on=True, values=values, by=by)


def publish(by):
    made = articles.create_article(
        title="Descale the Duo 58", body=HOW, audience="external", language="en", by=by, now=NOW
    )
    articles.set_state(made, state=Article.State.PUBLISHED, by=by, now=NOW)
    return made


def arrives(box, *, at=NOW, **mail):
    receive(make_mail(to=box.address, date=at, **mail), mailbox=box, source="test", received_at=at)


def test_a_mail_becomes_a_case_a_cited_draft_waits_and_one_click_sends_it_once(box, priya, smtp_sink):
    with time_machine.travel(NOW, tick=False):
        set_levels(priya, "ask", "ask")
        article = publish(priya)
        arrives(box, subject="Blinking drop", body="Hello,\nthe drop on my Duo 58 blinks. How do I descale it?\nNoor",
                message_id="<ask@customer.example>")  # fmt: skip
        assert work() == 0
        case = Case.objects.get()
        draft = Suggestion.objects.get(kind="cases.send_reply")
        assert (case.title, draft.state) == ("Blinking drop", "pending")
        assert any(item["kind"] == "passage" and item["article"] == article.pk for item in draft.evidence)
        assert smtp_sink.messages == []

        accept(draft.pk, by=priya, now=NOW)
        assert work() == 1
        work()
        [sent] = smtp_sink.messages
        assert "sachet of descaler" in sent.message.get_body().get_content()
        assert sent.message["In-Reply-To"] == "<ask@customer.example>"
        assert Effect.objects.get().state == "sent"

        case.refresh_from_db()
        resolve_case(case, by=priya, resolution_type="solved", now=NOW)
    later = NOW + dt.timedelta(days=2)
    with time_machine.travel(later, tick=False):
        arrives(box, at=later, subject="Re: Blinking drop", body="It blinks again. Which sachet of descaler?",
                in_reply_to=sent.message["Message-ID"])  # fmt: skip
        work(later)
        case.refresh_from_db()
        assert (Case.objects.count(), case.status, case.reopened_count, case.message_count) == (1, "open", 1, 3)
        work(later)
        assert len(smtp_sink.messages) == 1


def test_a_reply_while_the_draft_waits_withdraws_it_and_a_new_one_is_made(box, priya, smtp_sink):
    with time_machine.travel(NOW, tick=False):
        set_levels(priya, "observe", "ask")
        publish(priya)
        arrives(box, body="How do I descale the Duo 58?", message_id="<one@customer.example>")
        work()
        first = Suggestion.objects.get(kind="cases.send_reply")
        arrives(box, body="How long does the programme of the Duo 58 take?", in_reply_to="<one@customer.example>")
        work()
        first.refresh_from_db()
        assert (first.state, bool(first.reason)) == ("withdrawn", True)
        assert Suggestion.objects.filter(kind="cases.send_reply", state="pending").count() == 1
        assert (Case.objects.count(), smtp_sink.messages) == (1, [])


def old_mails(count):
    """Pairs of a question and, for every second one, our answer: as an mbox, with two copies and one empty mail."""
    mails = []
    for number in range(count):
        at = NOW - dt.timedelta(days=40, minutes=-number)
        asks = make_mail(
            sender=f"Customer {number} <c{number}@customer.example>", to="care@shop.example", date=at,
            subject=f"Duo 58 number {number}", body=f"How do I descale my Duo 58? It is machine {number}.",
            message_id=f"<q{number}@customer.example>",
        )  # fmt: skip
        mails.append(asks)
        if number % 2:
            mails.append(
                make_mail(
                    sender="care@shop.example", to=f"c{number}@customer.example", date=at + dt.timedelta(hours=1),
                    subject=f"Re: Duo 58 number {number}", body="Pour in a sachet and press rinse.",
                    in_reply_to=f"<q{number}@customer.example>", message_id=f"<a{number}@shop.example>",
                )
            )  # fmt: skip
    return [*mails, mails[0], mails[1]]


def write_box(path, mails):
    path.write_bytes(b"".join(b"From a@b Wed Jun 10 12:00:00 2026\n" + re.sub(rb"(?m)^From ", b">From ", raw) + b"\n"
                              for raw in mails))  # fmt: skip
    return path


def digest_with_everything_on(box, by, path, mails):
    set_levels(by, "auto", "auto")
    publish(by)
    tally = ingest(write_box(path, mails), mailbox=box, now=NOW)
    work()
    return tally


def assert_nothing_acted(smtp_sink):
    assert Effect.objects.count() == 0
    assert Suggestion.objects.exclude(state="observed").count() == 0
    assert smtp_sink.messages == []


@pytest.mark.parametrize("count", [66, pytest.param(666, marks=pytest.mark.nightly)])
def test_old_mail_with_everything_on_full_automation_has_no_effect_and_leaves_nothing_waiting(
    box, priya, smtp_sink, tmp_path, count
):
    tally = digest_with_everything_on(box, priya, tmp_path / "old.mbox", old_mails(count))
    assert tally.adds_up()
    assert tally.messages == count + count // 2
    assert_nothing_acted(smtp_sink)
    assert Suggestion.objects.filter(kind="cases.send_reply", state="observed").count() == count


def test_an_archive_is_digested_with_a_summary_that_adds_up(box, priya, smtp_sink, tmp_path):
    tally = digest_with_everything_on(box, priya, tmp_path / "old.mbox", old_mails(20))
    numbers = summarise()
    assert numbers.adds_up()
    assert (tally.seen, tally.messages, tally.copies) == (32, 30, 2)
    assert (numbers.seen, numbers.messages, numbers.copies) == (32, 30, 2)
    assert (numbers.cases, numbers.open, numbers.resolved, numbers.became["ours"]) == (20, 10, 10, 10)
    assert numbers.drafts == 20
    again = ingest(tmp_path / "old.mbox", mailbox=box, now=NOW)
    assert (again.before, summarise()) == (32, numbers)


def test_adopted_cases_are_asked_about_and_only_then(box, priya, smtp_sink, tmp_path, client):
    digest_with_everything_on(box, priya, tmp_path / "old.mbox", old_mails(4))
    set_levels(priya, "ask", "ask")
    client.force_login(priya)
    client.post("/desk/adopt/")
    work()
    assert Case.objects.filter(arrived_as="live").count() == 2
    waiting = Suggestion.objects.filter(kind="cases.send_reply", state="pending")
    assert sorted(waiting.values_list("object_id", flat=True)) == sorted(
        Case.objects.filter(arrived_as="live").values_list("pk", flat=True)
    )
    assert Effect.objects.count() == 0
