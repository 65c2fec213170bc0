"""The lead page shows the cadence, the mails and whether we may write; people hold, stop, and end it for good."""

import pytest
from django.urls import reverse

from agents.models import Entry
from agents.suggestions import accept
from conversations import suppression
from sales.models import Enrolment, Lead
from tests.conversations.mails import NOON
from tests.sales.desk import answer, begin, outreach, ready, suggestion_of, trade

__all__ = ["answer", "begin", "outreach", "ready", "trade"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.row("DESK-206")
def test_a_seller_holds_goes_on_stops_and_ends_it_for_good_and_others_cannot(client, begin, mei, ann, ready):
    lead, running, _draft = begin(owner=mei)
    page, act = lead.get_absolute_url(), reverse("sales:cadence", args=[lead.pk])
    client.force_login(mei)
    shown = client.get(page).content.decode()
    for text in ("Mail 1 of 3", "Hold", "Never write to this person again", "Asked for the catalogue"):
        assert text in shown, text

    def state():
        running.refresh_from_db()
        return running.state

    client.post(act, {"act": "hold"})
    assert state() == "held"
    assert "Go on" in client.get(page).content.decode()
    client.post(act, {"act": "resume"})
    assert state() == "active"
    client.post(act, {"act": "stop"})
    assert (state(), running.ended_reason) == ("ended", "stopped")
    assert "not possible any more" in client.post(act, {"act": "stop"}, follow=True).content.decode()
    assert "not possible" in client.post(act, {"act": "<script>"}, follow=True).content.decode()
    client.post(act, {"act": "never"})
    assert suppression.is_suppressed(lead.email, outreach=True).by == mei
    assert "Never write" not in client.get(page).content.decode()
    assert Entry.objects.filter(verb="lead.cadence_held", user=mei).exists()
    client.force_login(ann)
    assert client.post(act, {"act": "resume"}).status_code == 403


def test_replies_and_a_hand_over_stand_on_the_lead_page(client, begin, answer, mei):
    lead, _running, draft = begin(owner=mei)
    accept(draft.pk, by=mei, now=NOON)
    answer(lead, "Please send me a quote for two machines. <script>alert(1)</script>")
    client.force_login(mei)
    shown = client.get(lead.get_absolute_url()).content.decode()
    assert "Interested" in shown
    assert "&lt;script&gt;alert(1)" in shown
    accept(suggestion_of(lead, "sales.hand_over").pk, by=mei, now=NOON)
    shown = client.get(lead.get_absolute_url()).content.decode()
    assert "They are interested." in shown
    assert "Answer Rosalind Achebe" in shown


def test_a_seller_may_begin_by_hand(client, outreach, ready, mei):
    lead = ready(owner=mei)
    client.force_login(mei)
    assert "Draft the first mail" in client.get(lead.get_absolute_url()).content.decode()
    client.post(reverse("sales:cadence", args=[lead.pk]), {"act": "begin"})
    assert Enrolment.objects.get().lead == lead
    other = ready(owner=mei, email="", status=Lead.Status.NEW)
    client.post(reverse("sales:cadence", args=[other.pk]), {"act": "begin"})
    assert Enrolment.objects.count() == 1


def test_the_settings_refuse_what_contradicts_itself_and_try_shows_the_mail(client, outreach, ready, ada, trade):
    from agents.models import SectionSetting
    from agents.sections import SECTIONS, load
    from sales.outreach.setting_forms import OutreachForm

    given = {"mailbox": trade.pk, "waits": "3, 5", "end_days": 7, "days": ["0"], "begins": "09:00", "ends": "17:00",
             "daily_cap": 5, "mode": "composed", "tone": "formal", "language": "en", "auto_from": 85,
             "offers": "The cheapest machine.", "prohibited": "cheapest"}  # fmt: skip
    wrong = OutreachForm({**given, "waits": "x", "ends": "08:00", "mode": "fixed"})
    assert set(wrong.errors) == {"waits", "ends", "template", "offers"}
    assert OutreachForm({**given, "prohibited": ""}).is_valid()
    section = SECTIONS["sales.outreach"]
    SectionSetting.objects.filter(section="sales.general").update(values={"mode": "engage"})
    assert set(section.check({"mailbox": None, "mode": "composed"}, "auto", True)) == {
        "mailbox",
        "offers",
        "disclosures",
    }
    SectionSetting.objects.filter(section="sales.general").update(
        values={"mode": "engage", "pitch": "We build machines.", "disclaimer": "Made with software."}
    )
    assert section.check({"mailbox": trade.pk, "mode": "composed", "sender_checked": True}, "auto", True) == {}
    trial = section.try_it(str(ready().pk), load("sales.outreach"), user=ada)
    assert "Made with software." in trial.claims[0].value
    assert section.try_it("0", load("sales.outreach"), user=ada).error
    said = SECTIONS["sales.replies"].try_it("Please take me off your list", load("sales.replies"), user=ada)
    assert said.claims[0].value == "Asks us to stop"
    assert SECTIONS["sales.handover"].check({"sellers": [], "team": None}, "ask", True)
