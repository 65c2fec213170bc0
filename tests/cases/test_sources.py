"""The kinds of a case in the review queue: words lit in the mail, fields taken, edited and left, drafts edited."""

import pytest
from django.contrib.auth import get_user_model
from model_bakery import baker

from accounts.models import Role
from agents.evidence import Words
from agents.kinds import get_kind
from agents.models import Suggestion
from cases.models import Case, CaseMessage
from cases.payloads import FieldsPayload, FieldValue, ReplyPayload
from conversations.models import Message

TEXT = "My order HR-204118 arrived broken. <b>Help</b>"


@pytest.fixture
def case(db):
    """A case with one mail of a customer."""
    case = baker.make(Case, number=48213, title="Broken on arrival", priority="normal")
    message = baker.make(
        Message, text=TEXT, from_name="Ellen Marsh", direction="in", search=None, references=[], in_reply_to=[]
    )
    baker.make(CaseMessage, case=case, message=message)
    Case.objects.filter(pk=case.pk).update(last_inbound=message)
    case.refresh_from_db()
    return case


@pytest.fixture
def desk(client, case):
    """The client of a representative who approves."""
    role = Role.objects.create(code="rep", name="Rep", permissions=["cases.work", "cases.approve"], visibility="all")
    person = get_user_model().objects.create(email="amara@haldenroe.example", name="Amara Okafor")
    person.roles.add(role)
    client.force_login(person)
    return client


def suggest(case, kind, payload, evidence=()):
    """A pending suggestion, as a proposal leaves it."""
    known = get_kind(kind)
    return baker.make(
        Suggestion,
        kind=kind,
        agent=known.agent,
        subject=case,
        content_type=None,
        label=str(case),
        summary=known.summary(payload),
        level="ask",
        proposed=payload.model_dump(mode="json"),
        evidence=[item.model_dump(mode="json") for item in evidence],
        fingerprint=known.fingerprint(case),
        state="pending",
        rule=None,
    )


def test_values_are_lit_in_the_mail_and_edited_with_the_controls_of_the_case(desk, case):
    words = Words(message=case.last_inbound_id, start=9, end=18, text="HR-204118", part="order_number", mark=1)
    payload = FieldsPayload(
        fields=[
            FieldValue(name="order_number", label="Order number", value="HR-204118", shown="HR-204118", confidence=0.9),
            FieldValue(name="priority", label="Priority", value="high", shown="High", old="Normal", confidence=0.7),
        ]
    )
    waiting = suggest(case, "cases.fill_fields", payload, [words])
    html = desk.get(f"/review/{waiting.pk}/").content.decode()
    assert ">HR-204118<sup>1</sup></mark>" in html
    assert "Mail from Ellen Marsh" in html
    assert "&lt;b&gt;Help" in html
    assert html.count('name="parts"') == 2
    html = desk.get(f"/review/{waiting.pk}/edit/").content.decode()
    assert 'name="fields.1.value"' in html
    assert 'name="fields.0.confidence"' not in html
    assert '<option value="urgent"' in html
    form = {"fields.0.value": "HR-1", "fields.1.value": "urgent", "parts_shown": "1", "parts": ["priority"]}
    answer = desk.post(f"/review/{waiting.pk}/accept-edited/", form)
    assert answer.status_code == 302, answer.content.decode()
    case.refresh_from_db()
    assert (case.priority, case.order_number) == ("urgent", "")
    assert "Urgent" in desk.get(f"/suggestions/{waiting.pk}/").content.decode()


def test_a_draft_is_edited_by_its_mail_fields_only(desk, case):
    payload = ReplyPayload(
        to=["ellen@posteo.example"],
        subject="Re: Broken",
        body="Dear Ellen,\n\nwe send a new one.",
        sentences=[{"text": "we"}],
    )
    waiting = suggest(case, "cases.send_reply", payload)
    html = desk.get(f"/review/{waiting.pk}/edit/").content.decode()
    assert 'name="body"' in html
    assert 'name="to.0"' in html
    assert "sentences" not in html
