"""The library in the admin center: written, grouped, tried, taken out and brought in by people."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from intents import files, groups, library
from intents.models import Example, Intent, IntentGroup
from knowledge.models import Article


@pytest.fixture
def admin(client, person):
    client.force_login(person("Ada Admin", "administrator"))
    return client


def page(client, name, *args, data=None, status=200, **query) -> str:
    address = reverse(f"intents:{name}", args=args)
    shown = client.post(address, data, follow=True) if data is not None else client.get(address, query)
    assert shown.status_code == status, shown.content.decode()[:300]
    return shown.content.decode()


@pytest.mark.row("INT-B-11")
def test_an_intent_is_written_by_hand_with_group_line_status_and_self_service(admin, small_library, trade):
    group = IntentGroup.objects.create(name="Prices", review_state="approved", line_of_business=trade)
    given = {
        "name": "Ask for a trade price", "definition": "A café asks for prices.", "line_of_business": trade.pk,
        "group": group.pk, "review_state": "pending", "is_self_service": "on",
    }  # fmt: skip
    page(admin, "add_intent", data=given)
    row = Intent.objects.get(name="Ask for a trade price")
    assert (row.group, row.line_of_business, row.review_state, row.is_self_service) == (group, trade, "pending", True)
    assert "already" in page(admin, "add_intent", data={**given, "anyway": "1"}, status=422)
    warned = page(
        admin, "add_intent", data={"name": "My parcel has not arrived", "review_state": "approved"}, status=422
    )
    assert "Where is my order" in warned
    assert "The library knows this already" in warned
    page(admin, "examples", row.pk, data={"texts": "wholesale price list\nprices for cafés\nwhere is my parcel"})
    assert row.examples.count() == 3
    page(admin, "examples", row.pk, data={"remove": "1", "pk": [row.examples.first().pk]})
    assert row.examples.count() == 2
    article = Article.objects.create(title="Trade prices", slug="t", body="x", state="published")
    Article.objects.create(title="Only a draft", slug="o", body="x")
    assert "Only a draft" not in page(admin, "articles", row.pk)
    page(admin, "articles", row.pk, data={"articles": [article.pk]})
    assert row.articles.get() == article
    form = {
        "form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-label": "Quantity", "form-0-question": "How many?",
        "form-0-type": "choice", "form-0-is_required": "on", "form-0-choices": "Few, some\nMany",
        "form-1-type": "text", "form-1-is_required": "on",
    }  # fmt: skip
    page(admin, "attributes", row.pk, data=form)
    kept = row.attributes.get()
    assert (kept.name, kept.options[0]) == ("quantity", {"value": "Few", "label": "Few", "aliases": ["some"]})
    assert "Few, some" in page(admin, "attributes", row.pk)


def test_who_was_slower_is_told_and_nothing_is_lost_silently(admin, small_library):
    row = small_library["order"]
    given = {"name": "Where is it", "review_state": "approved", "expected": row.version}
    page(admin, "intent", row.pk, data=given)
    late = page(admin, "intent", row.pk, data={**given, "name": "Too late"}, status=409)
    assert "Ada Admin saved this meanwhile" in late
    assert Intent.objects.get(pk=row.pk).name == "Where is it"


@pytest.mark.row("INT-B-17")
@pytest.mark.row("INT-B-18")
@pytest.mark.row("INT-B-19")
def test_groups_are_listed_with_their_size_made_in_two_steps_and_their_members_change(admin, small_library, ann):
    order, leak, twice = small_library.values()
    first = {"name": "Faults", "review_state": "approved"}
    step = page(admin, "add_group", data=first)
    assert "Step 2 of 2" in step
    assert not IntentGroup.objects.exists()
    page(admin, "add_group", data={**first, "save": "1", "members": [leak.pk]})
    group = IntentGroup.objects.get()
    assert list(group.intents.all()) == [leak]
    assert "Approved" in page(admin, "group", group.pk)
    library.review_intents([twice], state="discarded", by=ann)
    shown = page(admin, "group", group.pk)
    assert "Other rules may be affected" in shown
    assert order.name in shown
    assert twice.name not in shown
    other = groups.save_group(None, by=ann, name="Delivery", review_state="approved")
    said = page(admin, "members", other.pk, data={"members": [leak.pk]})
    assert "1 intent leaves Faults" in said
    page(admin, "members", other.pk, data={"members": [leak.pk], "remove": "1"})
    assert other.intents.count() == 0
    page(admin, "group", other.pk, data={"name": "Parcels", "review_state": "approved", "expected": 1})
    listed = page(admin, "groups")
    assert "Parcels" in listed
    assert "Intents" in listed
    page(admin, "review_group", other.pk, data={"state": "discarded"})
    assert "Parcels" not in page(admin, "add_intent")
    assert "Rename it to mend a slip only" in page(admin, "intent", leak.pk)


@pytest.mark.row("INT-B-12")
def test_the_list_is_searched_filtered_and_decided_in_bulk(admin, small_library, trade):
    rows = list(small_library.values())
    assert "Machine leaks" in page(admin, "library", q="puddle")
    assert "Where is my order" not in page(admin, "library", q="puddle")
    page(admin, "decide", data={"act": "discarded", "pk": [rows[0].pk, rows[1].pk]})
    assert rows[0].name not in page(admin, "library")
    assert rows[0].name in page(admin, "library", state="discarded")
    page(admin, "decide", data={"act": "approved", "pk": [rows[0].pk]})
    page(admin, "decide", data={"act": "allow", "pk": [row.pk for row in rows]})
    assert list(Intent.objects.filter(is_self_service=True).values_list("key", flat=True)) == [
        "charged-twice", "where-is-my-order",
    ]  # fmt: skip
    assert "No intent matches" in page(admin, "library", line=trade.pk)


@pytest.mark.row("INT-A-1")
@pytest.mark.row("INT-B-13")
@pytest.mark.row("INT-B-16")
def test_what_is_needed_is_listed_renaming_is_warned_of_and_only_published_articles_are_offered(
    admin, teach, mailbox, switch
):
    def needs() -> dict[str, tuple[str, str]]:
        card = admin.get(reverse("agents:manage_agent", args=["customer-intent"])).context["card"]
        return {str(one.label): (one.state, one.fix_url) for one in card["prerequisites"]}

    library_url, recognition = reverse("intents:library"), "/manage/customer-intent/matching/"
    assert needs() == {
        "Customers can write": ("ready", reverse("conversations:mailboxes")),
        "Intents are approved": ("incomplete", library_url),
        "Every approved intent has examples": ("ready", library_url),
        "Recognition is switched on": ("incomplete", recognition),
    }
    switch("intents.matching", "auto")
    row = teach("Refund")
    mailbox.is_active = False
    mailbox.save()
    assert [state for state, _url in needs().values()] == ["incomplete", "ready", "in_progress", "ready"]
    assert "Rename it to mend a slip only" in page(admin, "intent", row.pk)
    made = [
        Article.objects.create(title=name, slug=name, body="x", state=state)
        for name, state in (("one", "published"), ("two", "published"), ("draft", "draft"), ("gone", "archived"))
    ]
    shown = page(admin, "articles", row.pk)
    assert [f'value="{article.pk}"' in shown for article in made] == [True, True, False, False]
    page(admin, "articles", row.pk, data={"articles": [made[0].pk, made[1].pk]})
    assert list(row.articles.order_by("pk")) == made[:2]
    page(admin, "articles", row.pk, data={"articles": [made[2].pk]}, status=422)
    assert row.articles.count() == 2


def test_a_sentence_is_tried_on_the_library_and_on_the_settings_page(admin, small_library):
    seen = page(admin, "try", data={"text": "there is water under my machine"})
    assert "Machine leaks" in seen
    assert "recognised" in seen
    shown = admin.get("/manage/customer-intent/matching/").content.decode()
    assert "Recognition" in shown
    page(admin, "try", data={"text": " "}, status=422)


@pytest.mark.row("DESK-125")
def test_the_library_leaves_and_comes_back_as_a_file(admin, small_library, ann):
    library.add_examples(small_library["leak"], ["=1+1 leaks"], by=ann)
    content = page(admin, "export")
    assert "'=1+1 leaks" in content
    Intent.objects.all().delete()
    upload = SimpleUploadedFile("intents.csv", content.encode("utf-8-sig"))
    assert "3 intents and 14 examples added" in page(admin, "import", data={"file": upload})
    assert Example.objects.filter(text="=1+1 leaks").exists()
    assert Intent.objects.get(key="machine-leaks").review_state == "approved"
    again = files.import_rows(files.read_rows(content.encode()), by=ann)
    assert (again.intents, again.examples) == (0, 0)
    bad = "intent,example,line\n,no name,\nRefund,money back,Nowhere\nRefund,I want my money back,\n"
    report = files.import_rows(files.read_rows(bad.encode()), by=ann)
    assert (report.intents, report.examples, len(report.problems)) == (1, 1, 2)
    assert Intent.objects.get(name="Refund").review_state == "pending"
    for wrong in (b"\xff\xfe\x00i", b"name\nx\n", b""):
        upload = SimpleUploadedFile("intents.csv", wrong)
        page(admin, "import", data={"file": upload}, status=422)
