"""Administrators define fields and values in the browser; cases keep what they have."""

import pytest
from django.urls import reverse

from agents.models import Entry
from cases.models import Case, FieldDefinition, FieldOption

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_client(client, person):
    client.force_login(person("Priya Raman", "administrator"))
    return client


def field(**changes):
    return {"name": "contract", "label": "Contract number", "type": "text", "order": 0, "is_active": "on"} | changes


def test_a_custom_field_is_added_shown_on_cases_and_filled(admin_client, case):
    admin_client.post(reverse("cases:add_definition"), field())
    page = admin_client.get(case.get_absolute_url()).content.decode()
    assert "Contract number" in page
    admin_client.post(
        reverse("cases:fields", args=[case.number]), {"title": "T", "priority": "normal", "contract": "C-7"}
    )
    assert Case.objects.get(pk=case.pk).custom == {"contract": "C-7"}
    assert Entry.objects.filter(verb="cases.field_defined").count() == 1


@pytest.mark.parametrize(
    "changes", [{"name": "title"}, {"name": "Not a slug!"}, {"label": ""}, {"pattern": "("}, {"type": "secret"}]
)
def test_what_cannot_be_a_field_is_refused_with_the_reason(admin_client, changes):
    answer = admin_client.post(reverse("cases:add_definition"), field(**changes))
    assert (answer.status_code, FieldDefinition.objects.count()) == (422, 0)


def test_name_and_type_stay_as_they_are(admin_client):
    made = FieldDefinition.objects.create(name="contract", label="Contract", type="text")
    admin_client.post(
        reverse("cases:definition", args=[made.pk]), field(name="other", type="date", label="Contract no.")
    )
    made.refresh_from_db()
    assert (made.name, made.type, made.label) == ("contract", "text", "Contract no.")


def test_values_of_a_choice_are_added_described_and_switched_off(admin_client):
    add = reverse("cases:add_option", args=["category"])
    value = {
        "value": "fault",
        "label": "Machine fault",
        "description": "It does not work",
        "order": 1,
        "is_active": "on",
    }
    admin_client.post(add, value)
    assert admin_client.post(add, value).status_code == 422
    option = FieldOption.objects.get(field="category")
    admin_client.post(reverse("cases:option", args=["category", option.pk]), {**value, "is_active": ""})
    option.refresh_from_db()
    assert option.is_active is False
    assert "No longer offered" in admin_client.get(reverse("cases:definitions")).content.decode()
    assert admin_client.get(reverse("cases:add_option", args=["title"])).status_code == 404
