"""A sales desk in small: a mailbox with a sink, offers, leads with findings, mails of theirs."""

import datetime as dt

import pytest

from agents.models import SectionSetting
from agents.outbox import epoch
from agents.sweeps import run
from conversations.models import Mailbox
from conversations.receive import read_delivery, receive
from conversations.routing import route_message
from sales.models import Finding, Lead
from sales.outreach import enrolments
from tests.conversations.mails import NOON, make_mail

DISCLOSURE = "Halden & Roe, Keizersgracht 12, Amsterdam. Written with the help of software."
OFFER = "The Duo 58 Pro makes 120 cups an hour."
REQUEST = "We look for machines for eleven breakfast rooms."


@pytest.fixture
def trade(smtp_sink, queue, settings, tmp_path, db):
    """The mailbox for sales, which sends to the sink."""
    settings.VAR_DIR, settings.OUTBOUND = tmp_path, "live"
    settings.AUTOMATIC_HOLD_SECONDS = 0
    epoch.confirm()
    return Mailbox.objects.create(
        name="Trade", address="trade@haldenroe.example", purpose="sales", queue=queue, smtp_host=smtp_sink.host,
        smtp_port=smtp_sink.port, smtp_security="none", history_before=NOON - dt.timedelta(days=400),
    )  # fmt: skip


@pytest.fixture
def outreach(trade, switch, mei):
    """Outreach, replies and hand-over on; ``outreach(level, prohibited="…")`` sets the first anew."""

    def set_up(level="ask", **values):
        general = {"mode": "engage", "company_name": "Halden & Roe"}
        SectionSetting.objects.update_or_create(section="sales.general", defaults={"is_on": True, "values": general})
        given = {
            "mailbox": trade.pk,
            "offers": f"Duo 58 Pro: {OFFER}",
            "disclosures": DISCLOSURE,
            "sender": "Mei Tanaka",
        }
        switch("sales.outreach", level, **{**given, "days": [str(day) for day in range(7)], "begins": "00:00",
                                           "ends": "24:00", **values})  # fmt: skip
        switch("sales.replies", "ask")
        switch("sales.handover", "ask", sellers=[mei.pk])

    set_up()
    return set_up


@pytest.fixture
def ready(lead, queue):
    """A qualified lead with a request of their own that may be quoted: ``ready(email="…")``."""

    def make(**values):
        given = {"status": "qualified", "note": REQUEST, "consent_note": "Asked for the catalogue", "queue": queue,
                 "language": "en"}  # fmt: skip
        row = lead(**{**given, **values})
        Finding.objects.create(lead=row, topic="interest", claim="Looks for machines", quote=REQUEST.rstrip("."),
                               start=0, end=len(REQUEST) - 1, field="note", confidence=0.95)  # fmt: skip
        return row

    return make


@pytest.fixture
def begin(outreach, ready):
    """A lead whose first mail is drafted: (lead, enrolment, suggestion)."""

    def start(now=NOON, **values):
        row = ready(**values)
        running = enrolments.consider_lead(row.pk, now=now)
        enrolments.advance(running.pk, now=now)
        row.refresh_from_db()
        return row, running, suggestion_of(row)

    return start


def suggestion_of(lead: Lead, kind: str = "sales.send_outreach"):
    """The newest suggestion of a kind about a lead."""
    from agents.suggestions import of_subject

    return of_subject(lead).filter(kind=kind).order_by("-id").first()


@pytest.fixture
def answer(trade):
    """A lead writes back: stored, routed, read; returns what it means."""

    def arrive(lead, body, *, at=NOON + dt.timedelta(hours=3), **more):
        lead.refresh_from_db()
        last = lead.last_message
        mail = {"sender": f"{lead.name} <{lead.email}>", "to": trade.address, "subject": "Re: Machines", "body": body,
                "date": at}  # fmt: skip
        if last is not None and last.message_id:
            mail["in_reply_to"] = last.message_id
        raw = more.pop("raw", None) or make_mail(**{**mail, **more})
        delivery = read_delivery(receive(raw, mailbox=trade, source="test", received_at=at).pk, now=at)
        route_message(delivery.message_id, now=at)
        run("sales.replies", now=at)
        lead.refresh_from_db()
        return delivery.message.touch.outcome if hasattr(delivery.message, "touch") else None

    return arrive
