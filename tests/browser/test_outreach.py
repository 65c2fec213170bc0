"""A seller accepts a mail to a lead and stops the cadence; the reader ends it with one press. In Chromium."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from accounts.models import Role, User
from accounts.roles import ensure_roles
from agents.models import SectionSetting, Suggestion
from agents.sections import SECTIONS
from conversations.blinding import write_token
from conversations.models import Mailbox, Suppression
from sales.models import Enrolment, Finding, Lead
from sales.outreach import enrolments

NOTE = "We look for machines for eleven breakfast rooms."


@pytest.fixture
def lead(transactional_db):
    """A lead whose first mail is drafted."""
    ensure_roles()
    box = Mailbox.objects.create(
        name="Trade", address="trade@haldenroe.example", purpose="sales", smtp_host="127.0.0.1"
    )
    values = {"mailbox": box.pk, "offers": "The Duo 58 Pro makes 120 cups an hour.", "needs_consent": False, "days": []}
    SectionSetting.objects.create(
        section="sales.outreach", is_on=True, level="ask", values={**SECTIONS["sales.outreach"].defaults, **values}
    )
    row = Lead.objects.create(
        name="Rosalind Achebe", company_name="Brightwater", email="r@brightwater.example", status="qualified", note=NOTE
    )
    Finding.objects.create(
        lead=row, topic="interest", claim="Machines", quote=NOTE[:-1], end=len(NOTE) - 1, field="note"
    )
    now = dt.datetime.now(dt.UTC)
    running = enrolments.consider_lead(row.pk, now=now)
    assert running
    enrolments.advance(running.pk, now=now)
    return row


def test_a_mail_is_accepted_the_cadence_stopped_and_the_reader_unsubscribes(
    lead, live_server, new_page, sign_in, violations, overflow
):
    mei = User.objects.create_user("mei@haldenroe.example", "secret", name="Mei Tanaka")
    mei.roles.set(Role.objects.filter(code__in=["seller", "administrator"]))
    page = new_page(width=1600)
    sign_in(page, mei, live_server.url)
    page.goto(live_server.url + lead.get_absolute_url())
    assert (overflow(page), violations(page)) == ([], [])
    page.locator(".banner--agent").get_by_role("link", name="Review").click()
    expect(page.locator("mark.evidence").first).to_contain_text("eleven breakfast rooms")
    page.keyboard.press("a")
    expect(page.locator(".toast").first).to_contain_text("ccepted")
    assert Suggestion.objects.get().state == "accepted"
    page.goto(live_server.url + lead.get_absolute_url())
    page.get_by_role("button", name="Stop, send no more mails of it").click()
    expect(page.locator(".toast").first).to_contain_text("stopped")
    assert Enrolment.objects.get().ended_reason == "stopped"
    page.goto(live_server.url + "/manage/sales/outreach/")
    assert (overflow(page), violations(page)) == ([], [])
    small = new_page(width=360, dark=True)
    small.goto(f"{live_server.url}/unsubscribe/{write_token(lead.email)}/")
    assert (overflow(small), violations(small), Suppression.objects.count()) == ([], [], 0)
    small.get_by_role("button", name="Unsubscribe").click()
    expect(small.locator("h1")).to_have_text("You are unsubscribed")
    assert Suppression.objects.get().reason == "unsubscribed"
