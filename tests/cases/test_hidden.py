"""A field that a role hides or locks is hidden and locked on every page, also inside what agents suggest."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from agents.models import Suggestion
from agents.proposals import Proposal, propose
from agents.suggestions import NotAllowed, accept, undo
from cases.fields import set_fields
from cases.filling import fields_fingerprint
from cases.models import Case
from cases.payloads import FieldsPayload, FieldValue

SECRET = "SN-4711-CANARY"


def proposed(case, *names):
    """A waiting suggestion that writes the named fields."""
    fields = [FieldValue(name=name, label=name.replace("_", " "), value=SECRET, shown=SECRET) for name in names]
    payload = FieldsPayload(fields=fields)
    proposal = Proposal(payload, fields_fingerprint(case), wanted="ask", engine="test", confidence=0.7)
    return propose("cases.fill_fields", case, proposal, now=timezone.now())[0]


def role_keeps(code, **lists):
    Role.objects.filter(code=code).update(**{name: {"cases.case": names} for name, names in lists.items()})


@pytest.mark.parametrize("kept", ["hidden_fields", "read_only_fields"])
def test_nobody_accepts_into_a_field_their_roles_do_not_change(case, person, ann, kept):
    amara = person("Amara Osei", "representative")
    role_keeps("representative", **{kept: ["serial_number"]})
    amara.__dict__.pop("_reach", None)
    waiting = proposed(case, "order_number", "serial_number")
    with pytest.raises(NotAllowed):
        accept(waiting.pk, by=amara)
    accept(waiting.pk, by=amara, parts=["order_number"])
    case.refresh_from_db()
    assert (case.order_number, case.serial_number) == (SECRET, "")
    another = proposed(case, "serial_number")
    accept(another.pk, by=ann)
    with pytest.raises(NotAllowed):
        undo(another.pk, by=amara)


def test_a_hidden_value_stands_on_no_page(case, person, ann, client):
    amara = person("Amara Osei", "representative")
    Role.objects.filter(code="representative").update(
        hidden_fields={"cases.case": ["serial_number"]},
        permissions=["cases.work", "cases.approve", "agents.record", "agents.pause"],
    )
    set_fields(case, {"serial_number": SECRET}, by=ann)
    set_fields(case, {"serial_number": ""}, by=ann)
    case.refresh_from_db()
    waiting = proposed(case, "order_number", "serial_number")
    Suggestion.objects.filter(pk=waiting.pk).update(
        proposed={**waiting.proposed, "fields": [{**each, "value": v, "shown": v} for each, v in
                                                 zip(waiting.proposed["fields"], ["OPEN-1", SECRET], strict=True)]},
        summary=f"order number: OPEN-1, serial number: {SECRET}",
    )  # fmt: skip
    pages = [
        reverse("cases:case", args=[case.number]),
        reverse("agents:review"),
        reverse("agents:review_one", args=[waiting.pk]),
        reverse("agents:edit", args=[waiting.pk]),
        reverse("agents:suggestion", args=[waiting.pk]),
        reverse("agents:record"),
        reverse("agents:record_export"),
    ]

    def shows(user):
        client.force_login(user)
        answers = [client.get(page) for page in pages]
        bodies = [b"".join(a.streaming_content) if a.streaming else a.content for a in answers]
        return [page for page, body in zip(pages, bodies, strict=True) if SECRET.encode() in body]

    assert shows(ann) == pages
    assert shows(amara) == []
    found = client.get(reverse("agents:review"), {"q": "CANARY"})
    assert found.context["page"].rows == []


@pytest.mark.row("DESK-42")
def test_a_hidden_title_stands_on_no_page_of_the_desk(case, person, ann, client, come_in):
    come_in(subject="Another matter")
    Case.objects.update(title=SECRET, description=SECRET)
    amara = person("Amara Osei", "representative")
    role_keeps("representative", hidden_fields=["title", "description"])
    message = case.message_links.get().message_id
    pages = [
        reverse("cases:case", args=[case.number]),
        reverse("cases:message", args=[case.number, message]),
        f"{reverse('cases:inbox')}?view=all",
    ]

    def shows(user):
        client.force_login(user)
        return [page for page in pages if SECRET.encode() in client.get(page).content]

    assert shows(ann) == pages
    assert shows(amara) == []
