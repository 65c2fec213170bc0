"""Somebody knows that an address accepts mail again, and says so where they see that it did not."""

import pytest
from django.urls import reverse

from agents.models import Entry
from cases.models import Case
from conversations import suppression
from conversations.contacts import mark_bounced
from conversations.models import Contact
from sales.models import Lead
from tests.api_clients import make_person
from tests.conversations.mails import NOON


@pytest.mark.row("DESK-446")
def test_a_returned_address_is_taken_up_again_from_the_case_and_from_the_lead(client, db, come_in):
    come_in(subject="Leak", body="Water leaks.")
    case = Case.objects.get()
    address = case.contact.address
    rep, seller = make_person("rob@example.com", "supervisor"), make_person("sid@example.com", "seller")
    lead = Lead.objects.create(email=address, name="Ellen", company_name="X", owner=seller, contact=case.contact)
    on_case, on_lead = reverse("cases:clear_bounce", args=[case.number]), reverse("sales:cadence", args=[lead.pk])
    for who, page, send in (
        (rep, case.get_absolute_url(), lambda: client.post(on_case, follow=True)),
        (seller, lead.get_absolute_url(), lambda: client.post(on_lead, {"act": "works"}, follow=True)),
    ):
        client.force_login(who)
        assert "The address works again" not in client.get(page).content.decode()
        mark_bounced(address, status="5.1.1", now=NOON)
        assert suppression.is_suppressed(address)
        assert "The address works again" in client.get(page).content.decode()
        assert "leaves again" in send().content.decode()
        assert Contact.objects.get(address=address).bounced_at is None
        assert suppression.is_suppressed(address) is None
        assert "leaves again" not in send().content.decode()
    assert list(Entry.objects.filter(verb="contact.bounce_cleared").values_list("user", flat=True)) == [
        rep.pk,
        seller.pk,
    ]
    client.force_login(seller)
    assert client.post(on_case).status_code == 403
