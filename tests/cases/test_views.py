"""The workspace in a browser without JavaScript: lists, a case, every decision."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from model_bakery import baker

from agents.models import Effect, Suggestion
from agents.proposals import Proposal, propose
from cases import filling, lifecycle, replies
from cases.models import Case
from cases.payloads import ReplyPayload
from conversations.models import Message, Note

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk_client(client, ann):
    client.force_login(ann)
    return client


def url(name, case, *more):
    return reverse(f"cases:{name}", args=[case.number, *more])


def page_of(client, case):
    return client.get(case.get_absolute_url()).content.decode()


def reply_form(html, **changes):
    once = re.search(r'name="once" value="([0-9a-f]{32})"', html).group(1)
    seen = re.search(r'name="seen" value="(\d+)"', html).group(1)
    return {"to": "ellen@customer.example", "subject": "Re: Broken pump", "body": "On its way.", "seen": seen,
            "once": once} | changes  # fmt: skip


def test_the_inbox_shows_what_a_filter_asks_for_and_keeps_it_in_the_address(desk_client, case, come_in):
    other = Case.objects.get(message_links__message=come_in(subject="Invoice", sender="Ivo <ivo@customer.example>"))
    Case.objects.filter(pk=other.pk).update(priority="high")
    inbox = reverse("cases:inbox")
    every = desk_client.get(inbox, {"view": "all"}).content.decode()
    high = desk_client.get(inbox, {"view": "all", "priority": "high"}).content.decode()
    assert ("Broken pump" in every, "Invoice" in every) == (True, True)
    assert ("Broken pump" in high, "Invoice" in high, 'value="high" selected' in high) == (False, True, True)
    nothing = desk_client.get(inbox, {"view": "all", "q": "nowhere"}).content.decode()
    assert "No case matches these filters" in nothing
    assert "“nowhere”" in nothing


@pytest.mark.parametrize(
    "words", ["pump", "PUMP", "ellen@customer", "#{number}", "ellen", "stopped morning", "STÓPPED"]
)
def test_search_finds_by_words_address_and_number(desk_client, case, words):
    found = desk_client.get(reverse("cases:inbox"), {"view": "all", "q": words.format(number=case.number)})
    assert "Broken pump" in found.content.decode()


def test_pages_go_forth_and_back_by_key(desk_client, queue):
    now = timezone.now()
    for place in range(60):
        baker.make(Case, number=20000 + place, title=f"Case {place:02}", last_message_at=now, queue=queue)
    seen, address = [], reverse("cases:inbox") + "?view=all"
    while address:
        html = desk_client.get(address).content.decode()
        seen += re.findall(r">(Case \d\d)<", html)
        older = re.search(r'rel="next" href="([^"]+)"', html)
        address = reverse("cases:inbox") + older.group(1).replace("&amp;", "&") if older else ""
    assert seen == [f"Case {place:02}" for place in range(59, -1, -1)]
    back = re.search(r'rel="prev" href="([^"]+)"', html).group(1).replace("&amp;", "&")
    assert "Case 59" not in desk_client.get(reverse("cases:inbox") + back).content.decode()


@pytest.mark.parametrize("rows", [1, 10])
def test_the_inbox_asks_the_database_as_often_for_ten_cases_as_for_one(
    desk_client, queue, rows, django_assert_max_num_queries
):
    for place in range(rows):
        baker.make(Case, number=20000 + place, title="Case", queue=queue, contact__name="A", _fill_optional=["owner"])
    with django_assert_max_num_queries(15):
        desk_client.get(reverse("cases:inbox"), {"view": "all"})


def test_the_case_page_asks_as_often_for_many_messages_as_for_one(desk_client, case, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(
        connection,
    ) as few:
        page_of(desk_client, case)
    first = Message.objects.get()
    for place in range(20):
        message = baker.make(
            Message, conversation=first.conversation, identity=f"{place:064}", direction="in", newest_text="x"
        )
        case.message_links.create(message=message)
    with CaptureQueriesContext(connection) as many:
        page_of(desk_client, case)
    assert len(many) <= len(few) + 1


def tell_long_story(case, mails):
    """That many more mails on the case, each a minute after the other."""
    first = case.last_message
    at = first.received_at
    made = baker.make(
        Message, mails, conversation=first.conversation, direction="in", identity=(f"{n:064}" for n in range(mails)),
        received_at=(at + dt.timedelta(minutes=n + 1) for n in range(mails)),
        newest_text=(f"Mail {n:03}" for n in range(mails)),
    )  # fmt: skip
    for message in made:
        case.message_links.create(message=message)
    return made


def mails_of(html):
    return [int(number) for number in re.findall(r"<p>Mail (\d{3})</p>", html)]


@pytest.mark.row("DESK-570")
def test_a_long_story_is_folded_and_comes_piece_by_piece_or_whole(desk_client, case):
    made = tell_long_story(case, 120)
    html = page_of(desk_client, case)
    assert f'id="m{case.last_message_id}"' in html  # what it began with stands first
    assert mails_of(html) == list(range(90, 120))
    assert ("Show 60 earlier entries" in html, "All 91" in html) == (True, True)
    address = re.search(r'hx-get="([^"]*timeline[^"]*)"', html).group(1).replace("&amp;", "&")
    more = desk_client.get(address, HTTP_HX_REQUEST="true").content.decode()
    assert mails_of(more) == list(range(30, 90))
    assert "Show 31 earlier entries" in more
    assert "<html" not in more
    address = re.search(r'hx-get="([^"]*timeline[^"]*)"', more).group(1).replace("&amp;", "&")
    rest = desk_client.get(address, HTTP_HX_REQUEST="true").content.decode()
    assert (mails_of(rest), "timeline__fold" in rest) == (list(range(30)), False)
    whole = desk_client.get(desk_client.get(address).url).content.decode()
    assert (mails_of(whole), "timeline__fold" in whole) == (list(range(120)), False)
    far = desk_client.get(case.get_absolute_url(), {"m": made[50].pk}).content.decode()
    assert mails_of(far) == [50, *range(90, 120)]
    assert far.count('class="timeline__fold"') == 2
    for wrong in ("m0", "x" * 50, "\x00", "m" + "9" * 40):
        assert (
            desk_client.get(url("timeline", case), {"after": wrong, "m": wrong}, HTTP_HX_REQUEST="true").status_code
            == 200
        )
        assert desk_client.get(case.get_absolute_url(), {"m": wrong}).status_code == 200


def test_mails_with_lit_words_are_never_folded_and_short_gaps_are_filled(desk_client, case, desk):
    desk("cases.fields", "auto", fields=[{"field": "order_number", "suggest": 0, "fill": 0, "pattern": r"HR-\d{6}"}])
    Message.objects.update(newest_text="The order is HR-204118.")
    first = case.last_message
    filling.suggest_fields(Case.objects.get(pk=case.pk), now=timezone.now())
    tell_long_story(case, 31)
    html = page_of(desk_client, case)
    assert f'id="m{first.pk}"' in html
    assert 'data-evidence="1"' in html
    assert "timeline__fold" not in html
    assert mails_of(html) == list(range(31))


def test_script_in_any_text_stays_text(desk_client, come_in):
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    message = come_in(subject=evil, body=evil, sender=f'"{evil}" <evil@customer.example>')
    case = Case.objects.get(message_links__message=message)
    html = page_of(desk_client, case)
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    whole = desk_client.get(url("message", case, message.pk)).content.decode()
    assert "<script>alert" not in whole


def test_words_that_are_evidence_are_lit_where_they_stand(desk_client, case, desk):
    desk("cases.fields", "auto", fields=[{"field": "order_number", "suggest": 0, "fill": 0, "pattern": r"HR-\d{6}"}])
    Message.objects.update(newest_text="Hello,\n\nthe order is HR-204118 & late.")
    filling.suggest_fields(Case.objects.get(pk=case.pk), now=timezone.now())
    html = page_of(desk_client, case)
    lit = '<mark class="evidence" id="e1" data-evidence="1" tabindex="0">HR-204118<sup>1</sup></mark>'
    assert f"<p>the order is {lit} &amp; late.</p>" in html
    assert '<a class="cite" href="#e1"' in html


def test_a_reply_by_hand_leaves_once_however_often_the_button_is_pressed(desk_client, case):
    form = reply_form(page_of(desk_client, case))
    for _ in range(2):
        assert desk_client.post(url("reply", case), form).status_code in (302, 422)
    assert Message.objects.filter(direction="out").count() == Effect.objects.count() == 1


def test_a_reply_written_while_the_customer_wrote_again_is_not_sent_unread(desk_client, case, come_in):
    form = reply_form(page_of(desk_client, case))
    come_in(in_reply_to=Message.objects.get().message_id, body="Forget it.", at=timezone.now())
    answer = desk_client.post(url("reply", case), form)
    assert answer.status_code == 422
    assert "arrived while you were writing" in answer.content.decode()
    assert "On its way." in answer.content.decode()
    assert Message.objects.filter(direction="out").count() == 0


@pytest.mark.parametrize("changes", [{"to": "nobody"}, {"to": ""}, {"body": ""}, {"once": "x"}])
def test_a_wrong_reply_keeps_the_text_and_says_what_is_wrong(desk_client, case, changes):
    answer = desk_client.post(url("reply", case), reply_form(page_of(desk_client, case), **changes))
    assert answer.status_code == 422
    assert Message.objects.filter(direction="out").count() == 0


def test_a_draft_is_accepted_from_the_case_page_and_the_second_person_reads_who(
    desk_client, case, ann, person, catalogue, desk
):
    desk("cases.fields", "ask", fields=[{"field": "priority", "suggest": 0.0, "fill": 1.0, "pattern": ""},
                                        {"field": "product", "suggest": 0.1, "fill": 1.0, "pattern": ""}])  # fmt: skip
    Message.objects.update(newest_text="My Duo 58 leaks.")
    (asked,) = filling.suggest_fields(Case.objects.get(pk=case.pk), now=timezone.now())
    assert "Halden Duo 58" in page_of(desk_client, case)
    back = case.get_absolute_url()
    taken = desk_client.post(
        reverse("agents:accept", args=[asked.pk]), {"parts_shown": 1, "parts": ["product"], "back": back}
    )
    assert taken.url == back
    case.refresh_from_db()
    assert case.product.name == "Halden Duo 58"
    late = desk_client.post(reverse("agents:reject", args=[asked.pk]), {"back": back})
    assert late.status_code == 409
    assert "Ann Weber" in late.content.decode()
    assert Suggestion.objects.get().state == "accepted"


def test_a_draft_is_edited_and_sent_from_the_case_page(desk_client, case, smtp_sink):
    payload = ReplyPayload(to=["ellen@customer.example"], subject="Re: Broken pump", body="Press the clip.")
    (draft,) = propose("cases.send_reply", case, Proposal(payload, replies.reply_fingerprint(case)))
    html = page_of(desk_client, case)
    form = dict(
        re.findall(r'<input[^>]*name="(to\.\d|subject|back)"[^>]*value="([^"]*)"', html.split("accept_edited")[-1])
    )
    address = reverse("agents:accept_edited", args=[draft.pk])
    assert address in html
    answer = desk_client.post(address, {**form, "body": "Press the white clip.", "back": case.get_absolute_url()})
    assert (answer.status_code, answer.url) == (302, case.get_absolute_url())
    draft.refresh_from_db()
    assert (draft.state, draft.final["body"], draft.final["to"]) == (
        "accepted", "Press the white clip.", ["ellen@customer.example"],
    )  # fmt: skip


def test_resolving_a_case_that_changed_in_the_meantime_is_refused(desk_client, case, come_in):
    seen = case.last_message_id
    come_in(in_reply_to=Message.objects.get().message_id, body="One more thing.", at=timezone.now())
    desk_client.post(url("resolve", case), {"resolution_type": "solved", "seen": seen})
    case.refresh_from_db()
    assert case.status == "open"
    desk_client.post(
        url("resolve", case), {"resolution_type": "solved", "resolution": "Clip", "seen": case.last_message_id}
    )
    case.refresh_from_db()
    assert (case.status, case.resolution) == ("resolved", "Clip")
    desk_client.post(url("reopen", case))
    case.refresh_from_db()
    assert case.status == "open"


def test_notes_assignment_and_fields_are_saved_and_on_record(desk_client, case, ann, queue):
    desk_client.post(url("note", case), {"text": "Third one this week"})
    desk_client.post(url("assign", case), {"owner": ann.pk, "queue": queue.pk})
    html = page_of(desk_client, case)
    assert Note.objects.get().text in html
    case.refresh_from_db()
    assert case.owner == ann
    desk_client.post(
        url("fields", case),
        {"title": "Leaking pump", "description": case.description, "priority": "urgent", "order_number": "HR-1"},
    )
    case.refresh_from_db()
    assert (case.title, case.priority, case.order_number) == ("Leaking pump", "urgent", "HR-1")
    assert {mark.field for mark in case.marks.all()} == {"title", "priority", "order_number"}


@pytest.mark.row("CMA-A-15")
def test_a_field_a_role_may_not_see_or_change_is_neither_shown_nor_written(desk_client, case, ann):
    Case.objects.update(serial_number="SECRET-1", order_number="HR-1")
    role = ann.roles.get()
    role.hidden_fields, role.read_only_fields = {"cases.case": ["serial_number"]}, {"cases.case": ["order_number"]}
    role.save()
    html = page_of(desk_client, case)
    assert "SECRET-1" not in html
    assert "HR-1" in html
    desk_client.post(
        url("fields", case), {"title": "T", "priority": "normal", "serial_number": "X", "order_number": "Y"}
    )
    case.refresh_from_db()
    assert (case.title, case.serial_number, case.order_number) == ("T", "SECRET-1", "HR-1")


@pytest.mark.parametrize("roles", [["author"], ["seller"]])
def test_people_who_work_no_cases_find_none(client, case, person, roles):
    client.force_login(person("Tom Writer", *roles))
    assert client.get(reverse("cases:inbox")).status_code == 403
    assert client.get(case.get_absolute_url()).status_code in (403, 404)


def test_a_case_of_somebody_elses_team_is_missing(client, case, person):
    Case.objects.update(owner=person("Zoe Owner", "representative"))
    other = person("Rex Rep", "representative")
    from accounts.models import Team

    team = Team.objects.create(name="Elsewhere")
    case.queue.team = team
    case.queue.save()
    client.force_login(other)
    assert client.get(case.get_absolute_url()).status_code == 404
    assert client.post(url("note", case), {"text": "x"}).status_code == 404


def test_adopting_history_makes_it_live_and_nothing_before_was_queued(desk_client, come_in, mailbox, ann):
    import datetime as dt

    message = come_in(at=mailbox.history_before - dt.timedelta(days=1))
    case = Case.objects.get(message_links__message=message)
    assert "Out of history" in page_of(desk_client, case)
    desk_client.post(reverse("cases:adopt_open"))
    case.refresh_from_db()
    assert (case.arrived_as, case.is_history) == ("live", False)
    with pytest.raises(lifecycle.CaseChanged):
        lifecycle.adopt_case(case, by=ann)
