"""The whole journey of the review queue in a browser: by the keyboard, on a phone, without JavaScript."""

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Role
from agents.evidence import Words
from agents.kinds import get_kind
from agents.models import Entry, LineOfBusiness, SectionSetting, Suggestion
from agents.proposals import Proposal, propose
from agents.sources import SourceText
from tests.toy import sources
from tests.toy.models import Thing
from tests.toy.suggestions import NotePayload, PartsPayload

pytestmark = pytest.mark.django_db(transaction=True)
MESSAGE = 900_002
TEXT = "Hello, my Roe G2 grinder arrived this morning and the hopper is cracked along the side.\n\nWhat do I do?\nEllen"
REPLY = "Dear Ellen,\n\nI am sorry the hopper is cracked. A new one leaves today.\n\nKind regards,\nAmara"
Decider = Callable[..., Page]


def propose_note(title: str, **fields: object) -> Suggestion:
    """A note about a new thing, with the words it came from."""
    thing = Thing.objects.create(title=title)
    start = TEXT.index("the hopper is cracked")
    words = Words(message=MESSAGE, start=start, end=start + 21, text="the hopper is cracked", part="text")
    fingerprint = get_kind("toy.send_note").fingerprint(thing)
    payload = NotePayload(text=str(fields.pop("text", REPLY)))
    proposal = Proposal(payload=payload, fingerprint=fingerprint, evidence=[words], **fields)
    return propose("toy.send_note", thing, proposal)[0]


def propose_columns(title: str, values: dict[str, object]) -> Suggestion:
    """Columns of a new thing."""
    thing = Thing.objects.create(title=title)
    fingerprint = get_kind("toy.fill").fingerprint(thing)
    proposal = Proposal(payload=PartsPayload(values=values), fingerprint=fingerprint, confidence=0.88, why="Two values")
    return propose("toy.fill", thing, proposal)[0]


@pytest.fixture
def waiting() -> list[Suggestion]:
    """Three notes and one change of columns; the first is the riskiest."""
    SectionSetting.objects.create(section="toy.section", is_on=True, level="ask")
    line = LineOfBusiness.objects.create(name="Machines and repairs")
    sources.MESSAGES[MESSAGE] = SourceText("Mail from Ellen Marsh", TEXT, timezone.now())
    made = [
        propose_note("#48207 Charged twice", confidence=0.72, risks=["Amount €24.90"], line_of_business=line),
        propose_note("#48213 Cracked hopper", confidence=0.81, why="Rule 1 asks for a person", line_of_business=line),
        propose_columns("#48210 Serial number", {"title": "Serial number of the Duo 58", "size": 58}),
        propose_note("#48201 Where is the number", confidence=0.97, topic_label="Find a serial number"),
    ]
    yield made
    sources.MESSAGES.clear()


@pytest.fixture
def open_as(live_server, new_page, sign_in) -> Decider:
    """Open an address as somebody who decides, reads the record and looks after the outbox."""
    allowed = ["toy.decide", "agents.record", "agents.pause", "agents.manage"]
    role = Role.objects.create(code="decider", name="Decider", permissions=allowed, visibility="all")
    person = get_user_model().objects.create(email="dora@haldenroe.example", name="Dora Keller")
    person.roles.add(role)

    def open_page(path: str, **options: object) -> Page:
        page = new_page(**options)
        sign_in(page, person, live_server.url)
        page.goto(live_server.url + path)
        return page

    return open_page


def current(page: Page):
    return page.locator(".row[data-current] .row__text")


def test_the_queue_is_worked_by_the_keyboard_alone(open_as, waiting, violations) -> None:
    page = open_as("/review/", width=1600)
    expect(page.locator("#detail-h")).to_have_text("Send a note")
    expect(current(page)).to_contain_text("#48207")
    page.keyboard.press("j")
    expect(page.locator("#detail .drawer__head")).to_contain_text("#48213")
    expect(page.locator("#detail mark.evidence")).to_have_text("the hopper is cracked1")
    page.keyboard.press("o")
    assert violations(page) == []
    page.keyboard.press("e")
    page.locator("textarea[name=text]").fill("Dear Ellen, a new hopper leaves today.")
    assert violations(page) == []
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("Accepted")
    assert Suggestion.objects.get(pk=waiting[1].pk).final == {"text": "Dear Ellen, a new hopper leaves today."}
    expect(current(page)).to_contain_text("#48210")
    page.keyboard.press("a")
    expect(page.locator(".toast")).to_contain_text("#48210")
    assert Thing.objects.get(pk=waiting[2].object_id).size == 58
    page.keyboard.press("u")
    expect(page.locator(".toast")).to_contain_text("Undone")
    assert Thing.objects.get(pk=waiting[2].object_id).size is None
    page.goto(page.url.split("?")[0].rsplit("/review/")[0] + f"/review/{waiting[3].pk}/")
    page.keyboard.press("r")
    expect(page.locator("dialog#reject")).to_be_visible()
    assert violations(page) == []
    page.locator("dialog#reject").get_by_label("Right, but in the wrong tone").check()
    page.locator("dialog#reject textarea").fill("Too long")
    page.get_by_role("button", name="Reject, send nothing").click()
    expect(page.locator(".toast")).to_contain_text("Rejected")
    assert Suggestion.objects.get(pk=waiting[3].pk).reason == "Right, but in the wrong tone: Too long"
    page.keyboard.press("?")
    expect(page.locator("#keys-help dl")).to_contain_text("Accept")


def test_no_key_decides_about_another_row_than_the_marked_one(open_as, waiting) -> None:
    page = open_as("/review/", width=1600)
    expect(current(page)).to_contain_text("#48207")
    page.route("**/review/*/", lambda route: None)
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(current(page)).to_contain_text("#48213")
    assert Suggestion.objects.filter(state="pending").count() == 4


def test_rows_of_one_kind_are_selected_and_decided_together(open_as, waiting, violations) -> None:
    page = open_as("/review/", width=1600)
    boxes = page.locator("[data-select-row]")
    boxes.nth(0).click()
    boxes.nth(3).click(modifiers=["Shift"])
    expect(page.locator(".bulkbar")).to_contain_text("4 selected")
    expect(page.locator("[data-bulk-mixed]")).to_be_visible()
    page.locator("[data-kind='toy.fill']").click()
    expect(page.locator("[data-bulk-one-kind]")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Accept and apply 3").click()
    expect(page.locator(".toast")).to_contain_text("3 accepted")
    assert list(Suggestion.objects.filter(state="pending").values_list("kind", flat=True)) == ["toy.fill"]
    page.locator("[data-select-row]").click()
    page.get_by_role("button", name="Reject with a reason").click()
    page.locator("#bulk-reject").get_by_label("It is wrong").check()
    page.get_by_role("button", name="Reject the selected").click()
    expect(page.locator(".toast")).to_contain_text("1 rejected")
    expect(page.locator(".pane--list")).to_contain_text("Nothing waits for you")


def test_without_javascript_everything_can_be_decided(open_as, waiting) -> None:
    page = open_as("/review/", width=1024, javascript=False)
    page.locator(".row__title a").nth(1).click()
    expect(page.locator("#detail")).to_contain_text("#48213")
    page.locator("#detail").get_by_role("button", name="Accept").click()
    expect(page.locator(".toast")).to_contain_text("Accepted")
    page.locator("#detail").get_by_role("link", name="Reject").click()
    page.get_by_role("button", name="Reject, send nothing").click()
    expect(page.locator(".toast")).to_contain_text("Rejected")
    assert Suggestion.objects.filter(state="pending").count() == 2


def test_on_a_phone_the_list_comes_first_and_the_drawer_covers_it(open_as, waiting) -> None:
    page = open_as("/review/", width=360)
    expect(page.locator("#detail")).to_be_hidden()
    page.locator(".row__title a").nth(1).click()
    expect(page.locator("#detail")).to_contain_text("#48213")
    page.locator("[data-drawer-close]").click()
    expect(page.locator("#detail")).to_be_hidden()


def test_nothing_overflows_and_axe_finds_nothing(open_as, waiting, faults) -> None:
    entry = Entry.objects.order_by("pk").first()
    page = open_as("/review/")
    root = page.url.removesuffix("/review/")
    paths = [
        "/review/",
        f"/review/{waiting[1].pk}/",
        f"/review/{waiting[2].pk}/edit/",
        f"/review/{waiting[2].pk}/reject/",
        "/review/decided/",
        "/review/?q=nowhere",
        f"/suggestions/{waiting[1].pk}/",
        "/manage/record/",
        f"/manage/record/{entry.pk}/",
        "/manage/outbox/",
    ]
    for path in paths:
        page.goto(root + path)
        assert (path, faults(page)) == (path, [])
