"""Versions of what has a page of its own to edit are compared and restored there."""

import datetime as dt

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.manage import lines
from agents.models import Calendar, Entry, Holiday, LineOfBusiness
from agents.sections.versions import VERSIONED, latest
from conversations.mailboxes import save_mailbox
from conversations.models import Mailbox, MessageTemplate
from conversations.templates import save_template

pytestmark = [pytest.mark.django_db, pytest.mark.row("DESK-43")]
WEEK = {"0": [["09:00", "12:00"], ["13:00", "17:00"]]}
TEXT = {"purpose": "reply", "subject": "", "language": "en", "is_active": True}


@pytest.fixture
def page(client, ann):
    client.force_login(ann)
    return client


def compare(page, what, pk, number):
    return page.get(f"/manage/versions/{what}/{pk}/{number}/").content.decode()


def restore(page, what, pk, number, expected):
    answer = page.post(f"/manage/versions/{what}/{pk}/{number}/", {"expected": expected}, follow=True)
    return answer.content.decode()


def test_a_calendar_with_its_hours_and_holidays_stands_again(page, ann):
    calendar = Calendar(name="Office", zone="Europe/Berlin", hours=WEEK)
    lines.save_calendar(calendar, [Holiday(day=dt.date(2026, 12, 25), name="Christmas Day")], by=ann)
    calendar.zone, calendar.hours = "UTC", {}
    lines.save_calendar(calendar, [], by=ann)
    assert "Europe/Berlin" in compare(page, "calendar", calendar.pk, 1)
    assert "Version 1 restored as version 3" in restore(page, "calendar", calendar.pk, 1, 2)
    calendar.refresh_from_db()
    assert (calendar.zone, calendar.hours, calendar.holidays.get().name) == ("Europe/Berlin", WEEK, "Christmas Day")
    assert "ann" in str(latest(f"calendar:{calendar.pk}").created_by).lower()


def test_a_mailbox_gets_its_settings_back_and_keeps_its_password(page, ann):
    mailbox = save_mailbox(
        Mailbox(),
        {
            "name": "Support",
            "address": "help@haldenroe.example",
            "imap_host": "old.example",
            "imap_password": "s3cret!",
        },
        by=ann,
    )
    sealed = mailbox.imap_password
    save_mailbox(mailbox, {"name": "Help", "imap_host": "new.example"}, by=ann)
    assert "s3cret!" not in compare(page, "mailbox", mailbox.pk, 1)
    restore(page, "mailbox", mailbox.pk, 1, 2)
    mailbox.refresh_from_db()
    assert (mailbox.name, mailbox.imap_host, mailbox.imap_password) == ("Support", "old.example", sealed)
    assert Entry.objects.filter(verb="mailbox.changed").count() == 2


def test_what_an_older_version_named_and_is_gone_is_said_and_nothing_changes(page, ann):
    trade = lines.save_line(LineOfBusiness(name="Trade"), by=ann)
    template = save_template(
        MessageTemplate(), {"name": "Hello", "body": "Hello", "lines_of_business": [trade], **TEXT}, by=ann
    )
    save_template(template, {"name": "Good day", "body": "Good day", "lines_of_business": [], **TEXT}, by=ann)
    trade.delete()
    assert "no line of business “Trade” any more" in restore(page, "template", template.pk, 1, 2)
    template.refresh_from_db()
    assert template.body == "Good day"


def test_who_was_slower_compares_again(page, ann):
    line = lines.save_line(LineOfBusiness(name="Trade"), by=ann)
    for name in ("Retail", "Wholesale"):
        line.name = name
        lines.save_line(line, by=ann)
    assert "saved meanwhile. Compare again." in restore(page, "line", line.pk, 1, 2)
    line.refresh_from_db()
    assert line.name == "Wholesale"


def test_the_list_links_each_version_asks_few_questions_and_is_not_for_everybody(page, client, ann):
    line = lines.save_line(LineOfBusiness(name="Trade"), by=ann)
    address = f"/manage/versions/line/{line.pk}/"
    page.get(address)
    with CaptureQueriesContext(connection) as one:
        page.get(address)
    for number in range(9):
        line.description = str(number)
        lines.save_line(line, by=ann)
    with CaptureQueriesContext(connection) as ten:
        shown = page.get(address).content.decode()
    assert len(one) == len(ten)
    assert all(f"{address}{number}/" in shown for number in range(1, 11))
    assert page.get("/manage/versions/nothing/1/").status_code == 404
    client.force_login(get_user_model().objects.create(email="no@haldenroe.example", name="No Rights"))
    assert {client.get(f"/manage/versions/{what}/{line.pk}/").status_code for what in VERSIONED} == {404}
