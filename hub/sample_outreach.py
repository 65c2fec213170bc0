"""The sample company's leads: some written to days ago, some with an answer, one that waits for its first mail."""

import datetime as dt
import json
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from django.contrib.auth import get_user_model
from pydantic import BaseModel, ConfigDict

from agents import outbox
from agents.models import Effect, LineOfBusiness
from agents.sections import SECTIONS, configuring
from agents.suggestions import accept, of_subject
from conversations.models import Mailbox, Queue
from conversations.receive import receive
from hub.sample import FOLDER
from sales.leads import create_lead
from sales.lifecycle import move_lead
from sales.models import Finding, Lead
from sales.outreach import enrolments

CONSENT = "Asked at the trade fair in May"


class SampleLead(BaseModel):
    """A lead; days are counted back from the moment of loading, 0 means not yet."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    company: str
    email: str
    country: str
    language: str
    note: str
    written_days_ago: int
    reply: str
    reply_days_ago: int


class SampleSales(BaseModel):
    """outreach.json: who writes, what is offered, whom to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mailbox: str
    offers: list[str]
    disclaimer: str
    prohibited: list[str]
    leads: list[SampleLead]


def read_sales() -> SampleSales:
    """The file."""
    return SampleSales.model_validate(json.loads((FOLDER / "outreach.json").read_text(encoding="utf-8")))


def load_outreach(*, now: dt.datetime) -> int:
    """Leads, the mails that a seller approved days ago, and what came back; returns how many leads."""
    sales, people = read_sales(), get_user_model().objects.filter(is_agent=False)
    admin, seller = (people.filter(roles__code=code).order_by("pk")[0] for code in ("administrator", "seller"))
    box = Mailbox.objects.get(address=sales.mailbox)
    _load_settings(sales, box, admin, seller)
    for row in sales.leads:
        lead = _load_lead(row, box, seller, now)
        if row.written_days_ago:
            _write_to(lead, seller, now - dt.timedelta(days=row.written_days_ago))
            if row.reply:
                _receive_reply(lead, row, box, now - dt.timedelta(days=row.reply_days_ago))
    return len(sales.leads)


def _load_settings(sales: SampleSales, box: Mailbox, admin: Any, seller: Any) -> None:
    general = {"mode": "engage", "disclaimer": sales.disclaimer}
    configuring.change_settings(SECTIONS["sales.general"], by=admin, values=general)
    outreach = {
        "mailbox": box.pk, "sender": seller.name, "waits": "3, 5", "lead_zone": True,
        "days": [str(day) for day in range(7)],
        "begins": "00:00", "ends": "23:59", "offers": "\n".join(sales.offers),
        "prohibited": "\n".join(sales.prohibited),
    }  # fmt: skip
    configuring.change_settings(SECTIONS["sales.outreach"], by=admin, is_on=True, level="ask", values=outreach)
    configuring.change_settings(SECTIONS["sales.replies"], by=admin, is_on=True, level="ask")
    configuring.change_settings(
        SECTIONS["sales.handover"], by=admin, is_on=True, level="auto",
        values={"sellers": [seller.pk], "supervisor": admin.pk, "task_days": 1},
    )  # fmt: skip


def _load_lead(row: SampleLead, box: Mailbox, seller: Any, now: dt.datetime) -> Lead:
    line: LineOfBusiness | None = box.line_of_business
    queue: Queue | None = box.queue
    values = {
        "name": row.name, "company_name": row.company, "email": row.email, "country": row.country,
        "language": row.language, "note": row.note, "source": "Trade fair", "consent_note": CONSENT,
    }  # fmt: skip
    then = now - dt.timedelta(days=row.written_days_ago + 1)
    lead = create_lead(values, by=None, owner=seller, queue=queue, line_of_business=line, now=then)
    quote = row.note.rstrip(".")
    Finding.objects.create(
        lead=lead, topic=Finding.Topic.INTEREST, claim=quote[:300], quote=quote, start=0, end=len(quote), field="note",
        confidence=0.95, engine="sample", created_at=then,
    )  # fmt: skip
    return move_lead(lead, Lead.Status.QUALIFIED, by=seller, why=CONSENT, now=then)


def _write_to(lead: Lead, seller: Any, then: dt.datetime) -> None:
    """The first mail, drafted and approved then, and gone: the sample's mail did leave in its past."""
    running = enrolments.enrol(lead, by=seller, now=then)
    assert running
    enrolments.advance(running.pk, now=then)
    draft = of_subject(lead).get(kind="sales.send_outreach", state="pending")
    accept(draft.pk, by=seller, now=then)
    for effect in Effect.objects.filter(suggestion=draft):
        outbox.settle(effect, Effect.State.SENT, only=Effect.State.QUEUED)
        Effect.objects.filter(pk=effect.pk).update(settled_at=then, transmitting_at=then)


def _receive_reply(lead: Lead, row: SampleLead, box: Mailbox, at: dt.datetime) -> None:
    lead.refresh_from_db()
    sent = lead.last_message
    assert sent
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"{row.name} <{row.email}>", box.address, f"Re: {sent.subject}"
    mail["Date"], mail["Message-ID"] = format_datetime(at), f"<reply-{lead.pk}@{row.email.partition('@')[2]}>"
    mail["In-Reply-To"] = mail["References"] = sent.message_id
    mail.set_content(row.reply)
    receive(mail.as_bytes(), mailbox=box, source="sample", received_at=at, origin="outreach.json")
