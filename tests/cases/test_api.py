"""Cases and their messages by the API."""

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role, Team
from agents.models import Effect, Entry, LineOfBusiness, SectionSetting, Suggestion
from agents.proposals import Proposal, propose
from cases import filling
from cases.intake import take_message
from cases.models import Case, FieldDefinition
from cases.payloads import FieldsPayload, ReplyPayload
from cases.replies import reply_fingerprint
from conversations.models import Attachment, Mailbox, Message, Queue
from conversations.receive import read_delivery, receive
from knowledge.models import Product
from tests.api_clients import client_of, make_person, post
from tests.conversations.mails import make_mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue(db):
    team = Team.objects.create(name="Repairs")
    return Queue.objects.create(name="Repairs", team=team)


@pytest.fixture
def mailbox(queue):
    return Mailbox.objects.create(
        name="Support", address="support@example.com", queue=queue, smtp_host="127.0.0.1",
        history_before=timezone.now() - dt.timedelta(days=1),
    )  # fmt: skip


@pytest.fixture
def rita(queue):
    return make_person("rita@example.com", "representative", teams=[queue.team])


@pytest.fixture
def stranger(db):
    return make_person("sam@example.com", "representative", teams=[Team.objects.create(name="Others")])


@pytest.fixture
def arrive(mailbox):
    """Let a mail arrive; returns its case."""
    SectionSetting.objects.create(section="cases.creation", is_on=True, level="auto")

    def make(**mail):
        now = timezone.now()
        delivery = read_delivery(
            receive(make_mail(**mail), mailbox=mailbox, source="test", received_at=now).pk, now=now
        )
        return take_message(delivery.message, now=now).case

    return make


def test_cases_are_listed_with_the_filters_of_the_inbox(rita, stranger, arrive, queue):
    pump, urgent = arrive(subject="Broken pump"), arrive(subject="Broken grinder")
    Case.objects.filter(pk=urgent.pk).update(priority="urgent", category="repair", owner=rita)
    client = client_of(rita)

    def found(**query):
        answer = client.get("/api/v1/cases/", query)
        assert answer.status_code == 200, answer.content
        return {row["number"] for row in answer.json()["results"]}

    assert found() == {pump.number, urgent.number}
    assert found(priority="urgent") == found(category="repair") == found(view="mine") == {urgent.number}
    assert found(queue=queue.pk) == {pump.number, urgent.number}
    assert found(q="grinder") == found(q=str(urgent.number)) == {urgent.number}
    assert found(status="resolved") == found(view="history") == found(draft="true") == set()
    since = timezone.now()
    assert found(updated_since=since.isoformat()) == set()
    assert client.patch(f"/api/v1/cases/{pump.number}/", {"title": "Pump"}, format="json").status_code == 200
    assert found(updated_since=since.isoformat()) == {pump.number}
    assert client_of(stranger).get("/api/v1/cases/").json() == {"results": [], "next": None}
    for wrong in ({"status": "x"}, {"queue": "0"}, {"line": "x"}, {"updated_since": "x"}, {"sort": "x"}, {"q": "\0"}):
        assert client.get("/api/v1/cases/", wrong).status_code == 400


def test_pages_go_by_key_and_hold_while_cases_arrive(rita, arrive):
    numbers = [arrive(subject=f"Mail {number}").number for number in range(5)]
    client = client_of(rita)
    page = client.get("/api/v1/cases/", {"limit": 2}).json()
    seen = [row["number"] for row in page["results"]]
    arrive(subject="newer")
    while page["next"]:
        page = client.get(page["next"]).json()
        seen += [row["number"] for row in page["results"]]
    assert seen == numbers[::-1]
    for wrong in ("x", "W10", "WyIyMDI2LTAxLTAxIiwgMV0", "bnVsbA", "WzEsMl0", "é"):
        answer = client.get("/api/v1/cases/", {"cursor": wrong})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["cursor"])
    for wrong in ("0", "101", "x", "-1", "1e1"):
        assert client.get("/api/v1/cases/", {"limit": wrong}).status_code == 400


@pytest.mark.parametrize("path", ["", "{number}/messages/", "{number}/suggestions/", "{number}/notes/"])
def test_lists_take_as_many_queries_for_ten_rows_as_for_one(rita, arrive, path):
    client, counts = client_of(rita), []
    case = arrive(subject="First")
    for rows in (1, 10):
        while Case.objects.count() < rows:
            other = arrive(subject="More", sender=f"c{Case.objects.count()}@customer.example")
            Message.objects.filter(case_link__case=other).update(author=rita)
            for message in Message.objects.filter(case_link__case=other):
                message.case_link.case = case
                message.case_link.save()
            post(client, f"/api/v1/cases/{case.number}/notes/", {"text": "a"})
        url = f"/api/v1/cases/{path.format(number=case.number)}"
        client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get(url).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_one_case_is_read_by_number_and_missing_looks_like_forbidden(rita, stranger, arrive):
    case = arrive(subject="Broken pump")
    shown = client_of(rita).get(f"/api/v1/cases/{case.number}/").json()
    assert (shown["number"], shown["title"], shown["contact"]["address"]) == (
        case.number, "Broken pump", "ellen@customer.example",
    )  # fmt: skip
    missing = client_of(rita).get("/api/v1/cases/99999999999/")
    forbidden = client_of(stranger).get(f"/api/v1/cases/{case.number}/")
    assert missing.status_code == forbidden.status_code == 404
    assert missing.json() == forbidden.json()


def test_a_case_is_opened_with_a_customer_and_can_be_answered(rita, mailbox, queue):
    FieldDefinition.objects.create(name="colour", label="Colour")
    product = Product.objects.create(name="Grinder")
    client = client_of(rita)
    body = {
        "title": "Grinder does not start", "contact": {"address": "Ellen@Customer.example", "name": "Ellen Roth"},
        "queue": queue.pk, "priority": "high", "product": product.pk, "custom": {"colour": "red"},
    }  # fmt: skip
    first, again = (post(client, "/api/v1/cases/", body, Idempotency_Key="k") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201), first.content
    assert first.json() == again.json()
    case = Case.objects.get()
    assert (case.product, case.priority, case.custom, case.contact.name) == (
        product,
        "high",
        {"colour": "red"},
        "Ellen Roth",
    )
    assert first.json()["set_by"]["product"]["set_by"] == "person"
    sent = post(client, f"/api/v1/cases/{case.number}/reply/", {"body": "Hello Ellen"})
    assert sent.status_code == 202, sent.content
    assert Effect.objects.get().payload


def test_a_case_is_not_opened_by_half(rita, queue):
    client = client_of(rita)
    wrong = {
        "title": "x", "contact": {"address": "nobody"}, "product": 9, "queue": 10**30, "custom": {"no": 1},
        "line_of_business": "x", "category": "no such", "colour": "red",
    }  # fmt: skip
    answer = post(client, "/api/v1/cases/", wrong)
    assert answer.status_code == 400
    assert answer.json()["errors"].keys() == {"colour"}
    del wrong["colour"]
    assert post(client, "/api/v1/cases/", wrong).json()["errors"].keys() == {
        "contact.address", "queue", "line_of_business",
    }  # fmt: skip
    for name in ("contact", "queue", "line_of_business"):
        del wrong[name]
    assert post(client, "/api/v1/cases/", wrong).json()["errors"].keys() == {"product", "category", "custom.no"}
    assert post(client, "/api/v1/cases/", {"title": "x", "custom": {"title": "y"}}).status_code == 400
    assert not Case.objects.exists()


@pytest.mark.row("DESK-42")
def test_fields_hidden_or_locked_for_a_role_are_neither_shown_nor_changed(rita, arrive):
    case = arrive(subject="Broken pump")
    Case.objects.filter(pk=case.pk).update(serial_number="SN-1", category="repair")
    Role.objects.filter(code="representative").update(
        hidden_fields={"cases.case": ["serial_number", "category"]}, read_only_fields={"cases.case": ["priority"]}
    )
    client, url = client_of(rita), f"/api/v1/cases/{case.number}/"
    for shown in (client.get(url).json(), client.get("/api/v1/cases/").json()["results"][0]):
        assert "serial_number" not in shown
        assert "category" not in shown
        assert shown["priority"] == "normal"
    assert client.get("/api/v1/cases/", {"category": "repair"}).status_code == 400
    for name, value in (("serial_number", "SN-2"), ("priority", "high")):
        answer = client.patch(url, {name: value, "title": "Other"}, format="json")
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
    assert client.patch(url, {"title": "Other", "status_reason": "on_hold"}, format="json").json()["title"] == "Other"
    case.refresh_from_db()
    assert (case.title, case.serial_number, case.status_reason) == ("Other", "SN-1", "on_hold")


def test_resolve_reopen_assign_and_note(rita, stranger, arrive, queue):
    case = arrive(subject="Broken pump")
    client, url = client_of(rita), f"/api/v1/cases/{case.number}/"
    stale = post(client, f"{url}resolve/", {"resolution_type": "solved", "last_message": 10**9})
    assert (stale.status_code, stale.json()["type"]) == (409, "urn:deskhand:problem:case-changed")
    seen = client.get(url).json()["last_message"]
    done = post(client, f"{url}resolve/", {"resolution_type": "solved", "resolution": "Key", "last_message": seen})
    assert (done.status_code, done.json()["status"]) == (200, "resolved")
    assert post(client, f"{url}resolve/", {"resolution_type": "solved"}).status_code == 409
    assert post(client, f"{url}reopen/").json()["status"] == "open"
    assert post(client, f"{url}reopen/").status_code == 409
    assert post(client, f"{url}assign/", {"owner": "nobody@example.com"}).status_code == 400
    assert post(client, f"{url}assign/", {"owner": "RITA@example.com"}).json()["owner"]["name"] == "rita"
    assert post(client, f"{url}assign/", {"owner": None}).json()["owner"] is None
    noted = post(client, f"{url}notes/", {"text": "Called back"})
    assert (noted.status_code, noted.json()["author"]["name"]) == (201, "rita")
    assert [row["text"] for row in client.get(f"{url}notes/").json()["results"]] == ["Called back"]
    for action in ("resolve", "reopen", "assign", "notes", "reply"):
        body = {"resolution_type": "solved", "text": "x", "body": "x"}
        known = {"resolve": ["resolution_type"], "notes": ["text"], "reply": ["body"]}.get(action, [])
        answer = post(client_of(stranger), f"{url}{action}/", {name: body[name] for name in known})
        assert answer.status_code == 404
    assert Entry.objects.filter(verb="case.resolved").count() == 1


def test_an_answer_is_queued_once_and_refused_with_reasons(rita, arrive, mailbox):
    case = arrive(subject="Broken pump")
    client, url = client_of(rita), f"/api/v1/cases/{case.number}/reply/"
    stale = post(client, url, {"body": "Hello", "last_message": 1 + case.last_message_id})
    assert stale.status_code == 409
    for _try in range(2):
        answer = post(client, url, {"body": "Hold the button."}, Idempotency_Key="k")
        assert answer.status_code == 202
    assert answer.json()["send_state"] == "queued"
    assert Effect.objects.count() == 1
    Mailbox.objects.update(is_active=False)
    answer = post(client, url, {"body": "Again"})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:deskhand:problem:not-allowed")
    assert "switched off" in answer.json()["reasons"][0]
    assert Message.objects.filter(direction="out").count() == 1


def test_scopes_and_roles_both_have_to_open_it(rita, arrive):
    case = arrive(subject="Broken pump")
    url = f"/api/v1/cases/{case.number}/"
    reading = client_of(rita, "cases:read")
    assert reading.get(url).status_code == 200
    for path in ("messages/", "suggestions/"):
        assert reading.get(url + path).status_code == 403
    assert reading.patch(url, {"title": "x"}, format="json").status_code == 403
    for action in ("reply", "notes", "assign", "resolve", "reopen"):
        assert post(reading, f"{url}{action}/").status_code == 403
    assert post(reading, "/api/v1/cases/").status_code == 403
    author = make_person("author@example.com", "author")
    for path in ("/api/v1/cases/", url, "/api/v1/queues/", "/api/v1/messages/1/"):
        assert client_of(author).get(path).status_code == 403


def test_messages_files_and_raw_mail(rita, stranger, arrive, queue):
    case = arrive(subject="Broken pump", body="It stopped.\n\n> quoted", attachments=(("plan <b>.html", b"<b>x</b>"),))
    client, other = client_of(rita), client_of(stranger)
    shown = client.get(f"/api/v1/cases/{case.number}/messages/").json()["results"][0]
    assert (shown["case"], shown["direction"], shown["subject"]) == (case.number, "in", "Broken pump")
    assert shown["sender"]["address"] == "ellen@customer.example"
    url = f"/api/v1/messages/{shown['id']}/"
    assert client.get(url).json() == shown
    file = client.get(shown["attachments"][0]["url"])
    assert b"".join(file.streaming_content) == b"<b>x</b>"
    assert file.headers["Content-Type"] == "application/octet-stream"
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    for path in (url, f"{url}raw/", shown["attachments"][0]["url"]):
        assert other.get(path).status_code == 404
    assert client.get(f"{url}raw/").status_code == 403
    head = client_of(make_person("sue@example.com", "supervisor", teams=[queue.team]))
    raw = head.get(f"{url}raw/")
    assert (raw.status_code, raw.headers["Content-Type"]) == (200, "message/rfc822")
    assert b"Subject: Broken pump" in raw.content
    Attachment.objects.update(file=ContentFile(b"", name="gone"))
    Attachment.objects.update(file="attachments/gone")
    assert client.get(shown["attachments"][0]["url"]).status_code == 404


def draft(case, **fields):
    """A reply of the agent that waits."""
    SectionSetting.objects.update_or_create(section="cases.resolution", defaults={"is_on": True, "level": "ask"})
    case = Case.objects.get(pk=case.pk)
    payload = ReplyPayload(to=["ellen@customer.example"], subject="Re: pump", body="Hold the button.")
    proposal = Proposal(payload=payload, fingerprint=reply_fingerprint(case), channel="mail", **fields)
    return propose("cases.send_reply", case, proposal, now=timezone.now())[0]


def test_a_draft_is_accepted_with_edits_once(rita, stranger, arrive):
    case = arrive(subject="Broken pump")
    suggestion = draft(case)
    client, url = client_of(rita), f"/api/v1/suggestions/{suggestion.pk}/"
    rows = client.get(f"/api/v1/cases/{case.number}/suggestions/", {"state": "pending"}).json()["results"]
    assert [row["id"] for row in rows] == [suggestion.pk]
    assert rows[0]["about"]["label"] == suggestion.label
    shown = client.get(url).json()
    assert (shown["proposed"]["body"], shown["parts"], shown["can_undo"]) == ("Hold the button.", [], False)
    wrong = post(client, f"{url}accept/", {"edits": {"body": "", "colour": "red"}})
    assert (wrong.status_code, set(wrong.json()["errors"])) == (400, {"edits.body", "edits.colour"})
    assert post(client_of(stranger), f"{url}accept/").status_code == 404
    done = post(client, f"{url}accept/", {"edits": {"body": "Hold it."}})
    assert (done.status_code, done.json()["state"], done.json()["final"]["body"]) == (200, "accepted", "Hold it.")
    late = post(client, f"{url}reject/", {"reason": "no"})
    assert late.status_code == 409
    assert late.json()["type"] == "urn:deskhand:problem:not-pending"
    assert (late.json()["who"]["id"], late.json()["outcome"]) == (rita.pk, "accepted")
    assert late.json()["when"]
    assert post(client, f"{url}undo/").status_code == 422
    assert Effect.objects.count() == 1


def test_a_draft_that_cannot_leave_waits_still(rita, arrive):
    case = arrive(subject="Broken pump")
    suggestion = draft(case)
    Mailbox.objects.update(is_active=False)
    answer = post(client_of(rita), f"/api/v1/suggestions/{suggestion.pk}/accept/", Idempotency_Key="k")
    assert answer.status_code == 422
    assert "switched off" in answer.json()["reasons"][0]
    assert Suggestion.objects.get(pk=suggestion.pk).state == "pending"


def test_fields_are_taken_in_part_and_undone(rita, arrive):
    case = arrive(subject="Broken pump")
    SectionSetting.objects.update_or_create(section="cases.fields", defaults={"is_on": True, "level": "ask"})
    from cases.filling import fields_fingerprint

    payload = FieldsPayload(
        fields=[
            {"name": "order_number", "label": "Order", "value": "A-1", "shown": "A-1"},
            {"name": "serial_number", "value": "S" * 200, "shown": "S" * 50},
        ]
    )
    case = Case.objects.get(pk=case.pk)
    proposal = Proposal(payload=payload, fingerprint=fields_fingerprint(case), channel="mail")
    suggestion = propose("cases.fill_fields", case, proposal, now=timezone.now())[0]
    client, url = client_of(rita), f"/api/v1/suggestions/{suggestion.pk}/"
    assert client.get(url).json()["parts"] == ["order_number", "serial_number"]
    for hidden, proposed in ((["serial_number"], 1), (["serial_number", "order_number"], 0)):
        Role.objects.filter(code="representative").update(hidden_fields={"cases.case": hidden})
        blind = client_of(rita)
        for told in (blind.get(url), blind.get(f"/api/v1/cases/{case.number}/suggestions/")):
            assert ("A-1" in told.content.decode()) == bool(proposed)
            assert "SSS" not in told.content.decode()
        assert blind.get(url).json()["parts"] == ["order_number"] * proposed
    Role.objects.filter(code="representative").update(hidden_fields={})
    assert post(client, f"{url}accept/").status_code == 400
    assert post(client, f"{url}accept/", {"parts": []}).status_code == 422
    done = post(client, f"{url}accept/", {"parts": ["order_number"]})
    assert (done.json()["left_out"], done.json()["can_undo"]) == (["serial_number"], True)
    assert post(client, f"{url}undo/").json()["undone_by"]["id"] == rita.pk
    case.refresh_from_db()
    assert case.order_number == ""


def test_lines_of_business_limit_what_a_client_sees(arrive, mailbox, queue):
    line, other = (LineOfBusiness.objects.create(name=name) for name in ("Machines", "Trade"))
    Mailbox.objects.update(line_of_business=line, queue=None)
    mailbox.refresh_from_db()
    case = arrive(subject="Broken pump")
    inside = make_person("in@example.com", "supervisor", lines=[line])
    outside = make_person("out@example.com", "supervisor", lines=[other])
    url = f"/api/v1/cases/{case.number}/"
    assert client_of(inside).get(url).json()["line_of_business"] == {"uid": str(line.uid), "name": "Machines"}
    assert client_of(outside).get(url).status_code == 404
    rows = client_of(inside).get("/api/v1/cases/", {"line": str(line.uid)}).json()["results"]
    assert [row["number"] for row in rows] == [case.number]


@pytest.mark.row("CMA-C-19")
@pytest.mark.row("CMA-C-21")
@pytest.mark.row("DESK-267")
def test_a_program_takes_a_case_from_the_agent_escalates_and_gives_it_back(rita, stranger, arrive):
    case = arrive(subject="Broken pump")
    client, url = client_of(rita), f"/api/v1/cases/{case.number}/"
    assert client.get(url).json()["agent"] is None
    assert post(client, f"{url}give-back/").status_code == 409
    assert post(client, f"{url}escalate/").status_code == 400
    escalated = post(client, f"{url}escalate/", {"why": "Press is asking"}).json()["agent"]
    assert (escalated["status"], escalated["reason"], escalated["details"]) == (
        "escalated", "by_hand", "Press is asking",
    )  # fmt: skip
    found = client.get("/api/v1/cases/", {"agent": "escalated"}).json()["results"]
    assert [row["number"] for row in found] == [case.number]
    assert post(client, f"{url}give-back/").json()["agent"]["status"] == "in_progress"
    assert post(client, f"{url}take-over/").json()["agent"]["status"] == "paused"
    assert post(client, f"{url}take-over/").status_code == 409
    Case.objects.update(reply_seen=10**6)
    assert post(client, f"{url}consider/").status_code == 202
    assert Case.objects.get().reply_seen == 0
    # Both may be asked for in one call; the answer has nothing in it, the work is done later.
    Case.objects.update(reply_seen=10**6, fields_seen=10**6)
    assert filling.due_cases(5) == []
    asked = post(client, f"{url}consider/", {"actions": ["enrich", "resolve"]})
    assert (asked.status_code, asked.content, filling.due_cases(5)) == (202, b"", [case.pk])
    assert Case.objects.get().reply_seen == 0
    wrong = [{"actions": ["close"]}, {"actions": []}, {"actions": "enrich"}, {"case": 5}]
    assert {post(client, f"{url}consider/", body).status_code for body in wrong} == {400}
    Case.objects.update(fields_seen=10**6, reply_seen=10**6)
    assert post(client, f"{url}consider/", {"actions": ["enrich"]}).status_code == 202
    assert (filling.due_cases(5), Case.objects.get().reply_seen) == ([case.pk], 10**6)
    for action in ("escalate", "give-back", "take-over", "consider"):
        body = {"why": "x"} if action == "escalate" else {}
        assert post(client_of(stranger), f"{url}{action}/", body).status_code == 404
