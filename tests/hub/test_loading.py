"""The sample company of the demo."""

import pytest

from agents.sections import load
from conversations.models import Delivery, Mailbox, MessageTemplate
from hub import loading, sample


@pytest.mark.django_db
def test_the_sample_company_loads_with_settings_that_name_its_own_rows_and_its_mail_comes_in():
    assert not loading.is_loaded()
    loading.load_company()
    assert loading.is_loaded()
    template = MessageTemplate.objects.get(pk=load("cases.resolution").values["template"])
    assert "{{ body }}" in template.body
    assert Mailbox.objects.count() == len(sample.read_company().mailboxes)
    assert loading.receive_mails() == Delivery.objects.count() > 60
