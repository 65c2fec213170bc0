"""A message joins or opens a case by rules, at once; and for every one it is said what happened and why."""

import datetime as dt

import pytest

from cases import lifecycle
from cases.inbox import search_cases
from cases.intake import take_message
from cases.models import Case, CaseConversation, FieldMark, IntakeOutcome
from conversations.models import Message
from conversations.receive import read_delivery, receive
from conversations.routing import route_message
from tests.conversations.conftest import message_of
from tests.conversations.mails import NOON, make_mail

What = IntakeOutcome.What


def outcome_of(message):
    return IntakeOutcome.objects.get(message=message)


@pytest.mark.row("CMA-E-2")
def test_a_mail_opens_a_case_where_the_first_matching_rule_says(come_in, rule, trade, queue):
    rule("cases.creation", "Trade", ("subject", "contains", "wholesale"), order=1, line_of_business=trade.pk)
    rule("cases.creation", "Urgent", ("text", "contains", "smoke"), order=2, defaults={"priority": "urgent"})
    first = come_in(subject="Wholesale prices, smoke", body="Prices please, and there is smoke.")
    second = come_in(subject="Help", body="There is smoke.", sender="Ivo <ivo@customer.example>")
    one, two = (outcome_of(message).case for message in (first, second))
    assert (one.line_of_business, one.priority, one.queue) == (trade, "normal", queue)
    assert (two.line_of_business, two.priority, outcome_of(second).rule_name) == (None, "urgent", "Urgent")
    assert FieldMark.objects.get(case=two, field="priority").set_by == "rule"


@pytest.mark.row("CMA-E-8")
def test_the_monitor_says_what_happened_also_when_nothing_did(come_in, switch, rule):
    opened = come_in()
    switch("cases.creation", "ask", open_without_rule=False)
    skipped = come_in(sender="New <new@customer.example>")
    rule("cases.creation", "Newsletters", ("subject", "contains", "offer"), open=False)
    refused = come_in(subject="An offer", sender="Other <other@customer.example>")
    robot = come_in(sender="robot@parcel.example", Auto_Submitted="auto-generated")
    assert outcome_of(opened).what == What.OPENED
    assert (outcome_of(skipped).what, outcome_of(skipped).why) == (What.NOTHING, "No creation rule matched.")
    assert "Newsletters" in outcome_of(refused).why
    assert outcome_of(robot).what == What.NOTHING
    assert IntakeOutcome.objects.count() == Message.objects.count() == 4
    assert Case.objects.count() == 1


def test_a_reply_joins_its_case_and_makes_it_unread_again(come_in, case):
    Case.objects.update(is_unread=False)
    first = Message.objects.get()
    reply = come_in(subject="Re: Broken pump", body="It is a Duo 58.", in_reply_to=first.message_id,
                    date=NOON + dt.timedelta(hours=1))  # fmt: skip
    case.refresh_from_db()
    assert (outcome_of(reply).what, outcome_of(reply).case) == (What.JOINED, case)
    assert (case.message_count, case.last_message, case.is_unread) == (2, reply, True)
    assert case.preview == "It is a Duo 58."


def test_a_mail_costs_few_statements_from_its_bytes_to_its_case(come_in, mailbox, django_assert_max_num_queries):
    """Each one is paid for by every mail that comes in: a new one has to be worth it."""
    come_in(subject="Warm", sender="First <first@customer.example>")
    raw = make_mail(subject="Broken tray", body="The tray is broken.", sender="New <new@customer.example>")
    with django_assert_max_num_queries(5):
        delivery = receive(raw, mailbox=mailbox, source="test", origin="budget", received_at=NOON)
    with django_assert_max_num_queries(16):
        read = read_delivery(delivery.pk, now=NOON)
    with django_assert_max_num_queries(26):
        route_message(read.message_id, now=NOON)
    case = Case.objects.get(title="Broken tray")
    assert (case.message_count, case.last_message_id, case.preview) == (1, read.message_id, "The tray is broken.")
    assert (case.is_unread, case.waiting_since) == (True, NOON)
    for words in ("tray", "new@customer.example", "broken"):
        assert search_cases(Case.objects.all(), words, frozenset()).get(pk=case.pk)


def test_the_same_message_is_taken_once(case):
    message = Message.objects.get()
    assert take_message(message).pk == take_message(message).pk
    assert Case.objects.count() == 1
    assert Case.objects.get().message_count == 1


@pytest.mark.row("CMA-E-6")
def test_a_mail_inside_the_window_reopens_and_later_starts_the_next_case(come_in, case, ann, switch):
    switch("cases.resolution", "ask", reopen_days=14)
    first = Message.objects.get()
    lifecycle.resolve_case(case, by=ann, resolution_type="solved", now=NOON)
    inside = come_in(in_reply_to=first.message_id, body="It is back.", at=NOON + dt.timedelta(days=13))
    case.refresh_from_db()
    assert (outcome_of(inside).what, case.status, case.reopened_count) == (What.REOPENED, "open", 1)
    lifecycle.resolve_case(case, by=ann, resolution_type="solved", now=NOON + dt.timedelta(days=13))
    late = come_in(in_reply_to=first.message_id, body="Another thing.", at=NOON + dt.timedelta(days=40))
    case.refresh_from_db()
    assert (outcome_of(late).what, case.status) == (What.OPENED, "resolved")
    assert outcome_of(late).case != case
    assert CaseConversation.objects.filter(conversation=late.conversation, is_current=True).get().case != case


@pytest.mark.row("DESK-22")
def test_an_out_of_office_is_noted_and_reopens_nothing(come_in, case, ann):
    first = Message.objects.get()
    lifecycle.resolve_case(case, by=ann, resolution_type="solved", now=NOON)
    away = come_in(subject="Out of office", body="I am away until Monday.", in_reply_to=first.message_id,
                   Auto_Submitted="auto-replied", at=NOON + dt.timedelta(hours=1))  # fmt: skip
    case.refresh_from_db()
    assert (outcome_of(away).what, case.status, case.last_message) == (What.NOTED, "resolved", first)


@pytest.mark.row("DESK-4")
def test_history_opens_cases_in_the_state_their_thread_ends_in(come_in, mailbox):
    before = mailbox.history_before - dt.timedelta(days=2)
    asked = come_in(at=before)
    case = outcome_of(asked).case
    assert (case.arrived_as, case.status) == ("history", "open")
    answer = Message.objects.create(
        conversation=asked.conversation, direction="out", arrived_as="history", identity="b" * 64,
        received_at=before + dt.timedelta(hours=3), newest_text="Press the clip.",
    )  # fmt: skip
    take_message(answer, now=NOON)
    case.refresh_from_db()
    assert (case.status, case.status_reason) == ("resolved", "solved")
    again = come_in(at=before + dt.timedelta(hours=9), in_reply_to=asked.message_id, body="Still leaks.")
    case.refresh_from_db()
    assert (outcome_of(again).case, case.status) == (case, "open")


@pytest.mark.row("DESK-7")
def test_a_stranger_who_quotes_anothers_thread_gets_a_case_of_their_own(come_in, case):
    first = Message.objects.get()
    stranger = come_in(sender="Mallory <mallory@evil.example>", in_reply_to=first.message_id, body="Send me the refund")
    assert outcome_of(stranger).case != case
    case.refresh_from_db()
    assert case.message_count == 1


def test_a_mailbox_for_sales_offers_its_mail_to_no_case(arrive, desk, mailbox):
    mailbox.purpose = "sales"
    mailbox.save()
    message = message_of(arrive())
    assert route_message(message.pk, now=NOON) == "sales"
    assert Case.objects.count() == 0


def test_switched_off_nothing_is_opened(arrive, switch):
    switch("cases.creation", "off")
    message = message_of(arrive())
    route_message(message.pk, now=NOON)
    assert (outcome_of(message).what, Case.objects.count()) == (What.NOTHING, 0)
