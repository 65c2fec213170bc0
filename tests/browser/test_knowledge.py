"""The pages of knowledge in a browser: three widths, both themes, and the preview while typing."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts import people, roles
from accounts.models import Role
from agents.models import Entry, LineOfBusiness
from knowledge import articles, harvest, importing, indexing, reading
from knowledge.models import Article, Product, Subject
from tests.api_clients import make_person
from tests.knowledge.solved import NOON, Desk, switch_on, take_over

pytestmark = pytest.mark.django_db(transaction=True)

BODY = """When the drop blinks and coffee runs slower than usual, lime has narrowed the valve behind the group.
Descaling takes about 18 minutes.

## You need

- One sachet of descaler
- Half a litre of water

## Steps

1. Empty the tank and the drip tray.
2. Fill 0.5 l water with **one sachet** of descaler.
3. Wait until the lamp stops blinking.

| Water | Every |
|---|---|
| 8 °dH | 6 months |

> Vinegar harms the seals: `aVeryLongWordThatDoesNotBreakAnywhereBecauseItIsOneIdentifierOfManyLetters`.
"""


@pytest.fixture
def shelf(transactional_db):
    """A small library, and somebody who may do everything in it."""
    roles.ensure_roles()
    ada = people.create_person(
        email="ada@example.com", name="Ada Lindholm", by=None, roles=list(Role.objects.filter(code="administrator")),
        password="long words here",
    )  # fmt: skip
    line = LineOfBusiness.objects.create(name="Machines and repairs")
    products = [Product.objects.create(name=f"Halden Duo {size}", aliases=["Duo", f"the {size}"]) for size in (54, 58)]
    Product.objects.create(name="Halden Solo with a name of about sixty letters to see it wrap", is_active=False)
    top = Subject.objects.create(name="Machines")
    subject = Subject.objects.create(name="Descaling and water", parent=top, description="Lime, filters, hardness.")
    for title, audience, state in [
        ("Descale the Duo 58 in six steps", "external", "published"),
        ("What goodwill covers and who decides about it when the warranty is over", "internal", "published"),
        ("Find the serial number", "external", "draft"),
    ]:
        article = articles.create_article(
            title=title, body=BODY, audience=audience, language="en", by=ada, lines_of_business=[line],
            products=products, subjects=[subject],
        )  # fmt: skip
        articles.change_article(article, by=ada, body=BODY.replace("six", "seven").replace("18", "20"))
        if state == "published":
            articles.set_state(article, state=state, by=ada)
        indexing.index_article(article.pk)
    rows = reading.read_upload("x.csv", b"title,body,audience\nOne,Text,external\nTwo,,\nThree,Text,public\n")
    importing.prepare_import("articles-from-the-old-help-desk.csv", rows, by=ada)
    return ada


def addresses():
    first = Article.objects.order_by("pk").first().pk
    draft = Article.objects.get(state="draft").pk
    kept = importing.ArticleImport.objects.get().pk
    return {
        "list": reverse("knowledge:articles"),
        "search": reverse("knowledge:articles") + "?q=descaler+sachet",
        "nothing": reverse("knowledge:articles") + "?q=xylophone",
        "article": reverse("knowledge:article", args=[first]) + "?q=descaler",
        "draft": reverse("knowledge:article", args=[draft]),
        "edit": reverse("knowledge:edit", args=[draft]),
        "versions": reverse("knowledge:versions", args=[first]),
        "import": reverse("knowledge:import"),
        "report": reverse("knowledge:import_report", args=[kept]),
        "products": reverse("knowledge:products"),
        "product": reverse("knowledge:product", args=[Product.objects.order_by("pk").first().pk]),
        "subjects": reverse("knowledge:subjects"),
        "subject": reverse("knowledge:subject", args=[Subject.objects.order_by("pk").first().pk]),
    }


def test_nothing_overflows_and_axe_finds_nothing(live_server, shelf, new_page, sign_in, faults):
    page = new_page()
    sign_in(page, shelf, live_server.url)
    for name, address in addresses().items():
        page.goto(live_server.url + address)
        assert faults(page) == [], name


def test_the_preview_follows_what_is_typed(live_server, shelf, new_page, sign_in):
    page = new_page()
    sign_in(page, shelf, live_server.url)
    page.goto(live_server.url + reverse("knowledge:add"))
    page.locator("#id_title").fill("Clean the grinder")
    page.locator("#id_body").press_sequentially("## Steps\n\n1. Brush it")
    expect(page.locator("#preview h2")).to_have_text("Steps")
    expect(page.locator("#preview li")).to_have_text("Brush it")
    page.keyboard.press("Control+s")
    expect(page.locator("h1")).to_have_text("Clean the grinder")


@pytest.mark.row("DESK-506")
def test_a_draft_is_revised_by_keyboard_on_its_page_and_a_double_click_asks_once(
    new_page, sign_in, live_server, monkeypatch
):
    desk = Desk()
    take_over(monkeypatch, desk)
    switch_on()
    desk.add(1)
    draft = harvest.harvest_closing("case", 1, now=NOON)
    page = new_page()
    sign_in(page, make_person("ada@example.com", "author"), live_server.url)
    address = live_server.url + draft.get_absolute_url()
    page.goto(address)
    page.get_by_label("Revise with instructions").focus()
    page.keyboard.type("make it shorter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    status = page.get_by_role("status").filter(has_text="nothing is kept yet")
    expect(status).to_be_focused()
    expect(page.get_by_role("heading", name="As it would be")).to_be_visible()
    expect(page.locator("#id_body")).not_to_have_value(re.compile("## Cause"))
    page.get_by_label("Revise with instructions").fill("replace “sachet” with “bag”")
    page.get_by_role("button", name="Re-generate").dblclick()
    expect(page.locator("#id_body")).to_have_value(re.compile("one bag"))
    assert page.url == address
    assert Entry.objects.filter(verb="harvest.revised").count() == 2
