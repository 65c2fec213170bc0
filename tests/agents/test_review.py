"""The review queue: who sees what, what a decision does, and what happens when somebody was faster."""

import datetime as dt
import re

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone
from model_bakery import baker

from accounts.models import Role
from agents import suggestions
from agents.evidence import Words
from agents.models import LineOfBusiness, Suggestion
from agents.sources import SourceText
from tests.toy import sources
from tests.toy.models import Thing

State = Suggestion.State
SCRIPT = "<script>alert(1)</script>"
ANCHOR = 900_001


@pytest.fixture
def decider(db):
    """A person who may decide about things, and sees those of nobody and their own."""
    role = Role.objects.create(code="decider", name="Decider", permissions=["toy.decide"], visibility="own")
    person = get_user_model().objects.create(email="dora@haldenroe.example", name="Dora Keller")
    person.roles.add(role)
    return person


@pytest.fixture
def queue(client, decider):
    """The client of somebody who decides."""
    client.force_login(decider)
    return client


@pytest.fixture
def message():
    sources.MESSAGES[ANCHOR] = SourceText("Mail from Ellen", f"My hopper is cracked {SCRIPT}.", timezone.now())
    yield ANCHOR
    sources.MESSAGES.clear()


def page(client, path="/review/", **query):
    answer = client.get(path, query)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def titles(html):
    return re.findall(r'row__title"><a [^>]*>([^<]*)</a>', html)


def toasts(answer):
    return [str(message) for message in answer.context["messages"]]


def test_only_suggestions_about_visible_subjects_are_listed_opened_and_decided(queue, suggest, ann):
    mine, theirs = Thing.objects.create(title="Mine"), Thing.objects.create(title="Theirs", owner=ann)
    suggest(mine)
    hidden = suggest(theirs)
    html = page(queue)
    assert "Mine" in html
    assert "Theirs" not in html
    assert "1 waits for you" in html
    for path in ("", "accept/", "edit/", "reject/", "renew/", "accept-edited/"):
        ask = queue.get if path in ("", "edit/") else queue.post
        assert ask(f"/review/{hidden.pk}/{path}").status_code == 404
    assert queue.post(f"/review/undo/{hidden.pk}/").status_code == 404
    assert queue.get(f"/suggestions/{hidden.pk}/").status_code == 404
    queue.post("/review/selected/", {"pk": [hidden.pk], "act": "accept"})
    hidden.refresh_from_db()
    assert hidden.state == State.PENDING


def test_without_the_permission_nothing_is_listed_and_nothing_opens(client, suggest, thing):
    waiting = suggest(thing)
    client.force_login(get_user_model().objects.create(email="x@haldenroe.example", name="X"))
    assert "Nothing waits for you" in page(client)
    assert client.get(f"/review/{waiting.pk}/").status_code == 404


def test_observed_and_decided_suggestions_are_not_in_the_queue(queue, suggest, decider):
    first, second = (suggest(Thing.objects.create(title=title)) for title in ("One", "Two"))
    suggestions.reject(first.pk, by=decider, reason="No")
    Suggestion.objects.filter(pk=second.pk).update(state=State.OBSERVED)
    assert titles(page(queue)) == []
    assert "No" in page(queue, "/review/decided/")
    assert "would have done" in page(queue, f"/suggestions/{second.pk}/")


def test_accepting_carries_out_says_so_and_opens_the_next(queue, suggest):
    first, second = (suggest(Thing.objects.create(title=title), confidence=0.5) for title in ("One", "Two"))
    answer = queue.post(f"/review/{first.pk}/accept/", follow=True)
    assert answer.redirect_chain[-1][0] == f"/review/{second.pk}/"
    assert toasts(answer) == ["Accepted: Send a note\nOne"]
    assert Thing.objects.get(title="One").note == "Hello"
    answer = queue.post(f"/review/{second.pk}/accept/", {"back": "/suggestions/1/"})
    assert answer.url == "/suggestions/1/"


def test_after_a_decision_nobody_is_led_to_another_site(queue, suggest, thing):
    answer = queue.post(f"/review/{suggest(thing).pk}/accept/", {"back": "https://elsewhere.example/"})
    assert answer.url == "/review/"


def test_the_edited_text_is_what_is_carried_out(queue, suggest, thing):
    waiting = suggest(thing)
    assert "Hello" in page(queue, f"/review/{waiting.pk}/edit/")
    answer = queue.post(f"/review/{waiting.pk}/accept-edited/", {"text": ""})
    assert answer.status_code == 422
    assert "This field is required" in answer.content.decode()
    queue.post(f"/review/{waiting.pk}/accept-edited/", {"text": "Hello, Ellen"})
    waiting.refresh_from_db()
    assert (waiting.proposed, waiting.final) == ({"text": "Hello"}, {"text": "Hello, Ellen"})


def test_parts_are_taken_or_left_and_edited_one_by_one(queue, fill, thing):
    (waiting,) = fill(thing, {"title": "Mill", "size": 7}, {})
    html = page(queue, f"/review/{waiting.pk}/")
    assert html.count('name="parts"') == 2
    assert "<del>Grinder</del>" in html
    form = {"values.title": "Mill 2", "values.size": "7", "parts": ["title"], "parts_shown": "1"}
    queue.post(f"/review/{waiting.pk}/accept-edited/", form)
    waiting.refresh_from_db()
    thing.refresh_from_db()
    assert (waiting.left_out, thing.title, thing.size) == (["size"], "Mill 2", None)


def test_leaving_out_everything_is_refused_and_it_still_waits(queue, fill, thing):
    (waiting,) = fill(thing, {"title": "Mill"}, {})
    answer = queue.post(f"/review/{waiting.pk}/accept/", {"parts_shown": "1"})
    assert answer.status_code == 422
    assert "Nothing was chosen" in answer.content.decode()
    waiting.refresh_from_db()
    assert waiting.state == State.PENDING


def test_rejecting_keeps_the_reason_and_changes_nothing(queue, suggest, thing):
    waiting = suggest(thing)
    assert "Why not?" in page(queue, f"/review/{waiting.pk}/reject/")
    queue.post(f"/review/{waiting.pk}/reject/", {"why": "tone", "note": "Too cold"})
    waiting.refresh_from_db()
    thing.refresh_from_db()
    assert (waiting.state, waiting.reason, thing.note) == (
        State.REJECTED,
        "Right, but in the wrong tone: Too cold",
        None,
    )


def test_undo_is_offered_where_there_is_one_and_works_once(queue, fill, suggest, thing):
    note = suggest(Thing.objects.create(title="Sent"))
    assert "/review/undo/" not in queue.post(f"/review/{note.pk}/accept/", follow=True).content.decode()
    (waiting,) = fill(thing, {"title": "Mill"}, {})
    answer = queue.post(f"/review/{waiting.pk}/accept/", follow=True)
    assert f'action="/review/undo/{waiting.pk}/"' in answer.content.decode()
    assert toasts(queue.post(f"/review/undo/{waiting.pk}/", follow=True)) == [f"Undone: {waiting.summary}"]
    thing.refresh_from_db()
    assert thing.title == "Grinder"
    assert "undone already" in toasts(queue.post(f"/review/undo/{waiting.pk}/", follow=True))[0]


def test_who_comes_second_reads_who_and_when_and_keeps_the_edit(queue, suggest, thing, bob):
    waiting = suggest(thing)
    suggestions.accept(waiting.pk, by=bob)
    answer = queue.post(f"/review/{waiting.pk}/accept-edited/", {"text": "My own words"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Bob Adeyemi was faster: accepted" in html
    assert "My own words" in html
    thing.refresh_from_db()
    assert thing.note == "Hello"


def test_something_new_withdraws_it_at_accept_and_says_why(queue, suggest, thing):
    waiting = suggest(thing)
    Thing.objects.filter(pk=thing.pk).update(last_message=3)
    assert "Something new happened since" in page(queue, f"/review/{waiting.pk}/")
    answer = queue.post(f"/review/{waiting.pk}/accept/")
    assert answer.status_code == 409
    assert "Something new happened" in answer.content.decode()


def test_a_stale_suggestion_can_be_taken_back_from_its_drawer(queue, suggest, thing):
    waiting = suggest(thing)
    Thing.objects.filter(pk=thing.pk).update(last_message=3)
    queue.post(f"/review/{waiting.pk}/renew/")
    waiting.refresh_from_db()
    assert waiting.state == State.WITHDRAWN


def test_what_the_guard_refuses_cannot_be_accepted_and_says_why(queue, suggest, thing):
    waiting = suggest(thing, text="forbidden words")
    assert "It says forbidden." in page(queue, f"/review/{waiting.pk}/")
    answer = queue.post(f"/review/{waiting.pk}/accept/")
    assert answer.status_code == 422
    assert "Not accepted. It still waits." in answer.content.decode()
    waiting.refresh_from_db()
    assert waiting.state == State.PENDING


def test_selected_rows_are_decided_each_on_its_own_and_the_rest_says_why(queue, suggest, bob):
    good, bad, gone = (
        suggest(Thing.objects.create(title=title), text=text)
        for title, text in (("A", "Hello"), ("B", "forbidden"), ("C", "Hello"))
    )
    suggestions.reject(gone.pk, by=bob, reason="")
    answer = queue.post("/review/selected/", {"pk": [good.pk, bad.pk, gone.pk], "act": "accept"}, follow=True)
    assert toasts(answer) == [
        "1 accepted, 2 not\n1: It says forbidden. 1: It was rejected; nothing was sent or changed."
    ]
    queue.post("/review/selected/", {"pk": [bad.pk], "act": "reject", "bulk-why": "wrong"})
    bad.refresh_from_db()
    assert (bad.state, bad.reason) == (State.REJECTED, "It is wrong")


def test_two_kinds_are_never_decided_together(queue, suggest, fill, thing):
    note = suggest(thing)
    (columns,) = fill(Thing.objects.create(title="Other"), {"title": "Mill"}, {})
    answer = queue.post("/review/selected/", {"pk": [note.pk, columns.pk], "act": "accept"}, follow=True)
    assert "Only one kind" in toasts(answer)[0]
    assert Suggestion.objects.filter(state=State.PENDING).count() == 2


def test_filters_and_order_are_in_the_address_and_pages_go_by_cursor(queue, suggest, section):
    line = LineOfBusiness.objects.create(name="Repairs")
    for number in range(65):
        suggest(
            Thing.objects.create(title=f"Thing {number:02}"),
            confidence=number / 100,
            risks=["Amount"] if number == 64 else [],
            line_of_business=line if number < 3 else None,
        )
    shown, path = [], "/review/"
    while path:
        html = queue.get(path).content.decode()
        shown += re.findall(r'row__text">(Thing \d\d)', html)
        following = re.search(r'rel="next" href="([^"]*)"', html)
        path = "/review/" + following[1].replace("&amp;", "&") if following else ""
    assert shown == ["Thing 64", *(f"Thing {number:02}" for number in range(64))]
    assert len(titles(page(queue, line=line.pk))) == 3
    assert titles(page(queue, q="thing 07", order="newest")) == ["Send a note"]
    assert "No suggestion matches" in page(queue, q="nowhere")
    assert len(titles(page(queue, after="nonsense", kind="toy.send_note"))) == 30


def test_the_way_back_through_pages_shows_the_same_rows(queue, suggest):
    for number in range(40):
        suggest(Thing.objects.create(title=f"Thing {number:02}"), confidence=0.5)
    first = queue.get("/review/").content.decode()
    following = re.search(r'rel="next" href="([^"]*)"', first)[1].replace("&amp;", "&")
    second = queue.get("/review/" + following).content.decode()
    previous = re.search(r'rel="prev" href="([^"]*)"', second)[1].replace("&amp;", "&")
    rows = r'row__text">(Thing \d\d)'
    again = queue.get("/review/" + previous).content.decode()
    assert re.findall(rows, again) == re.findall(rows, first)
    assert len(re.findall(rows, second)) == 10


def test_one_row_and_ten_take_the_same_number_of_queries(
    queue, suggest, message, django_assert_max_num_queries, django_assert_num_queries
):
    evidence = [Words(message=message, start=3, end=9, text="hopper", part="text")]
    suggest(Thing.objects.create(title="One"), evidence=evidence)
    queue.get("/review/")
    with django_assert_max_num_queries(40) as first:
        queue.get("/review/")
    for number in range(9):
        suggest(Thing.objects.create(title=f"More {number}"), evidence=evidence)
    with django_assert_num_queries(len(first)):
        queue.get("/review/")


def test_the_words_it_came_from_are_lit_and_script_in_them_stays_text(queue, suggest, message):
    evidence = [
        Words(message=message, start=3, end=9, text="hopper", part="text"),
        Words(message=message, start=13, end=20, text="cracked", part="text"),
        Words(message=message, start=0, end=4, text="moved", part="text"),
        Words(message=ANCHOR + 1, start=0, end=4, text=SCRIPT, part="text"),
    ]
    thing = Thing.objects.create(title=SCRIPT)
    waiting = suggest(thing, text=SCRIPT, evidence=evidence, why=SCRIPT, risks=[SCRIPT], topic_label=SCRIPT)
    for path in (f"/review/{waiting.pk}/", f"/review/{waiting.pk}/edit/", f"/suggestions/{waiting.pk}/"):
        html = page(queue, path)
        assert SCRIPT not in html
        assert "&lt;script&gt;" in html
    assert re.search(r'<mark class="evidence" id="e1"[^>]*>hopper<sup>1</sup></mark> is <mark', html)
    assert "A source that is gone or not shown to you" in html
    assert re.search(r'id="e3"[^>]*>moved', html)


def test_the_notice_counts_what_came_since_and_is_answered_304_while_nothing_did(queue, suggest, thing, bob):
    waiting = suggest(thing)
    path = f"/review/news/?since={waiting.pk}&open={waiting.pk}"
    answer = queue.get(path)
    assert answer.status_code == 200
    assert answer.content.strip() == b""
    assert queue.get(path, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    suggest(Thing.objects.create(title="New"))
    suggestions.accept(waiting.pk, by=bob)
    html = queue.get(path, headers={"If-None-Match": answer["ETag"]}).content.decode()
    assert "1 new" in html
    assert "decided elsewhere: Accepted" in html


def test_a_row_opened_by_htmx_answers_the_drawer_alone(queue, suggest, thing):
    waiting = suggest(thing)
    html = queue.get(f"/review/{waiting.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert html.lstrip().startswith("<aside")
    assert "row__title" not in html


def test_what_waits_long_or_is_due_soon_is_marked(queue, suggest):
    now = timezone.now()
    late, due, _fresh = (suggest(Thing.objects.create(title=title)) for title in "ABC")
    Suggestion.objects.filter(pk=late.pk).update(created_at=now - dt.timedelta(days=2))
    Suggestion.objects.filter(pk=due.pk).update(expires_at=now + dt.timedelta(hours=1))
    assert page(queue).count("row__when--late") == 2


def test_every_page_asks_for_signing_in(client, suggest, thing):
    pk = suggest(thing).pk
    for path in ("/review/", "/review/decided/", f"/review/{pk}/", f"/suggestions/{pk}/"):
        assert client.get(path).url.startswith(reverse("account_login"))
    assert client.post(f"/review/{pk}/accept/").url.startswith(reverse("account_login"))


def test_the_notice_stops_asking_once_the_session_is_over(client, db):
    assert client.get("/review/news/?since=1").status_code == 286


def test_a_decider_may_read_what_was_decided_by_an_agent(queue, suggest, thing):
    baker.make(LineOfBusiness)
    waiting = suggest(thing, confidence=0.9, why="First answer of the day")
    html = page(queue, f"/suggestions/{waiting.pk}/")
    assert "First answer of the day" in html
    assert "90 %" in html
    assert "Toy Agent" in html
