"""Views, numbers and small promises of sales that stand on the hand-overs and the mails."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from agents.outbox.transmission import deliver_due
from agents.sections import SECTIONS
from agents.suggestions import NotAllowed, accept
from conversations.models import MessageTemplate
from hub.insights import Period, read_numbers
from sales.listing import Filters, list_leads, view_names
from sales.models import HandOver, Lead
from sales.outreach import handover, mails
from sales.outreach.plan import plan_of
from sales.setting_forms import STORED, QualificationForm
from tests.cases.conftest import publish
from tests.conversations.mails import NOON
from tests.sales.desk import DISCLOSURE, answer, begin, outreach, ready, suggestion_of, trade

__all__ = ["answer", "begin", "outreach", "publish", "ready", "trade"]
live = pytest.mark.django_db(transaction=True)


@pytest.mark.row("SAL-B-19")
@pytest.mark.django_db
def test_sellers_see_what_the_agent_handed_over_works_on_and_disqualified(lead, mei, person, client):
    rows = {
        "new": lead(),
        "works": lead(status="in_outreach"),
        "drafting": lead(status="qualified"),
        "given": lead(status="qualified"),
        "done": lead(status="handed_over"),
        "failed": lead(status="replied"),
        "low": lead(status="disqualified"),
    }
    for name, state in (("given", "completed"), ("done", "completed"), ("failed", "failed")):
        HandOver.objects.create(lead=rows[name], state=state)
    HandOver.objects.create(lead=rows["low"], state="completed", target="supervisor")

    def names(view):
        shown = set(list_leads(mei, Filters(view=view)))
        return {name for name, row in rows.items() if row in shown}

    assert names("handed_over") == {"given", "done"}
    assert names("running") == {"works", "drafting", "failed"}
    assert names("disqualified") == {"low"}
    Lead.objects.filter(pk=rows["given"].pk).update(owner=person("Sam Else", "seller"))
    mei.roles.update(visibility="own")
    assert list(list_leads(type(mei).objects.get(pk=mei.pk), Filters(view="handed_over"))) == [rows["done"]]
    client.force_login(mei)
    page = client.get("/desk/leads/?view=handed_over").content.decode()
    assert all(str(text) in page for text in view_names().values())


@pytest.mark.row("SAL-B-25")
@pytest.mark.django_db
def test_a_disqualified_lead_is_given_to_a_seller_by_the_rule_and_counts_as_handed_over(
    lead, mei, person, switch, client
):
    tom = person("Tom Seller", "seller")
    switch("sales.handover", "ask", sellers=[tom.pk])
    low = lead(status="disqualified", status_why="Low fit, 20", owner=None)
    client.force_login(mei)
    assert "Give it to a seller all the same" in client.get(low.get_absolute_url()).content.decode()
    client.post(f"/desk/leads/{low.pk}/cadence/", {"act": "reassign"})
    low.refresh_from_db()
    row = low.handovers.get()
    assert (low.status, low.owner, row.state, row.person) == ("handed_over", tom, "completed", tom)
    assert "Mei Tanaka gave it" in row.reason
    numbers = {one.measure.name: one.count for one in read_numbers(tom, today(), base_url="/")}
    assert numbers["handed_over"] == 1
    with pytest.raises(NotAllowed):
        handover.reassign(low, by=mei, now=NOON)
    switch("sales.handover", "ask", sellers=[])
    with pytest.raises(NotAllowed, match="No seller"):
        handover.reassign(lead(status="disqualified"), by=mei, now=NOON)


def today():
    """The day on which the test runs."""
    return Period(timezone.localdate(), timezone.localdate())


@pytest.mark.row("SAL-A-22")
@pytest.mark.django_db
def test_a_criterion_compares_texts_and_numbers_and_no_links_people_files_or_keys():
    given = {"industries": "hotels", "high": "70", "moderate": "50", "needs": "moderate", "auto_from": "80"}
    assert QualificationForm({**given, "stored": "Industry: custom Sector"}).is_valid()
    plain = {"CharField", "TextField", "PositiveIntegerField"}
    for field in Lead._meta.get_fields():
        form = QualificationForm({**given, "stored": f"Industry: {field.name}"})
        assert form.is_valid() == (field.name in STORED), field.name
        if field.name in STORED:
            assert type(field).__name__ in plain, field.name


@pytest.mark.row("SAL-D-31")
@pytest.mark.row("SAL-C-6")
@pytest.mark.row("SAL-C-7")
@live
def test_every_mail_of_the_agent_says_that_software_wrote_it_and_what_came_back_is_counted(
    begin, answer, outreach, publish, ready, mei, switch
):
    publish("Training", "We train the staff of trade customers for one day at your place. Training is free.")
    lead, _running, draft = begin()
    assert DISCLOSURE in draft.proposed["body"]
    with pytest.raises(NotAllowed, match="has to stand"):
        accept(draft.pk, by=mei, edits={"body": "Hello."}, now=NOON)
    accept(draft.pk, by=mei, now=NOON)
    with time_machine.travel(NOON, tick=False):
        deliver_due(now=NOON)
    for hours in (1, 2):
        answer(lead, "Do you also train the staff?", at=NOON + dt.timedelta(hours=hours))
    reply = suggestion_of(lead, "sales.answer_question")
    assert DISCLOSURE in reply.proposed["body"]
    accept(reply.pk, by=mei, now=NOON + dt.timedelta(hours=3))
    template = MessageTemplate.objects.create(name="T", purpose="outreach", language="en", subject="S", body="Fixed.")
    outreach("ask", mode="fixed", template=template.pk)
    assert DISCLOSURE in mails.draft(lead, plan_of(lead), step=1, steps=1)[0].output.body
    assert SECTIONS["sales.general"].form_class.base_fields["disclaimer"].max_length == 4000
    period = Period(NOON.date(), NOON.date())
    told = {one.measure.name: one.value for one in read_numbers(mei, period, base_url="/")}
    assert (told["outreach"], told["replies"], told["responded"], told["lead_answers"]) == (1, 200.0, 100.0, 1)
