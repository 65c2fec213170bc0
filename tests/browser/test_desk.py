"""The workspace in a browser: the inbox and a case, by keyboard, on a phone, without JavaScript, in the dark."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Role, User
from accounts.roles import ensure_roles
from agents.evidence import Words
from agents.models import SectionSetting, Suggestion
from agents.proposals import Proposal, propose
from agents.sections import SECTIONS
from cases import attention, filling, replies
from cases.models import Case, CaseMessage
from cases.payloads import FieldsPayload, FieldValue, ReplyPayload
from conversations.models import Mailbox, Message, MessageTemplate, Queue
from conversations.receive import read_delivery, receive
from conversations.routing import route_message
from intents.models import Attribute, Determination, Intent
from tests.conversations.mails import NOON, make_mail

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "Hello,\n\nthe order is HR-204118 and the hopper is cracked.\n\nEllen"


@pytest.fixture
def case(settings, tmp_path) -> Case:
    """A case with proposed values, words that are their evidence, and a drafted answer."""
    settings.VAR_DIR, settings.OUTBOUND = tmp_path, "hold"
    ensure_roles()
    for name in ("cases.creation", "cases.fields", "cases.resolution"):
        SectionSetting.objects.create(section=name, is_on=True, level="ask", values=dict(SECTIONS[name].defaults))
    mailbox = Mailbox.objects.create(
        name="Support",
        address="support@example.com",
        queue=Queue.objects.create(name="Care"),
        history_before=NOON.replace(day=1),
        smtp_host="127.0.0.1",
    )
    for subject, sender in (
        ("Cracked hopper", "Ellen Marsh <ellen@customer.example>"),
        ("Other", "Ivo <ivo@x.example>"),
    ):
        raw = make_mail(subject=subject, body=TEXT, sender=sender)
        delivery = read_delivery(receive(raw, mailbox=mailbox, source="test", received_at=NOON).pk, now=NOON)
        route_message(delivery.message_id, now=NOON)
    found = Case.objects.get(title="Cracked hopper")
    message = found.last_inbound
    start = message.newest_text.index("HR-204118")
    words = Words(message=message.pk, start=start, end=start + 9, text="HR-204118", part="order_number")
    value = FieldValue(name="order_number", label="Order number", value="HR-204118", shown="HR-204118", confidence=0.9)
    propose(
        "cases.fill_fields",
        found,
        Proposal(FieldsPayload(fields=[value]), filling.fields_fingerprint(found), evidence=[words], confidence=0.9),
    )
    payload = ReplyPayload(
        to=["ellen@customer.example"], subject="Re: Cracked hopper", body="Dear Ellen,\n\nIt leaves today."
    )
    propose("cases.send_reply", found, Proposal(payload, replies.reply_fingerprint(found), confidence=0.8))
    intent = Intent.objects.create(key="damage", name="Damage", review_state="approved")
    Attribute.objects.create(intent=intent, name="box", label="Box", question="Was the box open?")
    Determination.objects.create(
        message=message, conversation=message.conversation, intent=intent, topic_label="Damage", is_current=True
    )
    return found


@pytest.fixture
def open_as(live_server, new_page, sign_in, case) -> Callable[..., Page]:
    """Open an address as a supervisor."""
    ann = User.objects.create_user("ann@haldenroe.example", "secret", name="Ann Weber")
    ann.roles.add(Role.objects.get(code="supervisor"))

    def open_page(path: str, **options: object) -> Page:
        page = new_page(**options)
        sign_in(page, ann, live_server.url)
        page.goto(live_server.url + path)
        return page

    return open_page


def test_nothing_overflows_and_axe_finds_nothing(open_as, case, faults, violations):
    MessageTemplate.objects.create(name="Short", body="Hello {{ contact.first_name }},\n\n{{ body }}\n\nYours")
    choose = f"{case.get_absolute_url()}draft/template/"
    for path in ("/desk/?view=all", "/desk/?view=all&q=nowhere", choose, case.get_absolute_url()):
        page = open_as(path)
        assert faults(page) == []
    page.keyboard.press("c")
    expect(page.locator("dialog#resolve")).to_be_visible()
    assert violations(page) == []


def test_a_case_is_worked_by_the_keyboard_alone(open_as, case):
    page = open_as("/desk/?view=all", width=1600)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/cases/**")
    page.goto(page.url.split("/desk/")[0] + case.get_absolute_url())
    expect(page.locator("mark.evidence")).to_have_text("HR-2041181")
    page.keyboard.press("f")
    expect(page.locator(".toast").first).to_contain_text("Accepted")
    case.refresh_from_db()
    assert case.order_number == "HR-204118"
    page.get_by_role("button", name="Put into the reply").press("Enter")
    expect(page.locator("#id_body")).to_have_value("Was the box open?\n")
    expect(page.locator("#id_body")).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("n")
    page.locator("#note textarea").fill("Third one this week")
    page.locator("#note").get_by_role("button", name="Add the note").click()
    expect(page.locator(".mail--note")).to_contain_text("Third one this week")
    page.wait_for_load_state("load")
    page.keyboard.press("a")
    expect(page.locator(".toast").first).to_contain_text("Accepted")
    assert Suggestion.objects.get(kind="cases.send_reply").state == "accepted"
    assert Message.objects.filter(direction="out", send_state="queued").count() == 1


def test_a_case_is_read_and_decided_without_javascript(open_as, case):
    page = open_as(case.get_absolute_url(), width=1024, javascript=False)
    expect(page.locator("h1")).to_have_text("Cracked hopper")
    page.get_by_role("button", name="Accept and send").click()
    expect(page.locator(".toast").first).to_contain_text("Accepted")
    assert Suggestion.objects.get(kind="cases.send_reply").state == "accepted"
    assert timezone.now() > case.created_at


def test_an_escalated_case_says_why_and_is_taken_over_by_a_press(open_as, case, faults, violations):
    ann_sees = open_as(case.get_absolute_url())
    attention.note_thought(case, mode="auto", why="Everything needed is known.", intent="Damage", waits_for="person")
    attention.escalate_case(
        case, reason="rejects_solution", details="Two answers did not help.", by=User.objects.get(name="Ann Weber")
    )
    ann_sees.reload()
    expect(ann_sees.get_by_text("The answer did not help").first).to_be_visible()
    assert faults(ann_sees) == []
    ann_sees.get_by_role("button", name="Take over").first.click()
    expect(ann_sees.locator("#agent")).to_contain_text("The agent does nothing.")
    ann_sees.get_by_role("button", name="Give back to the agent").first.click()
    ann_sees.get_by_role("button", name="Stop or escalate").click()
    expect(ann_sees.locator("dialog#hold")).to_be_visible()
    assert violations(ann_sees) == []


def test_a_long_story_unfolds_in_place_and_a_link_leads_into_its_middle(open_as, case, faults):
    first, at = case.last_inbound, case.last_inbound.received_at
    texts = [f"Mail {number:03}: the grinder still does not start, I tried the second step." for number in range(100)]
    made = Message.objects.bulk_create(
        Message(
            conversation=first.conversation, contact=first.contact, mailbox=first.mailbox, identity=f"long-{number}",
            direction="out" if number % 3 else "in", from_name="Ellen Marsh", from_address="ellen@customer.example",
            subject="Cracked hopper", text=text, newest_text=text, received_at=at + dt.timedelta(hours=number + 1),
        )
        for number, text in enumerate(texts)
    )  # fmt: skip
    CaseMessage.objects.bulk_create(CaseMessage(case=case, message=message) for message in made)
    page = open_as(case.get_absolute_url(), width=1600)
    expect(page.locator("mark.evidence")).to_have_count(1)
    assert faults(page) == []
    newest = page.locator(f"#m{made[70].pk}")
    newest.scroll_into_view_if_needed()
    before = newest.bounding_box()["y"]
    page.keyboard.press("o")
    expect(page.get_by_text("Mail 011:")).to_be_attached()
    assert abs(newest.bounding_box()["y"] - before) < 2
    assert page.evaluate("document.activeElement.innerText.includes('Mail 069:')")
    page.keyboard.press("o")
    expect(page.get_by_text("Mail 000:")).to_be_attached()
    expect(page.locator(".timeline__fold")).to_have_count(0)
    page.goto(page.url + f"#m{made[20].pk}")
    page.reload()
    expect(page.locator(f"#m{made[20].pk}")).to_be_in_viewport()
    expect(page.locator(".timeline__fold")).to_have_count(2)
